"""Draws of parameters from a file, such as a posterior: every seed of a comparison gets one, the same in all variants.

`kreislauf calibrate` writes such files; anything else that gives draws may. The file is Parquet: one row per draw, one
column per parameter of parameters.csv, and optionally `weight`. Two neighbouring seeds (1 and 2, 3 and 4, ...) share a
draw, so that a comparison can tell how much of its spread is the luck of the runs and how much is not knowing the
parameters (`variance_parts`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.errors import InputError, Problem, closest
from ..model.files import whole_file
from ..model.parameters import parameter_table

if TYPE_CHECKING:
    from ..model.variant import Scenario, Variant

WEIGHT = "weight"
SEEDS_PER_DRAW = 2
_METADATA = b"kreislauf"
_FORMAT = "kreislauf-draws"
_GOLDEN, _WORD = 2654435769, 2**32  # multiples of the golden ratio fill the unit interval evenly, whatever their number


def group_of_seed(seed: int) -> int:
    """Return the number of the group of seeds that share a draw.

    >>> [group_of_seed(seed) for seed in (1, 2, 3, 4, 5)]
    [1, 1, 2, 2, 3]
    """
    return (seed + SEEDS_PER_DRAW - 1) // SEEDS_PER_DRAW


@dataclass(frozen=True, slots=True, eq=False)
class ParameterDraws:
    """Draws of parameters: names, values of shape (draws, names), and weights that sum to one.

    `about` is what the file says of itself: region, field, hash of the targets, code version.
    """

    names: tuple[str, ...]
    values: np.ndarray
    weights: np.ndarray
    about: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    def __len__(self) -> int:
        """Return the number of draws."""
        return len(self.values)

    def index(self, seed: int) -> int:
        """Return which draw a seed gets: a pure function of the seed; draws come up in proportion to their weights."""
        place = (group_of_seed(seed) * _GOLDEN % _WORD + 0.5) / _WORD
        return min(int(np.searchsorted(np.cumsum(self.weights), place, side="right")), len(self) - 1)

    def at(self, draw: int) -> dict[str, float]:
        """Return the values of one draw."""
        return dict(zip(self.names, self.values[draw].tolist(), strict=True))

    def for_seed(self, seed: int) -> dict[str, float]:
        """Return the values a seed gets; variants that run with one seed so get the same ones."""
        return self.at(self.index(seed))

    def for_run(self, seed: int, variant: Variant, scenario: Scenario) -> dict[str, float]:
        """Return the values a run gets: what its variant or scenario sets on purpose stays as they set it."""
        values = self.for_seed(seed)
        return {n: v for n, v in values.items() if n not in variant.parameters and n not in scenario.parameters}

    def mean(self) -> dict[str, float]:
        """Return the weighted mean of every parameter."""
        return dict(zip(self.names, (self.weights @ self.values).tolist(), strict=True))

    @property
    def sha256(self) -> str:
        """A hash of names, values and weights; not of the file, whose bytes depend on the writer."""
        digest = hashlib.sha256(json.dumps(self.names).encode())
        digest.update(np.ascontiguousarray(self.values, np.float64).tobytes())
        digest.update(np.ascontiguousarray(self.weights, np.float64).tobytes())
        return digest.hexdigest()

    def record(self) -> dict[str, Any]:
        """Return what a manifest says of the draws."""
        return {"file": self.name, "sha256": self.sha256, "draws": len(self), "names": list(self.names)}

    def notices(self, region: str) -> list[str]:
        """Return sentences on what a reader has to know when the draws are used for a region."""
        from ..model.provenance import code_hash

        found = []
        if (made_for := self.about.get("region")) and made_for != region:
            found.append(f"{self.name} was calibrated on region {made_for}, not on {region}.")
        if (code := self.about.get("code")) and code != code_hash():
            found.append(f"{self.name} was calibrated with another version of the model; calibrate again to be sure.")
        return found


def read_draws(path: str | Path) -> ParameterDraws:
    """Return the draws of a Parquet file; raises InputError naming every wrong column, value and weight."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = Path(path)
    try:
        stored = pq.read_table(path)
    except FileNotFoundError:
        raise InputError(Problem("there is no such file", str(path))) from None
    except (OSError, pa.ArrowInvalid):
        words = "Parquet, one row per draw and one column per parameter, as `kreislauf calibrate` writes it"
        raise InputError(Problem("the file cannot be read as draws of parameters", str(path), expected=words)) from None
    about = _about(stored.schema.metadata or {})
    frame = stored.to_pandas()
    names = [str(name) for name in frame.columns if name != WEIGHT]
    table, problems = parameter_table(), []
    if not len(frame):
        problems.append(Problem("the file has no draws", str(path)))
    if not names:
        problems.append(Problem("the file has no column of a parameter", str(path)))
    for name in names:
        if name not in table:
            problems.append(Problem("unknown parameter", str(path), column=name, expected=closest(name, table)))
            continue
        entry, numbers = table[name], _numbers(frame[name])
        wrong = np.flatnonzero(~((numbers >= entry.low) & (numbers <= entry.high)))
        expected = f"{entry.low:g} to {entry.high:g} {entry.unit}".strip()
        problems += [
            Problem("not an admissible value", str(path), row + 1, name, str(frame[name].iloc[row]), expected)
            for row in wrong[:3].tolist()
        ]
    weights = _numbers(frame[WEIGHT]) if WEIGHT in frame else np.ones(len(frame))
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0.0)))
    problems += [
        Problem("not a weight", str(path), row + 1, WEIGHT, str(frame[WEIGHT].iloc[row]), "zero or more")
        for row in wrong[:3].tolist()
    ]
    if not len(wrong) and len(frame) and not weights.sum() > 0.0:
        problems.append(Problem("all weights are zero", str(path), column=WEIGHT))
    if problems:
        raise InputError(problems)
    values = np.column_stack([_numbers(frame[name]) for name in names])
    return ParameterDraws(tuple(names), values, weights / weights.sum(), about, path.name)


def write_draws(path: str | Path, draws: ParameterDraws) -> Path:
    """Write draws as Parquet with what they are about in the schema; whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = Path(path)
    columns = dict(zip(draws.names, draws.values.T, strict=True)) | {WEIGHT: draws.weights}
    about = json.dumps({"format": _FORMAT, **draws.about}, ensure_ascii=False, sort_keys=True)
    table = pa.table(columns).replace_schema_metadata({_METADATA: about.encode()})
    with whole_file(path) as temporary:
        pq.write_table(table, temporary)
    return path


def _about(metadata: Mapping[bytes, bytes]) -> dict[str, Any]:
    """Return what a file says of itself, nothing when others wrote it."""
    try:
        found = json.loads(metadata.get(_METADATA, b"{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _numbers(column: Any) -> np.ndarray:
    """Return a column as float64, NaN where it is no number."""
    import pandas as pd

    if column.dtype == bool:
        return np.full(len(column), np.nan)
    return np.asarray(pd.to_numeric(column, errors="coerce"), np.float64)
