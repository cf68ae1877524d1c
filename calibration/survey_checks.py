"""What must hold of a survey file as a whole: its columns, its persons, its waves and its sampling design."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..model.calendar import month_index, month_label
from ..model.errors import Problem, closest
from .survey_file import RawTable, missing_column
from .survey_values import replicate_columns

if TYPE_CHECKING:
    from .codebook import Codebook
    from .survey import Survey

_SHOWN = 5  # rows named of problems that repeat


def missing_columns(table: RawTable, book: Codebook) -> Iterator[Problem]:
    """Yield the columns the codebook names and the file does not have."""
    columns = table.columns
    if book.weight not in columns:
        hint = closest(book.weight, columns)
        if not hint.startswith("did you mean"):
            hint = "a column of weights (of ones only when everybody had the same chance to be asked and answered)"
        yield missing_column(table, book.weight, "the weights", hint)
    roles = {"stratum": book.stratum, "cluster": book.cluster, "person": book.person, "wave": book.wave}
    roles["population sizes"] = book.population_size
    roles |= {f"dimension {name}": one.column for name, one in book.dimensions.items()}
    roles |= {f"quantity {name}": one.column for name, one in book.quantities.items()}
    for role, column in roles.items():
        if column and column not in columns:
            yield missing_column(table, column, role)
    if book.replicates and not replicate_columns(table, book):
        expected = "columns whose names begin so"
        yield missing_column(table, book.replicates.prefix, "replicate weights", expected)


def duplicates(table: RawTable, book: Codebook, wave: np.ndarray) -> Iterator[Problem]:
    """Yield rows without a person and persons that stand twice in a wave."""
    column = book.person
    if not column:
        return
    first: dict[tuple[str, int], int] = {}
    for i, text in enumerate(table.columns[column]):
        if not text:
            yield Problem("the person is missing", table.file, table.lines[i], column, text)
            continue
        if (earlier := first.setdefault((text, int(wave[i])), i)) != i:
            message = f"the same person and wave stand in row {table.lines[earlier]} too"
            yield Problem(message, table.file, table.lines[i], column)


def design(
    table: RawTable, book: Codebook, wave: np.ndarray, stratum: np.ndarray, cluster: np.ndarray
) -> Iterator[Problem]:
    """Yield strata without respondents and strata (or surveys) of a single cluster."""
    column = book.cluster or book.stratum
    for month in sorted(set(wave.tolist())):
        inside = wave == month
        strata = stratum[inside] if len(stratum) else np.full(inside.sum(), "")
        units = cluster[inside] if len(cluster) else np.arange(inside.sum()).astype(str)
        in_wave = f" in wave {_code_of(book.waves, month)!r}" if book.wave else ""
        for name in book.strata:
            if name not in strata:
                message = f"stratum {name!r} is empty: it has no respondents{in_wave}"
                expected = "respondents, or a codebook that joins it with a similar stratum"
                yield Problem(message, table.file, column=book.stratum, expected=expected)
        if book.strata:
            for name in sorted(set(strata.tolist()) - {*book.strata, ""}):
                message = f"unknown stratum {name!r}{in_wave}"
                hint = closest(name, book.strata)
                yield Problem(message, table.file, column=book.stratum, expected=hint)
        if book.replicates:
            continue
        for name in sorted(set(strata.tolist()) - {""} or {""}):
            n = len(set(units[strata == name].tolist()))
            if n > 1 or (book.single_cluster == "center" and len(set(units.tolist())) > 1 and name):
                continue
            unit = "cluster" if book.cluster else "respondent"
            where = f"stratum {name!r}" if name else "the sample"
            expected = 'at least two: join it with a similar stratum, or single_cluster = "center" in the codebook'
            if not name:
                expected = "at least two; without clusters leave the key out of the codebook"
            message = f"{where} has a single {unit}{in_wave}: its sampling error cannot be estimated"
            yield Problem(message, table.file, column=column, expected=expected)


def newcomers(table: RawTable, survey: Survey) -> Iterator[Problem]:
    """Yield people of a panel who came after its first wave: its figures are about those who were there from then on.

    Who came when is known from the dimensions `arrived` or `since`; without them nothing can be said.
    """
    book = survey.codebook
    if not book.panel:
        return
    first = int(survey.wave.min())
    arrived = survey.dimensions.get("arrived")
    if arrived is None:
        if "since" not in survey.dimensions:
            return
        arrived = survey.wave - np.floor(survey.dimensions["since"])
    column = book.dimensions["arrived" if "arrived" in book.dimensions else "since"].column
    for i in np.flatnonzero(survey.eligible & (arrived > first)).tolist():
        message = f"came after the first wave of the panel ({month_label(first)})"
        expected = "people of the first wave only, or panel = false in the codebook when newcomers are asked too"
        yield Problem(message, table.file, table.lines[i], column, table.columns[column][i], expected)


def shortened(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Yield the problems; of those that repeat in many rows the first ones and how many more there are."""
    seen: dict[tuple[str, str], int] = {}
    for problem in problems:
        key = (problem.column, problem.message)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= _SHOWN or problem.line is None:
            yield problem
    for (column, message), n in seen.items():
        if n > _SHOWN and any(p.line is not None and p.column == column and p.message == message for p in problems):
            yield Problem(f"{message}, in {n - _SHOWN} further rows", problems[0].file, column=column)


def _code_of(waves: Mapping[str, str], month: int) -> str:
    return next((code for code, label in waves.items() if month_index(label) == month), "")
