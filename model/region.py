"""A region: its municipalities, arrivals, structures, programmes and finances, read from a folder and checked.

The folder's format is described in docs/region-format.md. `load_region` reads it in full or reports everything that is
wrong with it; it keeps nothing in memory afterwards, so a caller that needs a region often should keep it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .calendar import month_label, year_of
from .errors import InputError, Problem, closest
from .region_check import check_tables
from .region_geography import great_circle_km
from .region_schema import TABLES
from .region_settings import (
    HOUSEHOLDS_FILE,
    SETTINGS_FILE,
    District,
    Settings,
    field_tasks,
    read_households,
    read_settings,
)
from .region_structures import expand_structures
from .region_tables import Rows, read_table
from .rng import identity_of

__all__ = ["District", "Region", "check_region", "load_region", "region_names"]

_SHIPPED = Path(__file__).with_name("regions")
_FIELDS = Path(__file__).with_name("fields")


@dataclass(frozen=True, eq=False)
class Region:
    """Everything the model knows about a region before a run starts; M municipalities, D districts.

    `population` maps a year to the inhabitants (M,) on 31 December; `distance_km` (M, M) are air distances between the
    seats; `adjacent` (M, M) says who has a common border. `households` are the values by group and figure,
    `household_ranges` their (low, high). `structures` has one row per structure, those of catchment `each` split by
    municipality, with the columns added by `expand_structures`. `fingerprint` is the SHA-256 of the folder's data
    files. Arrays are read-only.

    >>> region = load_region("coburg")
    >>> len(region.keys), region.months
    (17, 132)
    """

    name: str
    title_de: str
    title_en: str
    folder: Path
    fingerprint: str
    state: str
    field: str
    fiscal_law: str
    start_month: int
    end_month: int
    history_start_month: int
    districts: tuple[District, ...]
    municipalities: pd.DataFrame
    keys: tuple[str, ...]
    population: dict[int, np.ndarray]
    distance_km: np.ndarray
    adjacent: np.ndarray
    arrivals: pd.DataFrame
    initial: dict[str, float]
    households: dict[str, dict[str, float]]
    household_ranges: dict[str, dict[str, tuple[float, float]]]
    structures: pd.DataFrame
    programmes: pd.DataFrame
    finances: pd.DataFrame
    labour: pd.DataFrame
    alliances: pd.DataFrame
    sources: pd.DataFrame

    @property
    def months(self) -> int:
        """Return the number of months from the start to the end of the region's period."""
        return self.end_month - self.start_month + 1


def region_names() -> tuple[str, ...]:
    """Return the names of the regions that are shipped.

    >>> "coburg" in region_names()
    True
    """
    return tuple(sorted(path.parent.name for path in _SHIPPED.glob(f"*/{SETTINGS_FILE}")))


def region_folder(region: str | Path) -> Path:
    """Return the folder of a region given by a shipped name or by the path of a folder; raises InputError."""
    if isinstance(region, str) and region in region_names():
        return _SHIPPED / region
    folder = Path(region)
    if folder.is_dir():
        return folder
    raise InputError(
        Problem(
            f"unknown region {str(region)!r}, {closest(str(region), region_names())}", expected="a name or a folder"
        )
    )


def check_region(region: str | Path) -> list[Problem]:
    """Return everything that is wrong with a region folder, by file and line; empty when it is good.

    >>> check_region("coburg")
    []
    """
    return _read(region_folder(region))[3]


def load_region(region: str | Path, field: str | None = None) -> Region:
    """Return a region given by a shipped name or a folder, in a field of action (default: the one its file names).

    Raises InputError with all problems of the folder.

    >>> load_region("coburg").districts[0].key
    '09473'
    """
    folder = region_folder(region)
    settings, tables, households, problems = _read(folder)
    if problems:
        raise InputError(problems)
    return in_field(_build(folder, settings, tables, households), field)


def in_field(region: Region, field: str | None) -> Region:
    """Return the region in another field of action, or the same one when none or its own is named.

    Several fields separated by commas act at once. Raises InputError for a field nobody has written.
    """
    if field is None or field == region.field:
        return region
    from .region_fields import in_fields

    return in_fields(region, field)


def _read(folder: Path) -> tuple[Settings, dict[str, Rows], dict[str, dict[str, dict[str, Any]]], list[Problem]]:
    """Read all files of a folder and collect their problems, sorted by file and line."""
    settings, problems = read_settings(folder)
    tables: dict[str, Rows] = {}
    for name, table in TABLES.items():
        tables[name], found = read_table(folder, table)
        problems.extend(found)
    sources = frozenset(name for name in tables["sources"].columns.get("source_id", ()) if name)
    households, found = read_households(folder, sources)
    problems.extend(found)
    fields = sorted(path.parent.name for path in _FIELDS.glob("*/field.toml"))
    subject = settings.field or fields[0]  # a file that names none is checked all the same
    if subject in fields:
        problems.extend(check_tables(tables, settings, *field_tasks(_FIELDS, subject)))
    else:
        line = settings.source.line_of(["field"])
        message = f"unknown field of action, {closest(settings.field, fields)}"
        problems.append(Problem(message, SETTINGS_FILE, line, "field", settings.field))
    order = [SETTINGS_FILE, *(table.file for table in TABLES.values()), HOUSEHOLDS_FILE]
    problems = list(dict.fromkeys(problems))
    problems.sort(key=lambda problem: (order.index(problem.file), problem.line or 0))
    return settings, tables, households, problems


