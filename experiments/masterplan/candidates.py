"""The levers of a region: everything its field, register and programmes allow, none of them favoured.

All rules, all instruments, every body with a mandate as a possible lead of every task, and posts for the tasks with
most work left undone. Which tasks those are comes from runs without a plan; nothing else is chosen beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...model.calendar import month_index, month_label
from ...model.field import load_field
from ...model.funding import instrument_names
from ...model.plan import EVERYWHERE, Lead, Post
from ...model.plan_check import owner_levels, programme_room
from ...model.responsibility import rule_names
from .levers import Lever, Option

if TYPE_CHECKING:
    import pandas as pd

    from ...model.region import Region
    from ...model.variant import Variant

POST_SIZES = (0.25, 0.5, 1.0, 2.0)
ROUNDS = (0, 2, 4, 6, 12)
MIX_SHARES = (0.5, 1.0)
_LEADS = 4  # bodies at most among which the lead of a task is chosen: those with most staff in it
_PROJECT_MONTHS = 24


def levers_of(
    region: Region, before: Variant, need: Mapping[str, float], place_need: Mapping[str, float], first: int, last: int,
    *, tasks: int,
) -> tuple[Lever, ...]:  # fmt: skip
    """Return the levers of a plan from month `first` to `last`, given the hours left undone by task and by place.

    Posts are offered for the `tasks` tasks with most work undone and for supporting purposes of the field, everywhere
    or in the places that hold half of the work undone.
    """
    area = neediest(place_need)
    undone = sorted((task for task in need if need[task] > 0), key=lambda task: (-need[task], task))[:tasks]
    found = [
        Lever("rule", "rule", tuple(Option({"rule": name}) for name in rule_names() if name != before.rule)),
        Lever(
            "rounds", "coordination",
            tuple(Option({"rounds_per_year": n}) for n in ROUNDS if n != before.rounds_per_year),
        ),
        Lever("register", "coordination", (Option({"shared_register": not before.shared_register}),)),
        Lever("mix", "funding", tuple(_mixes(before))),
    ]  # fmt: skip
    found += _leads(region, first, area)
    found += _posts(region, undone, first, last, area)
    return tuple(lever for lever in found if lever.options)


def neediest(place_need: Mapping[str, float]) -> tuple[str, ...]:
    """Return the fewest places that hold half of the work undone; none when that is all or nothing of them.

    >>> neediest({"a": 5.0, "b": 3.0, "c": 2.0})
    ('a',)
    """
    order = sorted(place_need, key=lambda key: (-place_need[key], key))
    half, total, chosen = sum(place_need.values()) / 2.0, 0.0, []
    for key in order:
        if total >= half:
            break
        total += place_need[key]
        chosen.append(key)
    return tuple(sorted(chosen)) if 0 < len(chosen) < len(order) else ()


def _mixes(before: Variant) -> list[Option]:
    """Return every instrument, alone and in equal parts with what paid before."""
    mixes: list[dict[str, float]] = []
    for name in instrument_names():
        for share in MIX_SHARES:
            mix = {key: weight * (1.0 - share) for key, weight in before.funding.items()}
            mix[name] = mix.get(name, 0.0) + share
            mix = {key: weight for key, weight in mix.items() if weight > 0}
            if mix not in (before.funding, *mixes):
                mixes.append(mix)
    return [Option({"funding": mix}) for mix in mixes]


def _leads(region: Region, first: int, area: tuple[str, ...]) -> list[Lever]:
    """Return for each task the bodies that may lead it: those at work on it after the plan begins, with most staff."""
    field = load_field(region.field)
    rows: Any = region.structures
    later = rows[(rows["end_month"] >= first) & (rows["level"] != "volunteers")]
    found = []
    for task in field.task_ids:
        mine = later[[task in ids for ids in later["task_ids"]]]
        staff = mine.groupby("owner")["hours_per_month"].sum().sort_values(ascending=False, kind="stable")
        owners = list(dict.fromkeys(map(str, staff.index)))[:_LEADS]
        if len(owners) > 1:
            options = tuple(Option(leads=(Lead(task=task, owner=owner, place=(EVERYWHERE,)),)) for owner in owners)
            found.append(Lever(f"lead:{task}", "lead", options))
            if area:
                there = tuple(Option(leads=(Lead(task=task, owner=owner, place=area),)) for owner in owners)
                found.append(Lever(f"lead:{task}:area", "lead", there))
    return found


def _posts(region: Region, undone: Sequence[str], first: int, last: int, area: tuple[str, ...]) -> list[Lever]:
    """Return posts for the given tasks and for what supports the field: each size, for good or for two years."""
    field = load_field(region.field)
    found = []
    for task in (*undone, *field.support):
        for owner in _employers(region, task):
            options = tuple(_post_options(region, task, owner, first, last, area))
            found.append(Lever(f"post:{task}:{owner}", "post", options))
    return found


def _employers(region: Region, task: str) -> list[str]:
    """Return who may employ for a task: district, municipalities, the largest other body, as far as they may act."""
    field = load_field(region.field)
    levels = owner_levels(region)
    rows: Any = region.structures
    mine = rows[[task in ids for ids in rows["task_ids"]]]
    by_owner: pd.Series = mine.groupby("owner")["hours_per_month"].sum()
    others = [
        str(owner) for owner in by_owner.sort_values(ascending=False, kind="stable").index
        if levels[str(owner)] in ("welfare", "provider")
    ]  # fmt: skip
    if not others:
        others = [owner for owner, level in levels.items() if level == "welfare"]
    able = [level for level in ("district", "municipality") if task in field.competence.get(level, ())]
    welfare = [
        owner for owner in others if task in field.competence.get(levels[owner], ()) or levels[owner] == "provider"
    ]
    if task in field.support:
        return ["district", *others[:1]]
    return [*able, *welfare[:1]] or ["district"]


def _post_options(region: Region, task: str, owner: str, first: int, last: int, area: tuple[str, ...]) -> list[Option]:
    """Return a post in every size: for good, for two years, later, in the neediest places, or paid by a programme."""
    half = (first + last + 1) // 2
    spans: dict[str, dict[str, Any]] = {
        "open": {},
        "project": {"end": month_label(min(first + _PROJECT_MONTHS - 1, last))},
        "later": {"start": month_label(half)},
    }
    if last - first + 1 <= _PROJECT_MONTHS:
        spans = {"open": {}}
    if area:
        spans["area"] = {"place": area}
    base: dict[str, Any] = {"tasks": (task,), "owner": owner}
    options = [
        Option(posts=(Post.model_validate({**base, **span, "fte": fte}),))
        for span in spans.values()
        for fte in POST_SIZES
    ]
    level = owner_levels(region)[owner]
    for row in region.programmes.to_dict("records"):
        fits = row["kind"] == "post" and task in str(row["tasks"]).split(";")
        if not fits or level not in str(row["eligible_levels"]).split(";"):
            continue
        for afterwards in ("ends", "own"):
            for fte in POST_SIZES:
                start = max(first, month_index(row["start"])) if row["start"] else first
                if start <= last and _affordable(region, row, fte, start, last):
                    more = {"programme": str(row["id"]), "afterwards": afterwards, "start": month_label(start)}
                    options.append(Option(posts=(Post.model_validate({**base, **more, "fte": fte}),)))
    return options


def _affordable(region: Region, row: Mapping[str, Any], fte: float, first: int, last: int) -> bool:
    """Return whether a programme has room for a post in every year of its life in the plan."""
    from ...model.calendar import year_of
    from ...model.parameters import parameter_table

    cost = fte * parameter_table()["post_cost_eur"].value * float(row["funded_share"])
    final = min(last, month_index(row["end"])) if row["end"] else last
    if final < first:
        return False
    for year in range(year_of(first), year_of(final) + 1):
        january = month_index(f"{year}-01")
        months = sum(first <= month <= final for month in range(january, january + 12))
        if cost * months / 12 > programme_room(region, str(row["id"]), year):
            return False
    return True
