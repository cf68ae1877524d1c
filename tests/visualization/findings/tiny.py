"""A small ensemble written by hand: two years, ten seeds, the municipalities of Coburg, values chosen by the test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from kreislauf.model.measures import MEASURES
from kreislauf.model.region import load_region
from kreislauf.visualization.choices import STATUS_QUO, Choice
from kreislauf.visualization.ensemble import Ensemble, ask
from kreislauf.visualization.ensemble_digest import CELL_COLUMNS, PLACE_MEASURES, Shape, empty_digest, write_block

MONTHS, SEEDS = 24, 10
A, B = STATUS_QUO, Choice("community", "crowdfunding", 0.5)
AHORN, BAD_RODACH = "09473112", "09473158"
_FLOWS = ("year", "payer", "payee", "purpose", "instrument", "cents")


class Builder:
    """Values by choice; what is not set is the same for all runs and choices."""

    def __init__(self, folder: Path, region=None, field: str = "") -> None:
        self.folder = folder
        self.region = region or load_region("coburg")
        self.question = ask(self.region, field, seeds=SEEDS, months=MONTHS)
        self.region = self.question.region
        self.shape = Shape.of(self.region, MONTHS)
        self.runs = {choice: [self._usual(seed) for seed in range(SEEDS)] for choice in (A, B)}
        self.failures: dict[Choice, dict[int, str]] = {A: {}, B: {}}

    def _usual(self, seed: int):
        arrays = empty_digest(self.shape)
        arrays["summary"][:] = 1.0
        arrays["series"][:] = 0.5
        arrays["places"][:] = 0.25
        arrays["cells"][:] = 0.0
        flows = [(2015, "land", "district:09473", "asylum_refund", "law", 1000),
                 (2015, "district:09473", "households", "asylum_benefits", "law", 1500)]  # fmt: skip
        founded = {"structure": ["own_budget/x/1"], "name": ["post advice"], "owner": ["caritas:09473"],
                   "level": ["welfare"], "tasks": ["advice"], "payers": ["carrier:caritas=1"], "nature": ["voluntary"],
                   "instrument": ["own_budget"], "start": ["2015-06"], "end": ["2017-05"], "fte": [0.5],
                   "cost_cents_per_month": [0]}  # fmt: skip
        tables = {
            "flows": pd.DataFrame(flows, columns=pd.Index(_FLOWS)),
            "founded": pd.DataFrame(founded),
            "kpis": pd.DataFrame({"name": ["own_budget.awards"], "value": [3.0]}),
        }
        return arrays, tables

    def summary(self, choice: Choice, measure: str, values) -> None:
        for (arrays, _), value in zip(self.runs[choice], values, strict=True):
            arrays["summary"][list(MEASURES).index(measure)] = value

    def series(self, choice: Choice, measure: str, values) -> None:
        """Set a constant value per run."""
        for (arrays, _), value in zip(self.runs[choice], values, strict=True):
            arrays["series"][list(MEASURES).index(measure)] = value

    def place(self, choice: Choice, measure: str, key: str, values) -> None:
        for (arrays, _), value in zip(self.runs[choice], values, strict=True):
            arrays["places"][PLACE_MEASURES.index(measure), self.shape.places.index(key)] = value

    def cell(self, choice: Choice, task: str, key: str, runs=range(SEEDS), **values: float) -> None:
        """Set columns of a cell (first group) in some runs."""
        k, m = self.shape.tasks.index(task), self.shape.places.index(key)
        for run in runs:
            for name, value in values.items():
                self.runs[choice][run][0]["cells"][CELL_COLUMNS.index(name), k, m, 0] = value

    def flows(self, choice: Choice, run: int, rows) -> None:
        self.runs[choice][run][1]["flows"] = pd.DataFrame(rows, columns=pd.Index(_FLOWS))

    def fails(self, choice: Choice, seed: int) -> None:
        self.runs[choice][seed - 1] = (empty_digest(self.shape), {})
        self.failures[choice][seed] = "the test wants it"

    def ensemble(self) -> Ensemble:
        files = {}
        for choice, runs in self.runs.items():
            path = self.folder / f"{choice.key}.npz"
            block = [(seed + 1, arrays, tables) for seed, (arrays, tables) in enumerate(runs)]
            write_block(path, block, failures=self.failures[choice])
            files[choice] = [path]
        # A name of its own: findings are remembered by it.
        return Ensemble(self.question, files, source=str(self.folder), run_number="1234abcd")


def texts_of(found) -> list[str]:
    """Return every text in a finding, those of charts and tables included."""
    from dataclasses import fields, is_dataclass

    if isinstance(found, str):
        return [found]
    if isinstance(found, tuple | list):
        return [words for part in found for words in texts_of(part)]
    if is_dataclass(found):
        return [words for field in fields(found) for words in texts_of(getattr(found, field.name))]
    return []


def numbers(*values: float) -> np.ndarray:
    return np.array(values, float)
