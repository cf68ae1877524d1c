"""The files of a field of action, read and checked: field.toml, tasks.csv, competence.csv."""

from __future__ import annotations

import csv
import math
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError, Problem, closest
from .field_names import FILE, people_of
from .parameters import CONFIDENCE, parameter_table
from .region_schema import LEVELS

TASK = np.dtype(
    [
        ("all_of", "i8"),  # feature bits that must all be present
        ("any_of", "i8"),  # one of these must be (0: no condition)
        ("none_of", "i8"),
        ("hazard", "f8"),  # probability per month that the need opens a case
        ("effort", "f8"),  # hours of work per case (per adult concerned when `per_adult`)
        ("per_adult", "i8"),
        ("visibility", "f8"),  # probability that a body close by notices an open case in a month
        ("lapse_months", "i8"),  # an unheld case is given up after so many months
        ("reopen_months", "i8"),  # the need does not open again before
        ("lasting", "i8"),  # 1: an open case stays when its conditions are no longer met
    ]
)
MAX_TASKS = 31  # a household's open cases are bits of 32
MOST_REACH = 5  # times the givers of a campaign for a popular purpose
_TEXTS = ("name", "title_de", "title_en")
_LISTS = {
    "groups": True,
    "support": False,
    "project_tasks": False,
    "mandatory_tasks": False,
    "full_hours_tasks": False,
    "lasting_tasks": False,
    "parameter_groups": False,
}
_TASK_COLUMNS = (
    "id", "name_en", "name_de", "onset_all", "onset_any", "onset_not", "hazard", "hazard_low", "hazard_high",
    "effort_hours", "effort_low", "effort_high", "per", "visibility", "visibility_low", "visibility_high",
    "lapse_months", "reopen_months", "confidence", "source",
)  # fmt: skip
_NUMBERS = {"hazard": 1.0, "effort_hours": math.inf, "visibility": 1.0, "lapse_months": 600.0, "reopen_months": 600.0}
_RANGES = {"hazard": "hazard", "effort_hours": "effort", "visibility": "visibility"}


@dataclass(frozen=True, slots=True)
class FieldFiles:
    """What the files of a field say, after all checks."""

    name: str
    folder: Path
    head: dict[str, Any]
    tasks: list[dict[str, str]]
    table: np.ndarray
    competence: dict[str, tuple[str, ...]]


def read_field(folder: Path, name: str) -> FieldFiles:
    """Read the files of a field; raises InputError with everything that is wrong, by file and line."""
    problems: list[Problem] = []
    try:
        head = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
        tasks, competence = (_rows(folder / file) for file in ("tasks.csv", "competence.csv"))
    except (OSError, tomllib.TOMLDecodeError, csv.Error, UnicodeDecodeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", str(folder))) from None
    problems += _head_problems(head)
    head = {"draws": 0, "giver_reach": 1.0, **dict.fromkeys(_LISTS, ()), **head}
    features: tuple[str, ...] = ()
    try:
        features = people_of(name, folder).features
    except InputError as error:
        problems += error.problems
    problems += _task_problems(tasks, features)
    ids = [row.get("id", "") for row in tasks]
    problems += _reference_problems(head, competence, ids)
    if problems:
        raise InputError(problems)
    bit = {feature: 1 << position for position, feature in enumerate(features)}
    levels = {row["level"]: tuple(row["tasks"].split(";")) for row in competence}
    return FieldFiles(name, folder, head, tasks, _table(tasks, bit, head["lasting_tasks"]), levels)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def _table(tasks: list[dict[str, str]], bit: dict[str, int], lasting: Sequence[str]) -> np.ndarray:
    def bits(words: str) -> int:
        return sum(bit[word] for word in filter(None, words.split(";")))

    table = np.zeros(len(tasks), TASK).view(np.recarray)
    for entry, row in zip(table, tasks, strict=True):
        entry.all_of, entry.any_of, entry.none_of = (bits(row[f"onset_{kind}"]) for kind in ("all", "any", "not"))
        entry.hazard = float(row["hazard"])
        entry.effort = float(row["effort_hours"])
        entry.per_adult = row["per"] == "adult"
        entry.visibility = float(row["visibility"])
        entry.lapse_months = int(row["lapse_months"])
        entry.reopen_months = int(row["reopen_months"])
        entry.lasting = row["id"] in lasting
    return table


def _head_problems(head: dict[str, Any]) -> Iterator[Problem]:
    known = (*_TEXTS, *_LISTS, "people", "draws", "outcome", "giver_reach")
    for key in head:
        if key not in known:
            yield Problem(f"unknown key {key!r}, {closest(key, known)}", FILE, column=key)
    for key in _TEXTS:
        if not isinstance(head.get(key), str) or not head[key].strip():
            yield Problem("this key is missing", FILE, column=key, expected="a text in quotes")
    for key, needed in _LISTS.items():
        words = head.get(key, [] if not needed else None)
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words) or (needed and not words):
            yield Problem("not a list of names", FILE, column=key, expected='for example ["one", "two"]')
    for key in ("people", "outcome"):
        if not isinstance(head.get(key, ""), str):
            yield Problem("not a text", FILE, column=key, value=str(head[key]), expected="a name in quotes")
    draws = head.get("draws", 0)
    if not isinstance(draws, int) or isinstance(draws, bool) or not 0 <= draws < 200:
        yield Problem("not a number of draws", FILE, column="draws", value=str(draws), expected="0 to 199")
    reach = head.get("giver_reach", 1.0)
    if isinstance(reach, str):
        names = sorted(parameter_table())
        if reach not in names:
            yield Problem(f"unknown parameter {reach!r}, {closest(reach, names)}", FILE, column="giver_reach")
    elif isinstance(reach, bool) or not isinstance(reach, int | float) or not 0 <= reach <= MOST_REACH:
        expected = f"0 to {MOST_REACH}, or the name of a parameter in quotes"
        yield Problem("not a reach of campaigns", FILE, column="giver_reach", value=str(reach), expected=expected)


