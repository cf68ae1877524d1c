"""The rules of responsibility: what each promises, whom it asks first, who takes a case in a world of two bodies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.agents.integration.household import HOUSEHOLD
from kreislauf.model.cases import CASE
from kreislauf.model.errors import InputError
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.noticing import highest_notice, notice_probability
from kreislauf.model.parameters import Parameters
from kreislauf.model.responsibility import RULES, Candidates, Rule, check_rule, load_rule
from kreislauf.model.services import DUPLICATED, HOURS, USEFUL
from kreislauf.model.structures import LEVEL
from kreislauf.model.take_on import TAKE_ON, take_on

P = Parameters.default()


@pytest.mark.parametrize("name", RULES)
def test_every_rule_keeps_the_promises_of_rules(name):
    check_rule(RULES[name], P)
    assert load_rule(name) is RULES[name]
    assert RULES[name].name == name


def rule_of(precedence):
    return Rule("mine", "mine", "mine", precedence)


@pytest.mark.parametrize(
    ("precedence", "promise"),
    [
        (lambda c, p: (np.zeros(3), np.zeros(3)), "one number per candidate"),
        (lambda c, p: (np.full(len(c.level), np.inf), c.free), "finite"),
        (lambda c, p: (np.zeros(len(c.level)), -c.capacity), "zero or more"),
        (lambda c, p: (np.arange(len(c.level), dtype=float), c.free), "order of candidates"),
        (lambda c, p: (np.random.default_rng().random(len(c.level)), c.free), "pure function"),
    ],
)
def test_a_rule_that_breaks_a_promise_is_found(precedence, promise):
    with pytest.raises(AssertionError, match=promise):
        check_rule(rule_of(precedence), P)


def test_an_unknown_rule_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="subsidiarity"):
        load_rule("subsidarity")


# ---- whom a rule asks first -----------------------------------------------------------------------------------------


def candidates(**columns):
    n = len(next(iter(columns.values())))
    base = {
        "task": np.zeros(n, int), "municipality": np.zeros(n, int), "level": np.zeros(n, int),
        "contractor": np.zeros(n, bool), "lead": np.zeros(n, bool), "same_cluster": np.zeros(n, bool),
        "stands_in": np.zeros(n, bool), "capacity": np.full(n, 100.0), "free": np.full(n, 50.0),
    }  # fmt: skip
    return Candidates(**(base | {name: np.array(values) for name, values in columns.items()}))


def asked(rule, c):
    """Return the candidates in the order they are asked, as groups of equal tier; those of weight 0 left out."""
    tier, weight = RULES[rule].precedence(c, P)
    able = np.flatnonzero(weight > 0)
    return [set(able[tier[able] == t].tolist()) for t in sorted(set(tier[able]))]


ALL_LEVELS = ("volunteers", "municipality", "welfare", "provider", "district", "bezirk", "state", "federal")


def test_parallel_asks_nobody_first():
    assert asked("parallel", candidates(level=range(8))) == [set(range(8))]
    assert not RULES["parallel"].exclusive


def test_subsidiarity_goes_up_from_the_lowest_level_with_welfare_before_the_district():
    level = [LEVEL[name] for name in ALL_LEVELS]
    assert asked("subsidiarity", candidates(level=level)) == [{0, 1}, {2, 3}, {4}, {5}, {6}, {7}]


def test_district_lead_asks_the_district_then_its_contractors_then_the_rest():
    c = candidates(level=[LEVEL["municipality"], LEVEL["welfare"], LEVEL["district"]], contractor=[False, True, False])
    assert asked("district_lead", c) == [{2}, {1}, {0}]


def test_lead_agency_asks_the_lead_and_then_whoever_has_free_hours():
    c = candidates(lead=[False, True, False], free=[50.0, 0.0, 0.0])
    assert asked("lead_agency", c) == [{1}, {0}]


def test_intermunicipal_asks_the_own_alliance_then_the_district_then_the_rest():
    levels = [LEVEL["municipality"], LEVEL["municipality"], LEVEL["district"], LEVEL["welfare"]]
    c = candidates(level=levels, same_cluster=[True, False, False, True])
    assert asked("intermunicipal", c) == [{0}, {2}, {1, 3}]


def test_community_asks_free_capacity_anywhere_and_bodies_without_mandate_last():
    c = candidates(level=[0, 4, 7], stands_in=[True, False, False], free=[90.0, 10.0, 0.0])
    assert asked("community", c) == [{1}, {0}]
    _, weight = RULES["community"].precedence(c, P)
    np.testing.assert_array_equal(weight, c.free)


# ---- a world of two bodies ------------------------------------------------------------------------------------------

TOWN, DISTRICT, STAND_IN = 0, 1, 2  # structures; each is an actor of its own


class World:
    """Many households with one open case each, in one cell; a town hall, the district, and one body without mandate."""

    def __init__(
        self, rule, *, n=400, adherence=1.0, q=0.0, notice=(1.0, 1.0), capacity=1e6, backlog=(0.0, 0.0, 0.0), **values
    ):
        self.rule = RULES[rule]
        self.table = np.zeros(n, HOUSEHOLD).view(np.recarray)
        self.table.identity = np.arange(n)
        self.table.trust = 1.0
        self.table.guide = -1
        self.cases = np.zeros(n, CASE).view(np.recarray)
        self.cases.household = np.arange(n)
        self.cases.task = 2
        self.start = np.array([0, 3])
        self.structure = np.array([TOWN, DISTRICT, STAND_IN])
        self.liable = np.array([0, 0, 1])
        self.base = np.array([*notice, 1.0])
        self.capacity = np.broadcast_to(np.asarray(capacity, float), 3).copy()
        self.backlog = np.array(backlog, float)
        self.q = np.full((3, 3), q)
        np.fill_diagonal(self.q, 1.0)
        self.adherence = np.full(3, adherence)
        self.how = np.zeros(1, TAKE_ON).view(np.recarray)
        settings = {name: getattr(P, name) for name in TAKE_ON.names if name in dict(P)} | {
            "exclusive": float(self.rule.exclusive), "refuses_when_full": float(self.rule.passes_over_full),
            "delay_months": self.rule.delay_months(P), "held_notice": 1.0, "hand_over_loss": 0.0,
            "liable_after": P.liable_after if self.rule.joint_liability else 1e6,
        }  # fmt: skip
        for name, value in (settings | values).items():
            self.how[name] = value

    def month(self, month=0, *, at_once=None):
        """Let a month pass; `at_once` cases are handed over together, by default all."""
        free = np.maximum(2.0 * self.capacity - self.backlog, 0.0)
        c = candidates(
            level=[LEVEL["municipality"], LEVEL["district"], LEVEL["welfare"]], lead=[False, True, False],
            same_cluster=[True, False, False], stands_in=[False, False, True], capacity=self.capacity, free=free,
        )  # fmt: skip
        tier, weight = self.rule.precedence(c, P)
        self.extra, self.stats = np.zeros(3), np.zeros(5)
        step = at_once or len(self.cases)
        for first in range(0, len(self.cases), step):
            some = self.cases[first : first + step]
            take_on(
                self.table, some, len(some), month, 7, self.start, self.structure, self.liable, self.base, tier,
                weight, np.arange(3), np.array([11, 22, 33]), self.q, np.zeros(3, np.int64), np.arange(3),
                self.adherence, self.backlog, self.capacity, self.capacity, self.how, self.extra, self.stats,
            )  # fmt: skip
        return self

    def holders(self):
        """Return how many cases each set of bodies holds, by the bodies in order."""
        held: dict[tuple[int, ...], int] = {}
        for case in self.cases:
            key = tuple(sorted(case.files[: case.n_files].tolist()))
            held[key] = held.get(key, 0) + 1
        return held


SHARE = st.floats(0.0, 1.0)


@given(SHARE, SHARE, SHARE, SHARE, st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_no_notice_is_missed_by_looking_first_at_the_highest_probability(
    base, trust, confusion, q, less, referral, trust_weight, confusion_weight
):
    t = World("parallel", referral=referral, trust_weight=trust_weight, confusion_weight=confusion_weight, n=1).how[0]
    slope, level = highest_notice(trust, confusion, True, less, t)
    assert notice_probability(base, trust, confusion, q, t) * less <= slope * base + level
    slope, level = highest_notice(trust, confusion, False, less, t)
    assert notice_probability(base, trust, confusion, 0.0, t) * less <= slope * base + level


@pytest.mark.parametrize("rule", ["parallel", "lead_agency", "community"])
def test_cases_are_decided_alike_whether_many_or_few_are_drawn_for_together(rule):
    """More cases than are drawn for at once, twice the same month: all together, and seven at a time."""
    together, apart = (
        World(rule, n=5000, notice=(0.4, 0.3), adherence=0.8, q=0.5, capacity=1e9) for _ in range(2)
    )  # fmt: skip
    for month in range(3):
        together.month(month)
        apart.month(month, at_once=7)
        assert (together.cases == apart.cases).all()
        np.testing.assert_array_equal(together.stats, apart.stats)
    assert 0 < together.stats[0] < 15000


def test_under_parallel_every_body_that_notices_opens_its_own_file():
    world = World("parallel").month()
    assert world.holders() == {(TOWN, DISTRICT): 400}
    np.testing.assert_allclose(world.extra, [400 * P.intake_hours, 400 * P.intake_hours, 0.0])
    assert world.stats.tolist() == [800.0, 0.0, 0.0, 0.0, 400 * P.intake_hours]


@pytest.mark.parametrize(
    ("rule", "taker"),
    [("subsidiarity", TOWN), ("intermunicipal", TOWN), ("district_lead", DISTRICT), ("lead_agency", DISTRICT)],
)
def test_where_all_keep_to_the_rule_the_body_in_charge_holds_every_case_alone(rule, taker):
    assert World(rule).month().holders() == {(taker,): 400}


def test_under_community_cases_are_shared_by_free_capacity():
    even = World("community").month().holders()
    assert set(even) == {(TOWN,), (DISTRICT,)}
    # Equal capacity: a fair lottery of 400 leaves 140..260 with probability below 1e-8.
    assert 140 <= even[(TOWN,)] <= 260
    tilted = World("community", capacity=(1e5, 9e5, 1e5)).month().holders()
    assert tilted[(DISTRICT,)] > 1.5 * even[(DISTRICT,)]


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"parallel"}))
def test_who_does_not_keep_to_the_rule_acts_as_under_parallel(rule):
    assert World(rule, adherence=0.0).month().holders() == World("parallel").month().holders()


@pytest.mark.parametrize("rule", ["subsidiarity", "lead_agency", "intermunicipal"])
def test_a_full_body_in_charge_is_passed_over(rule):
    in_charge = TOWN if rule != "lead_agency" else DISTRICT
    backlog = np.zeros(3)
    backlog[in_charge] = 2e6  # two months of capacity
    assert World(rule, backlog=tuple(backlog)).month().holders() == {(1 - in_charge,): 400}


def test_under_district_lead_a_full_district_is_not_passed_over():
    assert World("district_lead", backlog=(0.0, 9e6, 0.0)).month().holders() == {(DISTRICT,): 400}


def test_a_case_noticed_elsewhere_is_handed_over_at_a_cost_and_starts_a_month_later():
    world = World("district_lead", notice=(1.0, 0.0)).month(month=4)
    assert world.holders() == {(DISTRICT,): 400}
    assert world.stats[1] == 400
    assert set(world.cases.hand_overs.tolist()) == {1}
    assert set(world.cases.available.tolist()) == {5}
    np.testing.assert_allclose(world.extra[TOWN], 400 * P.hand_over_hours)
    np.testing.assert_allclose(world.extra[DISTRICT], 400 * (P.hand_over_hours + P.intake_hours))


@pytest.mark.parametrize(("q", "low", "high"), [(0.0, 80, 160), (1.0, 0, 0)])
def test_hand_overs_fail_between_strangers_and_never_between_friends(q, low, high):
    """With a loss of 0.3 a fair draw of 400 fails 80..160 times but for one time in 10,000 and less."""
    world = World("district_lead", notice=(1.0, 0.0), q=q, hand_over_loss=0.3).month()
    assert low <= world.stats[2] <= high
    assert world.holders().get((), 0) == world.stats[2]


def test_a_shared_register_saves_every_hand_over():
    world = World("district_lead", notice=(1.0, 0.0), hand_over_loss=0.6, register=1.0).month()
    assert world.stats[2] == 0


def test_nobody_takes_what_nobody_notices():
    for rule in RULES:
        assert World(rule, notice=(0.0, 0.0)).month().holders() == {(): 400}


def test_joint_liability_assigns_what_nobody_noticed_after_its_months():
    months = int(P.liable_after)
    world = World("community", notice=(0.0, 0.0))
    assert world.month(months - 1).holders() == {(): 400}
    held = world.month(months).holders()
    assert () not in held
    assert (STAND_IN,) not in held, "bodies with a mandate come first"


def test_a_body_without_mandate_stands_in_where_the_others_are_full():
    full = World("community", notice=(0.0, 0.0), backlog=(2e6, 2e6, 0.0)).month(int(P.liable_after))
    assert full.holders() == {(STAND_IN,): 400}


def test_nobody_is_made_liable_who_does_not_keep_to_the_rule():
    world = World("community", adherence=0.0, notice=(0.0, 0.0)).month(int(P.liable_after))
    assert world.holders() == {(): 400}


def test_duplicates_come_to_light_with_cooperation_and_never_without():
    for q, found in ((0.0, 0), (1.0, 400)):
        world = World("parallel", q=q, detection=1.0).month()
        assert world.holders() == {(TOWN, DISTRICT): 400}
        world.base[:] = 0.0  # nobody notices again
        world.how["referral"] = 0.0
        assert world.month(1).stats[3] == found
        assert world.holders() == ({(TOWN,): 400} if found else {(TOWN, DISTRICT): 400})


def test_a_body_without_hours_opens_no_file():
    hours = 10 * P.intake_hours
    world = World("parallel", capacity=(hours, 0.0, 0.0)).month()
    assert world.holders() == {(TOWN,): 10, (): 390}
    assert (world.cases.n_files[:10] == 1).all(), "the oldest cases come first"


def test_who_takes_a_case_does_not_depend_on_the_order_of_candidates_or_cases():
    one, two = World("community", notice=(0.4, 0.6)), World("community", notice=(0.4, 0.6))
    two.cases = two.cases[::-1].copy().view(np.recarray)
    one.month()
    two.month()
    taken = [dict(zip(w.cases.household.tolist(), w.cases.files[:, 0].tolist(), strict=True)) for w in (one, two)]
    assert taken[0] == taken[1]


def settings_of(**values):
    how = np.zeros(1, TAKE_ON).view(np.recarray)
    for name, value in values.items():
        how[name] = value
    return how[0]


def test_a_body_that_served_the_household_last_knows_it_without_a_referral():
    world = World("parallel", n=4000, notice=(0.0, 0.0), referral=0.3)  # nobody cooperates, nobody sees by himself
    world.base[:] = 0.0
    world.table.guide = TOWN
    held = world.month().holders()
    assert set(held) == {(), (TOWN,)}
    assert held[TOWN,] / 4000 == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(("delay", "months"), [(0.4, 0), (0.6, 1), (1.0, 1), (1.6, 2)])
def test_a_delay_counts_in_whole_months_the_nearest(delay, months):
    world = World("community", n=50, notice=(1.0, 0.0), delay_months=delay).month(5)
    own = [case.available for case in world.cases if case.n_files and case.hand_overs == 0]
    assert own
    assert set(own) == {5 + months}


def test_noticing_grows_with_trust_and_cooperation_and_falls_with_confusion():
    t = settings_of(trust_weight=0.5, confusion_weight=0.3, referral=0.3)
    assert notice_probability(0.8, 1.0, 0.0, 0.0, t) == pytest.approx(0.8)
    assert notice_probability(0.8, 0.0, 0.0, 0.0, t) == pytest.approx(0.4)
    assert notice_probability(0.8, 1.0, 1.0, 0.0, t) == pytest.approx(0.8 * 0.7)
    assert notice_probability(0.0, 1.0, 0.0, 1.0, t) == pytest.approx(0.3)
    assert notice_probability(0.8, 1.0, 0.0, 1.0, t) == pytest.approx(0.8 + 0.2 * 0.3)


def test_a_waiting_list_costs_counsellors_quality_and_courses_no_lesson():
    """X11 is about the case load of counsellors; the seats of a course stay seats however many people wait."""
    model = IntegrationModel("coburg", months=24, rng=1)
    model.run()
    totals = model.recorder.cells_total.reshape(len(model.field.task_ids), -1, model.recorder.cells_total.shape[1])
    worked, useful, lost = (totals[:, :, column].sum(axis=1) for column in (HOURS, USEFUL, DUPLICATED))
    kept = (useful + lost) / np.maximum(worked, 1e-9)
    courses = model.field.task_ids.index("language_course")
    desk = model.casework
    schools = model.register.columns["whole"][: len(desk.backlog)]  # without posts created after the last month's work
    assert (desk.backlog[schools] > 2 * P.norm_months * desk.capacity[schools]).any(), "there is a waiting list"
    assert kept[courses] == pytest.approx(1.0, abs=1e-9)
    assert kept[worked > 100].min() < 0.9, "counsellors with a backlog lose quality"
