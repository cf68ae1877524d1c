"""The double-entry ledger: money only moves between named accounts, in whole cents, so all balances sum to zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..agents.jit import rule

_ROWS = 1 << 16  # postings that a journal has room for at first
LARGEST_POSTING = 10**15
"""Largest single posting in cents (ten trillion euros): far below where 64-bit balances could overflow."""

FLOW_KEYS = ("month", "payer", "payee", "purpose", "instrument")


_GOOD, _NO_ACCOUNT, _BAD_AMOUNT, _TO_ITSELF = range(4)
_PAYER, _PAYEE = range(2)  # columns of a line; purpose, instrument and structure follow


@rule
def _write(
    what: Any, money: Any, n: int, balances: Any, accounts: int, month: int, lines: Any, amounts: Any, both_ways: bool,
    largest: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Check amounts and write those that are not zero as journal rows n, n + 1, ...; return rows in use, fault, line.

    `lines` (i, 5) says for each amount payer, payee, purpose, instrument and structure; a negative amount goes back
    from payee to payer where `both_ways` allows it. Nothing is written when one is wrong.
    """
    for i in range(len(amounts)):
        amount = amounts[i]
        if amount == 0:
            continue
        if amount > largest or amount < (-largest if both_ways else 0):
            return n, _BAD_AMOUNT, i
        source, target = lines[i, _PAYER], lines[i, _PAYEE]
        if min(source, target) < 0 or max(source, target) >= accounts:
            return n, _NO_ACCOUNT, i
        if source == target:
            return n, _TO_ITSELF, i
    for i in range(len(amounts)):
        amount = amounts[i]
        if amount == 0:
            continue
        source = lines[i, _PAYER] if amount > 0 else lines[i, _PAYEE]
        target = lines[i, _PAYEE] if amount > 0 else lines[i, _PAYER]
        what[n, 0] = month
        what[n, 1] = source
        what[n, 2] = target
        for j in range(2, 5):
            what[n, j + 1] = lines[i, j]
        money[n] = abs(amount)
        balances[source] -= abs(amount)
        balances[target] += abs(amount)
        n += 1
    return n, _GOOD, 0


