"""What must fit together between the files of a region folder; every check reports all that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from .calendar import OPEN_END, OPEN_START, year_of
from .errors import Problem
from .region_schema import LEVELS, PAYERS, region_parts
from .region_settings import SETTINGS_FILE, Settings
from .region_structures import Places
from .region_tables import Rows, cells, nearest


def check_tables(
    tables: Mapping[str, Rows], settings: Settings, tasks: Sequence[str], groups: Sequence[str]
) -> list[Problem]:
    """Return everything that does not fit together between the tables of a region folder."""
    checks = (
        _references(tables, settings),
        _coverage(tables, settings),
        _adjacency(tables["adjacency"]),
        *(part.check(tables, settings) for part in region_parts()),
        _words(tables, tasks, groups),
        _structures(tables, settings),
        _periods(tables),
    )
    return [problem for check in checks for problem in check]


def _known(rows: Rows, column: str, names: Sequence[str], what: str, *, none_known: bool = False) -> Iterator[Problem]:
    """Report cells of a column that name nothing known; a cell may hold several names.

    Without any name the other table was unreadable, which is reported there, unless `none_known` says it is just empty.
    """
    allowed = set(names)
    if not allowed and not none_known:
        return
    for row, value in cells(rows, column):
        for word in value if isinstance(value, tuple) else (value,):
            if word not in allowed:
                yield rows.problem(row, column, f"unknown {what} {word!r}, {nearest(word, names)}")


def _references(tables: Mapping[str, Rows], settings: Settings) -> Iterator[Problem]:
    """Report keys of municipalities, districts, programmes and sources that stand nowhere."""
    keys = [key for key in tables["municipalities"].columns.get("key", []) if key]
    districts = [district.key for district in settings.districts]
    for table, column in (("population", "key"), ("adjacency", "from"), ("adjacency", "to"), ("alliances", "key")):
        yield from _known(tables[table], column, keys, "municipality key")
    for table in (name for name, rows in tables.items() if any(c.name == "district" for c in rows.table.columns)):
        yield from _known(tables[table], "district", districts, "district key")
    finances = tables["finances"]
    for row, level, key in cells(finances, "level", "key"):
        names = {"municipality": keys, "district": districts}.get(str(level), [])
        if names and key not in names:
            yield finances.problem(row, "key", f"unknown {level} key {key!r}, {nearest(str(key), names)}")
    programmes = [name for name in tables["programmes"].columns.get("id", []) if name]
    if tables["programmes"].readable:
        yield from _known(tables["structures"], "programme", programmes, "programme", none_known=True)
    sources = [name for name in tables["sources"].columns.get("source_id", []) if name]
    for name, rows in tables.items():
        if name != "sources":
            yield from _known(rows, "source", sources, "source")


def _coverage(tables: Mapping[str, Rows], settings: Settings) -> Iterator[Problem]:
    """Report tables without rows, districts without municipalities, and years, months and pairs that are not there."""
    for rows in tables.values():
        if rows.readable and not len(rows) and not rows.table.may_be_empty:
            yield Problem("the table has no rows", rows.table.file, 2)
    keys = [key for key in tables["municipalities"].columns.get("key", []) if key]
    used = set(tables["municipalities"].columns.get("district", []))
    for district in settings.districts:
        if used and district.key not in used:
            yield Problem("the district has no municipality", SETTINGS_FILE, column="district.key", value=district.key)
    population = tables["population"]
    years = range(year_of(settings.history_start) - 1, year_of(settings.end) + 1)
    have = {(key, year) for _, key, year in cells(population, "key", "year")}
    for key in keys if population.readable else ():
        gone = [str(year) for year in years if (key, year) not in have]
        if gone:
            yield Problem(
                f"no population of municipality {key} for {', '.join(gone)}", population.table.file, column="year",
                expected=f"every municipality in every year from {years[0]} to {years[-1]}",
            )  # fmt: skip
    adjacency = tables["adjacency"]
    pairs = {(a, b) for _, a, b in cells(adjacency, "from", "to")}
    district = dict(zip(*(tables["municipalities"].columns.get(name, []) for name in ("key", "district")), strict=True))
    members: dict[str, list[str]] = {}
    for key in keys:
        members.setdefault(district[key], []).append(key)
    for key in keys if adjacency.readable else ():
        gone = [other for other in members[district[key]] if other != key and (key, other) not in pairs]
        if gone:
            some = ", ".join(gone[:4]) + (f" and {len(gone) - 4} more" if len(gone) > 4 else "")
            yield Problem(
                f"no row from {key} to {some}", adjacency.table.file, column="to",
                expected="every ordered pair of a district",
            )  # fmt: skip
    known = set(keys)
    for row, a, b in cells(adjacency, "from", "to"):
        if {a, b} <= known and district[a] != district[b] and (b, a) not in pairs:
            yield adjacency.problem(row, "to", "the opposite direction is missing", f"a row from {b} to {a}")


def _adjacency(rows: Rows) -> Iterator[Problem]:
    """Report pairs that say something else in the other direction, and municipalities next to themselves."""
    table = {(a, b): row for row, a, b in cells(rows, "from", "to")}
    for (a, b), row in table.items():
        if a == b:
            yield rows.problem(row, "to", "a municipality next to itself", "another municipality")
            continue
        other = table.get((b, a))
        if other is None or other > row:  # each pair is reported once, at its second row
            continue
        for column in ("km", "adjacent", "border_km"):
            if rows.raw[column][row] and rows.columns[column][row] != rows.columns[column][other]:
                right = f"{rows.raw[column][other]}, as in line {rows.lines[other]}"
                yield rows.problem(row, column, "the opposite direction says something else", right)
    for row, adjacent, border in cells(rows, "adjacent", "border_km"):
        if border and not adjacent:
            yield rows.problem(row, "border_km", "a common border of places that are not adjacent", "0")


def _words(tables: Mapping[str, Rows], tasks: Sequence[str], groups: Sequence[str]) -> Iterator[Problem]:
    """Report tasks, groups and levels the field of action does not know."""
    yield from _known(tables["structures"], "tasks", tasks, "task")
    yield from _known(tables["structures"], "groups", [*groups, "all"], "group")
    yield from _known(tables["programmes"], "tasks", tasks, "task")
    yield from _known(tables["programmes"], "eligible_levels", LEVELS, "level")


def _structures(tables: Mapping[str, Rows], settings: Settings) -> Iterator[Problem]:
    """Report payers that do not add up, unknown places, and phases of one office that overlap."""
    rows = tables["structures"]
    for row, pairs in cells(rows, "payers"):
        names = [name for name, _ in pairs]
        for name in names:
            if name not in PAYERS:
                yield rows.problem(row, "payers", f"unknown payer {name!r}, {nearest(name, PAYERS)}")
        if len(set(names)) != len(names):
            yield rows.problem(row, "payers", "the same payer twice", "every payer once")
        total = sum(share for _, share in pairs)
        if any(share <= 0 for _, share in pairs) or abs(total - 1) > 1e-6:
            yield rows.problem(row, "payers", f"the shares add up to {total:g}", "positive shares that add up to 1")
    places = tables["municipalities"]
    located = [(key, district) for _, key, district in cells(places, "key", "district")]
    keys, district_of = [str(key) for key, _ in located], [str(district) for _, district in located]
    alliances: dict[str, list[str]] = {}
    for _, alliance, key in cells(tables["alliances"], "alliance", "key"):
        alliances.setdefault(str(alliance), []).append(str(key))
    names = [*keys, *(district.key for district in settings.districts), *alliances, "all", "each"]
    known = Places(keys, district_of, alliances)
    for row, words in cells(rows, "catchment"):
        reach = known.reach(words)
        if isinstance(reach, str) and keys:
            yield rows.problem(row, "catchment", f"unknown place {reach!r}, {nearest(reach, names)}")
        if "each" in words and len(words) > 1:
            yield rows.problem(row, "catchment", "each stands with other words", "each alone")
    yield from _phases(rows)


def _phases(rows: Rows) -> Iterator[Problem]:
    """Report phases of one office that are active in the same month or belong to different owners."""
    units: dict[str, list[int]] = {}
    for row, name in cells(rows, "id"):
        units.setdefault(str(name).split(".")[0], []).append(row)
    start, end = rows.columns.get("start", []), rows.columns.get("end", [])
    for unit, members in units.items():
        spans = [
            (OPEN_START if start[r] is None else start[r], OPEN_END if end[r] is None else end[r], r) for r in members
        ]
        spans.sort()
        for (_, last, before), (first, _, row) in pairwise(spans):
            if first <= last:
                right = f"a month after the end of line {rows.lines[before]}"
                yield rows.problem(row, "start", f"phases of {unit} overlap", right)
        for row in members[1:]:
            if rows.columns["owner"][row] != rows.columns["owner"][members[0]]:
                right = f"{rows.raw['owner'][members[0]]}, as in line {rows.lines[members[0]]}"
                yield rows.problem(row, "owner", f"phases of {unit} belong to different owners", right)


def _periods(tables: Mapping[str, Rows]) -> Iterator[Problem]:
    """Report rows that end before they start."""
    for name in ("structures", "programmes", "alliances"):
        rows = tables[name]
        for row, start, end in cells(rows, "start", "end"):
            if end < start:
                yield rows.problem(row, "end", "the end is before the start", f"{rows.raw['start'][row]} or later")
