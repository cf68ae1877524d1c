"""Ties, confusion and trust: how a household of any field of action stands to residents and to bodies.

The rules are scalar functions of float64 numbers (+, -, * and / only), so that compiled and plain Python give the same
bits. All their parameters `p` are assumptions with a range (`kreislauf parameters`): no estimate was found.
"""

from __future__ import annotations

from typing import Any

from .jit import rule


@rule
def contacts_after(contacts: float, won: float, lost: float, u_won: float, u_lost: float) -> float:
    """Return the regular ties to residents (Kontakte) after a month: one may be lost and one won.

    `won` is the monthly probability of a new tie, `lost` that of losing each; `u_won` and `u_lost` are uniform numbers.

    >>> contacts_after(2.0, 0.1, 0.05, 0.5, 0.02), contacts_after(0.0, 0.1, 0.05, 0.02, 0.5)
    (1.0, 1.0)
    """
    if u_lost < lost * contacts:
        contacts = contacts - 1.0
    if u_won < won:
        contacts = contacts + 1.0
    return contacts if contacts > 0.0 else 0.0


@rule
def confusion_after(confusion: float, bodies: int, p: Any) -> float:
    """Return a household's confusion (0 to 1) after a month in which so many `bodies` held a file of it.

    It fades by itself; every body beyond the first adds to it (D05).
    """
    extra = float(bodies) - 1.0
    confusion = confusion * p.confusion_memory
    if extra > 0.0:
        confusion = confusion + p.confusion_per_body * extra
    return 1.0 if confusion > 1.0 else confusion


@rule
def trust_after(trust: float, confusion: float, p: Any) -> float:
    """Return a household's trust in bodies (0 to 1) after a month: it goes back to its rest, confusion lowers it."""
    trust = trust + p.trust_recovery * (p.trust_rest - trust) - p.trust_confusion * confusion
    return 0.0 if trust < 0.0 else (1.0 if trust > 1.0 else trust)
