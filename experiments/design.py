"""The points of a design: which combinations of the uncertain values are run."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..model.errors import InputError, Problem, closest
from ..model.parameters import parameter_table
from .csv_file import as_number, decimal_point, read_csv_file
from .draws import hypercube, value_at
from .experiment import WORLD, Experiment, Span, parameter_of
from .optional import optional

_DEFAULT_DRAWS = 64
_MOST = 10_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of a design: names of the uncertain values and an array of shape (points, names)."""

    names: tuple[str, ...]
    values: np.ndarray

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.values)

    def at(self, point: int) -> dict[str, float]:
        """Return the values at one point."""
        return dict(zip(self.names, self.values[point].tolist(), strict=True))


def points_of(experiment: Experiment, folder: Path = Path()) -> Points:
    """Return the points an experiment asks for; a single one without values when nothing is uncertain."""
    spans, design = experiment.spans(), experiment.design
    if design.kind == "table":
        return _from_table(folder / design.table, draws=design.draws, seed=design.seed, fixed=experiment.parameters)
    if not spans:
        return Points((), np.zeros((1, 0)))
    draws = design.draws or _DEFAULT_DRAWS
    if design.kind == "factorial":
        return _factorial(spans, design.levels)
    if design.kind == "morris":
        return Points(tuple(spans), _scaled(spans, _morris(len(spans), draws, design.levels, design.seed)))
    if design.kind == "latin_hypercube":
        cube = hypercube(spans, draws, seed=design.seed)
        unit = np.column_stack([cube[name] for name in spans])
    elif design.kind == "sobol":
        unit = _sobol(len(spans), draws, design.seed)
    else:
        unit = _saltelli(len(spans), draws, design.seed)
    return Points(tuple(spans), _scaled(spans, unit))


def problem_of(spans: Mapping[str, Span]) -> dict[str, object]:
    """Return the uncertain values as SALib names them, with bounds."""
    return {"num_vars": len(spans), "names": list(spans), "bounds": [[s.low, s.high] for s in spans.values()]}


def _factorial(spans: Mapping[str, Span], levels: int) -> Points:
    """Return every combination of values (given ones, or `levels` evenly spaced)."""
    axes = [
        span.options or tuple(dict.fromkeys(value_at(parameter_of(name, span), u) for u in np.linspace(0, 1, levels)))
        for name, span in spans.items()
    ]
    number = int(np.prod([float(len(axis)) for axis in axes]))
    if number > _MOST:
        raise InputError(f"the factorial design has {number:,} points; use fewer levels or a Latin hypercube")
    return Points(tuple(spans), np.array(list(itertools.product(*axes)), np.float64))


def _sobol(dimensions: int, draws: int, seed: int) -> np.ndarray:
    """Return scrambled Sobol points in the unit cube; the number of draws is a power of two, which balances them."""
    from scipy.stats import qmc

    exponent = draws.bit_length() - 1
    if draws != 1 << exponent:
        near = f"{1 << exponent} or {1 << (exponent + 1)}"
        raise InputError(Problem("a Sobol design needs a power of two", column="design.draws", value=str(draws),
                                 expected=near))  # fmt: skip
    return qmc.Sobol(dimensions, rng=np.random.default_rng(seed)).random_base2(exponent)


def _saltelli(dimensions: int, draws: int, seed: int) -> np.ndarray:
    """Return the points Sobol indices are estimated from: draws x (values + 2) of them."""
    sample = optional("SALib.sample.sobol").sample
    problem = {"num_vars": dimensions, "names": [f"x{i}" for i in range(dimensions)], "bounds": [[0, 1]] * dimensions}
    return sample(problem, draws, calc_second_order=False, seed=seed)


def _morris(dimensions: int, draws: int, levels: int, seed: int) -> np.ndarray:
    """Return Morris trajectories in the unit cube: draws x (values + 1) points."""
    sample = optional("SALib.sample.morris").sample
    problem = {"num_vars": dimensions, "names": [f"x{i}" for i in range(dimensions)], "bounds": [[0, 1]] * dimensions}
    return sample(problem, draws, num_levels=levels + levels % 2, seed=seed)


def _scaled(spans: Mapping[str, Span], unit: np.ndarray) -> np.ndarray:
    """Return points of the unit cube in the units of the values; counted things become whole numbers."""
    out = np.empty(unit.shape)
    for column, (name, span) in enumerate(spans.items()):
        if span.options:
            places = np.minimum((unit[:, column] * len(span.options)).astype(int), len(span.options) - 1)
            out[:, column] = np.array(span.options)[places]
        else:
            entry = parameter_of(name, span)
            out[:, column] = [value_at(entry, float(u)) for u in unit[:, column]]
    return out


def _from_table(path: Path, *, draws: int, seed: int, fixed: Mapping[str, float]) -> Points:
    """Return the rows of a CSV or Parquet file as points; with `draws`, so many of them drawn evenly at random."""
    names, columns, lines = _table(path)
    known = parameter_table()
    problems = [
        Problem("unknown parameter", str(path), 1, name, expected=closest(name, [*known, *WORLD]))
        for name in names
        if name not in known and name not in WORLD
    ]
    problems += [Problem("stands in [parameters] as well", str(path), 1, name) for name in names if name in fixed]
    if not lines:
        problems.append(Problem("the table has no rows", str(path)))
    values = np.full((len(lines), len(names)), np.nan)
    for column, (name, texts) in enumerate(zip(names, columns, strict=True)):
        low, high = WORLD.get(name) or ((known[name].low, known[name].high) if name in known else (-np.inf, np.inf))
        wrong: list[Problem] = []
        for row, (line, text) in enumerate(zip(lines, texts, strict=True)):
            value = as_number(text)
            if value is None:
                wrong.append(Problem("not a number", str(path), line, name, text, decimal_point(text)))
            elif not low <= value <= high:
                right = f"{low:g} to {high:g}"
                wrong.append(Problem("not an admissible value", str(path), line, name, text, right))
            else:
                values[row, column] = value
        problems += wrong[:3]
    if problems:
        raise InputError(problems)
    if draws:
        # Systematic draws: a random order of the rows, gone through as often as needed.
        order = np.random.default_rng(seed).permutation(len(values))
        values = values[np.resize(order, draws)]
    return Points(names, values)


def _table(path: Path) -> tuple[tuple[str, ...], list[list[str]], list[int]]:
    """Return names, columns as texts, and what a person counts: lines of a CSV file, rows of a Parquet file."""
    if path.suffix.lower() != ".parquet":
        file = read_csv_file(path)
        return file.names, [[row[name] for _, row in file.rows] for name in file.names], [line for line, _ in file.rows]
    try:
        table = pd.read_parquet(path)
    except FileNotFoundError:
        raise InputError(Problem("there is no such file", str(path))) from None
    except (OSError, ValueError):
        message = "the file is damaged or not Parquet"
        raise InputError(Problem(message, str(path), expected="a whole Parquet file, or CSV")) from None
    names = tuple(str(name) for name in table.columns)
    return names, [[str(value) for value in table[name]] for name in table.columns], list(range(1, len(table) + 1))
