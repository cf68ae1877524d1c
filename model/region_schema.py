"""The tables of a region folder as data: every column with its kind, range, unit and meaning.

A field of action that needs more of a region than bodies and programmes says so in a module `region_part` of its
folder: tables, columns of municipalities, figures of households, and checks.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import Any

from .region_columns import EVIDENCE, IDENTITY, NOTE, Column, Table, amount, key, share

__all__ = ["LEVELS", "PAYERS", "TABLES", "Column", "Table", "region_parts"]

LEVELS = ("federal", "state", "bezirk", "district", "welfare", "provider", "municipality", "volunteers")
PAYERS = ("bund", "land", "bezirk", "district", "municipality", "care_insurance", "carrier", "donors")
NATURES = ("duty", "delegated", "voluntary")
PROGRAMME_KINDS = ("post", "project", "course", "cooperation")
FINANCE_LEVELS = ("municipality", "district", "bezirk", "land", "city")


@cache
def region_parts() -> tuple[Any, ...]:
    """Return the modules in which the shipped fields of action say what they ask of a region folder."""
    found = sorted(Path(__file__).with_name("fields").glob("*/region_part.py"))
    return tuple(importlib.import_module(f".fields.{path.parent.name}.region_part", __package__) for path in found)


TABLES: dict[str, Table] = {
    "municipalities": Table(
        "municipalities.csv",
        (
            Column("key", "municipality_key", "official municipality key (AGS)", "8 to 12 digits"),
            Column("name", "text", "name as people write it"),
            key("district", "key of its district in region.toml"),
            Column("type", "text", "legal type, for example Gemeinde or Stadt"),
            Column("area_km2", "number", "area", "km2", 0.01, 20000),
            Column("lat", "number", "latitude of the seat", "degrees north", -90, 90),
            Column("lon", "number", "longitude of the seat", "degrees east", -180, 180),
            amount("km_to_centre", "air distance from the seat to the district's course site", "km"),
            Column("borders_centre", "flag", "1 when it borders the town of the course site", "0 or 1"),
            amount("rent_limit_1p_eur", "highest rent the job centre accepts for one person", "EUR a month"),
            amount("rent_limit_3p_eur", "the same for three persons", "EUR a month"),
            Column("hex_q", "integer", "column on the hexagon map (axial coordinate)"),
            Column("hex_r", "integer", "row on the hexagon map (axial coordinate)"),
            *(column for part in region_parts() for column in part.TOWN_COLUMNS),
            *EVIDENCE,
        ),
        ("key",),
        (IDENTITY, NOTE),
    ),
    "population": Table(
        "population.csv",
        (
            key("key", "municipality"),
            Column("year", "integer", "year", low=1950, high=2100),
            Column("population", "integer", "inhabitants on 31 December", "persons", 1),
            *EVIDENCE,
        ),
        ("key", "year"),
        (NOTE,),
    ),
    "adjacency": Table(
        "adjacency.csv",
        (
            key("from", "municipality"),
            key("to", "another municipality; every ordered pair of a district stands once"),
            Column("km", "number", "air distance between the seats", "km", 0.01, 2000),
            Column("adjacent", "flag", "1 when they have a common border", "0 or 1"),
            amount("border_km", "length of the common border", "km"),
            *EVIDENCE,
        ),
        ("from", "to"),
        (NOTE,),
        may_be_empty=True,
    ),
    **{name: table for part in region_parts() for name, table in part.TABLES.items()},
    "structures": Table(
        "structures.csv",
        (
            Column("id", "unit_id", "short name; phases of one office are name.1, name.2 and so on"),
            Column("name_de", "text", "German name"),
            Column("owner", "id", "who holds it: a short word such as district, caritas, jobcenter"),
            Column("level", "choice", "level of government or society", choices=LEVELS),
            Column("tasks", "list", "tasks of the field it serves"),
            Column("groups", "list", "groups of the field it serves, or all"),
            Column("catchment", "list", "all, each, or keys of municipalities or districts, or names of alliances"),
            Column("nature", "choice", "legal nature", choices=NATURES),
            amount("fte", "staff", "full-time posts"),
            amount("hours_per_month", "hours worked in a month; of a course: lessons", "hours"),
            amount("monthly_cost_eur", "cost of the post itself (staff, workplace) in prices of 2017", "EUR a month"),
            Column("payers", "shares", "who pays, as payer:share, shares adding up to 1"),
            Column("start", "month", "first month; empty: before the history", "YYYY-MM", blank=True),
            Column("end", "month", "last month; empty: open", "YYYY-MM", blank=True),
            Column("ramp_up_months", "integer", "months until it works at full capacity", "months", 0, 60),
            Column("visibility_factor", "number", "how well it notices cases: 1 is usual", "factor", 0, 5),
            Column("programme", "id", "programme that pays it for a term (programmes.csv)", blank=True),
            Column("evidence_rows", "list", "rows of the task table (README of the region)", blank=True),
            NOTE,
            *EVIDENCE,
        ),
        ("id",),
    ),
    "programmes": Table(
        "programmes.csv",
        (
            Column("id", "id", "short name"),
            Column("name_de", "text", "German name"),
            Column("payer", "choice", "who pays", choices=PAYERS),
            Column("kind", "choice", "what it pays", choices=PROGRAMME_KINDS),
            Column("tasks", "list", "tasks it may pay for"),
            Column("eligible_levels", "list", "levels that may apply"),
            amount("max_eur_per_year", "most it pays in the region in a year", "EUR a year"),
            share("funded_share", "share of a post's or project's cost it pays"),
            Column("start", "month", "first month it pays; empty: before the history", "YYYY-MM", blank=True),
            Column("end", "month", "last month it pays; empty: open", "YYYY-MM", blank=True),
            Column("term_months", "integer", "months it grants at a time", "months", 1, 240),
            share("renewal_probability", "chance that a grant is renewed at the end of its term"),
            *EVIDENCE,
        ),
        ("id",),
        (NOTE,),
        may_be_empty=True,
    ),
    "finances": Table(
        "finances.csv",
        (
            Column("level", "choice", "whose figure it is", choices=FINANCE_LEVELS),
            Column("key", "text", "key of the municipality, district, Bezirk or Land"),
            Column("year", "integer", "year", low=1990, high=2100),
            Column("indicator", "id", "name of the figure"),
            Column("value", "number", "its value"),
            Column("unit", "text", "unit of the value"),
            *EVIDENCE,
        ),
        ("level", "key", "year", "indicator"),
        (NOTE,),
        may_be_empty=True,
    ),
    "labour": Table(
        "labour.csv",
        (
            key("district", "district"),
            Column("month", "month", "month", "YYYY-MM"),
            Column("indicator", "id", "name of the figure"),
            Column("value", "number", "its value"),
            Column("unit", "text", "unit of the value"),
            *EVIDENCE,
        ),
        ("district", "month", "indicator"),
        (NOTE,),
        may_be_empty=True,
    ),
    "alliances": Table(
        "alliances.csv",
        (
            Column("alliance", "id", "short name"),
            Column("name", "text", "full name"),
            key("key", "member municipality"),
            Column("start", "month", "first month of membership; empty: before the history", "YYYY-MM", blank=True),
            Column("end", "month", "last month of membership; empty: open", "YYYY-MM", blank=True),
            *EVIDENCE,
        ),
        ("alliance", "key"),
        (NOTE,),
        may_be_empty=True,
    ),
    "sources": Table(
        "sources.csv",
        (
            Column("source_id", "source_id", "short name used in the column source"),
            Column("title", "text", "title, publisher, or the method of an estimate"),
            Column("url", "text", "address, or - when there is none"),
            Column("reference_date", "text", "date the figures refer to"),
            Column("type", "text", "official, quoted, estimate, ... in words"),
        ),
        ("source_id",),
        (NOTE,),
    ),
}
