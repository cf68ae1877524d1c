"""Who notices a case, who takes it on, who does it twice, and what is handed over: one month for all open cases.

The rule of the variant comes in as numbers per candidate: its tier (who is asked first) and its weight (how cases are
shared within a tier). Everything random is drawn per pair of case and structure, so neither the order of cases nor the
numbering of structures matters.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..agents.jit import rule
from ..agents.sums import added
from .cases import MAX_FILES
from .lanes import PAIRS, eight_case_uniforms
from .rng import case_uniforms

TAKE_ON = np.dtype(
    [
        ("exclusive", "f8"),  # 1: one body holds a case; 0: every body that notices opens a file
        ("refuses_when_full", "f8"),  # 1: a full body is passed over
        ("register", "f8"),  # 1: a shared register shows what any body noticed
        ("delay_months", "f8"),  # consent or conference before work begins on an assigned case
        ("liable_after", "f8"),  # months without a holder until joint liability assigns it (large: never)
        ("held_notice", "f8"),  # noticing of a case that some body holds already, against one nobody holds
        ("referral", "f8"),  # part of q that turns into noticing by referral
        ("trust_weight", "f8"),  # part of noticing that depends on the household's trust
        ("confusion_weight", "f8"),
        ("hand_over_loss", "f8"),  # probability that a hand-over without any cooperation fails
        ("hand_over_hours", "f8"),  # hours a hand-over costs on each side
        ("intake_hours", "f8"),  # hours it costs to open a file
        ("detection", "f8"),  # probability per month, times q, that two bodies find out that both hold a file
        ("full_months", "f8"),  # backlog in months of capacity from which a body is full
    ]
)
_LANES = PAIRS
_DETECT = 64  # purposes of pair draws: the task number, and this much more for detection


@rule
def notice_probability(base: float, trust: float, confusion: float, q: float, t: Any) -> float:
    """Return the probability that a body notices an open case in a month.

    `base` is visibility times closeness; low trust and confusion keep people away; a body that already serves the
    household refers it on with the quality of cooperation `q`.
    """
    access = (1.0 - t.trust_weight + t.trust_weight * trust) * (1.0 - t.confusion_weight * confusion)
    p = base * access
    return p + (1.0 - p) * t.referral * q


@rule
def drawn_at(number: int) -> int:
    """Return where the draws of a pair begin, by its number among those drawn for; see `eight_case_uniforms`."""
    return 4 * number - 3 * (number % _LANES)


@rule
def take_on(
    table: Any, cases: Any, n_cases: int, month: int, seed: int, cell_start: Any, pair_structure: Any, liable: Any,
    base: Any, tier: Any, weight: Any, actor: Any, identity: Any, q: Any, home: Any, column: Any, adherence: Any,
    backlog: Any, capacity: Any, room: Any, how: Any, extra_hours: Any, stats: Any,
) -> None:  # fmt: skip
    """Let bodies notice, take on, hand over and detect duplicates for every open case of the month.

    Per candidate pair: `base` noticing, `tier`, `weight`, `liable`; per structure: `actor`, `identity`, `backlog` and
    `capacity` in hours; `q`, `home` and `column` of `Coordination` and `adherence` (A,) of actors. `extra_hours` (S,)
    gathers the hours of intake and hand-over, at most `room` (S,): whoever has no hour left opens no file and passes
    nothing on; `stats` (5,) counts files opened, hand-overs, failed hand-overs, duplicates found, and the intake hours
    of further files.

    Who does not keep to the rule acts as without it: opens a file in its own place, and neither pools nor stands in.
    `how` is an array of one TAKE_ON record.
    """
    t = how[0]
    exclusive = t.exclusive > 0.5
    # By cell those who could open a file or pass a case on when the month begins; nobody gets more room later.
    n_pairs, most = len(pair_structure), 0
    start, n = np.empty(len(cell_start), np.int64), 0
    able, names = np.empty(n_pairs, np.int64), np.zeros(n_pairs + _LANES, np.int64)
    owner, place, near = np.empty(n_pairs, np.int64), np.empty(n_pairs, np.int64), np.empty(n_pairs)
    for cell in range(len(cell_start) - 1):
        start[cell] = n
        for pair in range(cell_start[cell], cell_start[cell + 1]):
            s = pair_structure[pair]
            opens = liable[pair] == 0 and extra_hours[s] + t.intake_hours <= room[s]
            sends = exclusive and extra_hours[s] + t.hand_over_hours <= room[s]
            if liable[pair] != 1 and (opens or sends):
                able[n] = pair
                names[n] = identity[s]
                owner[n] = actor[s]
                place[n] = column[actor[s]]
                near[n] = base[pair]
                n += 1
        most = max(most, cell_start[cell + 1] - cell_start[cell])
    start[len(cell_start) - 1] = n
    # Draws of a case, eight structures at a time; and those who may be in charge of it.
    u = np.empty(4 * (most + 2 * _LANES))
    asked, asked_names = np.empty(most, np.int64), np.zeros(most + _LANES, np.int64)
    for i in range(n_cases):
        c = cases[i]
        h = table[int(c.household)]
        k = int(c.task)
        who = int(h.identity)
        cell = int(c.cell)
        first = cell_start[cell]
        end = cell_start[cell + 1]
        guide = int(h.guide)
        trust = float(h.trust)
        confusion = float(h.confusion)
        files = int(c.n_files)
        # Duplicates come to light where their bodies work together.
        if files > 1:
            kept = 1
            lead = int(c.files[0])
            for f in range(1, files):
                asked_names[f - 1] = identity[int(c.files[f])]
            eight_case_uniforms(seed, asked_names, 0, who, month, k + _DETECT, u, 0)
            for f in range(1, files):
                s = int(c.files[f])
                found = False
                if u[f - 1] < t.detection:  # the quality is at most 1
                    a, b = actor[lead], actor[s]
                    quality = q[a, column[b]] if home[a] >= 0 else q[b, column[a]]
                    found = u[f - 1] < t.detection * quality
                if found:
                    stats[3] += 1.0
                else:
                    c.files[kept] = s
                    kept += 1
            files = kept
        # Who notices? Those who keep to the rule look for the body in charge; the others open their own file.
        sender = -1
        sender_draw = 2.0
        begin, stop = start[cell], start[cell + 1]
        for block in range(begin, stop, _LANES):
            eight_case_uniforms(seed, names, block, who, month, k, u, 4 * (block - begin))
        less = t.held_notice if files > 0 else 1.0
        own_row = guide >= 0 and home[guide] >= 0
        for j in range(begin, stop):
            at = drawn_at(j - begin)
            # Most do not notice whatever the cooperation, which is at most 1.
            if u[at] >= notice_probability(near[j], trust, confusion, 1.0 if guide >= 0 else 0.0, t) * less:
                continue
            a = owner[j]
            known = 0.0
            if guide >= 0 and guide != a:
                known = q[guide, place[j]] if own_row else q[a, column[guide]]
            if u[at] >= notice_probability(near[j], trust, confusion, known, t) * less:
                continue
            pair = able[j]
            s = pair_structure[pair]
            has_file = False
            for f in range(files):
                if c.files[f] == s:
                    has_file = True
            if has_file:
                continue
            opens = liable[pair] == 0 and files < MAX_FILES and extra_hours[s] + t.intake_hours <= room[s]
            sends = exclusive and extra_hours[s] + t.hand_over_hours <= room[s]
            if not exclusive or u[at + _LANES] >= adherence[a]:
                if opens:
                    c.files[files] = s
                    files += 1
                    extra_hours[s] += t.intake_hours
                    stats[0] += 1.0
                    if files > 1:
                        stats[4] += t.intake_hours
            elif sends and u[at + 2 * _LANES] < sender_draw:
                sender = s
                sender_draw = u[at + 2 * _LANES]
        # One body in charge: the lowest tier that is not full; within a tier a lottery weighted by free capacity.
        if exclusive and files == 0:
            stands_in = month - int(c.unheld_since) >= t.liable_after
            if sender >= 0 or stands_in:
                target = -1
                best_tier = 1.0e9
                best_draw = 1.0e30
                n = 0
                for pair in range(first, end):
                    s = pair_structure[pair]
                    if liable[pair] == 1 and not stands_in:
                        continue
                    if weight[pair] <= 0.0 or (t.refuses_when_full > 0.5 and backlog[s] >= t.full_months * capacity[s]):
                        continue
                    passing = t.hand_over_hours if sender >= 0 and s != sender else 0.0
                    if extra_hours[s] + t.intake_hours + passing > room[s]:
                        continue
                    asked[n] = pair
                    asked_names[n] = identity[s]
                    n += 1
                for block in range(0, n, _LANES):
                    eight_case_uniforms(seed, asked_names, block, who, month, k, u, 4 * block)
                for j in range(n):
                    pair = asked[j]
                    s = pair_structure[pair]
                    at = drawn_at(j)
                    if (sender < 0 or liable[pair] != 0) and u[at + _LANES] >= adherence[actor[s]]:
                        continue
                    draw = u[at + 3 * _LANES] / weight[pair]
                    if tier[pair] < best_tier or (tier[pair] == best_tier and draw < best_draw):
                        target = s
                        best_tier = tier[pair]
                        best_draw = draw
                if target >= 0:
                    lost = False
                    if sender >= 0 and target != sender:
                        _, _, u_loss, _ = case_uniforms(seed, int(identity[target]), who, month, k + _DETECT)
                        a, b = actor[sender], actor[target]
                        quality = q[a, column[b]] if home[a] >= 0 else q[b, column[a]]
                        if a == b:
                            quality = 1.0
                        seen = quality if t.register < 0.5 else 1.0
                        lost = u_loss < t.hand_over_loss * (1.0 - seen)
                        extra_hours[sender] += t.hand_over_hours
                        extra_hours[target] += t.hand_over_hours
                        c.hand_overs = int(c.hand_overs) + 1
                        stats[1] += 1.0
                    if lost:
                        stats[2] += 1.0
                    else:
                        c.files[0] = target
                        files = 1
                        extra_hours[target] += t.intake_hours
                        c.available = month + int(t.delay_months) + (0 if target == sender or sender < 0 else 1)
                        stats[0] += 1.0
        c.n_files = files


@rule
def count_contact_points(table: Any, n: int, cases: Any, n_cases: int, local: Any, seen: Any, before: Any) -> None:
    """Set each household's number of bodies that hold a file of it.

    `local` (S,) numbers the structures within each other's reach from 0; numbers from 62 on share a bit, so the
    count is exact up to 62 bodies in one place. `seen` (rows,) is scratch, `before` (rows,) keeps the bits of last
    month: a row is touched only where they have changed.
    """
    for i in range(n):
        seen[i] = 0
    for i in range(n_cases):
        c = cases[i]
        for f in range(int(c.n_files)):
            bit = local[int(c.files[f])]
            seen[int(c.household)] |= 1 << (bit if bit < 62 else 62)
    for i in range(n):
        if seen[i] == before[i]:
            continue
        before[i] = seen[i]
        bits = int(seen[i])
        count = 0
        while bits != 0:
            bits &= bits - 1
            count += 1
        table[i].contact_points = count


@rule
def divide_hours(
    hours: Any, known: Any, active: Any, actor: Any, meeting: Any, meeting_share: float, full_months: float,
    backlog: Any, capacity: Any, free: Any, room: Any, extra_hours: Any,
) -> tuple[float, float]:  # fmt: skip
    """Write the month's `capacity` of structures (S,), what is `free` until they are full, and their `room` for cases.

    An actor's `meeting` hours (A,) are taken from its structures by their capacity, at `meeting_share`. `extra_hours`
    are emptied. Return the hours of meetings and of staff in all.
    """
    own = np.zeros(len(meeting))
    for s in range(len(hours)):
        capacity[s] = hours[s] * known[s] * active[s]
        free[s] = max(full_months * capacity[s] - backlog[s], 0.0)
        own[actor[s]] += capacity[s]
        extra_hours[s] = 0.0
    for s in range(len(hours)):
        part = capacity[s] / own[actor[s]] if own[actor[s]] > 0.0 else 0.0
        room[s] = max(capacity[s] - part * meeting[actor[s]] * meeting_share, 0.0)
    return added(meeting, len(meeting)), added(own, len(own))
