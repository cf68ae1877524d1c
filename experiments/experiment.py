"""The experiment file: which runs are wanted, over which uncertainties, with which seeds, and what to keep of them.

A file is TOML, read strictly: every problem is named with its line and key. Paths in it are relative to the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from ..model.errors import InputError, Problem, closest, gathered
from ..model.parameters import Parameter, parameter_table
from ..model.results import TABLES
from ..model.toml_input import TomlInput, not_known, placed, read_toml, several, source_of
from ..model.variant import Overrides, Scenario, Variant, load_scenario, load_variant
from .draws import uncertain_parameters

if TYPE_CHECKING:
    from ..model.region import Region

WORLD = {
    "arrivals_factor": (0.0, 10.0),
    "ukraine_factor": (0.0, 10.0),
    "revenue_growth_shift": (-0.2, 0.2),
}
"""What the world brings and may be uncertain beside the parameters: settings of a scenario with their limits."""

_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)

_ONLY_WORDS = frozenset({"name", "title", "license"})  # a file with these alone asks for nothing

DesignKind = Literal["factorial", "latin_hypercube", "sobol", "morris", "saltelli", "table"]


class Span(BaseModel):
    """Where an uncertain value may lie: from low to high, or one of some values."""

    model_config = _STRICT

    low: float
    high: float
    options: tuple[float, ...] = Field(default=(), alias="values")


class Design(BaseModel):
    """How the space of the uncertain values is covered."""

    model_config = _STRICT

    kind: DesignKind = Field(
        default="latin_hypercube", description="how points are chosen (see docs/experiment-format.md)"
    )
    draws: int = Field(default=0, ge=0, le=10_000_000, description="number of points; 0 = all rows of a table, else 64")
    seed: int = Field(default=1, ge=0, description="seed of the choice of points")
    own_seeds: bool = Field(
        default=False, description="every point has seeds of its own: seed + number of seeds x number of the point"
    )
    levels: int = Field(
        default=3, ge=2, le=100, description="values per uncertain parameter in a factorial or Morris design"
    )
    table: str = Field(
        default="", description="CSV or Parquet file with one column per uncertain value, one row per point"
    )

    @model_validator(mode="after")
    def _table_named(self) -> Self:
        if (self.kind == "table") != bool(self.table):
            raise PydanticCustomError("table", 'a table of points needs both kind = "table" and table = "FILE"')
        return self


class Until(BaseModel):
    """Run seeds only until the best variant is known with a stated probability."""

    model_config = _STRICT

    measure: str = Field(description="the measure that decides, averaged over scenarios and points")
    zone: float = Field(gt=0.0, description="indifference zone: smaller differences do not matter, unit of the measure")
    probability: float = Field(default=0.95, gt=0.5, lt=1.0, description="probability that the choice is right")
    first: int = Field(default=10, ge=3, description="seeds every variant gets before anything is decided")
    most: int = Field(default=1000, ge=3, description="seeds after which it stops even undecided")


def _spans(data: Any) -> Any:
    """Turn `[low, high]`, `{values = [...]}` and "range" into spans; refuse unknown names and values outside."""
    if not isinstance(data, dict):
        return data
    problems: list[Problem] = []
    spans: dict[str, Span] = {}
    for name, given in data.items():
        if isinstance(given, Span):
            spans[name] = given
            continue
        known = parameter_table()
        if name not in known and name not in WORLD:
            problems.append(Problem("unknown parameter", column=name, expected=closest(name, [*known, *WORLD])))
            continue
        low, high = WORLD[name] if name in WORLD else (known[name].low, known[name].high)
        span = _span(given, low, high)
        if isinstance(span, str):
            problems.append(Problem(span, column=name, value=str(given), expected=f"within {low:g} to {high:g}"))
        else:
            spans[name] = span
    if problems:
        raise several(problems)
    return spans


def _span(given: Any, low: float, high: float) -> Span | str:
    """Return one span, or what is wrong with it."""
    if given == "range":
        return Span(low=low, high=high)
    values = given.get("values") if isinstance(given, dict) and set(given) == {"values"} else given
    numbers = isinstance(values, list | tuple) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in values
    )
    if not numbers or not values:
        return 'not a range; write [low, high], {values = [...]} or "range"'
    if not all(low <= value <= high for value in values):
        return "outside the admissible range"
    if isinstance(given, dict):
        return Span(low=float(min(values)), high=float(max(values)), values=tuple(map(float, values)))
    if len(values) != 2 or not values[0] < values[1]:
        return "not a range; write [low, high] with low below high"
    return Span(low=float(values[0]), high=float(values[1]))


def _known_tables(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in TABLES:
            raise not_known("table", name, TABLES)
    return names


def _tuple(data: Any) -> Any:
    """Take a list for a tuple: TOML has lists only."""
    return tuple(data) if isinstance(data, list) else data


def _seeds(data: Any) -> Any:
    """Take a number or a list of whole numbers; one sentence for anything else."""
    seeds = _tuple(data)
    if not all(type(seed) is int for seed in (seeds if isinstance(seeds, tuple) else (seeds,))):
        words = "{found} is neither a number of seeds such as 20 nor a list of seeds such as [1, 2, 3]"
        raise PydanticCustomError("seeds", words, {"found": repr(data)})
    return seeds


def _groups(names: tuple[str, ...]) -> tuple[str, ...]:
    known = sorted({entry.group for entry in parameter_table().values()})
    for name in names:
        if name not in known:
            raise not_known("group of parameters", name, known)
    return names


Names = Annotated[tuple[str, ...], BeforeValidator(_tuple)]


class Experiment(TomlInput):
    """A batch of runs: all variants, in all scenarios, at all points of the design, with all seeds.

    >>> Experiment(name="small", variants=("status_quo", "community"), seeds=2).seed_list
    (1, 2)
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_\-]+$", description="short name without spaces; the file's by default")
    title: str = Field(default="", description="one line that says what the experiment is for")
    license: str = Field(default="", description="licence of the results, for the RO-Crate")
    region: str = Field(default="coburg", description="a shipped region or the path of a region folder")
    field: str = Field(default="", description="field of action, or several with commas; empty = the region's own")
    variants: Names = Field(default=("status_quo",), min_length=1, description="shipped variants or TOML files")
    scenarios: Names = Field(default=("base",), min_length=1, description="shipped scenarios or TOML files")
    seeds: Annotated[int | tuple[int, ...], BeforeValidator(_seeds)] = Field(
        default=20, description="number of seeds (1, 2, ...) or a list of seeds"
    )
    months: int | None = Field(default=None, description="only the first so many months; all by default")
    reference: str = Field(default="", description="the variant others are compared with; the first by default")
    tables: Annotated[Names, AfterValidator(_known_tables)] = Field(
        default=(), description="tables kept beside `runs`: monthly, cells, flows, structures, households"
    )
    objectives: Names = Field(default=(), description="measures for Pareto set, regret and figures; a few by default")
    satisfice: dict[str, float] = Field(
        default_factory=dict, description="measure = what is good enough, in the measure's better direction"
    )
    parameters: Overrides = Field(default_factory=dict, description="parameters that differ from parameters.csv")
    uncertain_groups: Annotated[Names, AfterValidator(_groups)] = Field(
        default=(), description="groups of parameters of which all estimated and assumed ones vary over their range"
    )
    uncertain: Annotated[dict[str, Span], BeforeValidator(_spans)] = Field(
        default_factory=dict, description='uncertain values: [low, high], {values = [...]} or "range"'
    )
    posterior: str = Field(
        default="", description="Parquet file of parameter draws (`kreislauf calibrate`); every seed gets one"
    )
    design: Design = Field(default_factory=Design, description="how the uncertain values are covered")
    until: Until | None = Field(default=None, description="stop when the best variant is known")

    @model_validator(mode="after")
    def _measures_known(self, info: ValidationInfo) -> Self:
        """Refuse unknown measures and values that are both fixed and uncertain."""
        from ..model.measures import MEASURES

        problems = [
            Problem(f"unknown measure {name!r}, {closest(name, MEASURES)}", column=key)
            for key, names in {
                "objectives": self.objectives,
                "satisfice": tuple(self.satisfice),
                "until": (self.until.measure,) if self.until else (),
            }.items()
            for name in names
            if name not in MEASURES
        ]
        both = sorted(set(self.parameters) & set(self.spans()))
        problems += [Problem("stands in [parameters] and is uncertain as well", column=name) for name in both]
        if self.until and MEASURES.get(self.until.measure) and MEASURES[self.until.measure].better == "none":
            problems.append(Problem(f"{self.until.measure} has no better direction", column="until.measure"))
        if problems:
            source = source_of(info, "Experiment")
            raise InputError(placed(source, problem.column.split("."), problem) for problem in problems)
        return self

    @property
    def seed_list(self) -> tuple[int, ...]:
        """The seeds; with `until`, as many as may be needed."""
        if self.until is not None and isinstance(self.seeds, int):
            return tuple(range(1, self.until.most + 1))
        return tuple(range(1, self.seeds + 1)) if isinstance(self.seeds, int) else self.seeds

    def as_given(self) -> dict[str, Any]:
        """Return the experiment as a file would give it."""
        return as_given(self.model_dump())

    def spans(self) -> dict[str, Span]:
        """Return all uncertain values by name: those named one by one, then those of the groups."""
        found = dict(self.uncertain)
        for group in self.uncertain_groups:
            for entry in uncertain_parameters(group, without=[*found, *self.parameters]):
                found[entry.name] = Span(low=entry.low, high=entry.high)
        return found


