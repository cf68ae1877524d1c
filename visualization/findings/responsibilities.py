"""Responsibilities: which task is nobody's where, which is several bodies', and who is there at all; with A and B.

A cell is a task in a municipality. In a run it is a gap when at least `GAP` of the open cases (means over the months)
have been held by nobody for three months; a duplicate when at least `DUPLICATE` of the hours are lost to double work;
else clear; without cases there is no need. A cell is shown as what it is in more than half of the runs; a gap counts
before a duplicate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ...model.calendar import month_label
from ...model.field import load_field
from ...model.parameters import parameter_table
from ...model.responsibility import load_rule
from ...model.structures import LEVELS
from ..charts.chart import Table
from ..charts.matrix import State, matrix
from ..charts.shading import sort_key
from ..formats import GAP as UNBROKEN
from .lens import Lens, spread
from .quality import quality_from

if TYPE_CHECKING:
    from ..charts.chart import Chart
    from ..charts.matrix import Kind
    from ..choices import Choice
    from ..ensemble import Ensemble
    from .quality import Quality

GAP = parameter_table()["gap_case_share"].value
"""Share of open cases from which a cell is a gap; the parameter by which the model's actors see gaps too."""
DUPLICATE = 0.1
"""Share of lost hours from which a cell is a duplicate; set by us."""
KINDS: tuple[Kind, ...] = ("none", "clear", "duplicate", "gap")
DRIVERS = ("gap_case_share", "overlap_loss", "detection", "full_months", "held_notice", "notice_distance_km")


@dataclass(frozen=True, slots=True)
class Responsibilities:
    """Both variants as matrices of tasks by municipality and by level; the A ones are None when both are the same."""

    finding: str
    explained: str
    places_a: Chart | None
    places_b: Chart
    levels_a: Chart | None
    levels_b: Chart
    table: Table
    quality: Quality
    notes: tuple[str, ...]


def responsibilities(
    ensemble: Ensemble, baseline: Choice, choice: Choice, *, language: str, width: float = 800.0
) -> Responsibilities:
    """Return who does what, twice or not at all; `width` is that of the matrices."""
    lens = Lens(ensemble, baseline, choice, language)
    before, after = (cell_kinds(ensemble, one) for one in (baseline, choice))
    heads = lens.say("lead_a", name=lens.a), lens.say("lead_b", name=lens.b)
    return Responsibilities(
        finding=_finding(lens),
        explained=lens.say(
            "responsibilities.explained",
            gap=lens.formats.percent(GAP, 0),
            duplicate=lens.formats.percent(DUPLICATE, 0),
            N=lens.formats.number(len(ensemble.seeds), 0),
        ),
        places_a=None if lens.same else _places(lens, before, heads[0], width),
        places_b=_places(lens, after, heads[1], width),
        levels_a=None if lens.same else _levels(lens, baseline, heads[0], width),
        levels_b=_levels(lens, choice, heads[1], width),
        table=_table(lens),
        quality=quality_from(DRIVERS, language),
        notes=tuple(lens.say(f"not_modelled_{name}") for name in ("register", "people")),
    )


def run_kinds(cells: dict[str, np.ndarray]) -> np.ndarray:
    """Return what every cell is in every run, as a number in KINDS, shape (S, K, M); -1 where the run is missing."""
    opened, open_, unheld, hours, lost = (
        cells[name].sum(axis=-1) for name in ("opened", "open_mean", "unheld_mean", "hours", "duplicated_hours")
    )
    kinds = np.where(opened > 0, KINDS.index("clear"), KINDS.index("none"))
    kinds = np.where((opened > 0) & (hours > 0) & (lost >= DUPLICATE * hours), KINDS.index("duplicate"), kinds)
    kinds = np.where((opened > 0) & (open_ > 0) & (unheld >= GAP * open_), KINDS.index("gap"), kinds)
    return np.where(np.isnan(opened), -1, kinds)


def cell_kinds(ensemble: Ensemble, choice: Choice) -> np.ndarray:
    """Return what every cell is in more than half of the runs (the most frequent kind), shape (K, M), in KINDS."""
    kinds = run_kinds(ensemble.cells(choice))
    counts = np.array([(kinds == number).sum(axis=0) for number in range(len(KINDS))])
    return counts.argmax(axis=0)


def bodies(ensemble: Ensemble, choice: Choice) -> np.ndarray:
    """Return how many bodies of each level are there for a task in a municipality in the last month.

    Mean over municipalities, median over runs; shape (K, levels). Bodies are counted by owner: two offices of one owner
    are one. Register and posts founded in the runs; a founded post of a municipality serves that one only.
    """
    shape, month = ensemble.shape, ensemble.months[-1]
    level = {name: number for number, name in enumerate(LEVELS)}
    task = {name: number for number, name in enumerate(shape.tasks)}
    fixed: set[tuple[int, int, int, str]] = set()
    register: Any = ensemble.region.structures
    active = register[(register["start_month"] <= month) & (register["end_month"] >= month)]
    for row in active.to_dict("records"):
        for name in row["task_ids"]:
            if name in task:
                fixed |= {
                    (task[name], level[row["level"]], place, row["owner"]) for place in row["municipality_indices"]
                }
    founded: Any = ensemble.structures(choice)
    now = month_label(month)
    if len(founded):
        start, end = founded["start"].astype(str), founded["end"].astype(str)
        founded = founded[(start <= now) & ((end == "") | (end >= now))]
    everywhere = range(len(shape.places))
    counts = []
    for seed in ensemble.seeds:
        found = set(fixed)
        for row in founded[founded["seed"] == seed].to_dict("records") if len(founded) else ():
            head, _, key = str(row["owner"]).partition(":")
            where = [shape.places.index(key)] if head == "municipality" and key in shape.places else everywhere
            for name in str(row["tasks"]).split(";"):
                if name in task:
                    found |= {(task[name], level[str(row["level"])], place, head) for place in where}
        number = np.zeros((len(task), len(LEVELS)))
        for k, one, _, _ in found:
            number[k, one] += 1
        counts.append(number / len(shape.places))
    return np.median(counts, axis=0)


