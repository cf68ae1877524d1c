"""Made-up surveys for the tests of calibration: one run of Coburg, its people, and files made of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from kreislauf.calibration.codebook import Codebook
from kreislauf.calibration.people import People, Seen, see
from kreislauf.calibration.sampling import SampleDesign
from kreislauf.calibration.synth import synthesise, write_rows
from kreislauf.model.calendar import month_index
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.parameters import Parameters

if TYPE_CHECKING:
    import pandas as pd

WAVES = (month_index("2016-10"), month_index("2018-10"))


def looked_at(seed: int, months: tuple[int, ...] = WAVES) -> Seen:
    """Return the people of one run of Coburg."""
    return see(IntegrationModel("coburg", rng=seed), months)


def pooled(runs: list[Seen], month: int) -> Seen:
    """Return one large population made of several runs, every run with persons and households of its own."""
    worlds = [run.at(month).adults for run in runs]
    shift = {"person": 1 << 50, "household": 1 << 50}
    adults = {
        name: np.concatenate([world[name] + i * shift.get(name, 0) if name in shift else world[name]
                              for i, world in enumerate(worlds)])
        for name in worlds[0]
    }  # fmt: skip
    first = runs[0].at(month)
    return Seen(0, {month: People(month, first.keys, adults, first.children, first.counts)})


@pytest.fixture(scope="session")
def one_run() -> Seen:
    return looked_at(5)


@pytest.fixture(scope="session")
def large() -> Seen:
    """Ten runs pooled: about 6,000 adults in October 2018."""
    return pooled([looked_at(seed) for seed in range(1, 11)], WAVES[1])


@pytest.fixture(scope="session")
def survey_parts(one_run: Seen) -> tuple[pd.DataFrame, str]:
    """Return the rows of a small survey of two waves and the text of its codebook."""
    made = synthesise(one_run, SampleDesign(n=240), parameters=Parameters.default(), seed=1, name="small")
    return made.rows, made.codebook


class Files:
    """A survey file and its codebook in a folder, to be changed and read."""

    def __init__(self, folder: Path, rows: pd.DataFrame, codebook: str) -> None:
        """Take the parts."""
        self.folder, self.rows, self.codebook = folder, rows, codebook

    def change(self, column: str, row: int, value: Any) -> Files:
        """Put another value into a cell (row as a person counts them in a CSV file: the header is line 1)."""
        rows = self.rows.astype({column: object})
        rows.loc[row - 2, column] = value
        return Files(self.folder, rows, self.codebook)

    def replace(self, old: str, new: str) -> Files:
        """Change the text of the codebook."""
        assert old in self.codebook
        return Files(self.folder, self.rows, self.codebook.replace(old, new))

    def write(self, name: str = "small.csv") -> tuple[Path, Path]:
        """Write both and return their paths."""
        path, codebook = self.folder / name, self.folder / "small.toml"
        write_rows(self.rows, path)
        codebook.write_text(self.codebook, encoding="utf-8")
        return path, codebook

    def read(self, name: str = "small.csv") -> Any:
        """Write and read the survey."""
        from kreislauf.calibration.survey import read_survey

        path, codebook = self.write(name)
        return read_survey(path, Codebook.read(codebook))


@pytest.fixture
def files(tmp_path: Path, survey_parts: tuple[pd.DataFrame, str]) -> Files:
    rows, codebook = survey_parts
    return Files(tmp_path, rows.copy(), codebook)
