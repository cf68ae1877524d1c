"""`until` on batches: seeds go where they are needed, and the choice does not depend on workers or interruptions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from kreislauf.experiments.batch import run
from kreislauf.experiments.batch_folder import open_batch
from kreislauf.experiments.experiment import Experiment
from kreislauf.experiments.merge import merge
from kreislauf.experiments.parameter_draws import ParameterDraws
from kreislauf.experiments.plan import Plan
from kreislauf.experiments.until import SequentialChoice, read_selection
from kreislauf.model.errors import InputError
from kreislauf.model.variant import Scenario, Variant


def plan_for(place, *names, **until):
    asked = {"measure": "waiting_months", "zone": 0.2, "first": 8, "most": 200} | until
    plan = Plan.of(Experiment(name="toy", until=asked), region=place)
    return Plan(
        plan.experiment, place, tuple(Variant(name=name) for name in names), (Scenario(name="base"),), plan.points
    )


def test_seeds_are_run_only_for_variants_that_may_be_the_best(toy, place, tmp_path):
    plan = plan_for(place, "a", "bb", "cccccccccc")  # the toy's wait is the length of the name, less is better
    batch = run(plan, tmp_path / "one", workers=1, simulate=toy)
    found = read_selection(batch.folder)
    seeds = batch.runs.groupby("variant")["seed"].size()
    assert (found.decided, found.best) == (True, "a")
    assert seeds["cccccccccc"] < seeds["a"] <= 200
    words = "a is best in waiting_months, or within 0.2 of the best, with a probability of at least 95 %"
    assert words in found.sentence()
    two = run(plan, tmp_path / "two", workers=2, simulate=toy)
    assert read_selection(two.folder) == found
    again = run(plan, tmp_path / "two", workers=2, simulate=toy)
    assert again.finished == batch.finished
    assert len(merge([again.folder], tmp_path / "merged").runs) == batch.finished


def test_too_few_seeds_leave_it_undecided_and_say_so(toy, place, tmp_path):
    batch = run(plan_for(place, "a", "bb", zone=0.01, most=10), tmp_path / "out", workers=1, simulate=toy)
    found = read_selection(batch.folder)
    assert not found.decided
    assert found.sentence().startswith("Not decided after 10 seeds (20 runs): the best is one of a, bb")


def test_a_batch_without_a_choice_has_none(toy, place, tmp_path):
    with pytest.raises(InputError, match="has no finished choice"):
        read_selection(tmp_path)
    with pytest.raises(InputError, match="is not the folder of a batch"):
        open_batch(tmp_path)


class Outcomes:
    """Stands in for a batch: the outcomes of all runs of a plan, shape (seeds, variants)."""

    def __init__(self, values):
        self.runs = pd.DataFrame({"run": np.arange(values.size), "waiting_months": values.ravel()})

    def table(self, name, columns):
        return self.runs[columns]


def test_with_draws_of_the_parameters_the_choice_is_right_as_often_as_it_says(place):
    """Most of the spread is the draw, which two seeds share; the first variant is better by just the zone."""
    draws = ParameterDraws(("overlap_loss",), np.array([[0.1], [0.3]]), np.array([0.5, 0.5]))
    plan = replace(plan_for(place, "a", "bb", "ccc", "dddd", zone=1.0, first=10, most=1000), draws=draws)
    rng, right = np.random.default_rng(4), 0
    for _ in range(200):
        shared = np.repeat(rng.normal(0.0, 2.85, (500, 4)), 2, axis=0)
        values = shared + rng.normal(0.0, 0.95, (1000, 4)) + np.array([-1.0, 0.0, 0.0, 0.0])
        choice = SequentialChoice.of(plan)
        while choice.wanted() is not None:
            choice.look(Outcomes(values))
        right += choice.rule.best == 0
    assert choice.seeds % 2 == 0
    assert right / 200 >= 0.92
