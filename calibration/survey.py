"""A survey read with its codebook: typed answers in memory, or every problem of the file at once.

Rows of respondents are personal data: they stay in this object, are never written to a file, and never leave the
machine. What goes on are cells (`estimates.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..model.calendar import month_index
from ..model.errors import InputError, Problem, closest
from .cell import ADULT_AGE, WORDS
from .quantities import quantities
from .survey_file import RawTable, as_text, missing_column, read_table

if TYPE_CHECKING:
    import pandas as pd

    from .codebook import Codebook, Dimension, Question

_SHOWN = 5  # rows named of problems that repeat


@dataclass(frozen=True, slots=True)
class Survey:
    """The respondents of a survey, one row per person and wave.

    `wave` are months; `answers` hold NaN for no answer, and `asked` says whom the question concerned. `dimensions` hold
    words (empty when missing) or numbers (NaN). `replicates` has shape (n, R), R = 0 without replicates; `stratum`,
    `cluster` and `population_size` are empty when the design has none.

    >>> from .codebook import Codebook
    >>> book = Codebook(
    ...     name="mine", weight="w", waves={"all": "2016-10"}, minimum_cell=3,
    ...     quantities={"employed": {"column": "work"}},
    ... )
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": ["1", "1", "2", "1"], "work": ["1", "0", "0", "1"]})
    >>> survey_of_rows(rows, book)
    Survey(mine, 4 rows)
    """

    codebook: Codebook
    wave: np.ndarray
    weight: np.ndarray
    stratum: np.ndarray
    cluster: np.ndarray
    replicates: np.ndarray
    population_size: np.ndarray
    dimensions: Mapping[str, np.ndarray]
    answers: Mapping[str, np.ndarray]
    asked: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.wave)

    def __repr__(self) -> str:
        """Return a line without any answer in it."""
        return f"Survey({self.codebook.name}, {len(self)} rows)"

    @property
    def eligible(self) -> np.ndarray:
        """Mask of the rows of the population; conditions without a column in the codebook hold for everybody.

        Without a condition on age adults of 18 to 64 years are meant, as in every cell.
        """
        inside = np.ones(len(self), np.bool_)
        for name, value in ({"age": ADULT_AGE} | dict(self.codebook.eligible.conditions)).items():
            if name not in self.dimensions:
                continue
            column = self.dimensions[name]
            if name in WORDS:
                inside &= column == value
            elif name == "municipality":
                inside &= np.isin(column, value)
            else:
                inside &= (np.floor(column) >= value[0]) & (np.floor(column) <= value[1])
        return inside


def read_survey(path: str | Path, codebook: Codebook) -> Survey:
    """Read a survey file with its codebook; InputError names all problems with row and column.

    >>> import tempfile
    >>> from .codebook import Codebook
    >>> book = Codebook(
    ...     name="mine", weight="w", waves={"all": "2016-10"}, minimum_cell=3,
    ...     quantities={"employed": {"column": "work"}},
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "answers.csv")
    ...     _ = path.write_text("w,work\\n1,1\\n1,0\\n2,0\\n", encoding="utf-8")
    ...     len(read_survey(path, book))
    3
    """
    table = read_table(path, encoding=codebook.encoding, separator=codebook.separator)
    return _Reader(table, codebook).survey()


def survey_of_rows(rows: pd.DataFrame, codebook: Codebook) -> Survey:
    """Return a survey from rows in memory, such as those of a made-up survey; InputError as for a file.

    >>> from .codebook import Codebook
    >>> book = Codebook(
    ...     name="mine", weight="w", waves={"all": "2016-10"}, minimum_cell=3,
    ...     quantities={"employed": {"column": "work"}},
    ... )
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": ["1", "1", "2", "1"], "work": ["1", "0", "0", "1"]})
    >>> survey_of_rows(rows, book).answers["employed"].tolist()
    [1.0, 0.0, 0.0, 1.0]
    """
    columns = {str(name): [as_text(value) for value in rows[name].tolist()] for name in rows.columns}
    return _Reader(RawTable("rows", columns, list(range(1, len(rows) + 1))), codebook).survey()


class _Reader:
    """Turns texts into values and gathers what is wrong."""

    def __init__(self, table: RawTable, codebook: Codebook) -> None:
        self.table, self.codebook = table, codebook
        self.problems: list[Problem] = []
        self.n = len(table)
        self._keys = _municipalities(codebook.region)

    def survey(self) -> Survey:
        """Return the survey, or raise InputError with every problem."""
        self._missing_columns()
        if self.problems:
            raise InputError(self.problems)
        book = self.codebook
        wave = self._waves()
        weight = self._weights(book.weight, "weight")
        replicates = self._replicates()
        size = self._weights(book.population_size, "population size") if book.population_size else np.zeros(0)
        stratum, cluster = self._texts(book.stratum, "stratum"), self._texts(book.cluster, "cluster")
        dimensions = {name: self._dimension(name, one) for name, one in book.dimensions.items()}
        answers: dict[str, np.ndarray] = {}
        asked: dict[str, np.ndarray] = {}
        for name, question in book.quantities.items():
            answers[name], asked[name] = self._answers(name, question)
        self._duplicates(wave)
        self._design(wave, stratum, cluster)
        if self.problems:
            raise InputError(_shortened(self.problems))
        survey = Survey(book, wave, weight, stratum, cluster, replicates, size, dimensions, answers, asked)
        if not survey.eligible.any():
            message = f"nobody in the file is eligible as {book.eligible.key!r}"
            raise InputError(Problem(message, self.table.file, expected="another population in the codebook"))
        return survey

    def _problem(self, row: int, column: str, message: str, expected: str = "") -> None:
        value = self.table.columns[column][row]
        self.problems.append(Problem(message, self.table.file, self.table.lines[row], column, value, expected))

    def _missing_columns(self) -> None:
        book, columns = self.codebook, self.table.columns
        if book.weight not in columns:
            hint = closest(book.weight, columns)
            if not hint.startswith("did you mean"):
                hint = "a column of weights (of ones only when everybody had the same chance to be asked and answered)"
            self.problems.append(missing_column(self.table, book.weight, "the weights", hint))
        roles = {"stratum": book.stratum, "cluster": book.cluster, "person": book.person, "wave": book.wave}
        roles["population sizes"] = book.population_size
        roles |= {f"dimension {name}": one.column for name, one in book.dimensions.items()}
        roles |= {f"quantity {name}": one.column for name, one in book.quantities.items()}
        for role, column in roles.items():
            if column and column not in columns:
                self.problems.append(missing_column(self.table, column, role))
        if book.replicates and not self._replicate_columns():
            expected = "columns whose names begin so"
            self.problems.append(missing_column(self.table, book.replicates.prefix, "replicate weights", expected))

    def _replicate_columns(self) -> list[str]:
        prefix = self.codebook.replicates.prefix if self.codebook.replicates else ""
        return [name for name in self.table.columns if prefix and name.startswith(prefix)]

    def _replicates(self) -> np.ndarray:
        names = self._replicate_columns()
        if len(names) == 1:
            self.problems.append(
                Problem(
                    "there is one column of replicate weights", self.table.file, 1, names[0], expected="two or more"
                )
            )
        values = [self._weights(name, "replicate weight", zero=True) for name in names]
        return np.stack(values, axis=1) if values else np.zeros((self.n, 0))

    def _waves(self) -> np.ndarray:
        book = self.codebook
        if not book.wave:
            return np.full(self.n, month_index(book.waves["all"]))
        months = {_plain(code): month_index(label) for code, label in book.waves.items()}
        found = self.table.columns[book.wave]
        out = np.zeros(self.n, np.int64)
        for i, text in enumerate(found):
            code = _plain(text)
            if code in months:
                out[i] = months[code]
            else:
                message = "the wave is missing" if not text else "unknown wave"
                self._problem(i, book.wave, message, closest(text, book.waves) if text else "")
        present = {_plain(text) for text in found}
        self.problems += [
            Problem(f"wave {code!r} of the codebook has no respondents", self.table.file, column=book.wave)
            for code in book.waves
            if _plain(code) not in present
        ]
        return out

    def _weights(self, column: str, what: str, *, zero: bool = False) -> np.ndarray:
        out = np.full(self.n, np.nan)
        for i, text in enumerate(self.table.columns[column]):
            number = self._number(text)
            if number is None:
                comma = 'a decimal point (or decimal = "," in the codebook)' if "," in text else "a number above zero"
                self._problem(i, column, f"the {what} is missing" if not text else f"the {what} is not a number", comma)
            elif number < 0:
                self._problem(i, column, f"the {what} is negative", "a number above zero")
            elif number == 0 and not zero:
                self._problem(i, column, f"the {what} is zero", "a number above zero; leave out who was not asked")
            else:
                out[i] = number
        return out

    def _texts(self, column: str, what: str) -> np.ndarray:
        if not column:
            return np.zeros(0, "<U1")
        for i, text in enumerate(self.table.columns[column]):
            if not text:
                self._problem(i, column, f"the {what} is missing")
        return np.array(self.table.columns[column])

    def _dimension(self, name: str, one: Dimension) -> np.ndarray:
        """Return a dimension's values: words, numbers (NaN when missing), months, or municipality keys as text."""
        words = list(WORDS.get(name, ()))
        missing = {_plain(code) for code in (*self.codebook.missing, *one.missing)}
        codes = {_plain(code): word for code, word in one.codes.items()}
        out: list[str | float] = []
        for i, text in enumerate(self.table.columns[one.column]):
            code = _plain(text)
            if not text or (code in missing and code not in codes):
                out.append("" if name in (*WORDS, "municipality") else math.nan)
                continue
            word = codes.get(code, codes.get(self._label(one.column, text)))
            if codes and word is None:
                self._problem(i, one.column, f"unknown code of {name}", _codes_hint(text, code, one.codes))
            value = self._meaning(i, name, one.column, word if word is not None else text, words, coded=bool(codes))
            out.append(value)
        return np.array(out)

    def _meaning(self, row: int, name: str, column: str, text: str, words: list[str], *, coded: bool) -> str | float:
        if name == "municipality":
            key = text.zfill(8) if text.isdigit() and len(text) == 7 else text  # numbers lose the leading zero
            if self._keys and key not in self._keys:
                self._problem(row, column, "unknown municipality", closest(key, self._keys))
            return key
        if words:
            if text not in words and not coded:
                self._problem(
                    row, column, f"unknown value of {name}", closest(text, words) + ", or codes in the codebook"
                )
            return text
        if name == "arrived":
            try:
                return float(month_index(text))
            except ValueError:
                self._problem(row, column, "not a month", "YYYY-MM")
                return math.nan
        number = self._number(text)
        if number is None:
            self._problem(row, column, f"{name} is not a number", "a number, or codes in the codebook")
        elif not 0 <= number <= 1200:
            self._problem(row, column, f"{name} outside what is possible", "0 or more; list codes of missing answers")
        return math.nan if number is None else number

    def _answers(self, name: str, question: Question) -> tuple[np.ndarray, np.ndarray]:
        """Return the answers (NaN for none) and whom the question concerned."""
        what, column = quantities()[name], question.column
        missing = {_plain(code) for code in (*self.codebook.missing, *question.missing)}
        not_asked = {_plain(code) for code in question.not_asked}
        codes = {_plain(code): value for code, value in question.codes.items()}
        out = np.full(self.n, np.nan)
        asked = np.ones(self.n, np.bool_)
        for i, text in enumerate(self.table.columns[column]):
            code, label = _plain(text), self._label(column, text)
            if code in not_asked or label in not_asked:
                asked[i] = False
            elif code in codes or label in codes:
                out[i] = codes.get(code, codes.get(label, math.nan))
            elif not text or code in missing or label in missing:
                continue
            elif codes:
                self._problem(i, column, f"unknown code of {name}", _codes_hint(text, code, question.codes))
            elif (number := self._number(text)) is None:
                self._problem(i, column, f"the answer to {name} is not a number", "a number, or codes in the codebook")
            elif not what.low <= number <= what.high:
                bounds = f"{what.low:g} to {what.high:g} {what.unit}; list codes of missing answers"
                self._problem(i, column, f"an answer to {name} that cannot be", bounds)
            else:
                out[i] = number
        return out, asked

    def _duplicates(self, wave: np.ndarray) -> None:
        column = self.codebook.person
        if not column:
            return
        first: dict[tuple[str, int], int] = {}
        for i, text in enumerate(self.table.columns[column]):
            if not text:
                self._problem(i, column, "the person is missing")
                continue
            if (earlier := first.setdefault((text, int(wave[i])), i)) != i:
                message = f"the same person and wave stand in row {self.table.lines[earlier]} too"
                self.problems.append(Problem(message, self.table.file, self.table.lines[i], column))

    def _design(self, wave: np.ndarray, stratum: np.ndarray, cluster: np.ndarray) -> None:
        """Find strata without respondents and strata (or surveys) of a single cluster."""
        book = self.codebook
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
                    self.problems.append(Problem(message, self.table.file, column=book.stratum, expected=expected))
            if book.strata:
                for name in sorted(set(strata.tolist()) - {*book.strata, ""}):
                    message = f"unknown stratum {name!r}{in_wave}"
                    hint = closest(name, book.strata)
                    self.problems.append(Problem(message, self.table.file, column=book.stratum, expected=hint))
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
                self.problems.append(Problem(message, self.table.file, column=column, expected=expected))

    def _label(self, column: str, text: str) -> str:
        return self.table.labels.get(column, {}).get(text, "")

    def _number(self, text: str) -> float | None:
        if self.codebook.decimal == ",":
            text = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
        try:
            value = float(text.replace("_", "x"))
        except ValueError:
            return None
        return value if math.isfinite(value) else None


def _codes_hint(text: str, code: str, codes: Mapping[str, object]) -> str:
    """Return what would be right; where labels stand instead of numbers, that labels may be codes."""
    hint = closest(text, codes)
    labels = all(_is_number(known) for known in codes) and not _is_number(code)
    return f"{hint}, or this label among the codes of the codebook" if labels else hint


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _municipalities(region: str) -> tuple[str, ...]:
    if not region:
        return ()
    from ..model.region import load_region

    return tuple(load_region(region).keys)


def _plain(code: str) -> str:
    """Return a code in one spelling: 1, 1.0 and 01 are the same code."""
    try:
        number = float(code)
    except ValueError:
        return code.strip()
    return str(int(number)) if number.is_integer() else repr(number)


def _code_of(waves: Mapping[str, str], month: int) -> str:
    return next((code for code, label in waves.items() if month_index(label) == month), "")


def _shortened(problems: Sequence[Problem]) -> Iterator[Problem]:
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