def _build(
    folder: Path, settings: Settings, tables: Mapping[str, Rows], households: Mapping[str, Mapping[str, Any]]
) -> Region:
    """Turn checked tables into a region."""
    municipalities = _frame(tables["municipalities"])
    keys = tuple(municipalities["key"])
    index = {key: number for number, key in enumerate(keys)}
    districts = {district.key: number for number, district in enumerate(settings.districts)}
    municipalities["district_index"] = [districts[key] for key in municipalities["district"]]
    municipalities["identity"] = [
        identity_of(key) if given is None else given
        for key, given in zip(keys, tables["municipalities"].columns["identity"], strict=True)
    ]
    population = _population(tables["population"], index)
    distance, adjacent = _distances(tables["adjacency"], index, municipalities)
    arrivals = _frame(tables["arrivals"])
    arrivals["month_index"] = tables["arrivals"].columns["month"]
    arrivals["district_index"] = [districts[key] for key in arrivals["district"]]
    alliances = _frame(tables["alliances"])
    _, groups = field_tasks(_FIELDS, settings.field)
    structures = expand_structures(
        tables["structures"].columns,
        keys=keys,
        district_of=list(municipalities["district"]),
        district_index=list(municipalities["district_index"]),
        population=population[year_of(settings.start) - 1],
        alliances=alliances.groupby("alliance")["key"].apply(list).to_dict(),
        groups=groups,
    )
    initial = tables["initial"].columns
    return Region(
        name=settings.name,
        title_de=settings.title_de,
        title_en=settings.title_en,
        folder=folder,
        fingerprint=fingerprint(folder),
        state=settings.state,
        field=settings.field,
        fiscal_law=settings.fiscal_law,
        start_month=settings.start,
        end_month=settings.end,
        history_start_month=settings.history_start,
        districts=settings.districts,
        municipalities=municipalities,
        keys=keys,
        population=population,
        distance_km=distance,
        adjacent=adjacent,
        arrivals=arrivals.sort_values(["month_index", "district_index"], ignore_index=True),
        initial=dict(zip(initial["indicator"], initial["value"], strict=True)),
        households={g: {k: float(f["value"]) for k, f in table.items()} for g, table in households.items()},
        household_ranges={
            g: {k: (float(f["low"]), float(f["high"])) for k, f in table.items()} for g, table in households.items()
        },
        structures=label_months(structures),
        programmes=_frame(tables["programmes"]),
        finances=_frame(tables["finances"]),
        labour=_frame(tables["labour"]),
        alliances=alliances,
        sources=_frame(tables["sources"]),
    )


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 (hex) of the data files of a region folder, names included; README files do not count."""
    digest = hashlib.sha256()
    for file in sorted([SETTINGS_FILE, HOUSEHOLDS_FILE, *(table.file for table in TABLES.values())]):
        data = (folder / file).read_bytes()
        digest.update(f"{file}:{len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def _frame(rows: Rows) -> pd.DataFrame:
    """Return a table as a frame: months and lists as the text of the file, numbers as numbers, empty texts as ''."""
    text = {"text", "list", "month", "choice", "id", "unit_id", "key", "municipality_key", "source_id", "shares"}
    columns = {column.name: column for column in (*rows.table.columns, *rows.table.optional)}
    return pd.DataFrame(
        {name: rows.raw[name] if column.kind in text else rows.columns[name] for name, column in columns.items()}
    )


def label_months(structures: pd.DataFrame) -> pd.DataFrame:
    """Write the start and end of structures as YYYY-MM again, empty where they are open."""
    for name in ("start", "end"):
        structures[name] = [
            "" if month is None or month != month else month_label(int(month)) for month in structures[name]
        ]
    for name in ("programme", "note"):
        structures[name] = structures[name].fillna("")
    return structures


def _population(rows: Rows, index: Mapping[str, int]) -> dict[int, np.ndarray]:
    """Return the inhabitants (M,) by year; a year some municipality has no figure for is left out."""
    by_year: dict[int, dict[int, int]] = {}
    for key, year, value in zip(*(rows.columns[name] for name in ("key", "year", "population")), strict=True):
        by_year.setdefault(year, {})[index[key]] = value
    return {
        year: _fixed(np.array([found[number] for number in range(len(index))], dtype=np.int64))
        for year, found in sorted(by_year.items())
        if len(found) == len(index)
    }


def _distances(rows: Rows, index: Mapping[str, int], municipalities: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the distances in km (M, M), 0 to oneself, and who is adjacent (M, M), nobody to oneself.

    Pairs of different districts may be left out of the file: they are not adjacent, and their distance follows from
    the seats.
    """
    size = len(index)
    distance, adjacent = np.zeros((size, size)), np.zeros((size, size), dtype=bool)
    if len(rows) < size * (size - 1):
        lat, lon = (municipalities[name].to_numpy(np.float64) for name in ("lat", "lon"))
        for m in range(size):  # row by row: whole matrices of intermediate values would take several times the memory
            distance[m] = great_circle_km(lat[m], lon[m], lat, lon)
        np.fill_diagonal(distance, 0.0)
    columns = (rows.columns[name] for name in ("from", "to", "km", "adjacent"))
    for here, there, km, border in zip(*columns, strict=True):
        distance[index[here], index[there]] = km
        adjacent[index[here], index[there]] = border
    return _fixed(distance), _fixed(adjacent)


def _fixed(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
