"""What closes a gap: candidate measures, their effect in paired runs, and the choice of the cheapest."""

import pytest
from kreislauf.experiments.closing import (
    POST_SIZES,
    Closed,
    ClosingMeasure,
    GapReport,
    candidate_measures,
    find_gaps,
    with_measure,
    yearly_cost,
)
from kreislauf.model.field import load_field
from kreislauf.model.gaps import Gap
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import load_region
from kreislauf.model.region_register import register_from_region
from kreislauf.model.variant import load_scenario, load_variant


@pytest.fixture(scope="module")
def coburg():
    return load_region("coburg")


def gap(**change):
    values = {
        "task": "language_course", "group": "tolerated", "case_months": 100.0, "waiting_months": 200.0,
        "without_body": 10.0, "unmet_hours": 5.0, "places": ("09473121",), "cause": "group left out",
    }  # fmt: skip
    return Gap(**{**values, **change})


def closed(name="a", held=80.0, waiting=80.0, elsewhere=0.0, eur=1000.0):
    measure = ClosingMeasure(name, "post", "language_course", "tolerated", name)
    months = min(held, waiting)
    figures = (held, months, waiting, waiting + elsewhere, eur, eur / months)
    return Closed(measure, *((value,) * 3 for value in figures))


def test_candidates_extend_an_office_add_posts_of_three_sizes_and_name_a_lead(coburg):
    found = candidate_measures(coburg, gap(), [])
    kinds = [m.kind for m in found]
    assert kinds.count("post") == len(POST_SIZES) + 1
    assert {"extend", "lead"} <= set(kinds)
    assert next(m for m in found if m.kind == "extend").office == "integration_course"
    assert {m.level for m in found if m.kind == "post"} == {"provider", "municipality"}
    levels = {m.level for m in candidate_measures(coburg, gap(task="trauma_care"), ["district", "welfare"])}
    assert {"district", "welfare"} <= levels


def test_an_extended_office_serves_all_groups_everywhere_in_all_its_phases(coburg):
    measure = next(m for m in candidate_measures(coburg, gap(), []) if m.kind == "extend")
    after = with_measure(coburg, measure, 79_000.0).structures
    office = after[after["unit"] == measure.office]
    assert len(office) > 1
    assert all(len(groups) == 3 for groups in office["group_ids"])
    others = after["unit"] != measure.office
    assert after[others].equals(coburg.structures[others])


def test_a_new_post_is_one_more_structure_with_its_cost_and_hours(coburg):
    measure = ClosingMeasure("post", "post", "handover", "protected", "0.5 FTE", fte=0.5, level="district")
    region = with_measure(coburg, measure, 80_000.0)
    assert len(region.structures) == len(coburg.structures) + 1
    post = register_from_region(region, load_field("integration"), 0.75, 0.33).structures[-1]
    assert (post.level, post.fte, post.cost_cents) == ("district", 0.5, 333_333)
    assert post.hours == pytest.approx(0.5 * 132.5 * 0.75)
    assert post.payers == (("district:09473", 1.0),)
    model = IntegrationModel(region, months=3, rng=1).run()
    assert model.ledger.total() == 0


@pytest.mark.parametrize(("place", "posts"), [(-1, 3), (0, 1)])
def test_in_a_region_of_three_districts_every_post_that_is_founded_is_paid(place, posts):
    kielregion = load_region("kielregion")
    measure = ClosingMeasure("p", "post", "handover", "protected", "p", fte=0.5, level="district", place=place)
    after = with_measure(kielregion, measure, 80_000.0).structures
    founded = after.iloc[len(kielregion.structures) :]
    assert len(founded) == posts
    assert yearly_cost(kielregion, measure, 80_000.0) == pytest.approx(12 * founded["monthly_cost_eur"].sum())
    words = [m.words for m in candidate_measures(kielregion, gap(places=()), ["district"]) if m.kind == "post"]
    assert all("in each district" in text for text in words)


def test_the_cheapest_is_the_least_cost_per_month_among_those_that_close_enough_and_shorten_waiting():
    tried = (closed("small", held=20.0, eur=10.0), closed("shifts", elsewhere=-90.0, eur=1.0), closed("good"))
    tried += (closed("dear", eur=5000.0), closed("holds_only", waiting=5.0, eur=1.0))
    report = GapReport((gap(),), {("language_course", "tolerated"): tried}, 12, 1, None)
    assert report.cheapest(gap(), 0.5).measure.name == "good"
    assert report.cheapest(gap(), 0.9) is None


def test_the_same_question_has_the_same_answer_and_measures_are_paired(coburg):
    arguments = (coburg, load_variant("status_quo"), load_scenario("base"))
    settings = {"seeds": 1, "most": 1, "months": 14, "workers": 1}
    report = find_gaps(*arguments, **settings)
    largest = report.gaps[0]
    tried = report.closed[largest.task, largest.group]
    assert repr(tried) == repr(find_gaps(*arguments, **settings).closed[largest.task, largest.group])
    posts = {c.measure.fte: c for c in tried if c.measure.kind == "post" and c.measure.place < 0}
    assert posts[1.0].eur[1] > posts[0.25].eur[1] > 0
    assert posts[1.0].waiting[1] > 0
    assert report.duplicated["duplicated_hours"].sum() > 0
