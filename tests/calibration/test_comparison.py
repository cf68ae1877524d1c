"""Published figures beside the model: the distance is that of the definition, and only rows of the period are there."""

import numpy as np
import pytest
from kreislauf.calibration.comparison import compare_targets
from kreislauf.calibration.observe import simulate
from kreislauf.calibration.targets import Targets
from kreislauf.cli import main
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import load_region


def test_the_distance_is_in_standard_errors_of_survey_and_runs():
    region = load_region("coburg")
    targets = Targets.of_region(region).where(lambda row: row.id in ("N01", "N02b", "N03"))
    compared = compare_targets(region, targets, seeds=[1, 2, 3])
    assert [row.target.id for row in compared] == ["N02b", "N03"], "N01 lies before the simulation starts"
    inside = targets.within(region.start_month, region.end_month)
    runs = np.array([simulate(IntegrationModel(region, rng=seed), inside, noise=False) for seed in (1, 2, 3)])
    spread = np.sqrt(inside.errors**2 + runs.var(axis=0, ddof=1) * 4 / 3)
    assert [row.model for row in compared] == pytest.approx(runs.mean(axis=0))
    assert [row.distance for row in compared] == pytest.approx((inside.estimates - runs.mean(axis=0)) / spread)


def test_the_command_shows_every_row_of_the_period_and_counts_misses(tmp_path, capsys):
    few = Targets.of_region("coburg").where(lambda row: row.id in ("N02b", "N03", "V09"))
    path = tmp_path / "few.csv"
    path.write_text(few.to_csv())
    with pytest.raises(SystemExit) as left:
        main(["survey", "targets", "coburg", "--targets", str(path), "--seeds", "3"])
    shown = capsys.readouterr().out
    assert left.value.code == 0
    assert "N02b" in shown
    assert "of the fitted rows lie more than 2 standard deviations off" in shown
    assert "1 rows have no counterpart" in shown
