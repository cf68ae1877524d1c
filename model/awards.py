"""Awards in force as rows: what each costs a month and who pays, and a month of all of them as one compiled posting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.jit import rule
from .funding.proposal import proposal_of

if TYPE_CHECKING:
    from .funding.base import FundingInstrument
    from .funding.proposal import Award, Proposal
    from .integration_model import IntegrationModel

# Columns of a row: first and last month; payer, payee, purpose, instrument and structure of its posting; what it costs
# a month, what of it is due from the instrument, its field of action, and the instrument's place in this run.
FIRST, LAST, LINE, COST, DUE, FIELD, PLACE = 0, 1, 2, 7, 8, 9, 10
# Payments that are the same every month: whether they are, and twice a payer and the cents.
STEADY, PAYERS, N_COLUMNS = 11, 12, 16


@rule
def month_of_awards(
    table: Any, month: int, grant: int, nothing: int, lines: Any, cents: Any, by_field: Any, steady: Any, asked: Any
) -> tuple[int, int]:
    """Write the postings of a month of the awards in `table` (n, 16): `lines` (3 n, 5) and `cents` (3 n,); return how
    many they are, and how many awards wait for what their instrument can pay.

    `asked` (n, 2) takes row and posting of these. `by_field` (F,) takes the cost by field of action, `steady` (I, 2)
    the steady payments of each instrument. `grant` and `nothing` are the numbers of these words in the ledger.
    """
    by_field[:] = 0.0
    steady[:] = 0
    n, waiting = 0, 0
    for i in range(len(table)):
        row = table[i]
        if row[FIRST] > month or row[LAST] < month:
            continue
        owner = row[LINE]
        for part in range(2 if row[STEADY] else 0):
            payer, paid = row[PAYERS + 2 * part], row[PAYERS + 2 * part + 1]
            steady[row[PLACE], part] += paid
            if paid != 0 and payer != owner:  # nothing moves within one account
                lines[n, 0], lines[n, 1], lines[n, 2] = payer, owner, grant
                lines[n, 3], lines[n, 4], cents[n] = row[LINE + 3], nothing, paid
                n += 1
        if not row[STEADY]:
            asked[waiting, 0], asked[waiting, 1] = i, n
            waiting += 1
        for j in range(5):
            lines[n, j] = row[LINE + j]
        cents[n] = row[COST]
        by_field[row[FIELD]] += row[COST]
        n += 1
    return n, waiting


@dataclass(slots=True, eq=False)
class Commitment:
    """An award at work: the structure it pays for, in force until its last month or until its fund runs dry.

    `following` is the award that takes over after that month, when the owner goes on with money of its own; `row` is
    its place in the table.
    """

    award: Award
    structure: str
    row: int
    last: int
    following: Award | None = None


class AwardsInForce:
    """The awards at work in a run, in the order of their structures."""

    def __init__(self, model: IntegrationModel, instruments: Mapping[str, FundingInstrument]) -> None:
        """Begin without awards; `instruments` are those of the run by name and may become more."""
        self.model, self.instruments = model, instruments
        self.commitments: list[Commitment] = []
        self.cents_by_field = np.zeros(len(model.people))
        """What awards cost this month by field of action, cents (F,)."""
        self._known: dict[tuple[int, int, int], Commitment] = {}
        self._all: list[Commitment] = []  # by row
        self._places: list[str] = []  # names of instruments by their place
        self._make_room(64)
        ledger = model.ledger
        _, _, grant, _, nothing = ledger.line(0, 0, "grant")
        self._words = grant, nothing

    def _make_room(self, rows: int) -> None:
        table = np.zeros((rows, N_COLUMNS), np.int64)
        if self._all:
            table[: len(self._all)] = self._table[: len(self._all)]
        self._table = table
        self._lines, self._cents = np.zeros((3 * rows, 5), np.int64), np.zeros(3 * rows, np.int64)
        self._asked, self._steady = np.zeros((rows, 2), np.int64), np.zeros((0, 2), np.int64)

    def of(self, proposal: Proposal) -> Commitment | None:
        """Return the award at work for a proposal, whatever an instrument has changed in it since."""
        return self._known.get(proposal_of(proposal))

    def begin(self, award: Award, structure: str) -> None:
        """Let a new award pay for a structure."""
        commitment = Commitment(award, structure, len(self._all), award.last_month)
        if commitment.row == len(self._table):
            self._make_room(2 * len(self._table))
        self.commitments.append(commitment)
        self._all.append(commitment)
        self._known.setdefault(proposal_of(award.proposal), commitment)
        field = self.model.field.number_of_part(self.model.register.task_number[award.proposal.task])
        self._table[commitment.row, FIELD] = field
        self._write_line(commitment)
        self.put(commitment, award)

    def _write_line(self, commitment: Commitment) -> None:
        """Write who pays whom for an award's structure, under the name of its instrument."""
        award, ledger = commitment.award, self.model.ledger
        if award.instrument not in self._places:
            self._places.append(award.instrument)
        payee = ledger.account("staff" if award.proposal.kind == "post" else "suppliers")
        line = ledger.line(award.proposal.account, payee, "structures", award.instrument, commitment.structure)
        row = self._table[commitment.row]
        row[LINE : LINE + 5], row[PLACE] = line, self._places.index(award.instrument)

    def put(self, commitment: Commitment, award: Award) -> None:
        """Let an award take the place of the one before, for the same structure."""
        before, commitment.award, commitment.last = commitment.award, award, award.last_month
        if award.instrument != before.instrument:
            self._write_line(commitment)
        cost = award.proposal.monthly_cost_cents
        due = round(cost * award.funded_share)
        steady = self.instruments[award.instrument].steady(award, due)
        row = self._table[commitment.row]
        row[FIRST], row[LAST], row[COST], row[DUE] = award.first_month, award.last_month, cost, due
        row[STEADY] = steady is not None
        if steady is not None:
            row[PAYERS:] = steady

    def over(self, month: int) -> list[Commitment]:
        """Let those that follow take over, and take out and return what has ended before a month."""
        gone = [c for c in self.commitments if c.last < month]
        for commitment in gone:
            if commitment.following is not None:
                self.put(commitment, commitment.following)
                commitment.following = None
        gone = [c for c in gone if c.last < month]
        if gone:
            self._take_out(gone)
        return gone

    def _take_out(self, gone: list[Commitment]) -> None:
        for commitment in gone:
            self._table[commitment.row, LAST] = self._table[commitment.row, FIRST] - 1
        rows = {commitment.row for commitment in gone}
        self.commitments = [c for c in self.commitments if c.row not in rows]
        self._known = {proposal_of(commitment.award.proposal): commitment for commitment in reversed(self.commitments)}

    def pay(self, month: int) -> list[Commitment]:
        """Pay the month of every award: the instrument its share, the proposer the rest; take out and return those
        whose fund ran dry.
        """
        if len(self._steady) != len(self._places):
            self._steady = np.zeros((len(self._places), 2), np.int64)
        n, waiting = month_of_awards(
            self._table[: len(self._all)], month, *self._words, self._lines, self._cents, self.cents_by_field,
            self._steady, self._asked,
        )  # fmt: skip
        dry: list[Commitment] = []
        for row, posting in self._asked[:waiting].tolist():
            commitment, due = self._all[row], int(self._table[row, DUE])
            paid = self.instruments[commitment.award.instrument].pays(month, commitment.award, due)
            if paid < due:
                self._cents[posting] -= due - paid
                self.cents_by_field[self._table[row, FIELD]] -= due - paid
                dry.append(commitment)
        for name, paid in zip(self._places, self._steady.tolist(), strict=True):
            self.instruments[name].settled(*paid)
        self.model.ledger.post_lines(month, self._lines[:n], self._cents[:n])
        if dry:
            self._take_out(dry)
        return dry
