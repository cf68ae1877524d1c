"""Children in day care and school, ties, trust and confusion, rule by rule, on hand-made rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.agents.integration.codes import (
    KITA,
    KITA_SCHOOL,
    NO_PLACE,
    PRIVATE,
    RECOGNISED,
    SCHOOL,
    WAITING,
)
from kreislauf.model.integration_model import IntegrationModel
from scipy import stats

from .rows import (
    CHANCE,
    P,
    adult,
    features,
    household,
    place,
    rules,
    serve,
    with_values,
)


@pytest.mark.parametrize(("age", "name"), [(40, "kita_3plus"), (20, "kita_under3")])
@pytest.mark.parametrize("helped", [False, True])
def test_a_child_finds_day_care_with_the_stated_monthly_chance(age, name, helped):
    grid = (np.arange(20_000) + 0.5) / 20_000
    for children in (1, 2, 4):
        found = np.zeros(children)
        for u in grid[::10]:
            h = household(n_children=children, child_born=100 - age)
            rules.children_month(h, 100, helped, place(), P, float(u))
            found += h.child_place[:children] == KITA
        expected = getattr(P, name) * (P.kita_help if helped else 1.0)
        np.testing.assert_allclose(found / 2000, expected, atol=0.002)


def test_children_go_to_school_from_six_and_none_under_one_goes_to_day_care():
    for age, expected in ((5, NO_PLACE), (72, SCHOOL), (215, SCHOOL), (216, NO_PLACE)):
        h = household(n_children=1, child_born=100 - age)
        rules.children_month(h, 100, False, place(), P, 0.0)
        assert h.child_place[0] == expected


def test_a_child_under_three_without_a_place_is_at_home():
    def at_home(age, state=NO_PLACE):
        return rules.children_month(
            household(n_children=1, child_born=100 - age, child_place=state), 100, False, place(), P, 0.999
        )

    assert at_home(10)
    assert at_home(35)
    assert not at_home(36)
    assert not at_home(20, KITA)


def test_families_look_for_day_care_by_their_rank_and_those_who_look_early_look_later_too():
    ranks = range(256)
    early, late = ({r for r in ranks if rules.looks_for_day_care(r, age, P)} for age in (35, 36))
    assert len(early) / 256 == pytest.approx(P.kita_wanted_under3, abs=1 / 256)
    assert len(late) / 256 == pytest.approx(P.kita_wanted_3plus, abs=1 / 256)
    assert early < late
    everybody, nobody_looks = (with_values(kita_wanted_3plus=share) for share in (1.0, 0.75))
    assert all(rules.looks_for_day_care(r, 40, everybody) for r in ranks)
    assert sum(rules.looks_for_day_care(r, 40, nobody_looks) for r in ranks) == 192


def test_a_child_whose_family_does_not_look_for_a_place_gets_none_and_stays_at_home():
    last = {"kita_rank": 255, "n_children": 1, "status": RECOGNISED}
    small = household(child_born=12 - 20, **last)
    assert rules.children_month(small, 12, True, place(), P, 0.0), "at home, whatever the luck and the help"
    assert "kita_wanted" not in features(small, adult())
    assert "kita_wanted" in features(household(child_born=12 - 20, **(last | {"kita_rank": 0})), adult())
    assert "mother_blocked" in features(small, adult(female=1, course=WAITING))
    assert serve(KITA_SCHOOL, small).h.child_place[0] == NO_PLACE
    assert not rules.children_month(household(child_born=12 - 40, **last), 12, True, place(), P, 0.0)
    pupil = household(child_born=12 - 80, **last)
    assert "school_wanted" in features(pupil, adult()), "school is not a matter of wishes"
    assert serve(KITA_SCHOOL, pupil).h.child_place[0] == SCHOOL


def test_a_served_place_case_goes_to_the_child_the_family_looks_for_and_a_grown_up_child_needs_no_place():
    only_from_three = {"kita_rank": int(256 * P.kita_wanted_under3) + 1}
    h = household(n_children=3, child_born=np.array([12 - 220, 12 - 20, 12 - 40, 0], np.int16), **only_from_three)
    assert serve(KITA_SCHOOL, h).h.child_place.tolist() == [NO_PLACE, NO_PLACE, KITA, NO_PLACE]


def test_who_looks_for_day_care_is_spread_evenly_over_families_and_changes_no_other_trait():
    ranks, traits = [], []
    for share in (0.1, 0.5):
        table = IntegrationModel("coburg", months=1, parameters={"kita_wanted_under3": share}, rng=3).people[0].table
        ranks.append(table.kita_rank.copy())
        traits.append([table[name].copy() for name in ("identity", "arrived", "n_children", "origin", "vulnerable")])
    assert (ranks[0] == ranks[1]).all()
    assert all((one == other).all() for one, other in zip(*traits, strict=True))
    counts = np.histogram(ranks[0], bins=8, range=(0, 256))[0]
    assert stats.chisquare(counts).pvalue > 0.001
    families = table.n_children > 0
    assert abs(np.corrcoef(ranks[0][families], table.n_children[families])[0, 1]) < 0.15


@given(st.floats(0, 10), st.floats(0, 1), st.floats(0, 1), st.integers(0, 9), CHANCE, CHANCE, st.booleans())
def test_ties_trust_and_confusion_stay_in_their_ranges(contacts, trust, confusion, points, won, lost, works):
    h = household(contacts=contacts, trust=trust, confusion=confusion, contact_points=points)
    rules.social_month(h, works, P, won, lost)
    assert h.contacts >= 0.0
    assert 0.0 <= h.trust <= 1.0
    assert 0.0 <= h.confusion <= 1.0


def test_confusion_grows_with_every_further_body_and_fades_with_one():
    def confusion(points, before=0.2):
        h = household(confusion=before, contact_points=points)
        rules.social_month(h, False, P, 0.99, 0.99)
        return float(h.confusion)

    assert confusion(0) == confusion(1) == pytest.approx(0.2 * P.confusion_memory)
    assert confusion(4) - confusion(3) == pytest.approx(P.confusion_per_body)


@pytest.mark.parametrize(
    ("help_", "name"), [({"accommodation": PRIVATE}, "contact_private"), ({"works": True}, "contact_work")]
)
def test_work_and_a_private_flat_add_their_chance_of_a_tie(help_, name):
    values = dict(help_)
    works = values.pop("works", False)
    for offset, gained in ((-1e-9, 1.0), (1e-9, 0.0)):
        h = household(**values)
        rules.social_month(h, works, P, P.contact_base + getattr(P, name) + offset, 0.99)
        assert h.contacts == gained
