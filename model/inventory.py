"""The inventory of a region: which structures exist in a month, for what, paid by whom, and until when.

Read from the structure register as the region file gives it. An office whose size changed appears there as several
phases; in the inventory it is one office with the figures of the month asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from .calendar import OPEN_END, month_index, month_label, year_of
from .structures import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .region import Region

INVENTORY_COLUMNS = (
    "id", "name", "owner", "level", "tasks", "groups", "places", "fte", "eur_per_year", "payers", "programme",
    "nature", "fixed_term", "until", "then",
)  # fmt: skip


def inventory(region: Region, month: int) -> pd.DataFrame:
    """Return the offices, posts, courses and projects of a month, upper levels last.

    Columns: id, name, owner, level, tasks and groups (words separated by semicolons), places (number of municipalities
    reached), fte, eur_per_year, payers (`land 67 %, carrier 33 %`), programme, nature, fixed_term (bool), until (last
    month as YYYY-MM of its present funding, empty when open) and then (`ends`, or what the next phase changes). A
    structure that exists in every municipality is one row with its totals.
    """
    rows: Any = region.structures
    active = rows[(rows["start_month"] <= month) & (rows["end_month"] >= month)]
    later = rows.set_index("id")
    items = [_office(part, later) for _, part in active.groupby(_office_names(active), sort=False)]
    frame = pd.DataFrame(items, columns=pd.Index(INVENTORY_COLUMNS))
    order = {level: number for number, level in enumerate(LEVELS)}
    places = sorted(range(len(frame)), key=lambda i: (order[frame["level"].iloc[i]], frame["id"].iloc[i]))
    return frame.iloc[places].reset_index(drop=True)


def _office_names(rows: Any) -> Any:
    """Return the name that the parts of one row of the region file share."""
    return pd.Series(
        [_without_place(row) if row["catchment"] == "each" else row["id"] for row in rows.to_dict("records")],
        index=rows.index,
        dtype=object,
    )


def _without_place(row: dict[str, Any]) -> str:
    """Return the id of the region file from the id of its part for one municipality."""
    return str(row["id"]).rpartition("_")[0]


def _office(part: Any, later: Any) -> dict[str, Any]:
    first: dict[str, Any] = part.iloc[0].to_dict()
    end = int(first["end_month"])
    places = {place for reach in part["municipality_indices"] for place in reach}
    return {
        "id": _without_place(first) if first["catchment"] == "each" else first["id"],
        "name": first["name_de"],
        "owner": first["owner"],
        "level": first["level"],
        "tasks": first["tasks"],
        "groups": ";".join(first["group_ids"]),
        "places": len(places),
        "fte": float(part["fte"].sum()),
        "eur_per_year": 12.0 * float(part["monthly_cost_eur"].sum()),
        "payers": payer_words(first["payer_shares"]),
        "programme": first["programme"],
        "nature": first["nature"],
        "fixed_term": is_fixed_term(first),
        "until": "" if end >= OPEN_END else month_label(end),
        "then": "" if end >= OPEN_END else _afterwards(first, later),
    }


def payer_words(shares: Sequence[tuple[str, float]]) -> str:
    """Return payers as people write them.

    >>> payer_words((("land", 0.67), ("carrier", 0.33)))
    'land 67 %, carrier 33 %'
    """
    return ", ".join(name if share == 1 else f"{name} {100 * share:.0f} %" for name, share in shares)


def is_fixed_term(row: dict[str, Any]) -> bool:
    """Return whether a structure is a voluntary one whose funding ends: what can be lost at a council's table."""
    return row["nature"] == "voluntary" and int(row["end_month"]) < OPEN_END


def _afterwards(row: dict[str, Any], later: Any) -> str:
    """Return what comes after the end of a phase: `ends`, or what the next phase of the office changes."""
    if not row["next_phase"]:
        return "ends"
    after = later.loc[row["next_phase"]]
    changes: list[str] = []
    if after["fte"] != row["fte"]:
        changes.append(f"{row['fte']:g} -> {after['fte']:g} FTE")
    if after["payer_shares"] != row["payer_shares"]:
        changes.append(f"paid by {payer_words(after['payer_shares'])}")
    if after["tasks"] != row["tasks"] or after["groups"] != row["groups"]:
        changes.append("other tasks")
    return "goes on: " + ("; ".join(changes) if changes else "as before")


def by_level(offices: pd.DataFrame) -> pd.DataFrame:
    """Return offices, FTE, EUR a year and the fixed-term part by level, lower levels first."""
    return _sums(offices, offices["level"], "level", LEVELS)


