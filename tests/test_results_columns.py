"""docs/results-columns.md names every column of every table, and no other."""

import re
from pathlib import Path

import pytest
from kreislauf.experiments.batch import run
from kreislauf.experiments.experiment import Experiment
from kreislauf.model.field import load_field
from kreislauf.model.measures import MEASURES, measures_of

PAGE = (Path(__file__).parent.parent / "docs" / "results-columns.md").read_text(encoding="utf-8")
INSTRUMENTS = ("own_budget", "regional_budget", "municipal_association", "regional_fund", "crowdfunding")
TABLES = ("runs", "monthly", "cells", "flows", "structures", "households")


def documented(heading, start):
    """Return the first cells of the first table after `start` in a section."""
    section = PAGE.split(f"## `{heading}`")[1].split("\n## ")[0]
    rows = section[section.index(start) :].split("\n\n")[0].splitlines()[2:]
    return [re.match(r"\| `([^`]+)` \|", row)[1] for row in rows]


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    experiment = Experiment(
        name="x", variants=("status_quo", *INSTRUMENTS[1:]), seeds=1, months=2, tables=TABLES[1:],
        uncertain={"overlap_loss": [0.1, 0.2]}, design={"draws": 1},
    )  # fmt: skip
    return run(experiment, tmp_path_factory.mktemp("columns") / "out", workers=1)


@pytest.mark.parametrize("name", TABLES[1:])
def test_the_page_lists_the_columns_of_each_table_in_their_order(batch, name):
    assert documented(name, "| column | unit | meaning |") == list(batch.table(name).columns)


def test_the_page_lists_the_columns_of_runs_and_all_measures(batch):
    columns = list(batch.runs.columns)
    keys = documented("runs", "| column | unit | meaning |")
    measures = documented("runs", "| column | unit | over the run | formula |")
    assert columns[: len(keys)] == keys
    assert columns[len(keys)] == "p_overlap_loss"
    assert measures == list(MEASURES)
    found = list(measures_of(load_field("integration")))
    assert found == [name for name in measures if name in found]
    assert found == columns[len(keys) + 1 : len(keys) + 1 + len(found)]
    for name in measures:
        assert f"| `{name}` | {MEASURES[name].unit} | {MEASURES[name].aggregate} |" in PAGE


def test_the_page_lists_the_key_figures_of_all_instruments(batch):
    figures = {name.partition(".")[2] for name in batch.runs.columns if "." in name}
    plain = {name for name in figures if not name.startswith("excluded_")}
    assert plain == set(documented("runs", "| NAME | unit | meaning |"))
