"""A calibration from targets to report on a toy in the place of the model: resumable, reproducible, honest."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from kreislauf.calibration.calibrate import calibrate
from kreislauf.calibration.diagnostics import diagnose, held_back, verdict
from kreislauf.calibration.report import write_calibration
from kreislauf.experiments.compare import Interrupted
from kreislauf.experiments.parameter_draws import read_draws
from kreislauf.model.errors import InputError

from . import toy_survey as toy

TRUTH = np.array([[0.3, 0.6, 0.75, 0.5]])
ASKED = {"budget": 260, "parameters": toy.NAMES, "workers": 1, "draws": 800, "sets": 50}


def data(seed=11):
    """Return the figures a survey of the toy finds at the truth."""
    return toy.figures(TRUTH, seed)[1][0]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy") / "out"
    found = calibrate("coburg", toy.targets(data()), out=folder, simulate=toy.ToySurvey(), **ASKED)
    return found, write_calibration(found, folder, command=["kreislauf", "calibrate"]), folder


def test_the_posterior_lies_around_the_truth_and_the_second_round_around_the_posterior(finished):
    found, _, _ = finished
    u = found.places
    assert np.all(np.abs(u.mean(axis=0) - TRUTH[0])[:3] < 3.0 * u.std(axis=0)[:3])
    assert u.std(axis=0)[0] < 0.15
    second = found.reference.places[found.second]
    assert np.all((second >= found.box[0]) & (second <= found.box[1]))
    assert (found.box[1] - found.box[0])[0] < 0.9


def test_a_held_back_figure_is_not_fitted_but_judged(finished):
    found, about, _ = finished
    kept = about.figures.set_index("id").loc["kept"]
    assert kept["use"] == "held back"
    assert "kept" not in set(about.pulls["id"])
    assert held_back(about.figures)["figures"] == 1.0
    changed = data()
    changed[-1] += 0.5  # another held-back figure changes nothing in the fit
    used = found.used
    assert np.array_equal(found.problem.log_likelihood(changed, used)(found.posterior.z[:5]),
                          found.problem.log_likelihood(data(), used)(found.posterior.z[:5]))  # fmt: skip


def test_a_parameter_no_figure_depends_on_is_called_not_moved(finished):
    _, about, _ = finished
    rows = about.parameters.set_index("parameter")
    assert rows.loc["flat_help", "verdict"] == "not moved"
    assert rows.loc["job_base", "verdict"] == "informed"
    assert "flat_help" in next(sentence for sentence in about.sentences if "do not move" in sentence)
    assert verdict(0.05, 0.02) == "not moved"


def test_what_is_missing_costs_where_it_informed(finished):
    _, about, _ = finished
    losses = about.losses.set_index("left_out")
    assert losses.loc["items on contacts", "parameter"] == "contact_base"
    assert losses.loc["items on work", "wider"] > losses.loc["items on stocks", "wider"]


def test_a_figure_that_contradicts_the_others_is_found(finished):
    found, _, _ = finished
    odd = data()
    odd[2] += 0.25  # women work far more than men allow
    other = toy.targets(odd)
    # The same runs serve: only the data differ, so the diagnostics are asked anew for the other figures.
    about = diagnose(replace(found, targets=other))
    pulls = about.pulls.set_index("id")
    assert pulls["surprise"].abs().idxmax() == "women"
    assert pulls.loc["women", "surprise"] > 3.0


def test_the_posterior_file_is_read_as_it_was_written(finished):
    found, _, folder = finished
    draws = read_draws(folder / "posterior.parquet")
    assert np.array_equal(draws.values, found.draws.values)
    assert draws.about["region"] == "coburg"
    assert draws.about["targets"] == toy.targets(data()).digest
    assert draws.notices("coburg") == []


def test_the_report_says_it_all_and_loads_nothing_from_elsewhere(finished):
    _, about, folder = finished
    page = (folder / "report.html").read_text()
    for row in toy.targets():
        assert f"<td>{row.id}</td>" in page
    for sentence in about.sentences:
        assert sentence[:40].replace("'", "&#x27;") in page
    assert not re.search(r"""(src|href|url)\s*[=(]\s*["']?(https?:)?//""", page)
    pictures = re.findall(r"<svg.*?</svg>", page, flags=re.S)
    assert len(pictures) == 6
    for picture in pictures:
        root = ElementTree.fromstring(picture)
        assert root.get("role") == "img"
        assert root.get("aria-label")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for name in ("parameters", "figures", "pulls", "losses", "groups"):
        assert len(pd.read_parquet(folder / "tables" / f"{name}.parquet"))


def test_interrupted_and_continued_gives_the_same_posterior_as_in_one_go(finished, tmp_path):
    whole, _, _ = finished
    stopped = toy.ToySurvey(tmp_path, at=20_000_000 + 100_000 + 30)  # run 30 of the second round
    with pytest.raises(Interrupted, match="The same command continues"):
        calibrate("coburg", toy.targets(data()), out=tmp_path / "out", simulate=stopped, **ASKED)
    assert (tmp_path / "again").exists()
    again = calibrate("coburg", toy.targets(data()), out=tmp_path / "out", simulate=stopped, **ASKED)
    assert again.draws.sha256 == whole.draws.sha256
    assert np.array_equal(again.repetitions.rank, whole.repetitions.rank)


def test_a_folder_of_another_calibration_and_wrong_input_get_their_sentences(finished, tmp_path):
    _, _, folder = finished
    with pytest.raises(InputError, match=r"another calibration: it differs in seed; choose another folder"):
        calibrate("coburg", toy.targets(data()), out=folder, seed=2, **ASKED)
    with pytest.raises(InputError, match="it differs in targets"):
        calibrate("coburg", toy.targets(), out=folder, **ASKED)
    with pytest.raises(InputError, match="5 runs are too few to learn from; expected at least 100"):
        calibrate("coburg", toy.targets(), out=tmp_path, **{**ASKED, "budget": 5})
    with pytest.raises(InputError, match="did you mean 'job_base'"):
        calibrate("coburg", toy.targets(), out=tmp_path, **{**ASKED, "parameters": ["job_bas"]})
    nothing = toy.targets().with_use("validate", [row[0] for row in toy.ROWS])
    with pytest.raises(InputError, match="no target can be fitted"):
        calibrate("coburg", nothing, out=tmp_path, **ASKED)
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(InputError, match=r"holds other files \(thesis.doc\)"):
        calibrate("coburg", toy.targets(), out=tmp_path, **ASKED)


def test_rows_whose_wave_is_not_simulated_are_named(finished, tmp_path):
    found = calibrate("coburg", toy.targets(data()), out=tmp_path / "out", simulate=toy.ToySurvey(), months=36,
                      **{**ASKED, "budget": 100, "check": False})  # fmt: skip
    assert set(found.left_out) == {"late", "german2", "stock", "kept"}
    assert found.left_out["late"] == "its wave is not simulated"
    assert set(found.targets.ids) == {"early", "men", "women", "german", "friends"}
