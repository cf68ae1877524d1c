"""Money flows: where the money for integration comes from and where it goes, whole cents, with A and with B.

What is shown is the mean of all runs, in whole cents: shares of a cent are given out by largest remainder, so that all
sums are exact. Payments back and forth between two groups are set off against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...model.measures import MEASURES
from ..charts.chart import Table
from ..charts.sankey import Flow, sankey
from ..charts.shading import sort_key
from ..maps import region_map
from .lens import Lens, spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..charts.chart import Chart
    from ..choices import Choice
    from ..ensemble import Ensemble
    from .quality import Quality

LEVELS = (
    "bund", "land", "care_insurance", "bezirk", "district", "municipality", "carrier", "donors", "fund", "other",
)  # fmt: skip
"""Who pays, from the federation down; `fund` are the pots of the instruments."""
_GOALS = {
    "households": "households", "landlords": "housing", "staff": "staff", "course_providers": "courses",
    "kita_providers": "kita_school", "schools": "kita_school", "suppliers": "goods", "care_providers": "care",
}  # fmt: skip
GOALS = ("households", "housing", "staff", "courses", "kita_school", "care", "goods")
"""What the money is for in the end."""
BURDEN = "burden_with_levy"

type Cents = dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Money:
    """Flows with A (None when both are the same) and B, the levels' cost, and the burden of the municipalities."""

    finding: str
    explained: str
    sankey_a: Chart | None
    sankey_b: Chart
    flows: Table
    levels: Table
    burden: Table
    quality: Quality
    notes: tuple[str, ...]


def money(ensemble: Ensemble, baseline: Choice, choice: Choice, year: int | None, *, language: str) -> Money:
    """Return the money flows of a calendar year, or of the whole period (None)."""
    lens = Lens(ensemble, baseline, choice, language)
    before, after = (mean_flows(ensemble, one, year) for one in (baseline, choice))
    biggest = max(total_cost(before), total_cost(after)) / 100.0
    when = str(year) if year is not None else lens.say("money.whole", **_years(ensemble))
    return Money(
        finding=_finding(lens, after, when, year),
        explained=lens.say("money.explained", N=lens.formats.number(len(ensemble.seeds), 0)),
        sankey_a=None if lens.same else _sankey(lens, before, lens.say("lead_a", name=lens.a), when, biggest),
        sankey_b=_sankey(lens, after, lens.say("lead_b", name=lens.b), when, biggest),
        flows=_flow_table(lens, before, after),
        levels=_level_table(lens, before, after),
        burden=_burden_table(lens),
        quality=lens.quality("total_cost"),
        notes=tuple(lens.say(f"not_modelled_{name}") for name in ("law", "register", "economy")),
    )


def group_of(account: str) -> str:
    """Return the group of an account: a level, a pot, or what the money is for.

    >>> group_of("municipality:09473112"), group_of("kita_providers")
    ('municipality', 'kita_school')
    """
    head = account.partition(":")[0]
    return _GOALS.get(head, head if head in LEVELS else "other")


def mean_flows(ensemble: Ensemble, choice: Choice, year: int | None) -> Cents:
    """Return the mean over runs of what one group pays to another, whole cents, back-payments set off."""
    flows = ensemble.flows(choice)
    if year is not None:
        flows = flows.loc[flows["year"] == year]
    # By category, not by row: a handful of accounts, tens of thousands of rows.
    sides = [flows[name].cat.rename_categories(str) for name in ("payer", "payee")]
    groups = [np.array([group_of(name) for name in side.cat.categories], object)[side.cat.codes] for side in sides]
    cents = flows["cents"].to_numpy(np.int64)
    totals: dict[tuple[str, str], int] = {}
    names = sorted({*groups[0], *groups[1]})
    number = {name: place for place, name in enumerate(names)}
    code = np.array([number[a] * len(names) + number[b] for a, b in zip(*groups, strict=True)], np.int64)
    for place, total in zip(*_sums(code, cents), strict=True):
        source, target = divmod(int(place), len(names))
        if source != target:
            totals[names[source], names[target]] = int(total)
    runs = len(ensemble.seeds) - len(ensemble.failures(choice))
    return set_off(shared_out(totals, runs))


