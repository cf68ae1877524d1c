"""Shocks of the crash test: what changes, by how much, on which path over the years, and in which municipalities.

The library is data (`shocks.csv`; sets of shocks in `shock_sets.csv`); own shocks are TOML files with the same keys.
Shocks compose: relative changes of one variable multiply, changes in points add up, and of several values set for one
number the lowest holds. `compose` turns shocks into one table of changes by year and municipality, and does no fiscal
arithmetic itself.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ..errors import InputError, Problem, closest
from ..toml_input import TomlInput, TomlSource, not_known, read_input

if TYPE_CHECKING:
    from .amounts import FloatArray

_HERE = Path(__file__).parent
EVERYWHERE, LARGEST = "all", "largest_taxpayer"


@dataclass(frozen=True, slots=True)
class Variable:
    """What a shock can change: how its size is read (`share`, `points`, `value`), the admissible range, and words.

    Only `local` ones can be shocked in single municipalities.
    """

    kind: Literal["share", "points", "value"]
    low: float
    high: float
    unit: str
    title_en: str
    title_de: str
    local: bool = False


_POINTS = "percentage points"
VARIABLES: Mapping[str, Variable] = MappingProxyType(
    {
        "trade_tax": Variable("share", -1, 1, "share of receipts", "gross trade tax", "Gewerbesteuer brutto", True),
        "property_tax": Variable("share", -1, 1, "share of receipts", "property taxes", "Grundsteuern", True),
        "income_tax": Variable("share", -1, 1, "share of receipts", "income-tax share", "Einkommensteueranteil", True),
        "turnover_tax": Variable("share", -1, 1, "share of receipts", "turnover-tax share", "Umsatzsteueranteil", True),
        "levy_base": Variable("share", -1, 1, "share of the base", "base of the levies", "Umlagekraft", True),
        "population": Variable("share", -0.5, 0.5, "share of inhabitants", "inhabitants", "Einwohner", True),
        "key_mass": Variable("share", -1, 1, "share of the mass", "mass of key allocations", "Schlüsselmasse"),
        "levy_multiplier": Variable("value", 0, 100, _POINTS, "multiplier of the trade-tax levy", "Vervielfältiger"),
        "interest_rate": Variable("points", -0.1, 0.2, "per year", "market rate of interest", "Marktzins"),
        "regional_levy_rate": Variable("points", -20, 20, _POINTS, "rate of the Bezirk levy", "Satz der Bezirksumlage"),
        "levy_rate": Variable("points", -30, 30, _POINTS, "rate of the district levy", "Satz der Kreisumlage"),
        "programme_money": Variable("share", -1, 0, "share of the grants", "programme money", "Programmmittel"),
        "wages": Variable("share", -0.5, 1, "share of personnel spending", "wages", "Personalausgaben"),
        "recognised": Variable(
            "share", -1, 5, "share of persons", "recognised persons in SGB II", "Anerkannte im SGB II"
        ),
    }
)
"""Everything a shock can change, by name."""


def _known_variable(name: str) -> str:
    """Refuse a variable nothing depends on."""
    if name not in VARIABLES:
        raise not_known("variable", name, list(VARIABLES))
    return name


class Shock(TomlInput):
    """One shock: the change of a variable by `size`, times the year's multiple in `path`.

    `path` begins `start` years after the year of the shock; afterwards its last multiple goes on (`lasting`) or the
    change is over. `cumulative` changes come on top of each other year by year, such as -1 % inhabitants a year.
    `where` lists municipalities by name or key, or says `all` or `largest_taxpayer`. `compensated` is the share of the
    loss of trade tax that Land and federation make good in the first year. `low` and `high` bound `size` in draws.

    >>> Shock(name="mine", variable="trade_tax", size=-0.3, path=[1, 0.5]).multiples(4).tolist()
    [1.0, 0.5, 0.0, 0.0]
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_\-]+$", description="short name without spaces; the file's name by default")
    id: str = Field("", description="number in the library, such as S1")
    title_de: str = Field("", description="title in German; the name by default")
    title_en: str = Field("", description="title in English; the name by default")
    variable: Annotated[str, AfterValidator(_known_variable)] = Field(description="what changes, a name of VARIABLES")
    size: float = Field(description="change of the variable, in the unit of VARIABLES (-0.2 = 20 % less)")
    low: float | None = Field(None, description="smallest size in draws; the size itself by default")
    high: float | None = Field(None, description="largest size in draws; the size itself by default")
    start: int = Field(0, ge=0, le=30, description="years between the year of the shock and the first change")
    path: list[Annotated[float, Field(ge=0, le=10)]] = Field(
        default_factory=lambda: [1.0], min_length=1, description="multiple of the size in each year"
    )
    lasting: bool = Field(False, description="whether the last multiple of the path goes on")
    cumulative: bool = Field(False, description="whether the yearly changes come on top of each other")
    where: list[str] = Field(
        default_factory=lambda: [EVERYWHERE], min_length=1, description="municipalities, or all, or largest_taxpayer"
    )
    compensated: float = Field(
        0.0, ge=0, le=1, description="share of the loss of trade tax made good in the first year"
    )
    confidence: Literal["official", "quoted", "derived", "estimated", "assumption"] = Field(
        "assumption", description="how far the size is backed"
    )
    path_confidence: Literal["official", "quoted", "derived", "estimated", "assumption"] = Field(
        "assumption", description="how far the path is backed"
    )
    basis: str = Field("", description="what the size rests on")
    source: str = Field("", description="where the figures are from")

    @model_validator(mode="before")
    @classmethod
    def _titles(cls, data: Any) -> Any:
        """Use the name where there is no title."""
        if isinstance(data, dict) and "name" in data:
            return {"title_de": data["name"], "title_en": data["name"], **data}
        return data

    @field_validator("size", "low", "high")
    @classmethod
    def _in_range(cls, value: float | None, info: ValidationInfo) -> float | None:
        """Refuse sizes the variable cannot take, and a range that does not hold the size."""
        variable, size = VARIABLES.get(info.data.get("variable", "")), info.data.get("size")
        if value is None or variable is None:
            return value
        if not variable.low <= value <= variable.high:
            words = "a size of {value} is not possible; expected {low} to {high} {unit}"
            known = {"value": f"{value:g}", "low": f"{variable.low:g}", "high": f"{variable.high:g}"}
            raise PydanticCustomError("size", words, {**known, "unit": variable.unit})
        above = {"low": value > size, "high": value < size}.get(str(info.field_name)) if size is not None else False
        if above:
            words = "the range of draws does not hold the size {size} (found {value})"
            raise PydanticCustomError("range", words, {"size": f"{size:g}", "value": f"{value:g}"})
        return value

    @field_validator("where")
    @classmethod
    def _local(cls, value: list[str], info: ValidationInfo) -> list[str]:
        """Refuse single municipalities for what is the same everywhere."""
        variable = VARIABLES.get(info.data.get("variable", ""))
        if variable is not None and not variable.local and value != [EVERYWHERE]:
            words = "{name} is the same in all municipalities; leave `where` out"
            raise PydanticCustomError("where", words, {"name": info.data["variable"]})
        return value

    @field_validator("compensated")
    @classmethod
    def _trade_tax_only(cls, value: float, info: ValidationInfo) -> float:
        """Refuse a compensation for what is not trade tax."""
        if value and info.data.get("variable", "trade_tax") != "trade_tax":
            raise PydanticCustomError("compensated", "only a loss of trade tax can be compensated")
        return value

    def multiples(self, years: int) -> FloatArray:
        """Return the multiple of the size in each year from the year of the shock on."""
        path = np.zeros(years)
        given = np.array(self.path[: max(0, years - self.start)])
        path[self.start : self.start + given.size] = given
        if self.lasting:
            path[self.start + given.size :] = self.path[-1]
        return path

    def changes(self, years: int) -> FloatArray:
        """Return the change of the variable in each year against a world without the shock, in the variable's unit."""
        yearly = self.size * self.multiples(years)
        return np.cumprod(1.0 + yearly) - 1.0 if self.cumulative else yearly

    def drawn(self, u: float) -> Shock:
        """Return the shock with a size from its range, `u` between 0 (low) and 1 (high)."""
        low = self.size if self.low is None else self.low
        high = self.size if self.high is None else self.high
        return self.model_copy(update={"size": low + u * (high - low)}) if low < high else self