def _task_problems(tasks: list[dict[str, str]], features: tuple[str, ...]) -> Iterator[Problem]:
    if not 0 < len(tasks) <= MAX_TASKS:
        yield Problem(f"{len(tasks)} tasks", "tasks.csv", expected=f"1 to {MAX_TASKS}")
    seen: set[str] = set()
    for line, row in enumerate(tasks, start=2):
        gone = [column for column in _TASK_COLUMNS if row.get(column) is None]
        if gone:
            yield Problem("this column is missing", "tasks.csv", line, gone[0])
            continue
        if row["id"] in seen or not row["id"]:
            yield Problem("a task needs a name of its own", "tasks.csv", line, "id", row["id"])
        seen.add(row["id"])
        for column in ("onset_all", "onset_any", "onset_not"):
            for word in filter(None, row[column].split(";")):
                if features and word not in features:
                    yield Problem(f"unknown feature {word!r}, {closest(word, features)}", "tasks.csv", line, column)
        for column, top in _NUMBERS.items():
            low, high = (row[f"{_RANGES[column]}_{end}"] for end in ("low", "high")) if column in _RANGES else ("", "")
            yield from _number_problems(line, column, row[column], low, high, top)
        if row["confidence"] not in CONFIDENCE:
            expected = ", ".join(CONFIDENCE)
            yield Problem("unknown confidence", "tasks.csv", line, "confidence", row["confidence"], expected)
        if not row["source"].strip():
            yield Problem("where does the number come from?", "tasks.csv", line, "source")


def _number_problems(line: int, column: str, value: str, low: str, high: str, top: float) -> Iterator[Problem]:
    try:
        numbers = [float(text) for text in (low or "0", value, high or str(top))]
    except ValueError:
        yield Problem("not a number", "tasks.csv", line, column, value)
        return
    if not 0 <= numbers[0] <= numbers[1] <= numbers[2] <= top:
        expected = f"{numbers[0]:g} to {numbers[2]:g}, at most {top:g}"
        yield Problem("value outside its range", "tasks.csv", line, column, value, expected)


def _reference_problems(head: dict[str, Any], competence: list[dict[str, str]], ids: list[str]) -> Iterator[Problem]:
    for key in ("project_tasks", "mandatory_tasks", "full_hours_tasks", "lasting_tasks"):
        for task in head[key]:
            if task not in ids:
                yield Problem(f"unknown task {task!r}, {closest(str(task), ids)}", FILE, column=key)
    known = sorted({entry.group for entry in parameter_table().values()})
    for group in head["parameter_groups"]:
        if group not in known:
            message = f"unknown group of parameters {group!r}, {closest(str(group), known)}"
            yield Problem(message, FILE, column="parameter_groups")
    for line, row in enumerate(competence, start=2):
        if row.get("level") not in LEVELS:
            level = str(row.get("level"))
            yield Problem(f"unknown level {level!r}, {closest(level, LEVELS)}", "competence.csv", line, "level")
        for task in filter(None, (row.get("tasks") or "").split(";")):
            if task not in ids:
                yield Problem(f"unknown task {task!r}, {closest(task, ids)}", "competence.csv", line, "tasks")
