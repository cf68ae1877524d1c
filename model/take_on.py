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
from .coordination import quality_between
from .lanes import PAIRS, eight_case_uniforms, lowest_bit
from .noticing import DETECT, draw_detection, draw_noticing, list_able, notice_probability
from .rng import case_uniforms

_CHUNK = 2048  # cases drawn for at once: few enough for their draws to stay in the processor's cache
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


@rule
def body_in_charge(
    first: int, end: int, sender: int, stands_in: bool, pair_structure: Any, liable: Any, tier: Any, weight: Any,
    actor: Any, identity: Any, adherence: Any, backlog: Any, capacity: Any, room: Any, extra_hours: Any, seed: int,
    who: int, month: int, task: int, t: Any, asked: Any, names: Any, u: Any,
) -> int:  # fmt: skip
    """Return the structure among the candidates first..end-1 that takes a case on, -1 for none.

    The lowest tier that is not full; within a tier a lottery weighted by free capacity. `asked`, `names` and `u` are
    scratch. Who does not keep to the rule neither stands in nor takes on what joint liability assigns.
    """
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
        names[n] = identity[s]
        n += 1
    target, best_tier, best_draw = -1, 1.0e9, 1.0e30
    for block in range(0, n, PAIRS):
        eight_case_uniforms(seed, names, block, who, month, task, u)
        for j in range(block, min(block + PAIRS, n)):
            pair = asked[j]
            s = pair_structure[pair]
            if (sender < 0 or liable[pair] != 0) and u[j - block + PAIRS] >= adherence[actor[s]]:
                continue
            draw = u[j - block + 3 * PAIRS] / weight[pair]
            if tier[pair] < best_tier or (tier[pair] == best_tier and draw < best_draw):
                target, best_tier, best_draw = s, tier[pair], draw
    return target


@rule
def drop_duplicates(c: Any, found: int, stats: Any) -> int:
    """Take the further files that came to light (bits of `found`) from a case; return how many files are left.

    The first file leads and stays; `stats` counts what was found.
    """
    kept = 1
    for f in range(1, int(c.n_files)):
        if (found >> f) & 1:
            stats[3] += 1.0
        else:
            c.files[kept] = c.files[f]
            kept += 1
    return kept


@rule
def hand_to(
    target: int, sender: int, c: Any, who: int, month: int, seed: int, actor: Any, identity: Any, q: Any, home: Any,
    column: Any, t: Any, extra_hours: Any, stats: Any,
) -> int:  # fmt: skip
    """Give a case to the body in charge, from the `sender` who noticed it (-1: nobody); return the files now held.

    A hand-over between bodies costs both of them hours, and may fail the more, the less they work together.
    """
    if sender >= 0 and target != sender:
        _, _, u_loss, _ = case_uniforms(seed, int(identity[target]), who, month, int(c.task) + DETECT)
        a, b = actor[sender], actor[target]
        quality = quality_between(a, b, q, home, column) if a != b else 1.0
        seen = quality if t.register < 0.5 else 1.0
        extra_hours[sender] += t.hand_over_hours
        extra_hours[target] += t.hand_over_hours
        c.hand_overs = int(c.hand_overs) + 1
        stats[1] += 1.0
        if u_loss < t.hand_over_loss * (1.0 - seen):
            stats[2] += 1.0
            return 0
    c.files[0] = target
    extra_hours[target] += t.intake_hours
    c.available = month + int(t.delay_months + 0.5) + (0 if target == sender or sender < 0 else 1)
    stats[0] += 1.0
    return 1


