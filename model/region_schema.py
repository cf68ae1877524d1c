"""The tables of a region folder as data: every column with its kind, range, unit and meaning."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .parameters import CONFIDENCE

LEVELS = ("federal", "state", "bezirk", "district", "welfare", "provider", "municipality", "volunteers")
PAYERS = ("bund", "land", "bezirk", "district", "municipality", "care_insurance", "carrier", "donors")
NATURES = ("duty", "delegated", "voluntary")
PROGRAMME_KINDS = ("post", "project", "course", "cooperation")
FINANCE_LEVELS = ("municipality", "district", "bezirk", "land", "city")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind of value, admissible range or values, unit and meaning; `blank`: it may be empty."""

    name: str
    kind: str
    meaning: str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file of a region folder: its columns in order, columns that may be left out, the key of a row."""

    file: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    optional: tuple[Column, ...] = ()
    may_be_empty: bool = False


_CONFIDENCE = Column(
    "confidence",
    "choice",
    "how sure the leading figure of the row is; others are qualified in the note",
    choices=CONFIDENCE,
)
_SOURCE = Column("source", "list", "source_id of sources.csv; several separated by semicolons")
_NOTE = Column("note", "text", "what a reader should know", blank=True)
_EVIDENCE = (_CONFIDENCE, _SOURCE)
_IDENTITY = Column(
    "identity",
    "integer",
    "number that random draws follow; made from the key when the column is absent",
    low=0,
    high=2**31 - 1,
    blank=True,
)


def _share(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning, "share 0 to 1", 0, 1)


def _key(name: str, meaning: str) -> Column:
    return Column(name, "key", meaning)


def _amount(name: str, meaning: str, unit: str, *, blank: bool = False) -> Column:
    return Column(name, "number", meaning, unit, 0, blank=blank)


TABLES: dict[str, Table] = {
    "municipalities": Table(
        "municipalities.csv",
        (
            Column("key", "municipality_key", "official municipality key (AGS)", "8 to 12 digits"),
            Column("name", "text", "name as people write it"),
            _key("district", "key of its district in region.toml"),
            Column("type", "text", "legal type, for example Gemeinde or Stadt"),
            Column("area_km2", "number", "area", "km2", 0.01, 20000),
            Column("lat", "number", "latitude of the seat", "degrees north", -90, 90),
            Column("lon", "number", "longitude of the seat", "degrees east", -180, 180),
            _amount("km_to_centre", "air distance from the seat to the district's course site", "km"),
            Column("gu_places", "integer", "places in collective accommodation of the state", "places", 0),
            _amount("asylum_2014", "asylum seekers housed before the rush; sets where the first ones live", "persons"),
            Column("borders_centre", "flag", "1 when it borders the town of the course site", "0 or 1"),
            _amount("rent_limit_1p_eur", "highest rent the job centre accepts for one person", "EUR a month"),
            _amount("rent_limit_3p_eur", "the same for three persons", "EUR a month"),
            Column("hex_q", "integer", "column on the hexagon map (axial coordinate)"),
            Column("hex_r", "integer", "row on the hexagon map (axial coordinate)"),
            *_EVIDENCE,
        ),
        ("key",),
        (_IDENTITY, _NOTE),
    ),
    "population": Table(
        "population.csv",
        (
            _key("key", "municipality"),
            Column("year", "integer", "year", low=1950, high=2100),
            Column("population", "integer", "inhabitants on 31 December", "persons", 1),
            *_EVIDENCE,
        ),
        ("key", "year"),
        (_NOTE,),
    ),
    "adjacency": Table(
        "adjacency.csv",
        (
            _key("from", "municipality"),
            _key("to", "another municipality; every ordered pair of a district stands once"),
            Column("km", "number", "air distance between the seats", "km", 0.01, 2000),
            Column("adjacent", "flag", "1 when they have a common border", "0 or 1"),
            _amount("border_km", "length of the common border", "km"),
            *_EVIDENCE,
        ),
        ("from", "to"),
        (_NOTE,),
        may_be_empty=True,
    ),
    "arrivals": Table(
        "arrivals.csv",
        (
            Column("month", "month", "month", "YYYY-MM"),
            _key("district", "district"),
            _amount("asylum_persons", "asylum seekers assigned in the month; fractions are allowed", "persons"),
            _amount("ukraine_persons", "people from Ukraine arriving in the month (net)", "persons"),
            _share("refugee_share", "decisions of the month: refugee status and asylum"),
            _share("subsidiary_share", "decisions of the month: subsidiary protection"),
            _share("ban_share", "decisions of the month: ban on deportation"),
            _share("rejected_share", "decisions of the month: rejected"),
            _share("closed_share", "decisions of the month: formally closed (Dublin, withdrawn)"),
            Column("procedure_months", "number", "mean length of procedures decided in the year", "months", 0.1, 60),
            *_EVIDENCE,
        ),
        ("month", "district"),
        (_NOTE,),
    ),
    "initial": Table(
        "initial.csv",
        (
            Column("indicator", "id", "what is given at the start of the history"),
            Column("value", "number", "its value"),
            Column("unit", "text", "unit of the value"),
            *_EVIDENCE,
        ),
        ("indicator",),
        (_NOTE,),
    ),
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
            _amount("fte", "staff", "full-time posts"),
            _amount("hours_per_month", "hours worked in a month; of a course: lessons", "hours"),
            _amount("monthly_cost_eur", "cost of the post itself (staff, workplace) in prices of 2017", "EUR a month"),
            Column("payers", "shares", "who pays, as payer:share, shares adding up to 1"),
            Column("start", "month", "first month; empty: before the history", "YYYY-MM", blank=True),
            Column("end", "month", "last month; empty: open", "YYYY-MM", blank=True),
            Column("ramp_up_months", "integer", "months until it works at full capacity", "months", 0, 60),
            Column("visibility_factor", "number", "how well it notices cases: 1 is usual", "factor", 0, 5),
            Column("programme", "id", "programme that pays it for a term (programmes.csv)", blank=True),
            Column("evidence_rows", "list", "rows of the task table (README of the region)", blank=True),
            _NOTE,
            *_EVIDENCE,
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
            _amount("max_eur_per_year", "most it pays in the region in a year", "EUR a year"),
            _share("funded_share", "share of a post's or project's cost it pays"),
            Column("start", "month", "first month it pays; empty: before the history", "YYYY-MM", blank=True),
            Column("end", "month", "last month it pays; empty: open", "YYYY-MM", blank=True),
            Column("term_months", "integer", "months it grants at a time", "months", 1, 240),
            _share("renewal_probability", "chance that a grant is renewed at the end of its term"),
            *_EVIDENCE,
        ),
        ("id",),
        (_NOTE,),
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
            *_EVIDENCE,
        ),
        ("level", "key", "year", "indicator"),
        (_NOTE,),
        may_be_empty=True,
    ),
    "labour": Table(
        "labour.csv",
        (
            _key("district", "district"),
            Column("month", "month", "month", "YYYY-MM"),
            Column("indicator", "id", "name of the figure"),
            Column("value", "number", "its value"),
            Column("unit", "text", "unit of the value"),
            *_EVIDENCE,
        ),
        ("district", "month", "indicator"),
        (_NOTE,),
        may_be_empty=True,
    ),
    "alliances": Table(
        "alliances.csv",
        (
            Column("alliance", "id", "short name"),
            Column("name", "text", "full name"),
            _key("key", "member municipality"),
            Column("start", "month", "first month of membership; empty: before the history", "YYYY-MM", blank=True),
            Column("end", "month", "last month of membership; empty: open", "YYYY-MM", blank=True),
            *_EVIDENCE,
        ),
        ("alliance", "key"),
        (_NOTE,),
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
        (_NOTE,),
    ),
}
