"""Pilot and evaluate: observations read strictly, deviations against chance, the rest planned anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kreislauf.experiments.masterplan import Asked, Effort, Evaluations, Runner, find_plans
from kreislauf.experiments.masterplan.contributions import flips
from kreislauf.experiments.masterplan.levers import Lever, Option
from kreislauf.experiments.masterplan.pilot import Observation, evaluate, read_observations, what_is_left
from kreislauf.experiments.masterplan.runs import Outcome, Run, simulate
from kreislauf.model.calendar import month_index
from kreislauf.model.errors import InputError
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.plan import Plan, Post
from kreislauf.model.variant import load_scenario, load_variant

from ...worlds import AHORN, small

DATE, LAST = month_index("2015-10"), month_index("2016-03")
SEEDS = range(1, 5)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return small(arrivals=0.1).load(tmp_path_factory.mktemp("region"))


@pytest.fixture(scope="module")
def pilot() -> Plan:
    posts = (Post(tasks=("advice",), owner="district", fte=0.5), Post(tasks=("mobility",), owner="caritas", fte=0.5,
                                                                       start="2015-12"))  # fmt: skip
    return Plan.model_validate({"name": "pilot", "from": "2015-04", "rule": "community", "post": posts})


def nothing(seed: int) -> dict[str, float]:
    return {}


def deviations(region: Any, pilot: Plan, *observed: Observation) -> Any:
    base, quo = load_scenario("base"), load_variant("status_quo")
    return evaluate(pilot, observed, region, quo, base, until=DATE, seeds=SEEDS, values=nothing)


def test_every_wrong_line_is_named_with_its_column_and_what_would_be_right(region: Any, tmp_path: Path):
    path = tmp_path / "observed.csv"
    path.write_text(
        "month,measure,place,value,standard_error\n2015-05,helpers,region,4,\n2015-99,helpers,region,4,1\n"
        "2015-11,helpers,region,4,1\n2015-05,helper,region,4,1\n2015-05,helpers,Ahorm,x,-1\n"
    )
    with pytest.raises(InputError) as wrong:
        read_observations(path, region, until=DATE)
    found = {(problem.line, problem.column) for problem in wrong.value.problems}
    assert found == {(3, "month"), (4, "month"), (5, "measure"), (6, "place"), (6, "value"), (6, "standard_error")}
    assert "did you mean 'Ahorn'?" in str(wrong.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("month,measure,value\n2015-05,helpers,3\n", "column is missing"),
        ("month,measure,place,valeu\n", "did you mean 'value'?"),
        ("month,measure,place,value\n", "no observations"),
        ("", "the file is empty"),
    ],
)
def test_a_file_without_the_columns_or_without_lines_is_refused(region: Any, tmp_path: Path, text: str, message: str):
    path = tmp_path / "observed.csv"
    path.write_text(text)
    with pytest.raises(InputError) as wrong:
        read_observations(path, region, until=DATE)
    assert message in str(wrong.value)


def test_places_are_known_by_key_and_by_name(region: Any, tmp_path: Path):
    path = tmp_path / "observed.csv"
    path.write_text(f"month,measure,place,value\n2015-05,unmet_hours,Ahorn,4\n2015-05,unmet_hours,{AHORN},5\n")
    assert [(one.place, one.value) for one in read_observations(path, region, until=DATE)] == [(AHORN, 4), (AHORN, 5)]


def test_what_the_model_itself_gives_lies_inside_and_something_far_off_outside(region: Any, pilot: Plan):
    month = month_index("2015-09")
    values = []
    for seed in SEEDS:
        monthly = IntegrationModel(region, plan=pilot, months=DATE, rng=seed).run().results().monthly
        rows = monthly[(monthly["indicator"] == "unmet_hours") & (monthly["month"] == month)]
        values.append(float(rows.loc[rows["scope"] == AHORN, "value"].iloc[0]))
    mean, spread = np.mean(values), np.std(values, ddof=1)
    near, far = (
        Observation(month, "unmet_hours", AHORN, mean),
        Observation(month, "unmet_hours", AHORN, mean + 100 * spread),
    )
    table = deviations(region, pilot, near, far)
    assert table["simulated"].tolist() == pytest.approx([mean, mean])
    assert table["deviation"].tolist() == pytest.approx([0.0, 100 * spread], abs=1e-9)
    assert table["outside"].tolist() == [False, True]


def test_the_error_of_a_figure_widens_the_interval(region: Any, pilot: Plan):
    month = month_index("2015-09")
    sharp, vague = (Observation(month, "unmet_hours", "region", 0.0, error) for error in (0.0, 1e6))
    table = deviations(region, pilot, sharp, vague)
    assert table["high"].iloc[1] > 1e6 > table["high"].iloc[0]


def test_a_measure_without_a_value_there_is_named(region: Any, pilot: Plan):
    with pytest.raises(InputError, match=f"no value of cliff_exposure for {AHORN} in 2015-09"):
        deviations(region, pilot, Observation(month_index("2015-09"), "cliff_exposure", AHORN, 0.1))


def test_a_pilot_that_is_not_in_force_yet_is_refused(pilot: Plan):
    with pytest.raises(InputError, match="not in force yet"):
        what_is_left(pilot, month_index("2015-04"))


def test_what_is_decided_before_the_date_stays_in_every_new_plan_and_later_posts_are_one_measure(
    region: Any, pilot: Plan
):
    decided, later = what_is_left(pilot, DATE)
    assert [post.tasks for post in decided.post] == [("advice",)]
    assert later is not None
    housing = (Post(tasks=("private_housing",), owner="district", fte=0.5),)
    levers = (Lever("rounds", "coordination", (Option({"rounds_per_year": 12}),)),
              Lever("post:private_housing:district", "post", (Option(posts=housing),)))  # fmt: skip
    effort = Effort(evaluations=20, screening=1, refined=3, refinement=2, finalists=2, draws=0, fresh=3, explained=1,
                    assumptions=0)  # fmt: skip
    asked = Asked(region, load_variant("status_quo"), DATE, LAST, 200_000.0, (load_scenario("base"),),
                  goals=("waiting_months", "total_cost"), effort=effort, decided=decided, reference=pilot,
                  levers=levers, offered=(later,))  # fmt: skip
    with Runner(asked.world, Evaluations(None)) as runner:
        found = find_plans(asked, runner)
    assert len(found.tables["tried"]) == 8
    assert all(plan.earlier == decided for plan in found.plans.values())
    plan = found.space.plan((1, 1, 1))
    assert found.space.cost((0, 1, 0)) > found.space.cost((0, 0, 1)) > 0
    past = [IntegrationModel(region, plan=one, months=DATE, rng=1).run().results() for one in (pilot, plan)]
    assert past[0].monthly.equals(past[1].monthly)
    assert past[0].flows.equals(past[1].flows)
    whole = [simulate(asked.world, Run(one, asked.scenarios[0], 1)) for one in (pilot, plan)]
    assert whole[0] != whole[1]


def test_assumptions_are_moved_against_carrying_the_pilot_on_like_everything_else(region: Any, pilot: Plan):
    """The plan costs 1 more than the pilot as a whole, and 10 more than what of it is decided by the date."""
    decided, _ = what_is_left(pilot, DATE)
    new = Plan.model_validate({"name": "new", "from": "2015-10", "rule": "community", "earlier": decided})
    cost = {pilot.name: 9.0, decided.name + " so far": 0.0, new.name: 10.0}
    asked = Asked(region, load_variant("status_quo"), DATE, LAST, 1e5, (load_scenario("base"),), goals=("total_cost",),
                  effort=Effort(assumptions=1), decided=decided, reference=pilot)  # fmt: skip

    def outcomes_of(plans: Any, seeds: Any, values: Any) -> Any:
        names = [plan.name + (" so far" if plan is decided else "") for plan in plans]
        return [[Outcome({"total_cost": cost[name]}, {}, {}, {}) for _ in seeds] for name in names]

    points = [(point, name, 9.0 + (name == "plan_a") * point, 0.1 * point) for point in range(5)
              for name in ("status_quo", "plan_a")]  # fmt: skip
    futures = pd.DataFrame(points, columns=["point", "variant", "total_cost", "p_overlap_loss"])
    row = flips(outcomes_of, asked, {"plan_a": new}, futures).iloc[0]
    assert (row["difference_low"], row["difference_high"], bool(row["flips"])) == (1.0, 1.0, False)
