"""From the structure register of a region folder to one row per structure that can act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from .calendar import OPEN_END, OPEN_START

if TYPE_CHECKING:
    import numpy as np

_SCALED = ("fte", "hours_per_month", "monthly_cost_eur")


class Places:
    """The municipalities of a region by every name a catchment may use: `all`, keys of places and districts, alliances.

    `each` reaches what `all` reaches.
    """

    def __init__(self, keys: Sequence[str], district_of: Sequence[str], alliances: Mapping[str, Sequence[str]]) -> None:
        """Number the municipalities in the order of `keys`."""
        index = {key: number for number, key in enumerate(keys)}
        everywhere = tuple(range(len(keys)))
        districts: dict[str, list[int]] = {}
        for number, district in enumerate(district_of):
            districts.setdefault(district, []).append(number)
        members = {name: [index[key] for key in found if key in index] for name, found in alliances.items()}
        # Earlier meanings of a word win.
        self._reach: dict[str, Sequence[int]] = {
            **members, **districts, **{key: (number,) for key, number in index.items()},
            "all": everywhere, "each": everywhere,
        }  # fmt: skip

    def reach(self, words: Sequence[str]) -> tuple[int, ...] | str:
        """Return the municipality numbers that a catchment names, or the first word that is unknown."""
        found: set[int] = set()
        for word in words:
            if word not in self._reach:
                return word
            found.update(self._reach[word])
        return tuple(sorted(found))


def expand_structures(
    columns: Mapping[str, Sequence[Any]],
    *,
    keys: Sequence[str],
    district_of: Sequence[str],
    district_index: Sequence[int],
    population: np.ndarray,
    alliances: Mapping[str, Sequence[str]],
    groups: Sequence[str],
) -> pd.DataFrame:
    """Return the register as a table, one row per structure.

    A row with catchment `each` becomes one row per municipality: its id gets `_` and the key appended, and its posts,
    hours and cost, which are totals over the region, are split by `population` (M,). Added columns: `unit` (the office
    a phase belongs to), `task_ids`, `group_ids`, `municipality_indices`, `payer_shares` (tuples), `start_month`,
    `end_month` (month numbers; OPEN_START and OPEN_END where the file says nothing), `district_index` (-1 when it
    reaches several districts), `next_phase` (id of the phase of the same office that follows without a break, or empty)
    and `unit_end_month` (when the last of the phases that follow without a break ends: the end of the post).
    """
    share = population / population.sum()
    rows: list[dict[str, Any]] = []
    places = Places(keys, district_of, alliances)
    for number in range(len(columns["id"])):
        row = {name: values[number] for name, values in columns.items()}
        reach = places.reach(row["catchment"])
        if isinstance(reach, str):
            raise ValueError(f"unknown catchment {reach!r}")
        row |= {
            "unit": row["id"].split(".")[0],
            "task_ids": row["tasks"],
            "group_ids": tuple(groups) if row["groups"] == ("all",) else row["groups"],
            "payer_shares": row["payers"],
            "start_month": OPEN_START if row["start"] is None else row["start"],
            "end_month": OPEN_END if row["end"] is None else row["end"],
        }
        if row["catchment"] != ("each",):
            reached = {district_index[place] for place in reach}
            district = reached.pop() if len(reached) == 1 else -1
            rows.append(row | {"municipality_indices": reach, "district_index": district})
            continue
        for place in reach:
            key = keys[place]
            own = {
                "id": f"{row['id']}_{key}",
                "unit": f"{row['unit']}_{key}",
                "municipality_indices": (place,),
                "district_index": district_index[place],
            }
            rows.append(row | own | {name: row[name] * float(share[place]) for name in _SCALED})
    _follow_phases(rows)
    frame = pd.DataFrame(rows)
    for name in ("tasks", "groups", "catchment", "evidence_rows", "source"):
        frame[name] = [";".join(words or ()) for words in frame[name]]
    frame["payers"] = [";".join(f"{name}:{part:g}" for name, part in pairs) for pairs in frame["payers"]]
    return frame


def _follow_phases(rows: Sequence[dict[str, Any]]) -> None:
    """Add to each row the phase that follows it without a break and the month in which the last of them ends."""
    begins = {(row["unit"], row["start_month"]): row for row in rows}
    for row in sorted(rows, key=lambda row: row["start_month"], reverse=True):  # later phases first
        follower = begins.get((row["unit"], row["end_month"] + 1))
        row["next_phase"] = follower["id"] if follower else ""
        row["unit_end_month"] = follower["unit_end_month"] if follower else row["end_month"]