def as_given(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of an experiment (its dumped model) in the form of a file: spans as they may be written."""
    data = dict(record)
    data["uncertain"] = {
        name: {"values": list(span["options"])} if span["options"] else [span["low"], span["high"]]
        for name, span in data["uncertain"].items()
    }
    return data


def parameter_of(name: str, span: Span) -> Parameter:
    """Return an uncertain value as a parameter with the range it is drawn from."""
    entry = parameter_table().get(name)
    unit = entry.unit if entry is not None else ("share" if name == "revenue_growth_shift" else "factor")
    value = min(max(entry.value, span.low), span.high) if entry is not None else span.low
    return Parameter("", name, value, span.low, span.high, unit, "assumption", "experiment", "")


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """What an experiment names, read and checked: its region in its field, its variants and its scenarios."""

    region: Region
    variants: tuple[Variant, ...]
    scenarios: tuple[Scenario, ...]


def named_by(asked: Experiment, base: Path, *, region: Region | None = None) -> Named:
    """Read what an experiment names, paths relative to `base`; raises InputError with all that is wrong at once.

    A `region` given replaces the one the experiment names.
    """
    from ..model.integration_model import checked_months, checked_seed
    from ..model.region import in_field, load_region, region_names

    problems: list[Problem] = []
    seeds, place = asked.seed_list, region
    with gathered(problems, "region"):
        known = asked.region in region_names()
        place = place or load_region(asked.region if known else base / asked.region)
    if place is not None:
        with gathered(problems, "field"):
            place = in_field(place, asked.field or None)
        with gathered(problems, "months"):
            checked_months(asked.months, place)
    for seed in seeds:
        with gathered(problems, "seeds"):
            checked_seed(seed)
    if not seeds or len(set(seeds)) < len(seeds):
        words = "no seeds" if not seeds else "a seed stands there twice"
        right = "a number of seeds, at least 1, or a list of different ones"
        problems.append(Problem(words, column="seeds", value=str(asked.seeds), expected=right))
    variants: list[Variant] = []
    for name in asked.variants:
        with gathered(problems, "variants"):
            variants.append(load_variant(name, base))
    scenarios: list[Scenario] = []
    for name in asked.scenarios:
        with gathered(problems, "scenarios"):
            scenarios.append(load_scenario(name, base))
    for key, names in (("variants", [v.name for v in variants]), ("scenarios", [s.name for s in scenarios])):
        if double := next((name for name in names if names.count(name) > 1), None):
            words = f"two are called {double!r}; name each once, or give one file another name"
            problems.append(Problem(words, column=key))
    readable = len(variants) == len(asked.variants)
    if asked.reference and readable and asked.reference not in [variant.name for variant in variants]:
        problems.append(Problem(f"{asked.reference!r} is not among the variants of the experiment", column="reference"))
    if problems or place is None:
        raise InputError(dict.fromkeys(problems))
    return Named(place, tuple(variants), tuple(scenarios))


def load_experiment(path: str | Path | Experiment) -> tuple[Experiment, Path]:
    """Return a checked experiment file and the folder its paths are relative to; raises InputError.

    What a file names (region, variants, scenarios) is looked at, too, even when other keys of it are wrong, so that
    all problems are told at once.

    >>> load_experiment(Experiment(name="mine"))[0].variants
    ('status_quo',)
    """
    if isinstance(path, Experiment):
        return path, Path()
    path = Path(path)
    data, source = read_toml(path)
    if not set(data) - _ONLY_WORDS:
        words = 'variants = ["status_quo", "community"] or other keys of docs/experiment-format.md'
        raise InputError(Problem("the file does not say what to run", source.name, expected=words))
    data.setdefault("name", path.stem)
    problems: list[Problem] = []
    try:
        asked = Experiment.model_validate(data, context=source)
    except InputError as wrong:
        problems += wrong.problems
        asked = _readable_part(data, {problem.column.split(".")[0] for problem in wrong.problems})
    found: list[Problem] = []
    with gathered(found):
        named_by(asked, path.parent)
    problems += [problem if problem.file else placed(source, problem.column.split("."), problem) for problem in found]
    if problems:
        raise InputError(sorted(problems, key=lambda problem: (problem.line or 0, problem.column)))
    return asked, path.parent


def _readable_part(data: Mapping[str, Any], wrong: set[str]) -> Experiment:
    """Return the experiment that the keys without a problem make, for looking at what they name."""
    names = ("region", "field", "variants", "scenarios", "seeds", "months", "reference")
    return Experiment.model_validate({"name": "part"} | {k: data[k] for k in names if k in data and k not in wrong})


def with_world(scenario: Scenario, values: dict[str, float]) -> Scenario:
    """Return a scenario with some of its settings replaced: factors multiply its own, the shift is added to it."""
    if not values:
        return scenario
    changed = {
        name: getattr(scenario, name) + value if name == "revenue_growth_shift" else getattr(scenario, name) * value
        for name, value in values.items()
    }
    for name, value in changed.items():
        low, high = WORLD[name]
        if not low <= value <= high:
            raise InputError(
                Problem("outside its limits", column=name, value=f"{value:g}", expected=f"{low:g} to {high:g}")
            )
    return scenario.model_copy(update=changed)
