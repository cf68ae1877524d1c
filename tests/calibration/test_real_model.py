"""On the real model itself: intervals cover, ranks are uniform, and the two waves of 2016 and 2017 recover parameters.

The fast configuration is Coburg up to October 2017 with six parameters: about a third of a full run.
"""

import itertools
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from kreislauf.calibration.alternatives import second_opinion
from kreislauf.calibration.calibrate import calibrate
from kreislauf.calibration.codebook import Codebook
from kreislauf.calibration.coverage import repeat
from kreislauf.calibration.diagnostics import figure_rows
from kreislauf.calibration.estimates import estimate
from kreislauf.calibration.observe import simulate
from kreislauf.calibration.people import see
from kreislauf.calibration.posterior import sample
from kreislauf.calibration.priors import Priors
from kreislauf.calibration.sampling import SampleDesign
from kreislauf.calibration.survey import read_survey
from kreislauf.calibration.synth import synthesise, write_synthetic
from kreislauf.calibration.targets import Targets
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import load_region

PARAMETERS = (
    "job_base", "job_women", "contact_base", "decentral_called_private", "leave_tolerated", "contact_weekly",
)  # fmt: skip
MONTHS = 34


def _calibrated(folder, budget, sets):
    return calibrate("coburg", Targets.of_region("coburg"), out=folder, budget=budget, parameters=PARAMETERS,
                     months=MONTHS, sets=sets, draws=800, check=False)  # fmt: skip


def _well(found):
    """Return the repetitions without discrepancy: data and truth from the model itself."""
    from kreislauf.calibration.calibrate import _fitted, _fitted_table

    problem = replace(_fitted(found.problem, found.used), box=found.box, discrepancy=None)
    return repeat(problem, _fitted_table(found.reference, found.used), found.second)


@pytest.mark.slow
def test_sized_down_intervals_cover_on_the_real_model(tmp_path):
    found = _calibrated(tmp_path, 160, 30)
    repeated = _well(found)  # 64 surveys
    spread = 3.0 * repeated.inside.mean(axis=1).std() / np.sqrt(len(repeated.truth))
    assert abs(repeated.coverage - 0.9) <= max(0.05, spread)
    assert repeated.p_uniform > 0.01
    assert repeated.length.mean(axis=0)[3] < 0.6  # what H01 speaks about is learned