@rule
def act(
    table: Any, cases: Any, month: int, seed: int, cell_start: Any, pair_structure: Any, liable: Any, base: Any,
    tier: Any, weight: Any, actor: Any, identity: Any, q: Any, home: Any, column: Any, adherence: Any, backlog: Any,
    capacity: Any, room: Any, t: Any, start: Any, able: Any, noticed: Any, draws: Any, found: Any, asked: Any,
    names: Any, u: Any, extra_hours: Any, stats: Any,
) -> None:  # fmt: skip
    """Let those who notice the `cases` act on them: what follows from the draws of `noticing`, see `take_on`.

    `asked`, `names` and `u` are scratch for `body_in_charge`.
    """
    exclusive = t.exclusive > 0.5
    block = 0
    for i in range(len(cases)):
        c = cases[i]
        cell, files = int(c.cell), int(c.n_files)
        stands_in = exclusive and files == 0 and month - int(c.unheld_since) >= t.liable_after
        begin, anybody = block, 0
        for _ in range(start[cell], start[cell + 1], PAIRS):
            anybody |= noticed[block]
            block += 1
        if anybody == 0 and found[i] == 0 and not stands_in:
            continue
        h = table[int(c.household)]
        k, who, guide = int(c.task), int(h.identity), int(h.guide)
        # Duplicates come to light where their bodies work together.
        if found[i] != 0:
            files = drop_duplicates(c, int(found[i]), stats)
        # Who notices? Those who keep to the rule look for the body in charge; the others open their own file.
        sender, sender_draw = -1, 2.0
        less = t.held_notice if files > 0 else 1.0
        for at in range(begin, block):
            bits = int(noticed[at])
            while bits != 0:
                j = at * PAIRS + lowest_bit(bits)
                bits &= bits - 1
                pair = able[start[cell] + j - begin * PAIRS]
                s = pair_structure[pair]
                has_file = False
                for f in range(files):
                    if c.files[f] == s:
                        has_file = True
                opens = liable[pair] == 0 and files < MAX_FILES and extra_hours[s] + t.intake_hours <= room[s]
                sends = exclusive and extra_hours[s] + t.hand_over_hours <= room[s]
                if has_file or not (opens or sends):
                    continue
                a = actor[s]
                known = 0.0 if guide < 0 else (1.0 if guide == a else quality_between(guide, a, q, home, column))
                p = notice_probability(base[pair], float(h.trust), float(h.confusion), known, t)
                if draws[j] >= p * less:
                    continue
                u_keeps, u_sends = 0.0, 0.0
                if exclusive:
                    _, u_keeps, u_sends, _ = case_uniforms(seed, int(identity[s]), who, month, k)
                if not exclusive or u_keeps >= adherence[a]:
                    if opens:
                        c.files[files] = s
                        files += 1
                        extra_hours[s] += t.intake_hours
                        stats[0] += 1.0
                        if files > 1:
                            stats[4] += t.intake_hours
                elif sends and u_sends < sender_draw:
                    sender, sender_draw = s, u_sends
        # One body in charge.
        if exclusive and files == 0 and (sender >= 0 or stands_in):
            target = body_in_charge(
                cell_start[cell], cell_start[cell + 1], sender, stands_in, pair_structure, liable, tier, weight, actor,
                identity, adherence, backlog, capacity, room, extra_hours, seed, who, month, k, t, asked,
                names, u,
            )  # fmt: skip
            if target >= 0:
                files = hand_to(
                    target, sender, c, who, month, seed, actor, identity, q, home, column, t, extra_hours, stats
                )
        c.n_files = files


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
    n_pairs, most = len(pair_structure), 0
    for cell in range(len(cell_start) - 1):
        most = max(most, cell_start[cell + 1] - cell_start[cell])
    start, able = np.empty(len(cell_start), np.int64), np.empty(n_pairs, np.int64)
    names, near = np.zeros(n_pairs + PAIRS, np.int64), np.zeros(n_pairs + PAIRS)
    list_able(cell_start, pair_structure, liable, base, identity, extra_hours, room, t, start, able, names, near)
    blocks = min(n_cases, _CHUNK) * ((most + PAIRS - 1) // PAIRS)  # at most
    noticed, draws, found = np.empty(blocks, np.uint8), np.empty(blocks * PAIRS), np.empty(_CHUNK, np.uint8)
    asked, asked_names, u = np.empty(most, np.int64), np.zeros(most + PAIRS, np.int64), np.empty(4 * PAIRS)
    for first in range(0, n_cases, _CHUNK):
        some = cases[first : min(first + _CHUNK, n_cases)]
        draw_noticing(table, some, month, seed, start, names, near, t, noticed, draws)
        draw_detection(table, some, month, seed, actor, identity, q, home, column, t, found)
        act(
            table, some, month, seed, cell_start, pair_structure, liable, base, tier, weight, actor, identity, q, home,
            column, adherence, backlog, capacity, room, t, start, able, noticed, draws, found, asked, asked_names, u,
            extra_hours, stats,
        )  # fmt: skip


@rule
def divide_hours(
    hours: Any, known: Any, active: Any, actor: Any, meeting: Any, meeting_share: float, full_months: float,
    backlog: Any, capacity: Any, free: Any, room: Any, extra_hours: Any,
) -> tuple[float, float]:  # fmt: skip
    """Write the month's `capacity` of structures (S,), what is `free` until they are full, and their `room` for cases.

    An actor's `meeting` hours (A,), those of its applications included, are taken from its structures by their
    capacity, at `meeting_share`. `extra_hours` are emptied. Return the hours of meetings and of staff in all.
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
