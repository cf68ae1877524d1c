"""A survey read with its codebook: typed answers in memory, or every problem of the file at once.

Rows of respondents are personal data: they stay in this object, are never written to a file, and never leave the
machine. What goes on are cells (`estimates.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..model.errors import InputError, Problem
from .cell import ADULT_AGE, WORDS
from .survey_checks import design, duplicates, missing_columns, newcomers, shortened
from .survey_file import RawTable, as_text, read_table
from .survey_values import Values

if TYPE_CHECKING:
    import pandas as pd

    from .codebook import Codebook

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
    return _survey_of(table, codebook)


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
    return _survey_of(RawTable("rows", columns, list(range(1, len(rows) + 1))), codebook)


def _survey_of(table: RawTable, book: Codebook) -> Survey:
    """Return the survey a file holds, or raise InputError with every problem."""
    if problems := list(missing_columns(table, book)):
        raise InputError(problems)
    read = Values(table, book)
    wave = read.waves()
    weight = read.weights(book.weight, "weight")
    replicates = read.replicates()
    size = read.weights(book.population_size, "population size") if book.population_size else np.zeros(0)
    stratum, cluster = read.texts(book.stratum, "stratum"), read.texts(book.cluster, "cluster")
    dimensions = {name: read.dimension(name, one) for name, one in book.dimensions.items()}
    answers: dict[str, np.ndarray] = {}
    asked: dict[str, np.ndarray] = {}
    for name, question in book.quantities.items():
        answers[name], asked[name] = read.answers(name, question)
    problems = [*read.problems, *duplicates(table, book, wave), *design(table, book, wave, stratum, cluster)]
    if problems:
        raise InputError(shortened(problems))
    survey = Survey(book, wave, weight, stratum, cluster, replicates, size, dimensions, answers, asked)
    if not survey.eligible.any():
        message = f"nobody in the file is eligible as {book.eligible.key!r}"
        raise InputError(Problem(message, table.file, expected="another population in the codebook"))
    if problems := list(newcomers(table, survey)):
        raise InputError(shortened(problems))
    return survey