_KILLED = """
import sys
from kreislauf.calibration.calibrate import calibrate
from kreislauf.calibration.targets import Targets
if __name__ == "__main__":
    calibrate("coburg", Targets.of_region("coburg"), out=sys.argv[1], budget=100,
              parameters=("job_base", "leave_tolerated"), months=24, sets=10, draws=400, check=False, workers=2)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="process groups are killed as on Linux and macOS")
def test_killed_hard_and_continued_gives_the_same_posterior_as_in_one_go(tmp_path):
    """The whole group of processes dies in the first round, without a chance to tidy up."""
    script = tmp_path / "fit.py"
    script.write_text(_KILLED)

    def begin(folder):
        return subprocess.Popen([sys.executable, str(script), str(folder)], start_new_session=True)

    def parts(folder):
        journal = Path(folder) / "round-1" / "journal.jsonl"
        return journal.read_text().count('"part"') if journal.exists() else 0

    first = begin(tmp_path / "killed")
    while parts(tmp_path / "killed") < 2:
        assert first.poll() is None, "it ended before it could be killed"
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    kept = parts(tmp_path / "killed")
    asked = {"budget": 100, "parameters": ("job_base", "leave_tolerated"), "months": 24, "sets": 10, "draws": 400,
             "check": False, "workers": 2}  # fmt: skip
    targets = Targets.of_region("coburg")
    continued = calibrate("coburg", targets, out=tmp_path / "killed", **asked)
    assert parts(tmp_path / "killed") > kept, "the parts that were finished are kept, the others follow"
    whole = calibrate("coburg", targets, out=tmp_path / "whole", **asked)
    assert continued.draws.sha256 == whole.draws.sha256
    assert len(whole.reference) == 100


@pytest.mark.long
def test_intervals_cover_on_a_hundred_surveys_of_the_real_model(tmp_path):
    found = _calibrated(tmp_path, 500, 100)
    assert len(found.repetitions.truth) == 100
    assert 0.85 <= found.repetitions.coverage <= 0.95
    assert found.repetitions.p_uniform > 0.05
    repeated = _well(found)
    assert len(repeated.truth) == 200
    assert 0.85 <= repeated.coverage <= 0.95
    assert repeated.p_uniform > 0.05


@pytest.mark.long
def test_the_published_figures_calibrate_coburg_and_beat_the_hand_set_values_on_figures_kept_back(tmp_path):
    from kreislauf.calibration.diagnostics import held_back
    from kreislauf.calibration.report import write_calibration

    found = calibrate("coburg", Targets.of_region("coburg"), out=tmp_path)
    about = write_calibration(found, tmp_path)
    kept = held_back(about.figures)
    assert kept["posterior"] < kept["hand_set"]
    fitted = about.figures.loc[about.figures["use"] == "fitted"]
    assert fitted["misses"].mean() < 0.4


@pytest.mark.slow
def test_pyabc_on_the_model_itself_agrees_with_the_posterior_over_the_emulator(tmp_path):
    """Two parameters, Coburg up to October 2016, data of one run whose parameters are known."""
    names, truth = ("job_base", "decentral_called_private"), np.array([0.3, 0.7])
    region, priors = load_region("coburg"), Priors.of(names)
    known = Targets.of_region("coburg").within(region.start_month, region.start_month + 21).fitted
    seeds = itertools.count(500)

    def survey(place):
        values = dict(zip(names, priors.values(place[None])[0].tolist(), strict=True))
        return simulate(IntegrationModel(region, months=22, parameters=values, rng=next(seeds)), known)

    data = survey(truth)
    found = calibrate("coburg", known, out=tmp_path, budget=100, parameters=names, months=22, sets=10, draws=400,
                      check=False, workers=1)  # fmt: skip
    own = replace(found.problem, discrepancy=None, power=1.0)
    used = [known.ids.index(name) for name in found.targets.ids]
    drawn = own.places(sample(own.log_likelihood(data[used]), own.dimensions, draws=800).z)
    places, weights = second_opinion(own, data[used], survey=lambda place: survey(place)[used], population=50, rounds=3)
    mean = weights @ places
    spread = np.sqrt(weights @ (places - mean) ** 2)
    assert np.all(np.abs(mean - drawn.mean(axis=0)) < 0.15)
    assert np.all(np.abs(mean - truth) < 3.0 * spread)
    assert np.all(spread < 0.25), "both are learned: the prior's spread is 0.29"


@pytest.mark.slow
def test_a_truth_planted_in_a_panel_is_found_again_from_its_file(tmp_path):
    """Two waves in which many newcomers live beside the panel's people: its later figures are not about them."""
    truth = {"job_base": 0.02, "contact_base": 0.05, "self_rating_level": 2.5}
    waves = [11, 23]
    model = IntegrationModel("coburg", months=24, parameters=truth, rng=7)
    design = SampleDesign(panel=True)
    made = synthesise(see(model, waves), design, parameters=model.parameters, seed=7, name="panel")
    codebook, _ = write_synthetic(made, tmp_path / "panel.csv")
    targets = estimate(read_survey(tmp_path / "panel.csv", Codebook.read(codebook))).targets()
    found = calibrate("coburg", targets, out=tmp_path / "fit", budget=120, parameters=tuple(truth), months=24,
                      sets=20, draws=800, check=False, workers=1)  # fmt: skip
    values, hand = found.draws.values, found.priors.hand_set()
    planted = np.array(list(truth.values()))
    # Learned from so few runs the intervals are too narrow to be held to their word; docs/calibration.md has the whole.
    assert np.all(np.abs(values.mean(axis=0) - planted) < np.abs(hand - planted)), "nearer than what is shipped"
    later = figure_rows(found).query("wave == '2016-12'")
    off = later.loc[[name.endswith(":all") for name in later["id"]], "off"]
    assert len(off) == 10
    assert np.sqrt((off**2).mean()) < 1.0, f"the later wave is met within its errors: {off.round(1).tolist()}"
    assert later["misses"].mean() < 0.1
