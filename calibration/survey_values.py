"""The columns of a survey file as typed values; what cannot be read is gathered with row and column."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..model.calendar import month_index
from ..model.errors import Problem, closest
from .cell import WORDS
from .quantities import quantities

if TYPE_CHECKING:
    from .codebook import Codebook, Dimension, Question
    from .survey_file import RawTable


class Values:
    """Turns the texts of a file into values by its codebook and gathers what is wrong in `problems`."""

    def __init__(self, table: RawTable, codebook: Codebook) -> None:
        """Take a file whose columns are all there."""
        self.table, self.codebook = table, codebook
        self.problems: list[Problem] = []
        self.n = len(table)
        self._keys = _municipalities(codebook.region)

    def _problem(self, row: int, column: str, message: str, expected: str = "") -> None:
        value = self.table.columns[column][row]
        self.problems.append(Problem(message, self.table.file, self.table.lines[row], column, value, expected))

    def waves(self) -> np.ndarray:
        """Return the month of every row."""
        book = self.codebook
        if not book.wave:
            return np.full(self.n, month_index(book.waves["all"]))
        months = {plain(code): month_index(label) for code, label in book.waves.items()}
        found = self.table.columns[book.wave]
        out = np.zeros(self.n, np.int64)
        for i, text in enumerate(found):
            code = plain(text)
            if code in months:
                out[i] = months[code]
            else:
                message = "the wave is missing" if not text else "unknown wave"
                self._problem(i, book.wave, message, closest(text, book.waves) if text else "")
        present = {plain(text) for text in found}
        self.problems += [
            Problem(f"wave {code!r} of the codebook has no respondents", self.table.file, column=book.wave)
            for code in book.waves
            if plain(code) not in present
        ]
        return out

    def weights(self, column: str, what: str, *, zero: bool = False) -> np.ndarray:
        """Return a column of weights (or of sizes), NaN where it is no weight."""
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

    def replicates(self) -> np.ndarray:
        """Return the replicate weights, shape (n, R)."""
        names = replicate_columns(self.table, self.codebook)
        if len(names) == 1:
            self.problems.append(
                Problem(
                    "there is one column of replicate weights", self.table.file, 1, names[0], expected="two or more"
                )
            )
        values = [self.weights(name, "replicate weight", zero=True) for name in names]
        return np.stack(values, axis=1) if values else np.zeros((self.n, 0))

    def texts(self, column: str, what: str) -> np.ndarray:
        """Return a column as texts, none of which may be missing; nothing for no column."""
        if not column:
            return np.zeros(0, "<U1")
        for i, text in enumerate(self.table.columns[column]):
            if not text:
                self._problem(i, column, f"the {what} is missing")
        return np.array(self.table.columns[column])

    def dimension(self, name: str, one: Dimension) -> np.ndarray:
        """Return a dimension's values: words, numbers (NaN when missing), months, or municipality keys as text."""
        words = list(WORDS.get(name, ()))
        missing = {plain(code) for code in (*self.codebook.missing, *one.missing)}
        codes = {plain(code): word for code, word in one.codes.items()}
        out: list[str | float] = []
        for i, text in enumerate(self.table.columns[one.column]):
            code = plain(text)
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
            whole = len(text) == 7 if not self._keys else f"0{text}" in self._keys
            key = f"0{text}" if text.isdigit() and whole else text  # numbers lose the leading zero
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

    def answers(self, name: str, question: Question) -> tuple[np.ndarray, np.ndarray]:
        """Return the answers (NaN for none) and whom the question concerned."""
        what, column = quantities()[name], question.column
        missing = {plain(code) for code in (*self.codebook.missing, *question.missing)}
        not_asked = {plain(code) for code in question.not_asked}
        codes = {plain(code): value for code, value in question.codes.items()}
        out = np.full(self.n, np.nan)
        asked = np.ones(self.n, np.bool_)
        for i, text in enumerate(self.table.columns[column]):
            code, label = plain(text), self._label(column, text)
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


def replicate_columns(table: RawTable, codebook: Codebook) -> list[str]:
    """Return the names of the columns of replicate weights."""
    prefix = codebook.replicates.prefix if codebook.replicates else ""
    return [name for name in table.columns if prefix and name.startswith(prefix)]


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


def plain(code: str) -> str:
    """Return a code in one spelling: 1, 1.0 and 01 are the same code."""
    try:
        number = float(code)
    except ValueError:
        return code.strip()
    return str(int(number)) if number.is_integer() else repr(number)
