"""The experiment file: what it accepts, what it refuses and how, and the points it leads to."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.experiments.design import points_of
from kreislauf.experiments.experiment import Experiment, load_experiment
from kreislauf.experiments.parts import numbers_of
from kreislauf.experiments.plan import Plan, ranges_of
from kreislauf.model.errors import InputError

OTHERS = {"codebook", "slurm"}  # a codebook of surveys, the settings of a queue
EXAMPLES = sorted(p for p in (Path(__file__).parents[2] / "examples").glob("*.toml") if p.stem not in OTHERS)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_shipped_example_is_a_plan(path):
    plan = Plan.of(path)
    assert len(plan) > 0
    assert plan.spec(len(plan) - 1).key.run == len(plan) - 1


WRONG = """
region = "coburg"
variant = ["status_quo"]
tables = ["monthy"]
objectives = ["waiting_month"]

[design]
kind = "sobl"

[uncertain]
overlap_los = [0, 1]
minimum_wait = [1, 99]
"""


def test_all_problems_of_a_file_are_named_with_their_lines(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(WRONG)
    with pytest.raises(InputError) as caught:
        load_experiment(path)
    found = [(problem.line, problem.column) for problem in caught.value.problems]
    assert found == [
        (3, "variant"), (4, "tables"), (8, "design.kind"), (11, "uncertain.overlap_los"), (12, "uncertain.minimum_wait")
    ]  # fmt: skip
    text = str(caught.value)
    for words in ("did you mean 'variants'", "did you mean 'monthly'", "did you mean 'sobol'",
                  "did you mean 'overlap_loss'", "expected within 1 to 6"):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"objectives": ["waiting_month"]}, "did you mean 'waiting_months'"),
        ({"until": {"measure": "persons", "zone": 1.0}}, "persons has no better direction"),
        ({"parameters": {"overlap_loss": 0.1}, "uncertain": {"overlap_loss": "range"}}, "is uncertain as well"),
        ({"uncertain": {"overlap_loss": [0.3, 0.1]}}, "low below high"),
        ({"uncertain_groups": ["coordinaton"]}, "did you mean 'coordination'"),
        ({"design": {"kind": "table"}}, 'both kind = "table" and table'),
    ],
)
def test_contradictions_are_refused(more, words):
    with pytest.raises(InputError, match=words):
        Experiment.model_validate({"name": "x", **more})


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"variants": ["status_quo", "status_quo"]}, "two are called 'status_quo'"),
        ({"seeds": [1, 1]}, "a list of different ones"),
        ({"reference": "community"}, "reference: 'community' is not among"),
        ({"field": "housing"}, "unknown field of action 'housing'"),
        ({"months": 999}, "from 1 to 132"),
        ({"uncertain": {"overlap_loss": "range"}, "design": {"kind": "sobol", "draws": 10}}, "8 or 16"),
        ({"design": {"kind": "table", "table": "nowhere.csv"}}, "no such file"),
    ],
)
def test_what_cannot_be_run_is_refused_before_the_first_run(more, words):
    with pytest.raises(InputError, match=words):
        Plan.of(Experiment.model_validate({"name": "x", **more}))


def test_a_table_gives_its_rows_and_a_posterior_is_drawn_from(tmp_path):
    (tmp_path / "posterior.csv").write_text("overlap_loss,arrivals_factor\n0.1,1\n0.2,2\n0.3,0.5\n")
    design = {"kind": "table", "table": "posterior.csv"}
    points = points_of(Experiment(name="x", design=design), tmp_path)
    assert points.at(1) == {"overlap_loss": 0.2, "arrivals_factor": 2.0}
    drawn = points_of(Experiment(name="x", design=design | {"draws": 6, "seed": 4}), tmp_path)
    assert sorted(drawn.values[:, 0].tolist()) == [0.1, 0.1, 0.2, 0.2, 0.3, 0.3]
    (tmp_path / "posterior.csv").write_text("overlap_los,arrivals_factor\n0.1,99\n")
    with pytest.raises(InputError) as caught:
        points_of(Experiment(name="x", design=design), tmp_path)
    assert "did you mean 'overlap_loss'" in str(caught.value)
    assert "line 2, column arrivals_factor" in str(caught.value)


def test_decimal_commas_and_empty_lines_in_a_table_are_named_with_their_line(tmp_path):
    (tmp_path / "mine.csv").write_text('overlap_loss\n0.1\n\n"0,2"\nhigh\n9\n')
    with pytest.raises(InputError) as caught:
        points_of(Experiment(name="x", design={"kind": "table", "table": "mine.csv"}), tmp_path)
    for words in ("line 4, column overlap_loss: not a number (found '0,2'); expected a decimal point",
                  "line 5, column overlap_loss: not a number (found 'high')",
                  "line 6, column overlap_loss: not an admissible value (found '9'); expected 0 to 0.6"):  # fmt: skip
        assert words in str(caught.value)


@pytest.mark.parametrize("seeds", ['"many"', "2.5", "[1, 2.5]", "true"])
def test_seeds_that_are_no_seeds_get_one_plain_sentence(tmp_path, seeds):
    (tmp_path / "mine.toml").write_text(f"seeds = {seeds}\n")
    with pytest.raises(InputError) as caught:
        load_experiment(tmp_path / "mine.toml")
    assert [problem.column for problem in caught.value.problems] == ["seeds"]
    assert "line 1, key seeds: " in str(caught.value)
    assert "is neither a number of seeds such as 20 nor a list of seeds such as [1, 2, 3]" in str(caught.value)


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path):
    (tmp_path / "mine.toml").write_bytes("\ufefftitle = 'Größe'\r\nseeds = 2\r\n".encode())
    asked, _ = load_experiment(tmp_path / "mine.toml")
    assert (asked.title, asked.seeds) == ("Größe", 2)
    (tmp_path / "wide.toml").write_bytes("seeds = 2\n".encode("utf-16"))
    with pytest.raises(InputError, match=r"UTF-16 text.*expected a file saved as UTF-8"):
        load_experiment(tmp_path / "wide.toml")


@pytest.mark.parametrize("text", ["", "# seeds = 20\n", 'title = "My experiment"\nlicense = "CC0-1.0"\n'])
def test_a_file_that_does_not_say_what_to_run_is_refused(tmp_path, text):
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(InputError, match=r"mine.toml: the file does not say what to run; expected .*variants = "):
        load_experiment(tmp_path / "mine.toml")


def test_a_factorial_design_has_every_combination():
    uncertain = {"overlap_loss": [0.0, 0.6], "arrivals_factor": {"values": [1, 2]}}
    points = points_of(Experiment(name="x", uncertain=uncertain, design={"kind": "factorial", "levels": 3}))
    assert points.values.tolist() == [[0, 1], [0, 2], [0.3, 1], [0.3, 2], [0.6, 1], [0.6, 2]]


@pytest.mark.parametrize("kind", ["latin_hypercube", "sobol", "morris", "saltelli"])
def test_designs_are_repeatable_stay_in_their_ranges_and_count_in_whole_numbers(kind):
    uncertain = {"overlap_loss": [0.1, 0.2], "minimum_wait": "range", "arrivals_factor": [0.5, 2.0]}
    one, two = (
        points_of(Experiment(name="x", uncertain=uncertain, design={"kind": kind, "draws": 16})) for _ in range(2)
    )
    assert one.values.tobytes() == two.values.tobytes()
    assert (one.values >= [0.1, 1, 0.5]).all()
    assert (one.values <= [0.2, 6, 2.0]).all()
    assert (one.values[:, 1] % 1 == 0).all()
    assert len(one) == {"morris": 64, "saltelli": 80}.get(kind, 16)


def test_uncertain_settings_of_the_world_change_the_scenario_and_the_rest_the_parameters():
    uncertain = {"overlap_loss": [0.1, 0.2], "arrivals_factor": {"values": [2.0]}}
    plan = Plan.of(Experiment(name="x", scenarios=("high_arrivals",), seeds=1, uncertain=uncertain))
    spec = plan.spec(0)
    assert spec.scenario.arrivals_factor == pytest.approx(2.0 * plan.scenarios[0].arrivals_factor)
    assert set(spec.parameters) == {"overlap_loss"}


@given(st.sets(st.integers(0, 200), max_size=60))
def test_ranges_hold_the_same_numbers(numbers):
    ordered = np.array(sorted(numbers), np.int64)
    assert numbers_of(ranges_of(ordered)).tolist() == ordered.tolist()


def test_all_that_is_wrong_with_a_file_and_what_it_names_is_told_at_once(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(
        'regoin = "coburg"\nvariants = ["status_quo", "comunity", "no.toml"]\nseeds = 0\ntables = ["montly"]\n'
        'scenarios = ["base", "base"]\nmonths = 100000\n[design]\ndraws = -1\n'
    )
    with pytest.raises(InputError) as caught:
        load_experiment(path)
    told = str(caught.value)
    for line, key in ((1, "regoin"), (2, "variants"), (3, "seeds"), (4, "tables"), (5, "scenarios"), (6, "months")):
        assert f"line {line}, key {key}: " in told
    assert "line 8, key design.draws" in told
    assert "'community'" in told
    assert "no.toml: there is no such file" in told
