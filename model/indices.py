"""Indices of inequality, concentration, equivalence and overlap: pure functions of numbers or sets, without units.

Amounts may be in any unit; every index is unchanged when all amounts are multiplied by the same positive number.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .errors import InputError, Problem

type FloatArray = npt.NDArray[np.float64]
type Amounts = Sequence[float] | FloatArray


@dataclass(frozen=True, slots=True)
class TheilParts:
    """The Theil index in two parts that add up to it: inequality between group means and inequality within groups."""

    between: float
    within: float

    @property
    def total(self) -> float:
        """Return the Theil index of all members."""
        return self.between + self.within


def gini(values: Amounts, weights: Amounts | None = None) -> float:
    """Return the Gini coefficient: 0 when all bear the same, 1 - 1/n when one of n bears everything.

    `values` are burdens per inhabitant (or per euro of capacity), `weights` the inhabitants they stand for. It is half
    the mean absolute difference over the mean, without correction for small samples (Gini 1912; weighted form Lerman
    and Yitzhaki 1989). Negative burdens are refused: the coefficient has no meaning for them. When nobody bears
    anything it is 0.

    >>> gini([0, 0, 0, 1])
    0.75
    >>> gini([1, 3], weights=[3, 1])
    0.25
    """
    burden, share = _weighted(values, weights, "gini")
    mean = float(burden @ share)
    if mean == 0.0:
        return 0.0
    order = np.argsort(burden, kind="stable")
    burden, share = burden[order], share[order]
    # Mean rank of each member on the weighted line from 0 to 1; the covariance with it is the sum over all pairs.
    rank = np.cumsum(share) - 0.5 * share
    return max(0.0, 2.0 * float((share * (burden - mean)) @ rank) / mean)


def theil(values: Amounts, weights: Amounts | None = None) -> float:
    """Return the Theil index T: 0 when all bear the same, ln n when one of n bears everything (Theil 1967).

    Sum of (share of inhabitants) * (x / mean) * ln(x / mean); a burden of zero adds nothing. Negative burdens are
    refused.

    >>> theil([2, 2, 2])
    0.0
    >>> round(theil([0, 0, 0, 1]), 9) == round(math.log(4), 9)
    True
    """
    burden, share = _weighted(values, weights, "theil")
    mean = float(burden @ share)
    if mean == 0.0:
        return 0.0
    ratio = burden / mean
    logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0.0)
    return max(0.0, float(share @ (ratio * logs)))


def theil_decomposition(values: Amounts, groups: Sequence[Hashable], weights: Amounts | None = None) -> TheilParts:
    """Return the Theil index split into the part between groups and the part within them (Shorrocks 1980).

    `groups` names the group of each value, for instance its district or type of municipality. Groups weigh in the
    second part with their share of the total burden.

    >>> parts = theil_decomposition([1, 1, 3, 3], ["a", "a", "b", "b"])
    >>> parts.within, round(parts.between, 9) == round(theil([1, 3]), 9)
    (0.0, True)
    """
    burden, share = _weighted(values, weights, "theil_decomposition")
    if len(groups) != burden.size:
        message = "theil_decomposition needs one group per value"
        raise InputError(Problem(message, value=str(len(groups)), expected=str(burden.size)))
    mean = float(burden @ share)
    if mean == 0.0:
        return TheilParts(0.0, 0.0)
    names = list(dict.fromkeys(groups))
    index = {name: position for position, name in enumerate(names)}
    member_of = np.array([index[name] for name in groups])
    weight = np.bincount(member_of, weights=share, minlength=len(names))
    total = np.bincount(member_of, weights=share * burden, minlength=len(names))
    present = weight > 0.0
    group_mean = np.divide(total, weight, out=np.zeros_like(total), where=present)
    between = theil(group_mean[present], weight[present])
    within = sum(
        float(total[g]) / mean * theil(burden[member_of == g], share[member_of == g])
        for g in range(len(names))
        if total[g] > 0.0
    )
    return TheilParts(between=between, within=float(within))


def herfindahl(amounts: Amounts) -> float:
    """Return the Herfindahl-Hirschman index of concentration: 1 when one holds all, 1/n when n hold the same (Hirschman
    1964).

    `amounts` are efforts, hours or legal mandates of the actors of one task; they are turned into shares. Where nobody
    holds anything there is no concentration to speak of and the index is 0.

    >>> herfindahl([5, 5, 5, 5])
    0.25
    """
    held = _amounts(amounts, "herfindahl")
    largest = float(held.max(initial=0.0))
    if largest == 0.0:
        return 0.0
    held = held / largest  # keeps tiny amounts from vanishing when squared
    return float(np.sum((held / held.sum()) ** 2))


def effective_number(amounts: Amounts) -> float:
    """Return how many equal actors would be as concentrated: the inverse of the Herfindahl index (Laakso and Taagepera
    1979).

    >>> effective_number([5, 5, 5, 5])
    4.0
    >>> effective_number([0, 0])
    0.0
    """
    index = herfindahl(amounts)
    return 0.0 if index == 0.0 else 1.0 / index


def fiscal_equivalence(benefits: Amounts, costs: Amounts) -> float:
    """Return how far those who benefit are those who pay: 1 when shares agree, 0 when nobody who benefits pays (Olson
    1969).

    1 - half the sum of |benefit share - cost share|; the two lists name the same municipalities or levels in the same
    order. Without any benefit and cost there is nothing to part, and the index is 1; with only one of the two it is 0.

    >>> fiscal_equivalence([1, 2, 1], [10, 20, 10])
    1.0
    >>> fiscal_equivalence([1, 0], [0, 7])
    0.0
    """
    gains, payments = _amounts(benefits, "fiscal_equivalence"), _amounts(costs, "fiscal_equivalence")
    if gains.size != payments.size:
        message = "fiscal_equivalence needs a benefit and a cost of the same parties"
        raise InputError(Problem(message, value=f"{gains.size} and {payments.size}", expected="lists of one length"))
    total_gain, total_payment = float(gains.sum()), float(payments.sum())
    if total_gain == 0.0 or total_payment == 0.0:
        return 1.0 if total_gain == total_payment else 0.0
    gap = float(np.abs(gains / total_gain - payments / total_payment).sum())
    return min(1.0, max(0.0, 1.0 - 0.5 * gap))


def gini_by_row(values: FloatArray) -> FloatArray:
    """Return `gini` of every row of burdens without weights, (T, M) to (T,), bit for bit.

    >>> gini_by_row(np.array([[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]])).tolist()
    [0.75, 0.0]
    """
    share, means = _equal_shares(values)
    rank = np.cumsum(share) - 0.5 * share
    parts = share * (np.sort(values, axis=1) - means[:, np.newaxis])
    covered = np.divide(2.0 * np.vecdot(parts, rank), means, out=np.zeros_like(means), where=means != 0.0)
    return np.maximum(0.0, covered)


def theil_by_row(values: FloatArray) -> FloatArray:
    """Return `theil` of every row of burdens without weights, (T, M) to (T,), bit for bit.

    >>> theil_by_row(np.array([[2.0, 2.0, 2.0], [0.0, 0.0, 0.0]])).tolist()
    [0.0, 0.0]
    """
    share, means = _equal_shares(values)
    mean = means[:, np.newaxis]
    ratios = np.divide(values, mean, out=np.zeros_like(values), where=mean != 0.0)
    parts = ratios * np.log(ratios, out=np.zeros_like(ratios), where=ratios > 0.0)
    return np.maximum(0.0, np.vecdot(parts, share))


def equivalence_by_row(benefits: FloatArray, costs: FloatArray) -> FloatArray:
    """Return `fiscal_equivalence` of every row of benefits and costs, (T, M) to (T,); NaN where one of them is nothing.

    >>> equivalence_by_row(np.array([[1.0, 2.0, 1.0], [1.0, 0.0, 0.0]]), np.array([[10.0, 20.0, 10.0], [0.0] * 3]))
    array([ 1., nan])
    """
    gains, paid = (np.ascontiguousarray(part) for part in (benefits, costs))
    gained, payments = gains.sum(axis=1), paid.sum(axis=1)
    out = np.full(len(gains), np.nan)
    some = (gained > 0.0) & (payments > 0.0)
    gap = np.abs(gains[some] / gained[some, np.newaxis] - paid[some] / payments[some, np.newaxis]).sum(axis=1)
    out[some] = np.minimum(1.0, np.maximum(0.0, 1.0 - 0.5 * gap))
    return out


def _equal_shares(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the share of each member in a row, and the mean of every row."""
    weight = np.ones(values.shape[1])
    share = weight / float(weight.sum())
    # Row by row: NumPy adds up a product of two rows in another order than one of a table and a row.
    return share, np.vecdot(values, share)