def by_task(region: Region, month: int, tasks: Sequence[str]) -> pd.DataFrame:
    """Return for each task its offices, bodies (owners), FTE involved, levels, and the municipalities without a body.

    An office with several tasks counts at each of them. `paid_nowhere` are the municipalities in which only volunteers
    are there for the task.
    """
    rows: Any = region.structures
    active = rows[(rows["start_month"] <= month) & (rows["end_month"] >= month)]
    found: list[dict[str, Any]] = []
    for task in tasks:
        mine = active[[task in ids for ids in active["task_ids"]]]
        paid = mine[mine["level"] != "volunteers"]
        reached = {place for reach in mine["municipality_indices"] for place in reach}
        reached_by_staff = {place for reach in paid["municipality_indices"] for place in reach}
        levels = [level for level in LEVELS if level in set(mine["level"])]
        fixed = [is_fixed_term(row) for row in mine.to_dict("records")]
        found.append(
            {
                "task": task,
                "offices": _office_names(mine).nunique() if len(mine) else 0,
                "bodies": mine["owner"].nunique(),
                "fte": float(mine["fte"].sum()),
                "fixed_term_fte": float(mine.loc[fixed, "fte"].sum()),
                "levels": ", ".join(levels),
                "places_without": len(region.keys) - len(reached),
                "only_volunteers": len(reached - reached_by_staff),
            }
        )
    return pd.DataFrame(found)


def by_payer(region: Region, month: int) -> pd.DataFrame:
    """Return for each payer of the register EUR a year, and how much of it is fixed-term, largest first."""
    rows: Any = region.structures
    found: dict[str, list[float]] = {}
    for row in rows[(rows["start_month"] <= month) & (rows["end_month"] >= month)].to_dict("records"):
        for payer, share in row["payer_shares"]:
            entry = found.setdefault(payer, [0.0, 0.0])
            entry[0] += 12 * row["monthly_cost_eur"] * share
            entry[1] += 12 * row["monthly_cost_eur"] * share if is_fixed_term(row) else 0.0
    ordered = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    columns = pd.Index(["payer", "eur_per_year", "fixed_term_eur"])
    return pd.DataFrame([(payer, *entry) for payer, entry in ordered], columns=columns)


def _sums(offices: Any, keys: Any, name: str, order: Sequence[str]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for key in order:
        part = offices[keys == key]
        if len(part):
            fixed = part["fixed_term"]
            rows.append(
                {
                    name: key,
                    "offices": len(part),
                    "fte": part["fte"].sum(),
                    "eur_per_year": part["eur_per_year"].sum(),
                    "fixed_term_offices": int(fixed.sum()),
                    "fixed_term_fte": part.loc[fixed, "fte"].sum(),
                }
            )
    return pd.DataFrame(rows)


def expiry_calendar(region: Region, first: int, last: int) -> pd.DataFrame:
    """Return every end of funding of a voluntary structure from month `first` to `last`, in order of time.

    Columns: until (YYYY-MM), month, id, name, owner, level, fte, eur_per_year, payers, programme, then (see
    `inventory`) and ends (bool: nothing follows).
    """
    rows: Any = region.structures
    ending = rows[(rows["end_month"] >= first) & (rows["end_month"] <= last) & (rows["nature"] == "voluntary")]
    later = rows.set_index("id")
    items: list[dict[str, Any]] = []
    for _, part in ending.groupby(_office_names(ending), sort=False):
        office = _office(part, later)
        items.append({**office, "month": int(part["end_month"].iloc[0]), "ends": office["then"] == "ends"})
    columns = ["until", "month", "id", "name", "owner", "level", "fte", "eur_per_year", "payers", "programme"]
    items.sort(key=lambda item: (item["month"], item["id"]))
    return pd.DataFrame(items, columns=pd.Index([*columns, "then", "ends"]))


def cliff_by_year(region: Region, last: int) -> pd.DataFrame:
    """Return for each December of the region's period what ends in the year after, as the register has it.

    Columns: year, fte, voluntary_fte, ending_fte (voluntary posts whose funding ends within twelve months, as one knew
    it then), lost_fte (those that nothing followed), cliff_share = ending_fte / fte and lost_share = lost_fte / fte.
    """
    rows: Any = region.structures
    found: list[dict[str, Any]] = []
    for year in range(year_of(region.start_month), year_of(last) + 1):
        month = month_index(f"{year}-12")
        active = rows[(rows["start_month"] <= month) & (rows["end_month"] >= month)]
        voluntary = active[active["nature"] == "voluntary"]
        ending = voluntary[voluntary["end_month"] < month + 12]
        lost = ending[ending["unit_end_month"] < month + 12]
        fte = float(active["fte"].sum())
        found.append(
            {
                "year": year,
                "fte": fte,
                "voluntary_fte": float(voluntary["fte"].sum()),
                "ending_fte": float(ending["fte"].sum()),
                "lost_fte": float(lost["fte"].sum()),
                "cliff_share": float(ending["fte"].sum()) / fte if fte else float("nan"),
                "lost_share": float(lost["fte"].sum()) / fte if fte else float("nan"),
            }
        )
    return pd.DataFrame(found)