class Ledger:
    """Accounts and postings of one run; balances start at zero and their sum stays zero.

    Accounts are opened by name on first use and referred to by number afterwards. A posting has a month, a payer, a
    payee, an amount in integer cents, a purpose, the funding instrument it belongs to and, where known, the structure
    it pays for.

    >>> ledger = Ledger()
    >>> ledger.post(0, "land", "district:09473", 120_000, "grant")
    >>> ledger.total(), int(ledger.balances[ledger.account("land")])
    (0, -120000)
    """

    def __init__(self) -> None:
        """Start without accounts and postings."""
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._balances = np.zeros(64, dtype=np.int64)
        self._labels: list[str] = []
        self._codes: dict[str, int] = {}
        # The journal: month, payer, payee, purpose, instrument, structure; and the cents of each row.
        # Pages that are never written to take no memory, so there is room for most runs from the beginning.
        self._what = np.empty((_ROWS, 6), dtype=np.int32)
        self._money = np.empty(_ROWS, dtype=np.int64)
        self._n = 0

    def account(self, name: str) -> int:
        """Return the number of an account, opening it with balance zero on first use."""
        number = self._numbers.get(name)
        if number is None:
            if not isinstance(name, str) or not name:
                raise TypeError(f"an account name is a non-empty text, not {name!r}")
            number = len(self._names)
            self._names.append(name)
            self._numbers[name] = number
            if number >= self._balances.size:
                self._balances = np.concatenate([self._balances, np.zeros(self._balances.size, dtype=np.int64)])
        return number

    @property
    def names(self) -> tuple[str, ...]:
        """Account names in the order of their numbers."""
        return tuple(self._names)

    @property
    def balances(self) -> np.ndarray:
        """Balance of every account in cents, int64 of shape (accounts,); a copy that later postings do not change."""
        return self._balances[: len(self._names)].copy()

    def balances_of(self, accounts: np.ndarray) -> np.ndarray:
        """Return the balances of some accounts in cents, int64 of the shape of `accounts`; a copy."""
        return self._balances[accounts]

    def balance(self, account: int | str) -> int:
        """Return the balance of one account in cents."""
        return int(self._balances[self._number(account)])

    def total(self) -> int:
        """Return the sum over all accounts in cents: always zero."""
        return sum(self._balances[: len(self._names)].tolist())

    def post(
        self,
        month: int,
        payer: int | str,
        payee: int | str,
        cents: int,
        purpose: str,
        instrument: str = "own_budget",
        structure: str = "",
    ) -> None:
        """Move `cents` from payer to payee; a zero amount is skipped.

        Raises TypeError for an amount that is not an integer, ValueError for a negative or absurdly large one and for a
        posting from an account to itself.
        """
        if isinstance(cents, bool) or not isinstance(cents, int | np.integer):
            raise TypeError(f"an amount is a whole number of cents, not {cents!r} ({purpose})")
        amount = int(cents)
        if amount < 0 or amount > LARGEST_POSTING:
            raise ValueError(f"an amount is between 0 and {LARGEST_POSTING} cents, not {amount} ({purpose})")
        source, target = self._number(payer), self._number(payee)
        if source == target:
            raise ValueError(f"{self._names[source]!r} cannot pay itself ({purpose})")
        if amount == 0:
            return
        self._balances[source] -= amount
        self._balances[target] += amount
        row = self._room(1)
        self._what[row] = month, source, target, self._code(purpose), self._code(instrument), self._code(structure)
        self._money[row] = amount
        self._n += 1

    def post_many(
        self,
        month: int,
        payers: np.ndarray | Sequence[int] | int,
        payees: np.ndarray | Sequence[int] | int,
        cents: np.ndarray | Sequence[int],
        purpose: str,
        instrument: str = "own_budget",
    ) -> None:
        """Move many amounts at once; `payers` and `payees` are account numbers: arrays like `cents`, or one number.

        Zero amounts are skipped (also where payer and payee coincide); the same errors as `post`. All or nothing: when
        one amount is wrong, nothing is posted.
        """
        amounts = np.asarray(cents)
        if amounts.size == 0:
            return
        if amounts.dtype.kind not in "iu":
            raise TypeError(f"amounts are whole numbers of cents, not {amounts.dtype} ({purpose})")
        if amounts.dtype != np.int64:
            if amounts.max() > LARGEST_POSTING:
                raise ValueError(f"amounts are between 0 and {LARGEST_POSTING} cents ({purpose})")
            amounts = amounts.astype(np.int64)
        self.post_lines(month, self.lines(payers, payees, purpose, instrument, count=amounts.size), amounts.ravel())

    def line(
        self, payer: int, payee: int, purpose: str, instrument: str = "own_budget", structure: str = ""
    ) -> tuple[int, int, int, int, int]:
        """Return one prepared line for `post_lines`, between two account numbers."""
        return payer, payee, self._code(purpose), self._code(instrument), self._code(structure)

    def lines(
        self,
        payers: np.ndarray | Sequence[int] | int,
        payees: np.ndarray | Sequence[int] | int,
        purpose: str,
        instrument: str = "own_budget",
        *,
        count: int,
    ) -> np.ndarray:
        """Return `count` prepared lines (int64, a row each) for `post_lines`; lines of several kinds are stacked.

        `payers` and `payees` are account numbers: one for all or one for each line.
        """
        lines = np.empty((count, 5), np.int64)
        lines[:, _PAYER], lines[:, _PAYEE] = payers, payees
        lines[:, 2:] = self._code(purpose), self._code(instrument), self._code("")
        return lines

    def post_lines(self, month: int, lines: np.ndarray, cents: np.ndarray, *, both_ways: bool = False) -> None:
        """Post one amount (int64 cents) on each of many prepared lines; what recurs every month is prepared once.

        Zero amounts are skipped. With `both_ways` a negative amount is a refund and moves from payee to payer. All or
        nothing: raises ValueError like `post` when one amount is wrong, and then nothing is posted.
        """
        if len(lines) != len(cents) or cents.dtype != np.int64:
            raise TypeError(f"{len(lines)} lines need as many int64 amounts, not {len(cents)} of {cents.dtype}")
        first = self._room(len(cents))
        self._n, fault, culprit = _write(
            self._what, self._money, first, self._balances, len(self._names), month, lines, cents, both_ways,
            LARGEST_POSTING,
        )  # fmt: skip
        if fault == _GOOD:
            return
        payer, payee, purpose = lines[culprit, _PAYER], lines[culprit, _PAYEE], self._labels[lines[culprit, 2]]
        if fault == _BAD_AMOUNT:
            raise ValueError(f"amounts are between 0 and {LARGEST_POSTING} cents ({purpose})")
        if fault == _NO_ACCOUNT:
            unknown = payer if not 0 <= payer < len(self._names) else payee
            raise ValueError(f"no account has the number {unknown} ({purpose})")
        raise ValueError(f"{self._names[payer]!r} cannot pay itself ({purpose})")

    def _room(self, rows: int) -> int:
        """Make room for so many rows in the journal; return the first free one."""
        while self._n + rows > len(self._money):
            more = max(rows, len(self._money) // 2)
            self._what = np.concatenate([self._what, np.empty((more, 6), np.int32)])
            self._money = np.concatenate([self._money, np.empty(more, np.int64)])
        return self._n

    def journal(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all postings in the order they were made, as views that must not be changed.

        The first array has month, payer, payee, purpose, instrument and structure as numbers, int32 (n, 6); the second
        the cents, int64 (n,). Payers and payees are account numbers (`names`), the others numbers of `labels`.
        """
        return self._what[: self._n], self._money[: self._n]

    @property
    def labels(self) -> tuple[str, ...]:
        """Purposes, instruments and structures in the order of their numbers in the journal."""
        return tuple(self._labels)

    def flows(self, *, structures: bool = False) -> pd.DataFrame:
        """Return all postings summed by month, payer, payee, purpose and instrument, sorted by these names.

        Columns: month (int), payer, payee, purpose, instrument (text), cents (int64). With `structures` also by
        structure.
        """
        keys = [*FLOW_KEYS, "structure"] if structures else list(FLOW_KEYS)
        what, money = self.journal()
        # One whole number per posting that sorts like its texts.
        key = what[:, 0].astype(np.int64)
        lowest = int(key.min(initial=0))
        key -= lowest
        texts: dict[str, tuple[Any, int]] = {}
        for column, name in enumerate(keys[1:], start=1):
            found, rank = _ranked(self._names if column <= _PAYEE + 1 else self._labels, what[:, column])
            texts[name] = found, len(found)
            key = key * len(found) + rank[what[:, column]]
        order = np.argsort(key, kind="stable")
        first = np.flatnonzero(np.diff(key[order], prepend=-1))
        key = key[order[first]]
        cents = np.add.reduceat(money[order], first) if len(first) else np.zeros(0, np.int64)
        columns: dict[str, Any] = {}
        for name, (found, size) in reversed(texts.items()):
            key, place = np.divmod(key, size)
            columns[name] = found.take(place)
        return pd.DataFrame({"month": key + lowest, **{name: columns[name] for name in keys[1:]}, "cents": cents})

    def _number(self, account: int | str) -> int:
        if isinstance(account, str):
            return self.account(account)
        if not 0 <= account < len(self._names):
            raise ValueError(f"no account has the number {account}")
        return int(account)

    def _code(self, label: str) -> int:
        code = self._codes.get(label)
        if code is None:
            code = self._codes[label] = len(self._labels)
            self._labels.append(label)
        return code


def _ranked(texts: Sequence[str], used: np.ndarray) -> tuple[Any, np.ndarray]:
    """Return the texts with the numbers in `used` in order, as pandas keeps texts (one when there is none), and the
    place of each in this order by its number.
    """
    numbers = np.flatnonzero(np.bincount(used, minlength=len(texts))).tolist()
    order = sorted(numbers, key=texts.__getitem__)
    rank = np.zeros(len(texts), np.int64)
    rank[order] = np.arange(len(order))
    return pd.array([texts[i] for i in order] or [""], dtype="str"), rank


def split_cents(total: int, shares: Sequence[float]) -> list[int]:
    """Split an amount in cents by shares so that the parts add up exactly (largest remainder; ties to the earlier).

    Shares need not add up to one; raises ValueError when one is negative or all are zero.

    >>> split_cents(100, [1, 1, 1])
    [34, 33, 33]
    """
    if isinstance(total, bool) or not isinstance(total, int | np.integer):
        raise TypeError(f"an amount is a whole number of cents, not {total!r}")
    if total < 0:
        raise ValueError(f"an amount to split is not negative, not {total}")
    parts = split_cents_many(np.array([total], dtype=np.int64), np.asarray(shares, dtype=np.float64)[np.newaxis])
    return parts[0].tolist()


def split_cents_many(totals: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Split amounts of shape (n,) by shares of shape (n, k) into int64 parts of shape (n, k); rows add up exactly."""
    shares = np.asarray(shares, dtype=np.float64)
    if shares.ndim != 2 or shares.shape[1] == 0 or not np.isfinite(shares).all() or (shares < 0).any():
        raise ValueError("shares are finite, not negative, and at least one per amount")
    sums = shares.sum(axis=1, keepdims=True)
    if (sums <= 0).any():
        raise ValueError("at least one share is positive")
    totals = np.asarray(totals, dtype=np.int64)
    quota = totals[:, np.newaxis] * (shares / sums)
    parts = np.floor(quota).astype(np.int64)
    # Rounded so that equal shares tie exactly and the earlier one wins, on every machine.
    fraction = np.where(shares > 0, np.round(quota - parts, 9), -1.0)
    rest = totals - parts.sum(axis=1)
    order = np.argsort(-fraction, axis=1, kind="stable")
    for row in np.flatnonzero(rest):
        # The rest is below k except for amounts beyond 2**53, where the quota itself is rounded.
        count, positive = int(rest[row]), [column for column in order[row] if shares[row, column] > 0]
        whole, left = divmod(abs(count), len(positive))
        sign = 1 if count > 0 else -1
        if sign < 0:
            # Rounding up made the parts too large: take back from the largest part, which cannot become negative.
            parts[row, int(np.argmax(parts[row]))] -= abs(count)
            continue
        parts[row, positive] += whole
        parts[row, positive[:left]] += 1
    return parts