@dataclass(frozen=True, slots=True)
class ShockSet:
    """Shocks that come together, with titles in both languages."""

    name: str
    title_de: str
    title_en: str
    shocks: tuple[Shock, ...]
    confidence: str = "assumption"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShockTable:
    """What several shocks together change, by variable: shape (years, municipalities).

    For variables read as shares the arrays are factors (1 = unchanged), for points they are added, for values they are
    the value that holds and nan where none is set. `compensation` is the grant for lost trade tax as a share of the
    trade tax without the shock. Variables nobody shocks are absent.
    """

    years: int
    places: int
    by_variable: Mapping[str, FloatArray]
    compensation: FloatArray

    def get(self, variable: str) -> FloatArray:
        """Return the changes of a variable, neutral ones where no shock touches it."""
        if variable in self.by_variable:
            return self.by_variable[variable]
        return np.full((self.years, self.places), _NEUTRAL[VARIABLES[variable].kind])


_NEUTRAL = {"share": 1.0, "points": 0.0, "value": np.nan}


def compose(
    shocks: Sequence[Shock],
    *,
    years: int,
    keys: Sequence[str],
    names: Sequence[str],
    trade_tax: FloatArray,
    compensation: float | None = None,
) -> ShockTable:
    """Return what shocks change together in the years from the year of the shock on.

    Parameters
    ----------
    shocks
        In any order; the result does not depend on it.
    years
        Length of the table.
    keys, names, trade_tax
        The municipalities: official keys, names, and trade tax (EUR) of the year of the shock, which finds the largest
        taxpayer.
    compensation
        Share of the first year's loss of trade tax that is made good, in place of what the shocks say.
    """
    size = (years, len(keys))
    found: dict[str, FloatArray] = {}
    grant = np.zeros(size)
    for shock in sorted(shocks, key=lambda shock: (shock.variable, shock.name)):
        kind = VARIABLES[shock.variable].kind
        hit = _hit(shock, keys, names, trade_tax)
        before = found.get(shock.variable, np.full(size, _NEUTRAL[kind]))
        change = np.where(hit, shock.changes(years)[:, None], 0.0)
        if kind == "share":
            found[shock.variable] = before * (1.0 + change)
        elif kind == "points":
            found[shock.variable] = before + change
        else:
            given = np.where(hit & (shock.multiples(years)[:, None] > 0.0), change, np.nan)
            found[shock.variable] = np.fmin(before, given)
        if shock.variable == "trade_tax" and shock.start < years:
            share = shock.compensated if compensation is None else compensation
            first = shock.start
            grant[first] += share * np.maximum(0.0, before[first] - found["trade_tax"][first])
    return ShockTable(years=years, places=len(keys), by_variable=MappingProxyType(found), compensation=grant)


