"""A field of action as data: its tasks, what opens a need, the effort of a case, and who may be served.

Several fields at once are one `Field` whose tasks and groups are those of its `parts`, one after the other: bodies,
budgets and instruments then see all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .errors import InputError, Problem
from .field_files import TASK, FieldFiles, read_field
from .field_names import field_folder, field_names, people_of

if TYPE_CHECKING:
    from .people import People

__all__ = ["TASK", "Field", "Task", "field_names", "load_field"]

_DRAWS_PER_FIELD = 256  # purposes of random draws set aside for the tasks of a field


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
    """A field of action: tasks in order, groups in order, purposes of supporting posts, and the table rules read.

    `parts` are the fields it is made of, itself when it is one; `draws` numbers the draws of its tasks, so that a field
    has the same luck alone and beside others.

    >>> load_field("seniors").title_en
    'Ageing at home'
    """

    name: str
    title_de: str
    title_en: str
    tasks: tuple[Task, ...]
    groups: tuple[str, ...]
    support: tuple[str, ...]
    table: np.ndarray  # (K,) TASK records
    competence: dict[str, tuple[str, ...]]  # tasks a level may act on of its own accord
    project_tasks: tuple[str, ...]  # tasks a small project without staff can serve
    mandatory_tasks: tuple[str, ...]  # duties that no association, fund or crowd may pay for
    lasting_tasks: tuple[str, ...]  # tasks whose open case stays when its conditions are no longer met
    full_hours_tasks: tuple[str, ...]  # tasks whose structures' hours are work as they stand (lessons)
    outcome: str  # the measure a plan is judged by first; empty: its first headline outcome
    parameter_groups: tuple[str, ...]  # groups of parameters that only its people have
    giver_reach: float | str  # of campaigns, against one for a popular purpose: a number, or the parameter that says it
    draws: int
    folder: Path
    several: tuple[Field, ...] = ()

    @property
    def parts(self) -> tuple[Field, ...]:
        """The fields it is made of, in order; itself when it is one."""
        return self.several or (self,)

    @property
    def people(self) -> type[People]:
        """The class of its people; InputError for several fields at once."""
        return people_of(self.name, self.folder)

    @property
    def task_ids(self) -> tuple[str, ...]:
        """Ids of the tasks, in the order of the field's file."""
        return tuple(task.id for task in self.tasks)

    def competence_mask(self, level: str) -> np.ndarray:
        """Return which tasks actors of a level may plan posts for, shape (K,) bool."""
        return np.array([task in self.competence.get(level, ()) for task in self.task_ids])

    def part_of(self, task: int) -> tuple[Field, int]:
        """Return the field a task belongs to and its number there."""
        for part in self.parts:
            if task < len(part.tasks):
                return part, task
            task -= len(part.tasks)
        raise IndexError(task)

    def number_of_part(self, task: int) -> int:
        """Return the place of a task's field among the parts."""
        return self.parts.index(self.part_of(task)[0]) if self.several else 0

    def groups_of(self, task: int) -> tuple[str, ...]:
        """Return the groups of the field a task belongs to."""
        return self.part_of(task)[0].groups

    def draw_of(self, task: int) -> int:
        """Return the number by which draws about a task are told apart: the same alone and beside other fields."""
        part, number = self.part_of(task)
        return part.draws * _DRAWS_PER_FIELD + number


@cache
def load_field(name: str) -> Field:
    """Return a field of action by name or folder, or several separated by commas as one.

    Raises InputError with the nearest name when there is none, and with all problems of its files.

    >>> len(load_field("seniors").groups)
    2
    """
    names = [word.strip() for word in name.split(",")]
    if len(names) == 1:
        return _built(read_field(field_folder(names[0]), names[0]))
    if "" in names or len(set(names)) < len(names):
        raise InputError(Problem("not a list of fields of action", value=name, expected="different names with commas"))
    return _together([load_field(word) for word in sorted(names)])


def _built(files: FieldFiles) -> Field:
    tasks = tuple(
        Task(row["id"], row["name_en"], row["name_de"], float(row["visibility"]), float(row["effort_hours"]))
        for row in files.tasks
    )
    head = files.head
    like = load_field(head["people"]) if head.get("people", files.name) != files.name else None
    return Field(
        name=files.name,
        title_de=head["title_de"],
        title_en=head["title_en"],
        tasks=tasks,
        groups=tuple(head["groups"]),
        support=tuple(head["support"]),
        table=files.table,
        competence=files.competence,
        project_tasks=tuple(head["project_tasks"]),
        mandatory_tasks=tuple(head["mandatory_tasks"]),
        lasting_tasks=tuple(head["lasting_tasks"]),
        full_hours_tasks=tuple(head["full_hours_tasks"]),
        outcome=head.get("outcome", like.outcome if like else ""),
        parameter_groups=tuple(head["parameter_groups"]) or (like.parameter_groups if like else ()),
        giver_reach=head["giver_reach"],
        draws=int(head["draws"]),
        folder=files.folder,
    )


def _together(fields: list[Field]) -> Field:
    """Return several fields as one; InputError when they use the same name for different things."""
    for what, words in (
        ("task", [task for field in fields for task in field.task_ids]),
        ("group", [group for field in fields for group in field.groups]),
        ("number of draws", [str(field.draws) for field in fields]),
    ):
        double = sorted({word for word in words if words.count(word) > 1})
        if double:
            raise InputError(f"fields that act at once need different names; they share the {what} {double[0]!r}")

    def every(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(word for field in fields for word in getattr(field, name)))

    levels = list(dict.fromkeys(level for field in fields for level in field.competence))
    return Field(
        name=",".join(field.name for field in fields),
        title_de=" und ".join(field.title_de for field in fields),
        title_en=" and ".join(field.title_en for field in fields),
        tasks=tuple(task for field in fields for task in field.tasks),
        groups=every("groups"),
        support=every("support"),
        table=np.concatenate([field.table for field in fields]).view(np.recarray),
        competence={
            level: tuple(task for field in fields for task in field.competence.get(level, ())) for level in levels
        },
        project_tasks=every("project_tasks"),
        mandatory_tasks=every("mandatory_tasks"),
        lasting_tasks=every("lasting_tasks"),
        full_hours_tasks=every("full_hours_tasks"),
        outcome=fields[0].outcome,
        parameter_groups=every("parameter_groups"),
        giver_reach=1.0,  # each part has its own
        draws=0,
        folder=fields[0].folder.parent,
        several=tuple(fields),
    )


def known_tasks() -> frozenset[str]:
    """Return the tasks of all fields that can be named, so that a variant may speak of a field that is not run."""
    return frozenset(task for name in field_names() for task in load_field(name).task_ids)
