"""Errors a user can act on: what is wrong, where, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

_TABLES = (".dta", ".parquet", ".sav", ".zsav")  # files whose rows have no line in a text editor


class KreislaufError(Exception):
    """Something went wrong that the user can mend; the message is one plain sentence.

    >>> issubclass(InputError, KreislaufError)
    True
    """


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input, with its place and what would be right.

    `line` and `column` are as a text editor shows them (line counted from 1, column by its name); empty where they do
    not apply.

    >>> print(Problem("a share above one", "mine.toml", 3, "funding", "1.5", "0 to 1"))
    mine.toml, line 3, key funding: a share above one (found '1.5'); expected 0 to 1
    """

    message: str
    file: str = ""
    line: int | None = None
    column: str = ""
    value: str = ""
    expected: str = ""

    def __str__(self) -> str:
        """Return the problem as one line: place, what is wrong, what would be right."""
        place = self.file
        if self.line is not None:
            place += f", {'row' if self.file.endswith(_TABLES) else 'line'} {self.line}"
        if self.column:
            kind = "column" if self.file.endswith((".csv", *_TABLES)) else "key"
            place += f", {kind} {self.column}" if place else self.column
        head = f"{place}: " if place else ""
        found = f" (found {self.value!r})" if self.value else ""
        hint = self.expected.startswith("did you mean")
        right = f"{', ' if hint else '; expected '}{self.expected}" if self.expected else ""
        return f"{head}{self.message}{found}{right}"


class InputError(KreislaufError):
    """One or more inputs are wrong; all problems are reported together.

    >>> len(InputError([Problem("one thing"), Problem("another")]).problems)
    2
    """

    def __init__(self, problems: Iterable[Problem] | Problem | str) -> None:
        """Take a list of problems, one problem, or one sentence."""
        if isinstance(problems, str):
            problems = [Problem(problems)]
        elif isinstance(problems, Problem):
            problems = [problems]
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        """Keep the problems when the error crosses a process boundary."""
        return type(self), (self.problems,)


@contextmanager
def gathered(problems: list[Problem], key: str = "") -> Iterator[None]:
    """Put the problems of an input error into a list instead of stopping; `key` names those that name no place.

    >>> found = []
    >>> with gathered(found, "seeds"):
    ...     raise InputError("no seeds")
    >>> str(found[0])
    'seeds: no seeds'
    """
    try:
        yield
    except InputError as error:
        problems += [replace(p, column=key) if not p.file and not p.column else p for p in error.problems]


def closest(name: str, names: Iterable[str]) -> str:
    """Return `, did you mean 'x'?` for the nearest known name, or the list of names when none is near.

    >>> closest("subsidarity", ["parallel", "subsidiarity"])
    "did you mean 'subsidiarity'?"
    """
    known = sorted(names)
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else "one of " + ", ".join(known)
