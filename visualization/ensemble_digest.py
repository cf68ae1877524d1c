"""A run, condensed to the arrays that screens read, and files of several runs of one choice.

A file (`.npz`) holds a block of seeds. It is written under a temporary name and renamed, so it is there whole or not at
all; a file that cannot be read is no block.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..model.budget import INSTRUMENT as GENERAL_BUDGET
from ..model.calendar import year_of
from ..model.files import whole_file
from ..model.measures import MEASURES

if TYPE_CHECKING:
    from ..model.region import Region

FORMAT = 2
"""Number of the layout of the files; another number is another address."""
PLACE_MEASURES = (
    "persons", "misplaced_persons", "employment_rate", "german_share", "private_housing_share", "self_sufficient_share",
    "waiting_months", "unmet_hours", "operational_gap_share", "burden_per_inhabitant", "burden_with_levy",
    "free_margin", "at_home_share", "helped_share", "carer_strain", "lonely_share",
)  # fmt: skip
"""Measures that are kept for every municipality and month."""
CELL_COLUMNS = (
    "opened", "served", "hours", "duplicated_hours", "waiting_months", "open_mean", "unheld_mean",
    "months_without_body", "bodies_last",
)  # fmt: skip
FLOW_TEXTS = ("payer", "payee", "purpose", "instrument")
FOUNDED_COLUMNS = ("structure", "name", "owner", "level", "tasks", "payers", "nature", "instrument", "start", "end")
"""Texts of the posts founded in a run; their numbers are `FOUNDED_NUMBERS`."""
FOUNDED_NUMBERS = ("fte", "cost_cents_per_month")
_LARGE = 40  # municipalities; a region with more keeps every third month of what is known by place


class BrokenBlockError(Exception):
    """A file of runs cannot be read."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the arrays of a region's runs have for axes."""

    places: tuple[str, ...]
    tasks: tuple[str, ...]
    groups: tuple[str, ...]
    months: tuple[int, ...]

    @classmethod
    def of(cls, region: Region, months: int | None = None) -> Shape:
        """Return the axes of a region's runs of so many months."""
        from ..model.field import load_field

        field = load_field(region.field)
        last = region.start_month + (months or region.months)
        return cls(region.keys, field.task_ids, tuple(field.groups), tuple(range(region.start_month, last)))

    @property
    def place_months(self) -> tuple[int, ...]:
        """The months that are kept for every municipality."""
        return self.months if len(self.places) <= _LARGE else self.months[2::3] or self.months[-1:]


def empty_digest(shape: Shape) -> dict[str, np.ndarray]:
    """Return the arrays of a run that failed: nothing is known of it."""
    n_cells = (len(CELL_COLUMNS), len(shape.tasks), len(shape.places), len(shape.groups))
    return {
        "summary": np.full(len(MEASURES), np.nan),
        "series": np.full((len(MEASURES), len(shape.months)), np.nan, np.float32),
        "places": np.full((len(PLACE_MEASURES), len(shape.places), len(shape.place_months)), np.nan, np.float32),
        "cells": np.full(n_cells, np.nan, np.float32),
    }


def digest(
    summary: Mapping[str, float], tables: Mapping[str, Any], shape: Shape
) -> tuple[dict[str, np.ndarray], dict[str, pd.DataFrame]]:
    """Return a run's arrays, and its flows by year and founded posts as tables; a table that is missing stays unknown.

    Arrays: summary (I,), series (I, T), places (P, M, T') and cells (C, K, M, G), in the order of MEASURES,
    PLACE_MEASURES and CELL_COLUMNS.
    """
    out = empty_digest(shape)
    out["summary"] = np.array([summary.get(name, np.nan) for name in MEASURES], np.float64)
    if len(monthly := tables.get("monthly", pd.DataFrame())):
        _read_monthly(monthly, shape, out)
    if len(cells := tables.get("cells", pd.DataFrame())):
        index = (
            pd.Index(shape.tasks).get_indexer(cells["task"]),
            pd.Index(shape.places).get_indexer(cells["municipality"]),
            pd.Index(shape.groups).get_indexer(cells["group"]),
        )
        for number, name in enumerate(CELL_COLUMNS):
            out["cells"][number][index] = cells[name].to_numpy(np.float32)
    kpis = {name: float(value) for name, value in summary.items() if name not in MEASURES}
    frames = {
        "flows": flows_by_year(tables.get("flows", pd.DataFrame())),
        "founded": _founded(tables.get("structures", pd.DataFrame())),
        "kpis": pd.DataFrame({"name": list(kpis), "value": list(kpis.values())}).astype({"name": str, "value": float}),
    }
    return out, frames


