"""What the field `integration` asks of a region folder: arrivals, the stock at the start, places, households."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...calendar import month_label
from ...errors import Problem
from ...region_columns import EVIDENCE, NOTE, Column, Table, amount, key, share
from ...region_tables import Rows, cells

if TYPE_CHECKING:
    from ...region_settings import Settings

TOWN_COLUMNS = (
    Column("gu_places", "integer", "places in collective accommodation of the state", "places", 0),
    amount("asylum_2014", "asylum seekers housed before the rush; sets where the first ones live", "persons"),
)
"""Columns of municipalities.csv that only this field reads."""

TABLES: dict[str, Table] = {
    "arrivals": Table(
        "arrivals.csv",
        (
            Column("month", "month", "month", "YYYY-MM"),
            key("district", "district"),
            amount("asylum_persons", "asylum seekers assigned in the month; fractions are allowed", "persons"),
            amount("ukraine_persons", "people from Ukraine arriving in the month (net)", "persons"),
            share("refugee_share", "decisions of the month: refugee status and asylum"),
            share("subsidiary_share", "decisions of the month: subsidiary protection"),
            share("ban_share", "decisions of the month: ban on deportation"),
            share("rejected_share", "decisions of the month: rejected"),
            share("closed_share", "decisions of the month: formally closed (Dublin, withdrawn)"),
            Column("procedure_months", "number", "mean length of procedures decided in the year", "months", 0.1, 60),
            *EVIDENCE,
        ),
        ("month", "district"),
        (NOTE,),
    ),
    "initial": Table(
        "initial.csv",
        (
            Column("indicator", "id", "what is given at the start of the history"),
            Column("value", "number", "its value"),
            Column("unit", "text", "unit of the value"),
            *EVIDENCE,
        ),
        ("indicator",),
        (NOTE,),
    ),
}

SCALED = {"arrivals": ("asylum_persons", "ukraine_persons"), "initial": ("value",)}
"""Columns that are sums over the region: with fewer municipalities they shrink with the inhabitants."""

HOUSEHOLD_FIGURES: dict[str, str] = {
    "single_person_share": "persons who arrive alone, of all persons",
    "family_mean_children": "mean number of children of a family that arrives (children)",
    "couple_share_of_families": "families with two parents, of all families",
    "female_share_single": "women, of the persons who arrive alone",
    "age_18_25_share": "adults aged 18 to 24, of all adults",
    "age_25_35_share": "adults aged 25 to 34, of all adults",
    "age_35_50_share": "adults aged 35 to 49, of all adults; the rest is 50 to 64",
    "child_under3_share": "children under 3, of all children",
    "child_3to5_share": "children aged 3 to 5, of all children; the rest is 6 to 17",
    "education_low": "adults without a school certificate",
    "education_mid": "adults with a middle school certificate; the rest has a higher one",
    "literacy_need_share": "adults who need a course with literacy training",
    "vocation_share": "adults with a usable vocational training",
    "vulnerable_share": "adults in particular need of protection (illness, trauma, age)",
    "good_prospect_share": "asylum seekers with good prospects to stay (admitted to courses before the decision)",
}
ADD_UP = (
    ("age_18_25_share", "age_25_35_share", "age_35_50_share"),
    ("child_under3_share", "child_3to5_share"),
    ("education_low", "education_mid"),
)
HOUSEHOLDS = {"asylum": HOUSEHOLD_FIGURES, "ukraine": HOUSEHOLD_FIGURES}
"""Figures of households.toml by group of arrivals."""
NUMBERS = ("family_mean_children",)
"""Figures of households that are no shares."""
_DECISIONS = ("refugee_share", "subsidiary_share", "ban_share", "rejected_share", "closed_share")
_TOLERANCE = 0.0005


def check(tables: Mapping[str, Rows], settings: Settings) -> Iterator[Problem]:
    """Report what does not fit together in the field's tables."""
    yield from _coverage(tables["arrivals"], settings)
    yield from _decisions(tables["arrivals"])
    yield from _initial(tables["initial"], settings)


def _coverage(arrivals: Rows, settings: Settings) -> Iterator[Problem]:
    """Report months without arrivals of a district."""
    seen = {(month, district) for _, month, district in cells(arrivals, "month", "district")}
    for district in settings.districts if arrivals.readable else ():
        gone = [
            month_label(m) for m in range(settings.history_start, settings.end + 1) if (m, district.key) not in seen
        ]
        if gone:
            some = ", ".join(gone[:6]) + (f" and {len(gone) - 6} more" if len(gone) > 6 else "")
            yield Problem(
                f"no arrivals of district {district.key} for {some}", arrivals.table.file, column="month",
                expected=f"every month from {month_label(settings.history_start)} to {month_label(settings.end)}",
            )  # fmt: skip


def _decisions(rows: Rows) -> Iterator[Problem]:
    """Report months whose shares of decisions do not add up to 1."""
    for row, *shares in cells(rows, *_DECISIONS):
        if abs(sum(shares) - 1) > _TOLERANCE:
            text = f"the shares of decisions add up to {sum(shares):.4f}"
            yield rows.problem(row, _DECISIONS[-1], text, " + ".join(_DECISIONS) + " = 1")


def _initial(rows: Rows, settings: Settings) -> Iterator[Problem]:
    """Report a start of the history without its stock of asylum seekers."""
    before = month_label(settings.history_start - 1).replace("-", "_")
    name = f"stock_{before}"
    if rows.readable and name not in rows.columns["indicator"]:
        yield Problem("this indicator is missing", rows.table.file, column="indicator", expected=f"a row {name}")
    for row, indicator, value in cells(rows, "indicator", "value"):
        if str(indicator).startswith("stock_") and value < 0:
            yield rows.problem(row, "value", "a negative number of persons", "0 or more")
