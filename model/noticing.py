"""Who could notice what: the draws of a month for all open cases together, before anybody acts on them.

What a body notices depends on itself, the household and the case, not on what other bodies do with other cases. So
the draws are made first, in loops without decisions that a processor works through several structures at a time; then
`take_on` goes through the few that something follows from.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..agents.jit import rule
from .coordination import quality_between
from .lanes import PAIRS, eight_cases_below

_HAIR = 1e-9  # added to a probability: more than rounding can take off it
DETECT = 64  # purposes of pair draws: the task number, and this much more for detection and lost hand-overs


@rule
def notice_probability(base: float, trust: float, confusion: float, q: float, t: Any) -> float:
    """Return the probability that a body notices an open case in a month.

    `base` is visibility times closeness; low trust and confusion keep people away; a body that already serves the
    household refers it on with the quality of cooperation `q`, 1 when that is the body itself.
    """
    access = (1.0 - t.trust_weight + t.trust_weight * trust) * (1.0 - t.confusion_weight * confusion)
    p = base * access
    return p + (1.0 - p) * t.referral * q


@rule
def highest_notice(trust: float, confusion: float, guided: bool, less: float, t: Any) -> tuple[float, float]:
    """Return slope and level of the line over `base` above which no draw of a household's case is ever a notice.

    `notice_probability` is a straight line over `base` and grows with cooperation, so two points at perfect cooperation
    (none, when nobody serves the household yet: `guided`) give it; `less` is the factor of cases somebody holds.
    """
    q = 1.0 if guided else 0.0
    far = notice_probability(0.0, trust, confusion, q, t) * less
    close = notice_probability(1.0, trust, confusion, q, t) * less
    return close - far, far + _HAIR


@rule
def list_able(
    cell_start: Any, pair_structure: Any, liable: Any, base: Any, identity: Any, extra_hours: Any, room: Any, t: Any,
    start: Any, able: Any, names: Any, near: Any,
) -> None:  # fmt: skip
    """List by cell the candidates that could open a file or pass a case on when the month begins.

    Nobody gets more room later. `start` (cells + 1,) says where a cell's begin; `able` are their pairs, `names` their
    identities and `near` their `base`. Those with a mandate (`liable` 0) open files, those who pool (2) only pass on.
    """
    sends, acts = np.empty(len(room), np.bool_), np.empty(len(room), np.bool_)
    for s in range(len(room)):
        sends[s] = t.exclusive > 0.5 and extra_hours[s] + t.hand_over_hours <= room[s]
        acts[s] = sends[s] or extra_hours[s] + t.intake_hours <= room[s]
    n = 0
    for cell in range(len(cell_start) - 1):
        start[cell] = n
        for pair in range(cell_start[cell], cell_start[cell + 1]):
            s = pair_structure[pair]
            able[n], names[n], near[n] = pair, identity[s], base[pair]
            n += (1 if acts[s] else 0) if liable[pair] == 0 else (1 if liable[pair] == 2 and sends[s] else 0)
    start[len(cell_start) - 1] = n


@rule
def draw_noticing(
    table: Any, cases: Any, month: int, seed: int, start: Any, names: Any, near: Any, t: Any, noticed: Any, draws: Any,
) -> None:  # fmt: skip
    """Write for each case and block of eight able candidates which of them could notice it, with perfect cooperation.

    `noticed` takes one number per block, in the order of the cases: bit j stands for the block's candidate j, whose
    draw is draws[8 * block + j]. Most do not notice whatever the cooperation, which is at most 1; whoever does is
    looked at again by `notice_probability`.
    """
    at = 0
    for i in range(len(cases)):
        c = cases[i]
        h = table[int(c.household)]
        first, end = start[int(c.cell)], start[int(c.cell) + 1]
        less = t.held_notice if int(c.n_files) > 0 else 1.0
        slope, level = highest_notice(float(h.trust), float(h.confusion), int(h.guide) >= 0, less, t)
        for block in range(first, end, PAIRS):
            bits = eight_cases_below(
                seed, names, near, block, int(h.identity), month, int(c.task), slope, level, draws,
                at * PAIRS,
            )  # fmt: skip
            noticed[at] = bits & ((1 << min(end - block, PAIRS)) - 1)
            at += 1


@rule
def draw_detection(
    table: Any, cases: Any, month: int, seed: int, actor: Any, identity: Any, q: Any, home: Any, column: Any, t: Any,
    found: Any,
) -> None:  # fmt: skip
    """Write for each case which of its further files come to light: their body and the leading one find out.

    In `found` (cases,) bit f stands for file f; the first file leads and stays.
    """
    many, n = np.empty(len(cases), np.int64), 0
    for i in range(len(cases)):
        found[i] = 0
        many[n] = i
        n += 1 if int(cases[i].n_files) > 1 else 0
    # First all names, then all draws: a vector read waits for what has just been written one by one.
    names, quality, draws = np.zeros(n * PAIRS, np.int64), np.zeros(n * PAIRS), np.empty(PAIRS)
    for j in range(n):
        c = cases[many[j]]
        lead = actor[int(c.files[0])]
        for f in range(1, int(c.n_files)):
            s = int(c.files[f])
            names[j * PAIRS + f] = identity[s]
            quality[j * PAIRS + f] = quality_between(lead, actor[s], q, home, column)
    for j in range(n):
        c = cases[many[j]]
        who = int(table[int(c.household)].identity)
        bits = eight_cases_below(
            seed, names, quality, j * PAIRS, who, month, int(c.task) + DETECT, t.detection, 0.0, draws, 0
        )
        found[many[j]] = bits
