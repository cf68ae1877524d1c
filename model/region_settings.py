"""The two settings files of a region folder: region.toml (names, months, districts) and households.toml."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .calendar import month_index
from .errors import InputError, Problem, closest
from .parameters import CONFIDENCE
from .region_schema import region_parts
from .region_tables import nearest
from .rng import identity_of
from .toml_input import TomlSource, read_toml

SETTINGS_FILE = "region.toml"
HOUSEHOLDS_FILE = "households.toml"

HOUSEHOLD_GROUPS: dict[str, dict[str, str]] = {
    group: figures for part in region_parts() for group, figures in part.HOUSEHOLDS.items()
}
"""What must be known about the households of each group of arrivals: figure -> meaning; every value is a share unless
the field says otherwise."""
_ADD_UP = tuple(keys for part in region_parts() for keys in part.ADD_UP)
_NUMBERS = frozenset(name for part in region_parts() for name in part.NUMBERS)
_TEXTS = ("name", "title_de", "title_en", "state", "fiscal_law", "field")
_MONTHS = ("history_start", "start", "end")


@dataclass(frozen=True, slots=True)
class District:
    """A district (Landkreis): official key, name, place of its course site (degrees), the number its draws follow."""

    key: str
    name: str
    lat: float
    lon: float
    identity: int


@dataclass(frozen=True, slots=True)
class Settings:
    """What region.toml says; months are month numbers."""

    name: str = ""
    title_de: str = ""
    title_en: str = ""
    state: str = ""
    fiscal_law: str = ""
    field: str = ""
    history_start: int = -12
    start: int = 0
    end: int = 0
    districts: tuple[District, ...] = ()
    source: TomlSource = TomlSource(SETTINGS_FILE, "")  # noqa: RUF009 - frozen


def _read(folder: Path, file: str) -> tuple[dict[str, Any], TomlSource, list[Problem]]:
    try:
        return *read_toml(folder / file, shown_as=file), []
    except InputError as error:
        return {}, TomlSource(file, ""), list(error.problems)


def read_settings(folder: Path) -> tuple[Settings, list[Problem]]:
    """Return what region.toml says and everything that is wrong with it."""
    data, source, problems = _read(folder, SETTINGS_FILE)
    if problems:
        return Settings(), problems

    def wrong(key: str, message: str, value: object = "", expected: str = "") -> None:
        problems.append(Problem(message, source.name, source.line_of([key]), key, str(value), expected))

    for key in data:
        if key not in (*_TEXTS, *_MONTHS, "district"):
            wrong(key, f"unknown key {key!r}, {closest(key, (*_TEXTS, *_MONTHS, 'district'))}")
    values: dict[str, Any] = {}
    for key in (*_TEXTS, *_MONTHS):
        value = data.get(key)
        if not isinstance(value, str) or not value.strip():
            wrong(key, "this key is missing" if value is None else "not a text in quotes", value or "")
            continue
        values[key] = value
        if key in _MONTHS:
            try:
                values[key] = month_index(value)
            except ValueError:
                del values[key]
                wrong(key, "not a month", value, "a month as YYYY-MM")
    months: list[Any] = [values.get(key) for key in _MONTHS]
    if None not in months and months != sorted(months):
        wrong("end", "the months are not in order", data["end"], "history_start, then start, then end")
    values["districts"] = _districts(data.get("district"), source, problems)
    return Settings(**values, source=source), problems


def _districts(tables: Any, source: TomlSource, problems: list[Problem]) -> tuple[District, ...]:
    """Return the districts of the [[district]] tables."""
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        problems.append(Problem("no district is given", source.name, expected="at least one [[district]] table"))
        return ()
    starts = [line for line, text in enumerate(source.text.splitlines(), 1) if text.strip().startswith("[[district]]")]
    districts: list[District] = []
    for table, line in zip(tables, starts, strict=False):
        known = {"key": str, "name": str, "lat": float, "lon": float, "identity": int}
        wrong = [
            Problem(f"unknown key {key!r}, {closest(key, known)}", source.name, line, f"district.{key}")
            for key in table
            if key not in (*known, "confidence", "source")
        ]
        for key in ("key", "name", "lat", "lon"):
            right = "a text in quotes" if known[key] is str else "a number of degrees"
            value = table.get(key)
            if not isinstance(value, str if known[key] is str else (int, float)) or value == "":
                wrong.append(
                    Problem(
                        "this key is missing" if value is None else "not a valid value",
                        source.name, line, f"district.{key}", "" if value is None else str(value), right,
                    )
                )  # fmt: skip
        identity = table.get("identity", 0)
        if not isinstance(identity, int) or isinstance(identity, bool) or not 0 <= identity < 2**31:
            wrong.append(
                Problem("not a valid value", source.name, line, "district.identity", str(identity), "0 to 2147483647")
            )
        if any(table.get("key") == district.key for district in districts):
            wrong.append(Problem("the same district twice", source.name, line, "district.key", str(table.get("key"))))
        problems.extend(wrong)
        if not wrong:
            identity = table.get("identity", identity_of(table["key"]))
            districts.append(District(table["key"], table["name"], float(table["lat"]), float(table["lon"]), identity))
    return tuple(districts)


def read_households(
    folder: Path, sources: frozenset[str]
) -> tuple[dict[str, dict[str, dict[str, Any]]], list[Problem]]:
    """Return the household figures by group and name (value, low, high, unit, confidence, source), and problems."""
    data, source, problems = _read(folder, HOUSEHOLDS_FILE)
    if problems:
        return {}, problems
    for group in (*HOUSEHOLD_GROUPS, *data):
        if group not in HOUSEHOLD_GROUPS:
            problems.append(_at(source, [group], f"unknown table {group!r}, {closest(group, HOUSEHOLD_GROUPS)}"))
        elif not isinstance(data.get(group), dict):
            problems.append(Problem("this table is missing", source.name, column=group, expected=f"a table [{group}]"))
    tables = {group: data[group] for group in HOUSEHOLD_GROUPS if isinstance(data.get(group), dict)}
    for group, table in tables.items():
        problems.extend(_household_problems(group, table, source, sources))
    return tables, list(dict.fromkeys(problems))


def _at(source: TomlSource, path: list[str], message: str, value: object = "", expected: str = "") -> Problem:
    return Problem(message, source.name, source.line_of(path), ".".join(path), str(value), expected)


def _household_problems(
    group: str, table: Mapping[str, Any], source: TomlSource, sources: frozenset[str]
) -> list[Problem]:
    """Return what is wrong with the figures of one group."""
    problems = [
        _at(source, [group, key], f"unknown key {key!r}, {closest(key, HOUSEHOLD_GROUPS[group])}")
        for key in table
        if key not in HOUSEHOLD_GROUPS[group]
    ]
    good: dict[str, float] = {}
    for key in HOUSEHOLD_GROUPS[group]:
        path = [group, key]
        if key not in table:
            problems.append(Problem("this key is missing", source.name, column=f"{group}.{key}"))
            continue
        figure = table[key]
        numbers: list[Any] = [figure.get(part) for part in ("low", "value", "high")] if isinstance(figure, dict) else []
        if len(numbers) != 3 or not all(_is_number(number) for number in numbers):
            problems.append(
                _at(source, path, "not a figure", figure, "{value=, low=, high=, unit=, confidence=, source=}")
            )
            continue
        low, value, high = numbers
        top = math.inf if key in _NUMBERS else 1
        if not 0 <= low <= value <= high <= top:
            problems.append(
                _at(source, path, "value outside its range", value, f"0 <= low <= value <= high <= {top:g}")
            )
        else:
            good[key] = value
        if not figure.get("unit"):
            problems.append(_at(source, path, "the unit is missing"))
        if figure.get("confidence") not in CONFIDENCE:
            found = figure.get("confidence", "")
            problems.append(_at(source, path, f"unknown confidence {found!r}, {closest(str(found), CONFIDENCE)}"))
        names = [name.strip() for name in str(figure.get("source", "")).split(";")]
        problems.extend(
            _at(source, path, f"unknown source {name!r}, {nearest(name, sorted(sources))}")
            for name in names
            if name not in sources
        )
    for keys in _ADD_UP:
        total = sum(good.get(key, 0.0) for key in keys)
        if total > 1 + 1e-9:
            problems.append(
                _at(source, [group, keys[0]], "the shares add up to more than 1", f"{total:g}", " + ".join(keys))
            )
    return problems


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def field_tasks(folder: Path, field: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids of the tasks (posts that serve no single case included) and of the groups of a field of action."""
    settings = tomllib.loads((folder / field / "field.toml").read_text(encoding="utf-8"))
    lines = (folder / field / "tasks.csv").read_text(encoding="utf-8").splitlines()
    tasks = [line.split(",", 1)[0] for line in lines[1:] if line.strip()]
    return (*tasks, *settings.get("support", ())), tuple(settings["groups"])
