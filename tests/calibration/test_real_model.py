"""On the real model itself: intervals cover, ranks are uniform, and the two waves of 2016 and 2017 recover parameters.

The fast configuration is Coburg up to October 2017 with six parameters: about a third of a full run.
"""

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
