"""The codebook of a survey: which column means what, in the words of the model; a TOML file read strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from ..model.calendar import month_index
from ..model.errors import InputError, Problem, closest
from ..model.toml_input import TomlInput, placed, read_input, source_of
from .cell import DIMENSIONS, WORDS, Cell
from .quantities import quantities

_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)
BANDED = ("since", "age", "children")
_ASKED = tuple(name for name in DIMENSIONS if name != "course")


def _texts(data: Any) -> Any:
    """Take numbers and texts of a TOML list as texts: a code is compared as it is written."""
    if not isinstance(data, list):
        return data
    return tuple(str(code) if isinstance(code, int | float) and not isinstance(code, bool) else code for code in data)


def _tuple(data: Any) -> Any:
    return tuple(data) if isinstance(data, list) else data


Codes = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Numbers = Annotated[tuple[int, ...], BeforeValidator(_tuple)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_tuple)]


def _month(label: str) -> str:
    month_index(label)
    return label


Month = Annotated[str, AfterValidator(_month)]


class Question(BaseModel):
    """A column that answers to a quantity of the model."""

    model_config = _STRICT

    column: str = Field(min_length=1, description="column of the file")
    codes: dict[str, float] = Field(
        default_factory=dict,
        description="value by code (or by value label of Stata and SPSS), such as 1 for yes; without codes the column"
        " holds the numbers themselves",
    )
    missing: Codes = Field((), description="codes of people who were asked and did not answer, beside the common ones")
    not_asked: Codes = Field((), description="codes of people whom the question does not concern; not non-response")
    use: Literal["calibrate", "validate"] = Field(
        "calibrate", description="whether the estimates are fitted or kept back for checks"
    )
    validate_waves: Codes = Field((), description="codes of waves whose estimates are kept back all the same")


class Dimension(BaseModel):
    """A column by which cells are formed or people are found eligible."""

    model_config = _STRICT

    column: str = Field(min_length=1, description="column of the file")
    codes: dict[str, str] = Field(
        default_factory=dict,
        description="meaning by code, such as men and women; without codes the column holds the meanings themselves",
    )
    bands: Numbers = Field((), description="lower ends of the bands of since, age or children, such as [0, 12, 24]")
    missing: Codes = Field((), description="codes of missing answers, beside the common ones")


class Replicates(BaseModel):
    """Columns of replicate weights."""

    model_config = _STRICT

    prefix: str = Field(min_length=1, description="beginning of the names of all replicate weights, such as rw_")
    method: Literal["bootstrap", "jackknife", "brr"] = Field(description="how the replicates were made")
    fay: float = Field(0.0, ge=0.0, lt=1.0, description="Fay's coefficient of balanced repeated replication")


class Codebook(TomlInput):
    """How a survey file is to be read: design, waves, cells, and which column answers which quantity.

    >>> book = Codebook(
    ...     name="mine", weight="w", waves={"all": "2016-10"}, minimum_cell=3,
    ...     quantities={"employed": {"column": "work"}},
    ... )
    >>> book.minimum_cell
    3
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_\-]+$", description="short name; the file's name by default")
    title: str = Field("", description="the survey in one line, as reports call it")
    encoding: Literal["utf-8", "latin-1"] = Field("utf-8", description="encoding of a CSV file")
    separator: Literal[",", ";", "\t"] = Field(",", description="what stands between the columns of a CSV file")
    decimal: Literal[".", ","] = Field(".", description="decimal mark of a CSV file")
    weight: str = Field(min_length=1, description="column of the weights; all must be above zero")
    stratum: str = Field("", description="column of the strata, when the sample was stratified")
    strata: Codes = Field((), description="all strata of the design, so that one without respondents is noticed")
    cluster: str = Field("", description="column of the clusters (such as sampling points), when they were drawn")
    single_cluster: Literal["refuse", "center"] = Field(
        "refuse", description="what to do with a stratum of one cluster: refuse the file, or take the overall mean"
    )
    population_size: str = Field(
        "",
        description="column of clusters (or people) there are in the stratum, for a finite population correction",
    )
    replicates: Replicates | None = Field(None, description="replicate weights; they replace strata and clusters")
    person: str = Field("", description="column that identifies a person over waves")
    panel: bool = Field(False, description="whether the same persons are asked in every wave")
    local: bool = Field(
        True, description="whether the people asked are those of the simulated region, not of a country"
    )
    wave: str = Field("", description="column of the wave, when there are several")
    waves: dict[str, Month] = Field(
        default_factory=dict, description="month (YYYY-MM) by code of the wave; 'all' for a file of one wave"
    )
    missing: Codes = Field((), description="codes of missing answers in all columns; empty is always missing")
    minimum_cell: int = Field(
        5, ge=3, le=1000, description="least number of answers of a cell that is shown or compared"
    )
    population: str = Field("", description="who is eligible, as a cell such as origin=asylum;age=18..64")
    region: str = Field("", description="region whose municipalities the keys are checked against, such as coburg")
    cells: Texts = Field(("all",), description="how estimates are broken down: all, sex, since, sex*since, ...")
    dimensions: dict[str, Dimension] = Field(default_factory=dict, description="columns of sex, age, since, ...")
    quantities: dict[str, Question] = Field(description="columns of employed, german_level, ...")

    @classmethod
    def read(cls, path: str | Path) -> Codebook:
        """Read a codebook; InputError names every problem with line and key."""
        return read_input(cls, Path(path))

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Codebook:
        """Check what keys say about each other."""
        found = list(self._contradictions())
        if found:
            source = source_of(info, self.name)
            raise InputError([placed(source, column.split("."), problem) for column, problem in found])
        return self

    def _contradictions(self) -> Any:
        for name, question in self.quantities.items():
            known = [key for key, quantity in quantities().items() if quantity.who == "adult"]
            if name not in known:
                yield f"quantities.{name}", Problem(f"unknown quantity {name!r}, {closest(name, known)}")
                continue
            what = quantities()[name]
            for code, value in question.codes.items():
                if not what.low <= value <= what.high:
                    expected = f"{what.low:g} to {what.high:g} {what.unit}"
                    message = f"code {code!r} stands for an impossible value"
                    yield f"quantities.{name}.codes", Problem(message, value=f"{value:g}", expected=expected)
            for wave in question.validate_waves:
                if wave not in self.waves:
                    message = f"unknown wave {wave!r}, {closest(wave, self.waves or ['none'])}"
                    yield f"quantities.{name}.validate_waves", Problem(message)
        if not self.quantities:
            yield "quantities", Problem("no quantity is mapped", expected="a table such as [quantities.employed]")
        for name, dimension in self.dimensions.items():
            place = f"dimensions.{name}"
            if name not in _ASKED:
                yield place, Problem(f"unknown dimension {name!r}, {closest(name, _ASKED)}")
                continue
            for code, word in dimension.codes.items():
                if name in WORDS and word not in WORDS[name]:
                    yield (
                        f"{place}.codes",
                        Problem(f"code {code!r}: unknown value {word!r}, {closest(word, WORDS[name])}"),
                    )
            if dimension.bands and name not in BANDED:
                yield f"{place}.bands", Problem(f"{name} has no bands", expected=f"bands of {', '.join(BANDED)}")
            if list(dimension.bands) != sorted(set(dimension.bands)):
                yield f"{place}.bands", Problem("bands must rise", value=str(list(dimension.bands)))
        yield from self._cell_problems()
        if self.wave and not self.waves:
            yield "wave", Problem("there is a column of waves, but no table [waves] that says their months")
        if not self.wave and set(self.waves) != {"all"}:
            expected = 'wave = "column", or [waves] with all = "YYYY-MM" for a single wave'
            yield "waves", Problem("the month of the survey is not clear", expected=expected)
        if self.panel and not self.person:
            yield "panel", Problem("a panel needs the column that identifies its persons", expected='person = "column"')
        if self.strata and not self.stratum:
            yield "strata", Problem("strata are listed, but no column says who belongs to them")

    def _cell_problems(self) -> Any:
        for scheme in self.cells:
            for name in scheme.split("*") if scheme != "all" else ():
                if name not in self.dimensions:
                    message = f"cells by {name!r} need its column"
                    yield "cells", Problem(message, expected=f"a table [dimensions.{name}]")
                elif name in BANDED and not self.dimensions[name].bands:
                    yield f"dimensions.{name}", Problem(f"cells by {name} need bands", expected="bands = [0, 12, 24]")
                elif name == "arrived":
                    yield "cells", Problem("cells by month of arrival are too small; use since with bands")
        try:
            Cell.parse(self.population)
        except ValueError as error:
            yield "population", Problem(str(error))

    @property
    def eligible(self) -> Cell:
        """The cell of everybody who is eligible."""
        return Cell.parse(self.population)

    def schemes(self) -> list[tuple[str, ...]]:
        """The ways estimates are broken down: tuples of dimensions, the empty one for everybody."""
        return [() if scheme == "all" else tuple(scheme.split("*")) for scheme in self.cells]


def schema() -> dict[str, Any]:
    """Return the JSON schema of the codebook, for editors."""
    return cast("dict[str, Any]", Codebook.model_json_schema())