def _tasks(lens: Lens) -> list[str]:
    tasks = load_field(lens.ensemble.field).tasks
    return [task.name_de if lens.language == "de" else task.name_en for task in tasks]


def _words(lens: Lens) -> dict[Kind, str]:
    return {kind: lens.say(f"responsibilities.{kind}") for kind in KINDS}


def _places(lens: Lens, kinds: np.ndarray, head: str, width: float) -> Chart:
    """Return the matrix of tasks by municipality, in the order of the alphabet."""
    names = [lens.place_name(key) for key in lens.ensemble.places]
    order = sorted(range(len(names)), key=lambda place: sort_key(names[place]))
    states = {
        (k, column): State(cast("Kind", KINDS[kinds[k, place]]))
        for k in range(len(kinds))
        for column, place in enumerate(order)
    }
    return matrix(
        _tasks(lens), [names[place] for place in order], states, title=lens.say("responsibilities.places", name=head),
        formats=lens.formats, words=_words(lens), width=width,
    )  # fmt: skip


def _levels(lens: Lens, choice: Choice, head: str, width: float) -> Chart:
    """Return the matrix of tasks by level with the number of bodies per municipality.

    Several bodies for one task are a duplicate unless the rule names one in charge; none at all is a gap.
    """
    number = bodies(lens.ensemble, choice)
    led = not choice.name and load_rule(choice.rule).exclusive
    states = {}
    for k, row in enumerate(number):
        several = row.sum() > 1.5 and not led
        for column, count in enumerate(row):
            kind: Kind = "none" if count < 0.05 else "duplicate" if several else "clear"
            if row.sum() < 0.5:
                kind = "gap"
            states[k, column] = State(kind, lens.formats.number(float(count), 1) if count >= 0.05 else "")
    return matrix(
        _tasks(lens), [lens.say(f"responsibilities.level_{name}") for name in LEVELS], states,
        title=lens.say("responsibilities.levels", name=head, month=lens.formats.month(lens.ensemble.months[-1])),
        formats=lens.formats, words=_words(lens), width=width,
    )  # fmt: skip


def _table(lens: Lens) -> Table:
    """Return by task the share of open cases nobody holds, of hours lost, and the wait, with A and B, middle run."""
    shares = [task_shares(lens.ensemble, choice) for choice in (lens.baseline, lens.choice)]
    rows = tuple(
        (name, *(spread(share[part][:, k])[1] for part in range(3) for share in shares))
        for k, name in enumerate(_tasks(lens))
    )
    parts = ("gap_share", "lost_share", "wait")
    columns = [lens.say("responsibilities.task")]
    columns += [f"{letter}: {lens.say(f'responsibilities.{part}')}" for part in parts for letter in "AB"]
    return Table(tuple(columns), rows, ("", *("share",) * 4, "months", "months"))


def task_shares(ensemble: Ensemble, choice: Choice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return by run and task (S, K): open cases nobody has held for three months, hours lost, months of waiting."""
    cells = ensemble.cells(choice)
    total = {name: np.nansum(values, axis=(2, 3)) for name, values in cells.items()}
    waited = np.nansum(cells["waiting_months"] * cells["served"], axis=(2, 3))

    def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
        return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)

    return (
        share(total["unheld_mean"], total["open_mean"]),
        share(total["duplicated_hours"], total["hours"]),
        share(waited, total["served"]),
    )


def _finding(lens: Lens) -> str:
    """Return how many cells are gaps and duplicates with B, and with A: the middle run and 8 of 10 runs."""
    sides = [(lens.choice, lens.b)] if lens.same else [(lens.choice, lens.b), (lens.baseline, lens.a)]
    return " ".join(_counted(lens, choice, name) for choice, name in sides)


def _counted(lens: Lens, choice: Choice, name: str) -> str:
    kinds = run_kinds(lens.ensemble.cells(choice))
    kinds = kinds[(kinds >= 0).all(axis=(1, 2))]
    counts = {kind: (kinds == number).sum(axis=(1, 2)).astype(float) for number, kind in enumerate(KINDS)}

    def number(kind: Kind) -> str:
        low, middle, high = (lens.formats.number(value, 0) for value in spread(counts[kind]))
        return f"{middle} ({lens.say('up_to', low=low, high=high)})".replace(" ", UNBROKEN)

    total = spread(kinds[0].size - counts["none"] if len(kinds) else np.array([]))[1]
    return lens.say(
        "responsibilities.counts", name=name, total=lens.formats.number(total, 0),
        gap=number("gap"), duplicate=number("duplicate"), clear=number("clear"),
    )  # fmt: skip


__all__ = ["Responsibilities", "bodies", "cell_kinds", "responsibilities", "run_kinds", "task_shares"]