def _sums(code: np.ndarray, cents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct codes and the exact sum of cents of each."""
    known, place = np.unique(code, return_inverse=True)
    sums = np.zeros(len(known), np.int64)
    np.add.at(sums, place, cents)
    return known, sums


def shared_out(totals: Mapping[tuple[str, str], int], runs: int) -> Cents:
    """Return totals divided by the number of runs, in whole cents whose sum is the rounded mean of the sum.

    >>> shared_out({("a", "b"): 5, ("a", "c"): 5}, 2)
    {('a', 'b'): 3, ('a', 'c'): 2}
    """
    whole = {pair: total // runs for pair, total in totals.items()}
    left = (2 * sum(totals.values()) + runs) // (2 * runs) - sum(whole.values())
    for pair in sorted(totals, key=lambda pair: (-(totals[pair] % runs), pair))[:left]:
        whole[pair] += 1
    return whole


def set_off(flows: Mapping[tuple[str, str], int]) -> Cents:
    """Return flows with payments back and forth between two groups set off against each other.

    >>> set_off({("a", "b"): 5, ("b", "a"): 2})
    {('a', 'b'): 3}
    """
    return {
        (source, target): amount - flows.get((target, source), 0)
        for (source, target), amount in flows.items()
        if amount > flows.get((target, source), 0)
    }


def total_cost(flows: Cents) -> int:
    """Return what reaches its goal, in cents: the sum of what all levels bear."""
    return sum(amount for (_, target), amount in flows.items() if target in GOALS)


def borne(flows: Cents) -> dict[str, int]:
    """Return what each level bears: paid less received, in cents; the sum is the total cost.

    >>> borne({("land", "district"): 7, ("district", "staff"): 10})
    {'land': 7, 'district': 3}
    """
    found = dict.fromkeys(LEVELS, 0)
    for (source, target), amount in flows.items():
        for name, sign in ((source, 1), (target, -1)):
            if name in found:
                found[name] += sign * amount
    return {level: cents for level, cents in found.items() if cents}


def drawn(flows: Cents) -> Cents:
    """Return the flows as they can be drawn: what a group pays beyond what it receives comes from itself.

    A box in the middle must give what it receives. A level that pays more of its own has a box `own:LEVEL` on the left
    for it; a pot that keeps money has a box `kept:LEVEL` on the right. Where money runs in a circle, levels are left
    out and only what each bears for each goal is drawn.
    """
    into: dict[str, int] = {}
    out: dict[str, int] = {}
    for (source, target), amount in flows.items():
        out[source] = out.get(source, 0) + amount
        into[target] = into.get(target, 0) + amount
    found = dict(flows)
    for name in into:
        if name in GOALS:
            continue
        missing = out.get(name, 0) - into[name]
        if missing > 0:
            found["own:" + name, name] = missing
        elif missing < 0:
            found[name, "kept:" + name] = -missing
    return found


def _sankey(lens: Lens, flows: Cents, head: str, when: str, full: float) -> Chart:
    names = _names(lens)
    bands = [
        Flow(names(source), names(target), amount / 100.0)
        for (source, target), amount in sorted(
            drawn(flows).items(), key=lambda item: (_order(item[0][0]), _order(item[0][1]))
        )
    ]
    title = lens.say("money.sankey_title", name=head, when=when)
    try:
        return sankey(bands, title=title, unit="EUR", formats=lens.formats, full=full)
    except ValueError:  # money in a circle: only payers and goals
        shares = borne(flows)
        total = sum(max(cents, 0) for cents in shares.values())
        goals = {goal: sum(amount for (_, to), amount in flows.items() if to == goal) for goal in GOALS}
        direct = [
            Flow(names(level), names(goal), cents / 100.0 * amount / total)
            for level, cents in shares.items()
            for goal, amount in goals.items()
            if cents > 0 and amount > 0
        ]
        return sankey(direct, title=title, unit="EUR", formats=lens.formats, full=full)


def _order(name: str) -> int:
    known = [*(f"own:{level}" for level in LEVELS), *LEVELS, *GOALS]
    return known.index(name) if name in known else len(known)


def _names(lens: Lens):
    def name(group: str) -> str:
        kind, _, level = group.rpartition(":")
        words = lens.say(f"money.group_{level}")
        return lens.say(f"money.{kind}", name=words) if kind else words

    return name


def _flow_table(lens: Lens, before: Cents, after: Cents) -> Table:
    """Return every flow with A and B and, last, the sum that reaches its goals."""
    names = _names(lens)
    pairs = sorted({*before, *after}, key=lambda pair: (_order(pair[0]), _order(pair[1])))
    rows: list[tuple[str | float | None, ...]] = [
        (
            names(source),
            names(target),
            before.get((source, target), 0) / 100.0,
            after.get((source, target), 0) / 100.0,
            (after.get((source, target), 0) - before.get((source, target), 0)) / 100.0,
        )
        for source, target in pairs
    ]
    totals = total_cost(before), total_cost(after)
    rows.append((lens.say("money.sum"), "", totals[0] / 100.0, totals[1] / 100.0, (totals[1] - totals[0]) / 100.0))
    columns = (lens.say("money.from"), lens.say("money.to"), "A", "B", lens.say("money.difference"))
    return Table(columns, tuple(rows), ("", "", "EUR", "EUR", "EUR"))


def _level_table(lens: Lens, before: Cents, after: Cents) -> Table:
    """Return what each level bears (paid less received) with A and B; the sum is that of all goals."""
    names = _names(lens)
    shares = borne(before), borne(after)
    rows: list[tuple[str | float | None, ...]] = []
    for level in LEVELS:
        if any(level in share for share in shares):
            one, two = (share.get(level, 0) for share in shares)
            rows.append((names(level), one / 100.0, two / 100.0, (two - one) / 100.0))
    one, two = (sum(share.values()) for share in shares)
    rows.append((lens.say("money.sum"), one / 100.0, two / 100.0, (two - one) / 100.0))
    columns = (lens.say("money.level"), "A", "B", lens.say("money.difference"))
    return Table(columns, tuple(rows), ("", "EUR", "EUR", "EUR"))


def burden_maps(
    ensemble: Ensemble, baseline: Choice, choice: Choice, *, language: str, shape: str = "hex"
) -> tuple[Chart, ...]:
    """Return the burden per inhabitant in the last year with A and B, same classes; only B when both are the same."""
    lens = Lens(ensemble, baseline, choice, language)
    sides = [("b", lens.b, choice)] if lens.same else [("a", lens.a, baseline), ("b", lens.b, choice)]
    values = [middle_burden(lens, one) for _, _, one in sides]
    every = [value for one in values for value in one.values()]
    return tuple(
        region_map(
            ensemble.region,
            shown,
            title=lens.say(
                "money.burden_title",
                name=lens.say(f"lead_{letter}", name=name),
                month=lens.formats.month(ensemble.months[-1]),
            ),
            unit=MEASURES[BURDEN].unit,
            formats=lens.formats,
            language=language,
            shape=shape,
            domain=(min(every), max(every)),
        )
        for (letter, name, _), shown in zip(sides, values, strict=True)
    )


def _burden_table(lens: Lens) -> Table:
    """Return the burden per inhabitant of every municipality, by alphabet: A, B and the range of B."""
    before, after = (middle_burden(lens, one) for one in (lens.baseline, lens.choice))
    runs = lens.last_year_by_place(lens.choice, BURDEN)
    unit = MEASURES[BURDEN].unit
    rows = [
        (lens.place_name(key), before[key], after[key], lens.range_sentence(runs[:, place], "EUR"))
        for place, key in enumerate(lens.ensemble.places)
    ]
    rows.sort(key=lambda row: sort_key(row[0]))
    columns = (lens.say("stress.municipality"), "A", "B", lens.say("inventory.range_b"))
    return Table(columns, tuple(rows), ("", unit, unit, ""))


def run_costs(ensemble: Ensemble, choice: Choice, year: int | None) -> dict[str, np.ndarray]:
    """Return what district and municipalities bear and what all levels bear (total), cents of every run (S,).

    Runs that failed are nan.
    """
    flows = ensemble.flows(choice)
    if year is not None:
        flows = flows.loc[flows["year"] == year]
    seeds = list(ensemble.seeds)
    place = {seed: number for number, seed in enumerate(seeds)}
    row = np.array([place[seed] for seed in flows["seed"].to_numpy().tolist()], np.int64)
    cents = flows["cents"].to_numpy(np.int64)
    groups = []
    for name in ("payer", "payee"):
        side = flows[name].cat.rename_categories(str)
        groups.append(np.array([group_of(account) for account in side.cat.categories], object)[side.cat.codes])

    def sums(chosen: np.ndarray) -> np.ndarray:
        found = np.zeros(len(seeds), np.int64)
        np.add.at(found, row[chosen], cents[chosen])
        return found

    payer, payee = groups
    goal = np.isin(payee.astype(str), GOALS)
    back = np.isin(payer.astype(str), GOALS)
    found = {"total": sums(goal) - sums(back)}
    found |= {level: sums(payer == level) - sums(payee == level) for level in ("district", "municipality")}
    failed = [place[seed] for seed in ensemble.failures(choice) if seed in place]
    result = {name: values.astype(float) for name, values in found.items()}
    for values in result.values():
        values[failed] = np.nan
    return result


def _finding(lens: Lens, after: Cents, when: str, year: int | None) -> str:
    """Return the total and the largest bearers in one sentence, and the difference to A."""
    names, formats = _names(lens), lens.formats
    shares = borne(after)
    total = total_cost(after)
    top = sorted(shares, key=lambda level: -shares[level])[:3]
    parts = [
        lens.say("money.part", name=names(level), share=formats.percent(shares[level] / total, 0))
        for level in sorted(top, key=LEVELS.index)
    ] if total else []  # fmt: skip
    words = lens.say(
        "money.finding", b=lens.b, when=when, total=formats.euro(total / 100.0), parts=formats.listing(parts)
    )
    if lens.same:
        return words
    one, two = (run_costs(lens.ensemble, choice, year) for choice in (lens.baseline, lens.choice))
    changes = {name: (two[name] - one[name]) / 100.0 for name in one}
    said = {
        name: lens.with_range(values.tolist(), float(np.nanmean(values)), "EUR") for name, values in changes.items()
    }
    return f"{words} " + lens.say(
        "money.change", a=lens.a, change=said["total"], district=said["district"], towns=said["municipality"]
    )


def _years(ensemble: Ensemble) -> dict[str, str]:
    from ...model.calendar import year_of

    return {"first": str(year_of(ensemble.months[0])), "last": str(year_of(ensemble.months[-1]))}


def middle_burden(lens: Lens, choice: Choice) -> dict[str, float]:
    """Return the burden per inhabitant of every municipality in the middle run of the last year."""
    values = lens.last_year_by_place(choice, BURDEN)
    return {key: spread(values[:, m])[1] for m, key in enumerate(lens.ensemble.places)}
