"""On the real model itself: intervals cover, ranks are uniform, and the two waves of 2016 and 2017 recover parameters.

The fast configuration is Coburg up to October 2017 with six parameters: about a third of a full run.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from kreislauf.calibration.calibrate import calibrate
from kreislauf.calibration.coverage import repeat
from kreislauf.calibration.targets import Targets

PARAMETERS = (
    "job_base", "job_women", "contact_base", "decentral_called_private", "leave_tolerated", "contact_weekly",
)  # fmt: skip
MONTHS = 34


def _calibrated(folder, budget, sets):
    return calibrate("coburg", Targets.of_region("coburg"), out=folder, budget=budget, parameters=PARAMETERS,
                     months=MONTHS, sets=sets, draws=800, check=False)  # fmt: skip


def _well(found):
    """Return the repetitions without discrepancy: data and truth from the model itself."""
    from dataclasses import replace

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
