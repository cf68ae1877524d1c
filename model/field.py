"""A field of action as data: its tasks, what opens a need, the effort of a case, and who may be served."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ..agents.codes import FEATURE_BIT
from .errors import InputError, closest

_FOLDER = Path(__file__).with_name("fields")

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
    ]
)


@dataclass(frozen=True, slots=True)
class Task:
    """One task of the field with its names in both languages."""

    id: str
    name_en: str
    name_de: str
    visibility: float
    effort_hours: float


@dataclass(frozen=True, slots=True)
class Field:
    """A field of action: tasks in order, groups in order, purposes of supporting posts, and the table rules read."""

    name: str
    title_de: str
    title_en: str
    tasks: tuple[Task, ...]
    groups: tuple[str, ...]
    support: tuple[str, ...]
    table: np.ndarray  # (K,) TASK records
    competence: dict[str, tuple[str, ...]]  # tasks a level may act on of its own accord
    project_tasks: tuple[str, ...]  # tasks a small project without staff can serve

    @property
    def task_ids(self) -> tuple[str, ...]:
        """Ids of the tasks, in the order of the field's file."""
        return tuple(task.id for task in self.tasks)

    def competence_mask(self, level: str) -> np.ndarray:
        """Return which tasks actors of a level may plan posts for, shape (K,) bool."""
        return np.array([task in self.competence.get(level, ()) for task in self.task_ids])


def field_names() -> list[str]:
    """Return the names of the shipped fields."""
    return sorted(path.name for path in _FOLDER.iterdir() if (path / "field.toml").is_file())


def _bits(names: str) -> int:
    bits = 0
    for name in filter(None, names.split(";")):
        bits |= FEATURE_BIT[name]
    return bits


@cache
def load_field(name: str) -> Field:
    """Return a shipped field of action; InputError with the nearest name when there is none."""
    folder = _FOLDER / name
    if not (folder / "field.toml").is_file():
        raise InputError(f"unknown field of action {name!r}, {closest(name, field_names())}")
    head = tomllib.loads((folder / "field.toml").read_text(encoding="utf-8"))
    with (folder / "tasks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = np.zeros(len(rows), TASK).view(np.recarray)
    for entry, row in zip(table, rows, strict=True):
        entry.all_of = _bits(row["onset_all"])
        entry.any_of = _bits(row["onset_any"])
        entry.none_of = _bits(row["onset_not"])
        entry.hazard = float(row["hazard"])
        entry.effort = float(row["effort_hours"])
        entry.per_adult = row["per"] == "adult"
        entry.visibility = float(row["visibility"])
        entry.lapse_months = int(row["lapse_months"])
        entry.reopen_months = int(row["reopen_months"])
    tasks = tuple(
        Task(row["id"], row["name_en"], row["name_de"], float(row["visibility"]), float(row["effort_hours"]))
        for row in rows
    )
    with (folder / "competence.csv").open(encoding="utf-8", newline="") as file:
        competence = {row["level"]: tuple(row["tasks"].split(";")) for row in csv.DictReader(file)}
    return Field(
        name=name,
        title_de=head["title_de"],
        title_en=head["title_en"],
        tasks=tasks,
        groups=tuple(head["groups"]),
        support=tuple(head["support"]),
        table=table,
        competence=competence,
        project_tasks=tuple(head["project_tasks"]),
    )