def _hit(shock: Shock, keys: Sequence[str], names: Sequence[str], trade_tax: FloatArray) -> np.ndarray:
    """Return which municipalities a shock hits, bool (municipalities,); raises InputError for an unknown one."""
    hit = np.zeros(len(keys), dtype=bool)
    problems = []
    for word in shock.where:
        if word == EVERYWHERE:
            hit[:] = True
        elif word == LARGEST:
            hit[int(np.argmax(trade_tax))] = True
        elif word in keys:
            hit[list(keys).index(word)] = True
        elif word in names:
            hit[list(names).index(word)] = True
        else:
            known = [EVERYWHERE, LARGEST, *names, *keys]
            problems.append(Problem(f"unknown municipality {word!r}, {closest(word, known)}", f"shock {shock.name}"))
    if problems:
        raise InputError(problems)
    return hit


@cache
def shock_library() -> Mapping[str, Shock]:
    """Return the shipped shocks by name, in the order of their numbers."""
    shocks = [_from_row(row, line) for line, row in enumerate(_rows("shocks.csv"), start=2)]
    return MappingProxyType({shock.name: shock for shock in shocks})


@cache
def shock_sets() -> Mapping[str, ShockSet]:
    """Return the shipped sets of shocks by name: base, down, severe."""
    sets = {}
    for row in _rows("shock_sets.csv"):
        shocks = tuple(load_shock(word) for word in row["shocks"].split(";") if word)
        sets[row["set"]] = ShockSet(
            row["set"], row["title_de"], row["title_en"], shocks, row["confidence"], row["source"]
        )
    return MappingProxyType(sets)


def load_shock(name_or_path: str | Path | Shock) -> Shock:
    """Return a shipped shock by name or number, or one from a TOML file; raises InputError with all problems.

    >>> load_shock("S1").title_en
    'Recession as in 2009'
    """
    if isinstance(name_or_path, Shock):
        return name_or_path
    text, library = str(name_or_path), shock_library()
    if text in library:
        return library[text]
    for shock in library.values():
        if text.casefold() == shock.id.casefold():
            return shock
    if text.endswith(".toml") or "/" in text or "\\" in text:
        return read_input(Shock, Path(text), shown_as=text)
    known = [*library, *(shock.id for shock in library.values())]
    raise InputError(f"unknown shock {text!r}, {closest(text, known)} (or give the path of a TOML file)")


def load_shocks(names: Iterable[str | Path | Shock]) -> tuple[Shock, ...]:
    """Return several shocks; raises one InputError with the problems of all of them, also for a shock named twice."""
    shocks: list[Shock] = []
    problems: list[Problem] = []
    for name in names:
        try:
            shock = load_shock(name)
        except InputError as error:
            problems += error.problems
            continue
        if shock.name in {other.name for other in shocks}:
            problems.append(Problem(f"the shock {shock.name!r} stands twice; name each once"))
        shocks.append(shock)
    if problems:
        raise InputError(problems)
    return tuple(shocks)


def load_set(name: str) -> ShockSet:
    """Return a shipped set of shocks; raises InputError with the nearest name.

    >>> [shock.id for shock in load_set("down").shocks]
    ['S1', 'S3', 'S6']
    """
    sets = shock_sets()
    if name not in sets:
        raise InputError(f"unknown set of shocks {name!r}, {closest(name, sets)}")
    return sets[name]


def shock_schema() -> dict[str, Any]:
    """Return the JSON schema of a shock file."""
    return Shock.model_json_schema()


def _from_row(row: Mapping[str, str], line: int) -> Shock:
    """Return the shock of one row of the library."""
    numbers = {key: float(row[key]) for key in ("size", "low", "high", "compensated")}
    flags = {key: row[key] == "true" for key in ("lasting", "cumulative")}
    path = [float(part) for part in row["path"].split(";")]
    data = {**row, **numbers, **flags, "start": int(row["start"]), "path": path, "where": row["where"].split(";")}
    return Shock.model_validate(data, context=TomlSource(f"shocks.csv line {line}", ""))


def _rows(file_name: str) -> list[dict[str, str]]:
    with (_HERE / file_name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