def _read_monthly(monthly: Any, shape: Shape, out: dict[str, np.ndarray]) -> None:
    """Put the rows of the table of months into the arrays of the region and of the places."""
    indicator = pd.Index(list(MEASURES)).get_indexer(monthly["indicator"].astype(object))
    month = monthly["month"].to_numpy(np.int64) - shape.months[0]
    scope = pd.Index([*shape.places, "region"]).get_indexer(monthly["scope"].astype(object))
    value = monthly["value"].to_numpy(np.float32)
    known = (indicator >= 0) & (scope >= 0) & (month >= 0) & (month < len(shape.months))
    whole = known & (scope == len(shape.places))
    out["series"][indicator[whole], month[whole]] = value[whole]
    names = list(MEASURES)
    kept = np.full(len(names), -1)
    kept[[names.index(name) for name in PLACE_MEASURES]] = np.arange(len(PLACE_MEASURES))
    column = np.full(len(shape.months), -1)
    column[np.array(shape.place_months) - shape.months[0]] = np.arange(len(shape.place_months))
    here = known & ~whole
    here[here] = (kept[indicator[here]] >= 0) & (column[month[here]] >= 0)
    out["places"][kept[indicator[here]], scope[here], column[month[here]]] = value[here]


def flows_by_year(flows: pd.DataFrame) -> pd.DataFrame:
    """Return what was paid for integration by year, payer, payee, purpose and instrument, whole cents."""
    columns = ["year", *FLOW_TEXTS]
    if not len(flows):
        return pd.DataFrame({name: [] for name in (*columns, "cents")}).astype({"year": int, "cents": "int64"})
    own: Any = flows.loc[flows["instrument"] != GENERAL_BUDGET]
    own = own.assign(year=own["month"].map({month: year_of(int(month)) for month in own["month"].unique()}))
    return own.groupby(columns, sort=True, observed=True)["cents"].sum().reset_index()


def _founded(structures: Any) -> pd.DataFrame:
    """Return the posts that were founded during the run: those with an address of their own."""
    columns = [*FOUNDED_COLUMNS, *FOUNDED_NUMBERS]
    if not len(structures):
        return pd.DataFrame({name: [] for name in columns})
    return structures.loc[structures["structure"].str.contains("/", regex=False), columns].fillna({"end": ""})


def write_block(
    path: Path,
    runs: Sequence[tuple[int, dict[str, np.ndarray], Mapping[str, pd.DataFrame]]],
    *,
    failures: Mapping[int, str],
) -> None:
    """Write a block of runs (seed, arrays, tables) into one file, whole or not at all."""
    arrays: dict[str, np.ndarray] = {"seeds": np.array([seed for seed, _, _ in runs], np.int64)}
    for name in ("summary", "series", "places", "cells"):
        arrays[name] = np.stack([values[name] for _, values, _ in runs])
    for table in ("flows", "founded", "kpis"):
        parts = [frame.assign(seed=seed) for seed, _, tables in runs if len(frame := tables.get(table, pd.DataFrame()))]
        for name, column in _columns(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()):
            arrays[f"{table}.{name}"] = column
    arrays["about"] = np.array(json.dumps({"format": FORMAT, "failures": {str(k): v for k, v in failures.items()}}))
    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)  # pyright: ignore[reportArgumentType]


def _columns(frame: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the columns of a table as arrays without objects: texts as codes (`name`) and words (`name.words`)."""
    for name in frame.columns:
        values: Any = frame[name]
        if pd.api.types.is_numeric_dtype(values.dtype):
            yield str(name), values.to_numpy()
        else:
            codes, words = pd.factorize(values.astype(object))
            yield str(name), codes.astype(np.int32)
            yield f"{name}.words", np.array([str(word) for word in words])


def read_block(path: Path, names: Sequence[str]) -> dict[str, Any]:
    """Return the named parts of a file: arrays, and tables (`flows`, `founded`, `kpis`) as frames with `seed`.

    Raises BrokenBlockError when the file is missing, torn or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(str(file["about"]))
            if about["format"] != FORMAT:
                raise ValueError("another format")
            found: dict[str, Any] = {
                "seeds": file["seeds"],
                "failures": {int(k): v for k, v in about["failures"].items()},
            }
            for name in names:
                found[name] = file[name] if name in file.files else _frame(file, name)
            return found
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BrokenBlockError(str(path)) from error


def _frame(file: Any, table: str) -> pd.DataFrame:
    """Return a table from its columns in a file."""
    names = [name.removeprefix(f"{table}.") for name in file.files if name.startswith(f"{table}.")]
    columns: dict[str, Any] = {}
    for name in names:
        if name.endswith(".words"):
            continue
        values = file[f"{table}.{name}"]
        if f"{name}.words" in names:
            words = file[f"{table}.{name}.words"].tolist()
            columns[name] = pd.Categorical.from_codes(values, categories=words)
        else:
            columns[name] = values
    return pd.DataFrame(columns)