def jaccard[T: Hashable](
    first: AbstractSet[T] | Mapping[T, float], second: AbstractSet[T] | Mapping[T, float]
) -> float:
    """Return the overlap of two actors: shared cells over all their cells, from 0 to 1 (Jaccard 1901).

    Give two sets of cells, or two mappings of cells to effort for the weighted form, sum of minima over sum of maxima
    (Ruzicka 1958). Two actors without any cell do not overlap.

    >>> round(jaccard({"a", "b"}, {"b", "c"}), 6)
    0.333333
    >>> jaccard({"a": 2.0, "b": 2.0}, {"b": 2.0, "c": 4.0})
    0.25
    """
    one, two = _efforts(first), _efforts(second)
    cells = one.keys() | two.keys()
    union = math.fsum(max(one.get(cell, 0.0), two.get(cell, 0.0)) for cell in cells)
    if union == 0.0:
        return 0.0
    shared = math.fsum(min(one.get(cell, 0.0), two.get(cell, 0.0)) for cell in cells)
    return min(1.0, shared / union)


def _efforts[T: Hashable](actor: AbstractSet[T] | Mapping[T, float]) -> dict[T, float]:
    if not isinstance(actor, Mapping):
        return dict.fromkeys(actor, 1.0)
    for effort in actor.values():
        if not effort >= 0.0 or not math.isfinite(effort):
            raise InputError(Problem("jaccard: efforts cannot be negative or missing", value=f"{effort:g}"))
    return dict(actor)


def _amounts(values: Amounts, index: str) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise InputError(Problem(f"{index} needs a plain list of amounts", value=f"{array.ndim} dimensions"))
    wrong = ~(array >= 0.0) | ~np.isfinite(array)
    if wrong.any():
        value = f"{array[wrong][0]:g}"
        raise InputError(Problem(f"{index}: amounts cannot be negative or missing", value=value, expected="at least 0"))
    return array


def _weighted(values: Amounts, weights: Amounts | None, index: str) -> tuple[FloatArray, FloatArray]:
    """Return values and their weights as shares that sum to 1."""
    array = _amounts(values, index)
    if array.size == 0:
        raise InputError(Problem(f"{index} needs at least one value", value="none"))
    weight = np.ones(array.size) if weights is None else _amounts(weights, index)
    if weight.size != array.size:
        message = f"{index} needs one weight per value"
        raise InputError(Problem(message, value=str(weight.size), expected=str(array.size)))
    total = float(weight.sum())
    if total == 0.0:
        raise InputError(Problem(f"{index}: all weights are zero", expected="at least one weight above zero"))
    return array, weight / total
