"""How a wish becomes a proposal that an instrument decides on: a post, or a small project where the task allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .funding.base import Proposal
from .rng import identity_of

if TYPE_CHECKING:
    from .integration_model import IntegrationModel
    from .wishes import Wished


class _Proposer(NamedTuple):
    """What all proposals of a planner have in common."""

    name: str
    account: int
    owner: str
    municipality: int
    district: int
    places: tuple[int, ...]


class _Purpose(NamedTuple):
    """What all proposals for a task have in common; `project`: a small project without staff can serve it."""

    task: str
    groups: tuple[str, ...]
    visibility: float
    mandatory: bool
    project: bool


class Proposals:
    """Makes the proposals of a run; what planner and task say about them is looked up once."""

    def __init__(self, model: IntegrationModel) -> None:
        """Begin without proposers: an account is opened with the first proposal."""
        self.model = model
        self._proposers: dict[int, _Proposer] = {}
        self._purposes = [
            _Purpose(
                task.id, model.field.groups_of(number), task.visibility, task.id in model.field.mandatory_tasks,
                task.id in model.field.project_tasks,
            )
            for number, task in enumerate(model.field.tasks)
        ]  # fmt: skip

    def post(self, wish: Wished, month: int) -> Proposal:
        """Return the post that a planner asks for in a month."""
        number, task, hours, fte, gap = wish
        who = self._proposers.get(number)
        if who is None:
            who = self._proposers[number] = self._proposer(number)
        name, account, owner, municipality, district, places = who
        p, purpose = self.model.parameters, self._purposes[task]
        return Proposal(
            identity_of(f"{name}/{purpose.task}/{month}"), month, account, owner, municipality, district, purpose.task,
            "post", fte, round(fte * p.post_cost_eur / 12 * 100), int(p.post_months), purpose.groups, places, hours,
            gap, purpose.visibility, purpose.mandatory,
        )  # fmt: skip

    def project(self, wish: Wished, post: Proposal) -> Proposal | None:
        """Return the small project a planner asks for where its post is refused; None where the task allows none."""
        if not self._purposes[wish.task].project:
            return None
        p = self.model.parameters
        monthly = round(p.project_cost_eur / p.project_months * 100)
        return post._replace(kind="project", fte=0.0, monthly_cost_cents=monthly, months=int(p.project_months))

    def _proposer(self, number: int) -> _Proposer:
        model = self.model
        planner = model.planners[number]
        owner, _, place = planner.name.partition(":")
        public, first = owner in ("municipality", "district"), planner.places[0]
        return _Proposer(
            planner.name, model.ledger.account(f"{owner}:{place}" if public else f"carrier:{owner}"), owner,
            first if owner == "municipality" else -1, int(model.district_of[first]), planner.places,
        )  # fmt: skip
