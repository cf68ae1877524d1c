"""A plan against a region: places, tasks, owners, payers, programmes, period and budget, all problems at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .calendar import month_index, month_label, year_of
from .errors import Problem, closest
from .field import load_field
from .parameters import parameter_table
from .plan import EVERYWHERE, Plan, Post
from .region_schema import PAYERS
from .structures import LEVELS
from .toml_input import TomlSource, placed

if TYPE_CHECKING:
    from .region import Region


def place_words(region: Region) -> dict[str, tuple[int, ...]]:
    """Return municipality numbers by every word a place may be: all, keys and names of municipalities, districts,
    alliances.
    """
    index = {key: number for number, key in enumerate(region.keys)}
    words: dict[str, tuple[int, ...]] = {}
    for alliance, rows in region.alliances.groupby("alliance", sort=True):
        words[str(alliance)] = tuple(sorted(index[key] for key in rows["key"] if key in index))
    districts = list(region.municipalities["district"])
    for district in dict.fromkeys(districts):
        words[district] = tuple(number for number, key in enumerate(districts) if key == district)
    words |= {str(name): (number,) for number, name in enumerate(region.municipalities["name"])}
    words |= {key: (number,) for key, number in index.items()}
    return words | {EVERYWHERE: tuple(range(len(region.keys)))}


def owner_levels(region: Region) -> dict[str, str]:
    """Return the level of every owner of the register, of most of its structures; districts and municipalities too."""
    rows: Any = region.structures[["owner", "level"]]
    found = {str(owner): str(part["level"].mode().iloc[0]) for owner, part in rows.groupby("owner", sort=True)}
    return {"district": "district", "municipality": "municipality", **found}


def check_plan(plan: Plan, region: Region, source: TomlSource | None = None) -> list[Problem]:
    """Return everything that is wrong with a plan for a region, with the line in its file."""
    source = source or TomlSource(f"plan {plan.name}", "")
    found = [placed(source, path.split("."), problem) for path, problem in _problems(plan, region, "")]
    return sorted(found, key=lambda problem: (problem.line or 0, problem.column))


def _problems(plan: Plan, region: Region, prefix: str) -> Iterator[tuple[str, Problem]]:
    field = load_field(region.field)
    if plan.region and plan.region != region.name:
        yield f"{prefix}region", Problem("made for another region", value=plan.region, expected=region.name)
    if plan.field and plan.field != region.field:
        yield f"{prefix}field", Problem("made for another field of action", value=plan.field, expected=region.field)
    yield from _months(plan, region, prefix)
    levels = owner_levels(region)
    owners = {**levels, **{post.owner: post.level for post in plan.post if post.level}}
    places = place_words(region)
    for number, lead in enumerate(plan.lead):
        at = f"{prefix}lead.{number}"
        yield from _unknown(f"{at}.task", "task", (lead.task,), field.task_ids)
        yield from _unknown(f"{at}.owner", "owner", (lead.owner,), owners)
        yield from _unknown(f"{at}.place", "place", lead.place, places)
    if plan.lead and plan.rule not in (None, "lead_agency"):
        yield f"{prefix}rule", Problem("leads are named, but this rule asks for none", value=plan.rule or "",
                                       expected="lead_agency, or no [[lead]]")  # fmt: skip
    named: dict[str, list[tuple[int, int | None]]] = {}
    for number, post in enumerate(plan.post):
        at = f"{prefix}post.{number}"
        yield from _unknown(f"{at}.tasks", "task", post.tasks, (*field.task_ids, *field.support))
        yield from _unknown(f"{at}.place", "place", post.place, places)
        yield from _unknown(f"{at}.groups", "group", post.groups, (*field.groups, EVERYWHERE))
        yield from _unknown(f"{at}.payers", "payer", tuple(post.payers), PAYERS)
        if post.level:
            yield from _unknown(f"{at}.level", "level", (post.level,), LEVELS)
        else:
            yield from _unknown(f"{at}.owner", "owner", (post.owner,), levels)
        yield from _span(plan, post, region, at, named.setdefault(post.title, []))
        yield from _programme(post, region, levels, at)
    yield from _budget(plan, region, prefix)
    yield from _programmes_room(plan, region, prefix)
    if plan.earlier is not None:
        if plan.earlier.start_month >= plan.start_month:
            yield f"{prefix}earlier.from", Problem(
                "the earlier plan does not come before this one", value=plan.earlier.start,
                expected=f"a month before {plan.start}",
            )  # fmt: skip
        yield from _problems(plan.earlier, region, f"{prefix}earlier.")


def _unknown(at: str, kind: str, names: tuple[str, ...], known: Any) -> Iterator[tuple[str, Problem]]:
    for name in names:
        if name not in known:
            yield at, Problem(f"unknown {kind} {name!r}, {closest(name, known)}")


def _months(plan: Plan, region: Region, prefix: str) -> Iterator[tuple[str, Problem]]:
    first, last = region.start_month, region.end_month
    period = f"a month from {month_label(first)} to {month_label(last)}"
    if not first <= plan.start_month <= last:
        yield f"{prefix}from", Problem("outside the region's period", value=plan.start, expected=period)
    if plan.until and month_index(plan.until) < plan.start_month:
        yield f"{prefix}until", Problem("ends before it begins", value=plan.until, expected=f"{plan.start} or later")


def _span(
    plan: Plan, post: Post, region: Region, at: str, others: list[tuple[int, int | None]]
) -> Iterator[tuple[str, Problem]]:
    first, end = plan.span_of(post)
    if first < plan.start_month:
        yield f"{at}.start", Problem("begins before the plan", value=post.start, expected=f"{plan.start} or later")
    if first > region.end_month:
        last = month_label(region.end_month)
        yield f"{at}.start", Problem("begins after the region's period", value=post.start, expected=f"{last} or before")
    if end is not None and end < first:
        yield f"{at}.end", Problem("ends before it begins", value=post.end, expected=f"{month_label(first)} or later")
    for begun, over in others:
        if first <= (over if over is not None else 10**6) and begun <= (end if end is not None else 10**6):
            yield f"{at}.start", Problem(f"two phases of post {post.title!r} overlap", value=month_label(first),
                                         expected="another name for a second post")  # fmt: skip
            break
    others.append((first, end))


def _programme(post: Post, region: Region, levels: dict[str, str], at: str) -> Iterator[tuple[str, Problem]]:
    if not post.programme:
        return
    rows: Any = region.programmes
    if post.programme not in set(rows["id"]):
        yield f"{at}.programme", Problem(f"unknown programme {post.programme!r}, {closest(post.programme, rows['id'])}")
        return
    row = rows[rows["id"] == post.programme].iloc[0]
    level = post.level or levels.get(post.owner, "")
    if row["kind"] != "post":
        yield f"{at}.programme", Problem("pays no posts", value=post.programme)
    if wrong := [task for task in post.tasks if task not in str(row["tasks"]).split(";")]:
        yield f"{at}.programme", Problem(f"does not pay for {', '.join(wrong)}", value=post.programme,
                                         expected=str(row["tasks"]))  # fmt: skip
    if level and level not in str(row["eligible_levels"]).split(";"):
        yield f"{at}.programme", Problem(f"does not pay posts of level {level}", value=post.programme,
                                         expected=str(row["eligible_levels"]))  # fmt: skip


def _budget(plan: Plan, region: Region, prefix: str) -> Iterator[tuple[str, Problem]]:
    if plan.budget_eur_per_year is None:
        return
    cost = parameter_table()["post_cost_eur"].value
    last = month_index(plan.until) if plan.until else region.end_month
    for year, eur in plan.cost_by_year(cost, last=last).items():
        if eur > plan.budget_eur_per_year * (1.0 + 1e-9):
            yield f"{prefix}budget_eur_per_year", Problem(
                f"the posts of {year} cost {eur:,.0f} EUR", value=f"{plan.budget_eur_per_year:,.0f}",
                expected="a larger budget or fewer posts",
            )  # fmt: skip
            return


def phases_of(plan: Plan, post: Post, region: Region, last: int) -> list[tuple[int, int, dict[str, float]]]:
    """Return first month, last month (at most `last`) and shares of payers of a post as the plan means it.

    A programme is taken to be renewed as long as it lasts; after that the post ends, or its owner goes on alone.
    """
    level = post.level or owner_levels(region)[post.owner]
    own = {"district": "district", "municipality": "municipality"}.get(level, "carrier")
    first, end = plan.span_of(post)
    stop = last if end is None else min(end, last)
    if not post.programme:
        return [(first, stop, dict(post.payers) or {own: 1.0})] if first <= stop else []
    row = region.programmes[region.programmes["id"] == post.programme].iloc[0]
    begins = max(first, month_index(row["start"])) if row["start"] else first
    paid = min(stop, month_index(row["end"])) if row["end"] else stop
    share = float(row["funded_share"])
    shares = {str(row["payer"]): share}
    shares[own] = shares.get(own, 0.0) + 1.0 - share
    found = [(begins, paid, {name: part for name, part in shares.items() if part > 0})]
    if post.afterwards == "own":
        found.append((max(first, paid + 1), stop, {own: 1.0}))
    return [phase for phase in found if phase[0] <= phase[1]]


def months_by_year(first: int, last: int) -> dict[int, int]:
    """Return how many months of each calendar year lie from one month to another.

    >>> months_by_year(11, 13)
    {2015: 1, 2016: 2}
    """
    years = [year_of(month) for month in range(first, last + 1)]
    return {year: years.count(year) for year in dict.fromkeys(years)}


def _programmes_room(plan: Plan, region: Region, prefix: str) -> Iterator[tuple[str, Problem]]:
    """Name programmes that would have to pay more in a year of their life than they have left beside the register."""
    cost, known = parameter_table()["post_cost_eur"].value, set(region.programmes["id"])
    asked: dict[tuple[str, int], tuple[float, int]] = {}
    for number, post in enumerate(plan.post):
        if post.programme not in known or not (post.level or post.owner in owner_levels(region)):
            continue
        payer, share = _terms(region, post.programme)
        for first, last, shares in phases_of(plan, post, region, region.end_month)[:1]:
            for year, months in months_by_year(first, last).items() if payer in shares else ():
                so_far = asked.get((post.programme, year), (0.0, number))[0]
                asked[post.programme, year] = (so_far + post.fte * months / 12 * cost * share, number)
    told: set[str] = set()
    for (name, year), (eur, number) in asked.items():
        room = programme_room(region, name, year)
        if name not in told and eur > room * (1.0 + 1e-9):
            told.add(name)
            yield f"{prefix}post.{number}.programme", Problem(
                f"programme {name!r} has {room:,.0f} EUR left in {year}", value=f"{eur:,.0f}",
                expected="fewer or smaller posts paid by it",
            )  # fmt: skip


def _terms(region: Region, programme: str) -> tuple[str, float]:
    """Return payer and funded share of a programme."""
    row = region.programmes[region.programmes["id"] == programme].iloc[0]
    return str(row["payer"]), float(row["funded_share"])


def programme_room(region: Region, name: str, year: int) -> float:
    """Return what a programme may still pay in a year beside the structures of the register, in EUR."""
    row = region.programmes[region.programmes["id"] == name].iloc[0]
    first = month_index(row["start"]) if row["start"] else -(10**6)
    last = month_index(row["end"]) if row["end"] else 10**6
    january = month_index(f"{year}-01")
    months = [month for month in range(january, january + 12) if first <= month <= last]
    used = 0.0
    paid: Any = region.structures[region.structures["programme"] == name]
    for line in paid.to_dict("records"):
        at_work = sum(line["start_month"] <= month <= line["end_month"] for month in months)
        used += at_work * line["monthly_cost_eur"] * float(row["funded_share"])
    return max(0.0, float(row["max_eur_per_year"]) * len(months) / 12 - used)


__all__ = [
    "PAYERS", "check_plan", "months_by_year", "owner_levels", "phases_of", "place_words", "programme_room", "year_of",
]  # fmt: skip
