"""Gap, duplicate, clear: by stated thresholds in each run, then by the most runs."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from kreislauf.model.structures import LEVELS
from kreislauf.visualization.findings.responsibilities import (
    DUPLICATE,
    GAP,
    KINDS,
    bodies,
    cell_kinds,
    responsibilities,
    task_shares,
)

sys.path.insert(0, str(Path(__file__).parent))
from tiny import AHORN, BAD_RODACH, A, B, Builder


def kind(ensemble, choice, task, key):
    shape = ensemble.shape
    return KINDS[cell_kinds(ensemble, choice)[shape.tasks.index(task), shape.places.index(key)]]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ({}, "none"),
        ({"opened": 5, "open_mean": 10, "hours": 100}, "clear"),
        ({"opened": 5, "open_mean": 10, "unheld_mean": 10 * GAP}, "gap"),
        ({"opened": 5, "open_mean": 10, "unheld_mean": 9.9 * GAP}, "clear"),
        ({"opened": 5, "open_mean": 10, "hours": 100, "duplicated_hours": 100 * DUPLICATE}, "duplicate"),
        ({"opened": 5, "open_mean": 10, "hours": 100, "duplicated_hours": 99 * DUPLICATE}, "clear"),
        ({"opened": 5, "open_mean": 10, "unheld_mean": 5, "hours": 100, "duplicated_hours": 50}, "gap"),
    ],
)
def test_a_cell_is_what_the_thresholds_say(tmp_path, cell, expected):
    builder = Builder(tmp_path)
    builder.cell(B, "advice", AHORN, **cell)
    ensemble = builder.ensemble()
    assert kind(ensemble, B, "advice", AHORN) == expected
    assert kind(ensemble, B, "advice", BAD_RODACH) == "none"


@pytest.mark.parametrize(("runs", "expected"), [(6, "gap"), (4, "clear")])
def test_most_runs_decide(tmp_path, runs, expected):
    builder = Builder(tmp_path)
    builder.cell(B, "advice", AHORN, opened=5, open_mean=10, hours=100)
    builder.cell(B, "advice", AHORN, range(runs), unheld_mean=5)
    assert kind(builder.ensemble(), B, "advice", AHORN) == expected


def test_the_sentence_counts_cells_of_both_variants(tmp_path):
    builder = Builder(tmp_path)
    builder.cell(A, "advice", AHORN, opened=5, open_mean=10, unheld_mean=5)
    builder.cell(A, "health", AHORN, opened=5, open_mean=10, hours=10, duplicated_hours=5)
    builder.cell(B, "advice", AHORN, opened=5, open_mean=10, hours=10)
    found = responsibilities(builder.ensemble(), A, B, language="de")
    words = found.finding.replace("\u00a0", " ")
    assert f"mit „{B.title('de')}“ sind von 1 Paaren aus Aufgabe und Gemeinde 0 (0 bis 0) Lücken, 0 (0 bis 0)" in words
    assert "mit „Status quo“ sind von 2 Paaren aus Aufgabe und Gemeinde 1 (1 bis 1) Lücken, 1 (1 bis 1)" in words
    places = [str(column) for column in found.places_b.table.columns[1:]]
    assert places.index("Ahorn") == 0
    assert places == sorted(places)
    assert found.places_a.table.rows[[row[0] for row in found.places_a.table.rows].index("Beratung")][1] == "Lücke"


def test_the_sentence_says_how_much_the_runs_differ(tmp_path):
    builder = Builder(tmp_path)
    for key, runs in ((AHORN, range(10)), (BAD_RODACH, range(3))):  # two gaps in three runs, one in seven
        builder.cell(B, "advice", key, opened=5, open_mean=10, hours=10)
        builder.cell(B, "advice", key, runs, unheld_mean=5)
    words = responsibilities(builder.ensemble(), B, B, language="en").finding.replace("\u00a0", " ")
    assert "1 (1 to 2) are gaps" in words


def test_bodies_are_counted_by_owner_and_founded_posts_add_to_the_register(tmp_path):
    builder = Builder(tmp_path)
    region, month = builder.region, builder.shape.months[-1]
    builder.runs[A] = [(arrays, {name: t.iloc[:0] if name == "founded" else t for name, t in tables.items()})
                       for arrays, tables in builder.runs[A]]  # fmt: skip
    ensemble = builder.ensemble()
    k, welfare = builder.shape.tasks.index("advice"), LEVELS.index("welfare")
    register = region.structures
    rows = register[(register["start_month"] <= month) & (register["end_month"] >= month)].to_dict("records")
    owners = {
        (row["owner"], place)
        for row in rows if row["level"] == "welfare" and "advice" in row["task_ids"]
        for place in row["municipality_indices"]
    }  # fmt: skip
    expected = len(owners) / len(ensemble.places)
    assert bodies(ensemble, A)[k, welfare] == pytest.approx(expected)
    more = {(owner, place) for owner, place in owners} | {("caritas", place) for place in range(len(ensemble.places))}
    assert bodies(ensemble, B)[k, welfare] == pytest.approx(len(more) / len(ensemble.places))


def test_shares_by_task_are_sums_over_places_and_groups(tmp_path):
    builder = Builder(tmp_path)
    builder.cell(
        B, "advice", AHORN, open_mean=10, unheld_mean=1, hours=30, duplicated_hours=3, served=10, waiting_months=2
    )
    builder.cell(
        B, "advice", BAD_RODACH, open_mean=30, unheld_mean=9, hours=10, duplicated_hours=5, served=30, waiting_months=6
    )
    gap, lost, wait = (share[:, builder.shape.tasks.index("advice")] for share in task_shares(builder.ensemble(), B))
    assert np.allclose(gap, 10 / 40)
    assert np.allclose(lost, 8 / 40)
    assert np.allclose(wait, (2 * 10 + 6 * 30) / 40)
