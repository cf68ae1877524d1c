"""How a wish becomes a proposal that an instrument decides on: a post, or a small project where the task allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .funding.proposal import Kind, Proposal, Purpose, level_of
from .rng import identity_of

if TYPE_CHECKING:
    from .integration_model import IntegrationModel
    from .wishes import Wished


class Asking(NamedTuple):
    """What all proposals of a planner for a task have in common; `beginning` that of their names."""

    beginning: str
    account: int
    owner: str
    municipality: int
    district: int
    task: str
    groups: tuple[str, ...]
    places: tuple[int, ...]
    visibility: float
    mandatory: bool
    giver_reach: float
    purposes: tuple[Purpose, ...]
    """The post, and the small project where one can serve the task."""

    @property
    def small(self) -> tuple[Purpose, ...]:
        """The small project where one can serve the task."""
        return self.purposes[1:]


class _Asker(NamedTuple):
    """What all proposals of a planner have in common."""

    name: str
    account: int
    owner: str
    level: str
    municipality: int
    district: int
    places: tuple[int, ...]


class _Task(NamedTuple):
    """What all proposals for a task have in common, and their purposes by the level of who proposes."""

    id: str
    groups: tuple[str, ...]
    visibility: float
    mandatory: bool
    giver_reach: float
    kinds: tuple[Kind, ...]
    purposes: dict[str, tuple[Purpose, ...]]


class Proposals:
    """Makes the proposals of a run; what planner and task say about them is looked up once."""

    def __init__(self, model: IntegrationModel) -> None:
        """Begin without proposers: an account is opened with the first wish."""
        self.model, p = model, model.parameters
        self._askers: dict[int, _Asker] = {}
        self._tasks: dict[int, _Task] = {}
        self._asking: dict[tuple[int, int], Asking] = {}
        self._months = {"post": int(p.post_months), "project": int(p.project_months)}
        self._post_eur = p.post_cost_eur
        self._project_cents = round(p.project_cost_eur / p.project_months * 100)

    def asking(self, planner: int, task: int) -> Asking:
        """Return what all proposals of a planner for a task have in common."""
        found = self._asking.get((planner, task))
        if found is None:
            found = self._asking[planner, task] = self._look_up(self._asker(planner), self._task(task))
        return found

    def of(self, asking: Asking, kind: Kind, wish: Wished, month: int) -> Proposal:
        """Return what a planner asks for in a month: a post of the size of its need, or a small project."""
        beginning, account, owner, town, district, task, groups, places, visibility, mandatory, reach, _ = asking
        hours, fte, gap = wish.hours, wish.fte, wish.gap
        if kind == "post":
            cents = round(fte * self._post_eur / 12 * 100)
        else:
            fte, cents = 0.0, self._project_cents
        return Proposal(
            identity_of(f"{beginning}{month}"), month, account, owner, town, district, task, kind, fte, cents,
            self._months[kind], groups, places, hours, gap, visibility, mandatory, reach,
        )  # fmt: skip

    def _look_up(self, asker: _Asker, task: _Task) -> Asking:
        name, account, owner, level, town, district, places = asker
        purposes = task.purposes.get(level)
        if purposes is None:
            purposes = tuple(Purpose(task.id, kind, level, task.visibility, task.mandatory) for kind in task.kinds)
            task.purposes[level] = purposes
        return Asking(
            f"{name}/{task.id}/", account, owner, town, district, task.id, task.groups, places,
            task.visibility, task.mandatory, task.giver_reach, purposes,
        )  # fmt: skip

    def _asker(self, number: int) -> _Asker:
        found = self._askers.get(number)
        if found is None:
            model = self.model
            planner = model.planners[number]
            owner, _, place = planner.name.partition(":")
            public, first = owner in ("municipality", "district"), planner.places[0]
            account = model.ledger.account(f"{owner}:{place}" if public else f"carrier:{owner}")
            town, district = first if owner == "municipality" else -1, int(model.district_of[first])
            found = _Asker(planner.name, account, owner, level_of(owner), town, district, planner.places)
            self._askers[number] = found
        return found

    def _task(self, number: int) -> _Task:
        found = self._tasks.get(number)
        if found is None:
            field, task = self.model.field, self.model.field.tasks[number]
            kinds: tuple[Kind, ...] = ("post", "project") if task.id in field.project_tasks else ("post",)
            mandatory = task.id in field.mandatory_tasks
            said = field.part_of(number)[0].giver_reach
            reach = getattr(self.model.parameters, said) if isinstance(said, str) else said
            found = _Task(task.id, field.groups_of(number), task.visibility, mandatory, reach, kinds, {})
            self._tasks[number] = found
        return found
