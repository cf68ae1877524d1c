"""The crash test of the screen: the same projections as the bench, the cost of each run, counts of ten."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from kreislauf.model.fiscal.shocks import load_shock
from kreislauf.visualization.findings import cache, stress_runs
from kreislauf.visualization.findings.stress import (
    presets,
    reverse_test,
    runs_of,
    shock_years,
    stress,
    stress_line,
    switches,
)
from kreislauf.visualization.findings.stress_runs import StressTest, cost_paths
from kreislauf.visualization.findings.stress_store import place_of, stored

sys.path.insert(0, str(Path(__file__).parent))
from tiny import AHORN, A, B, Builder


@pytest.fixture
def three_runs(monkeypatch):
    monkeypatch.setattr(stress_runs, "RUNS", 3)


def test_costs_are_paid_less_received_by_municipality_and_district(tmp_path):
    builder = Builder(tmp_path)
    builder.flows(B, 1, [
        (2015, "land", "district:09473", "refund", "law", 5000),
        (2015, "district:09473", "staff", "structures", "own_budget", 12000),
        (2016, f"municipality:{AHORN}", "staff", "structures", "own_budget", 700),
        (2016, "fund:x", f"municipality:{AHORN}", "grant", "crowdfunding", 200),
    ])  # fmt: skip
    costs = cost_paths(builder.ensemble(), B)[1]((2014, 2015, 2016, 2030))
    assert costs.districts[:, 0].tolist() == [70.0, 70.0, 0.0, 0.0]
    assert costs.towns[:, builder.shape.places.index(AHORN)].tolist() == [0.0, 0.0, 5.0, 5.0]
    assert costs.towns.sum() == 10.0


def test_without_cost_of_integration_the_grades_are_those_of_the_bench(tmp_path, three_runs):
    builder = Builder(tmp_path)
    for run in range(10):
        builder.flows(A, run, [(2015, "land", "staff", "structures", "law", 1)])
    ensemble = builder.ensemble()
    test = StressTest(ensemble, 2016)
    names = ("recession", "income_tax")
    found = test.run(ensemble, A, names)
    assert found.runs == 3
    for run, bench in enumerate(test.benches):
        shocks = [load_shock(name).drawn(float(test.sizes[f"shock {name}"][run])) for name in names]
        assert found.below[run].tolist() == (~bench.verdict(bench.run(shocks)).passed).tolist()


def test_dearer_integration_leaves_a_smaller_margin(tmp_path, three_runs):
    builder = Builder(tmp_path)
    for run in range(10):
        dear = (2015, f"municipality:{AHORN}", "staff", "structures", "own_budget", 50_000_000)
        builder.flows(B, run, [dear, (2016, *dear[1:])])
    ensemble = builder.ensemble()
    test = StressTest(ensemble, 2016)
    cheap, dear = test.run(ensemble, A, ()), test.run(ensemble, B, ())
    place = builder.shape.places.index(AHORN)
    assert (dear.margin[:, :2, place] < cheap.margin[:, :2, place]).all()
    assert (dear.below[:, place] >= cheap.below[:, place]).all()


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_sentence_the_map_and_the_table_count_the_same_runs(tmp_path, three_runs, language):
    ensemble = Builder(tmp_path).ensemble()
    found = stress(ensemble, A, B, ("recession",), 2016, language=language)
    counts = StressTest(ensemble, 2016).run(ensemble, B, ("recession",)).counts
    often = int((2 * counts >= 3).sum())
    assert (f" {often} " in found.finding) or (often == 0)
    named = dict(zip(ensemble.places, counts, strict=True))
    names = dict(zip(ensemble.region.municipalities["name"], named.values(), strict=True))
    of = "von" if language == "de" else "of"
    for row in found.table.rows:
        assert str(row[2]).startswith(f"{names[row[0]]} {of} 3")
    order = [row[0].replace("ö", "o").replace("ä", "a") for row in found.table.rows]
    assert order == sorted(order)


@pytest.mark.parametrize("language", ["de", "en"])
def test_how_many_fall_below_the_line_without_the_shocks_is_said_beside_it(tmp_path, three_runs, language):
    """Most municipalities that a shock finds below the line may be there already, for assumptions are drawn too."""
    ensemble = Builder(tmp_path).ensemble()
    calm = StressTest(ensemble, 2016).run(ensemble, B, ())
    often = int((2 * calm.counts >= 3).sum())
    assert 0 < often < len(ensemble.places)
    hit = stress(ensemble, A, B, ("recession",), 2016, language=language)
    said = {"de": "Ganz ohne Schock wären es", "en": "Without any shock it would be"}[language]
    sentence = hit.finding[hit.finding.index(said) :].split(".")[0]
    assert str(often) in sentence
    counts = dict(zip(ensemble.region.municipalities["name"], calm.counts, strict=True))
    of = "von" if language == "de" else "of"
    assert all(str(row[3]).startswith(f"{counts[row[0]]} {of} 3") for row in hit.table.rows)
    none = stress(ensemble, A, B, (), 2016, language=language)
    assert said not in none.finding
    assert len(none.table.columns) == len(hit.table.columns) - 1


def test_a_variant_finished_after_the_first_look_at_the_crash_test_can_be_looked_at(tmp_path, three_runs):
    """Whoever opens the screen while runs are computed must not shut out the variants that come later."""
    builder, cost = Builder(tmp_path), 50_000_000
    for run in range(10):
        builder.flows(A, run, [(2016, "district:09473", "staff", "structures", "own_budget", cost)])
    late = builder.runs.pop(A)
    cache.forget()
    alone = runs_of(builder.ensemble(), B, ("recession",), 2016)
    builder.runs[A] = late
    both = builder.ensemble()
    assert runs_of(both, A, ("recession",), 2016).runs == 3
    # The quoted levy rates are those of the status quo as soon as it is there, not those of the first look.
    now = runs_of(both, B, ("recession",), 2016)
    expected = StressTest(both, 2016).run(both, B, ("recession",))
    assert (now.margin == expected.margin).all()
    assert (now.margin != alone.margin).any()


def test_a_variant_against_itself_has_one_map(tmp_path, three_runs):
    found = stress(Builder(tmp_path).ensemble(), A, A, (), 2016, language="de")
    assert found.map_a is None
    assert found.finding.startswith("Ohne Schock im Jahr 2016:")


def test_the_line_has_the_years_of_the_test_and_the_limit(tmp_path, three_runs):
    chart = stress_line(Builder(tmp_path).ensemble(), A, B, ("recession",), 2016, AHORN, language="de")
    assert len(chart.table.rows) == 4
    assert "kein Spielraum" in chart.svg


def test_the_reverse_test_finds_the_loss_the_bench_finds(tmp_path):
    from kreislauf.experiments.bench import Bench
    from kreislauf.model.parameters import Parameters

    builder = Builder(tmp_path)
    for run in range(10):
        builder.flows(A, run, [(2015, "land", "staff", "structures", "law", 1)])
    words = reverse_test(builder.ensemble(), A, (), 2016, AHORN, language="de")
    bench = Bench(region=builder.region, parameters=Parameters({}), shock_year=2016)
    share = bench.smallest_loss(builder.shape.places.index(AHORN), tolerance=0.02)
    assert f"{round(100 * share)}\u00a0%" in words


def test_all_shocks_are_switches_and_the_sets_use_them(tmp_path):
    names = {switch.name for switch in switches("de")}
    assert all(set(shocks) <= names for _, _, shocks in presets("en"))
    assert {switch.kind for switch in switches("de")} <= {"sourced", "estimated", "assumed"}
    years = shock_years(Builder(tmp_path).ensemble())
    assert years[0] == 2026
    assert list(years) == sorted(years, reverse=True)
    assert np.all(np.diff(years) == -1)


def test_a_crash_test_is_kept_on_disk_by_content_and_a_damaged_file_is_made_anew(tmp_path, three_runs, caplog):
    builder = Builder(tmp_path)
    cache.forget()
    first = runs_of(builder.ensemble(), B, ("recession",), 2016)
    path = next(tmp_path.glob("crash-test.*.npz"))

    def never():
        raise AssertionError("computed again")

    again = stored(builder.ensemble(), B, ("recession",), 2016, never)
    assert (again.below == first.below).all()
    assert (again.margin == first.margin).all()
    assert (again.years, again.failed) == (first.years, first.failed)
    path.write_bytes(path.read_bytes()[:200])
    mended = stored(builder.ensemble(), B, ("recession",), 2016, lambda: first)
    assert mended is first
    assert "damaged" in caplog.text
    assert place_of(builder.ensemble(), B, (), 2016) != path
    builder.flows(B, 0, [(2015, "land", "staff", "structures", "law", 7)])
    assert place_of(builder.ensemble(), B, ("recession",), 2016) != path  # other runs, another crash test
    assert not list(tmp_path.glob(".*"))
