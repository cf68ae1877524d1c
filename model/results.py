"""What a run yields: which run it was, one value per measure, and its tables."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

TABLES = ("monthly", "cells", "flows", "structures", "households")
"""The tables of a run beside its summary; `households` only on request."""


@dataclass(frozen=True, slots=True)
class RunTables:
    """The results of one run.

    `summary` has one value per measure over the whole run. `monthly`: month, scope, indicator, value; `cells`
    has task, municipality, group and what the cell's responsibility was; `flows` has month, payer, payee, purpose,
    instrument, cents; `structures` has one row per structure with its life; `households` one row per household, or None
    when not asked for. Months count from January 2015 = 0; cents are integers.

    >>> from .integration_model import IntegrationModel
    >>> found = IntegrationModel("coburg", months=3, rng=1).run().results()
    >>> int(found.monthly["month"].nunique())
    3
    """

    summary: dict[str, float]
    monthly: pd.DataFrame
    cells: pd.DataFrame
    flows: pd.DataFrame
    structures: pd.DataFrame
    households: pd.DataFrame | None = None

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the tables that are there, by name."""
        return {name: frame for name in TABLES if (frame := getattr(self, name)) is not None}

    def fingerprint(self) -> str:
        """Return the SHA-256 over every value; two runs are bit-identical exactly when their fingerprints are equal."""
        digest = hashlib.sha256()
        for name, value in self.summary.items():
            digest.update(name.encode() + np.float64(value).tobytes())
        for name, frame in self.frames().items():
            digest.update(f"{name} {len(frame)}".encode())
            for column in frame.columns:
                digest.update(str(column).encode())
                values = frame[column]
                if pd.api.types.is_numeric_dtype(values.dtype):
                    digest.update(values.to_numpy().tobytes())
                else:
                    digest.update("\x1f".join(map(str, values)).encode())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class RunKey:
    """Which run: its number in the batch, region, variant and scenario by name, seed, and months (None = all)."""

    run: int
    region: str
    variant: str
    scenario: str
    seed: int
    months: int | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """A run with its tables, or with the sentence that says why it failed."""

    key: RunKey
    tables: RunTables | None = None
    error: str = ""
    seconds: float = field(default=0.0, compare=False)

    @property
    def done(self) -> bool:
        """Whether the run came to its end."""
        return self.tables is not None

    def row(self) -> dict[str, Any]:
        """Return the run as a row of the table of runs: its key, status, error, and one value per measure."""
        key = self.key
        row: dict[str, Any] = {"run": key.run, "region": key.region, "variant": key.variant, "scenario": key.scenario}
        row |= {
            "seed": key.seed,
            "months": key.months,
            "status": "done" if self.done else "failed",
            "error": self.error,
        }
        return row | (self.tables.summary if self.tables is not None else {})


_KEYS = {"run": "int32", "region": "str", "variant": "str", "scenario": "str", "seed": "int64", "months": "Int32"}
_KEYS |= {"status": "str", "error": "str"}


def runs_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the table of runs from `RunResult.row`: one row per run; the measures of failed runs are NaN."""
    frame = pd.DataFrame(rows)
    measures = [name for name in frame.columns if name not in _KEYS]
    return frame.reindex(columns=[*_KEYS, *measures]).astype(_KEYS | dict.fromkeys(measures, "float64"))
