"""The payroll: what structures of the register cost each month, posted to their payers and split by field of action.

Posts and projects founded by an instrument are paid through their awards, see awards.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.jit import rule
from ..agents.sums import added
from .ledger import split_cents

if TYPE_CHECKING:
    from .field import Field
    from .integration_model import IntegrationModel
    from .structures import Structure


@rule
def sum_payroll(due: Any, parts: Any, sums: Any) -> None:
    """Write into `sums` (payers,) what each payer owes for the structures that are `due` (S,), cents a month.

    `parts` (n, 3) are structure, payer, and the cents it bears.
    """
    sums[:] = 0
    for i in range(len(parts)):
        if due[parts[i, 0]]:
            sums[parts[i, 1]] += parts[i, 2]


@rule
def split_cost(active: Any, cents: Any, tasks: Any, masks: Any, first: Any, spent: Any, by_field: Any) -> None:
    """Write what active structures (S,) that serve cases cost by field of action into `by_field` (F,), cents a month.

    A structure of several fields is split by the hours it worked for each this month (`spent`, in the columns from
    first[f] to first[f + 1]), in equal parts when it worked for none. `masks` (F,) are the tasks of each field as bits.
    """
    n, fields = len(active), len(masks)
    weight, each = np.empty((n, fields)), np.empty(n)
    hours = np.empty(spent.shape[1])
    for s in range(n):
        total, serving = 0.0, 0.0
        for f in range(fields):
            weight[s, f] = 0.0
            if (tasks[s] & masks[f]) != 0:
                serving += 1.0
                if s < len(spent):
                    for k in range(first[f], first[f + 1]):
                        hours[k - first[f]] = spent[s, k]
                    weight[s, f] = added(hours, first[f + 1] - first[f])
                    total += weight[s, f]
        for f in range(fields):
            if total > 0.0:
                weight[s, f] = weight[s, f] / total
            else:
                weight[s, f] = 1.0 / serving if (tasks[s] & masks[f]) != 0 else 0.0
    for f in range(fields):
        for s in range(n):
            each[s] = weight[s, f] * (cents[s] if active[s] else 0)
        by_field[f] = added(each, n)


class Payroll:
    """What the structures of the register cost in a run."""

    def __init__(self, model: IntegrationModel) -> None:
        """Know no payers yet."""
        self.model = model
        self.cents_by_field = np.zeros(len(model.field.parts))
        """What active structures cost this month by field of action, cents (F,)."""
        self._masks, self._first_tasks = tasks_of_fields(model.field)
        self._payers: dict[int, int] = {}  # account to its place among the payers
        self._seen = 0  # structures whose payers are known
        self._parts = np.zeros((0, 3), np.int64)  # structure, payer and cents
        self._lines = np.zeros((0, 5), np.int64)
        self._sums = np.zeros(0, np.int64)
        self._paid_for = (0, -1)  # structures and number of the active ones that `_sums` belong to

    def pay(self) -> None:
        """Post the month's cost of the active structures of the register, split among their payers.

        A structure's cost is split once; nobody is told apart by structure on the ledger.
        """
        model = self.model
        register, ledger = model.register, model.ledger
        if len(register) > self._seen:
            self._meet_payers(register.structures[self._seen :])
        active, c = register.active(model.month), register.columns
        others = (len(register), register.active_number) != self._paid_for
        if others:
            self._paid_for = (len(register), register.active_number)
            self._sums = np.empty(len(self._payers), np.int64)
            sum_payroll(active, self._parts, self._sums)
        ledger.post_lines(model.month, self._lines, self._sums)
        if others or len(self._masks) > 1:  # one field alone bears all, whatever was worked
            spent = model.recorder.spent_on_all()
            split_cost(active, c["cost_cents"], c["tasks"], self._masks, self._first_tasks, spent, self.cents_by_field)

    def _meet_payers(self, new: Sequence[Structure]) -> None:
        """Note who pays for the structures that have been added since; founded ones are paid by their awards."""
        ledger, first = self.model.ledger, self._seen
        self._seen += len(new)
        parts = [
            (s, self._payers.setdefault(ledger.account(name), len(self._payers)), cents)
            for s, structure in enumerate(new, start=first)
            if structure.cost_cents > 0
            for name, cents in _cost_shares(structure.cost_cents, structure.payers)
        ]
        if parts:
            self._parts = np.concatenate([self._parts, np.array(parts, np.int64)])
            accounts = np.array(list(self._payers), np.int64)
            self._lines = ledger.lines(accounts, ledger.account("staff"), "structures", count=len(accounts))


def tasks_of_fields(field: Field) -> tuple[np.ndarray, np.ndarray]:
    """Return the tasks of each field of action as bits (F,), and where each field's tasks begin, (F + 1,)."""
    sizes = [len(part.tasks) for part in field.parts]
    first = np.cumsum([0, *sizes], dtype=np.int64)
    return np.array([((1 << n) - 1) << start for n, start in zip(sizes, first.tolist(), strict=False)], np.int64), first


@lru_cache(maxsize=4096)
def _cost_shares(cents: int, payers: tuple[tuple[str, float], ...]) -> tuple[tuple[str, int], ...]:
    """Return the payers of a monthly cost with their exact cents."""
    names, shares = zip(*payers, strict=True)
    return tuple(zip(names, split_cents(cents, shares), strict=True))
