"""The bodies of a region in another field of action: its own tables where it has them, else the field's template.

A region folder may hold `fields/NAME/structures.csv` and `fields/NAME/programmes.csv` in the format of its own
tables. Where it does not, the field's folder gives a template with amounts per 10,000 inhabitants; every body of the
template that reaches `all` exists once in each district, one that reaches `each` in every municipality.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .calendar import year_of
from .errors import InputError, Problem, closest
from .field import Field, load_field
from .region_schema import LEVELS, PAYERS, TABLES
from .region_structures import expand_structures
from .region_tables import Rows, read_table

if TYPE_CHECKING:
    from .region import Region

PER_INHABITANTS = 10_000
_SCALED = ("fte", "hours_per_month", "monthly_cost_eur")
_TABLES = ("structures", "programmes")


def in_fields(region: Region, field: str) -> Region:
    """Return the region with the bodies and programmes of one or several fields of action (separated by commas).

    Bodies of a field the region already is about stay as they are. Raises InputError with all problems of the tables.
    """
    wanted = load_field(field)
    if wanted.name == region.field:
        return region
    have = load_field(region.field)
    kept = {part.name for part in have.parts} & {part.name for part in wanted.parts}
    structures, programmes = ([_kept(frame, have, kept)] for frame in (region.structures, region.programmes))
    digest = hashlib.sha256(f"{region.fingerprint} {wanted.name}".encode())
    for part in wanted.parts:
        if part.name not in kept:
            found = _tables_of(region, part, digest)
            structures.append(found[0])
            programmes.append(found[1])
    return replace(
        region,
        field=wanted.name,
        structures=pd.concat(structures, ignore_index=True),
        programmes=pd.concat(programmes, ignore_index=True),
        fingerprint=digest.hexdigest(),
    )


def _kept(frame: Any, have: Field, kept: set[str]) -> pd.DataFrame:
    """Return the rows of the fields that are kept, with the column `field` that says of which they are."""
    named = frame if "field" in frame else frame.assign(field=have.name)
    return named[named["field"].isin(kept) | (named["field"].isna() & bool(kept))]


def _tables_of(region: Region, field: Field, digest: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return structures and programmes of a field in a region."""
    own = region.folder / "fields" / Path(field.name).name
    folder = own if (own / TABLES["structures"].file).is_file() else field.folder
    template = folder is not own
    problems: list[Problem] = []
    tables: dict[str, Rows] = {}
    shown = f"fields/{own.name}/"
    for name in _TABLES:
        table = replace(TABLES[name], file=TABLES[name].file)
        tables[name], found = read_table(folder, table)
        digest.update(f"{name}:".encode() + ((folder / table.file).read_bytes() if not found else b""))
        problems += [replace(problem, file=shown + problem.file) for problem in found]
    if not problems:
        problems += [replace(p, file=shown + p.file) for p in _word_problems(tables["structures"], field)]
    if problems:
        raise InputError(problems)
    columns = dict(tables["structures"].columns)
    people = _people(region)
    programmes = pd.DataFrame({name: tables["programmes"].raw[name] for name in tables["programmes"].raw})
    for name in ("max_eur_per_year", "funded_share", "term_months", "renewal_probability"):
        programmes[name] = tables["programmes"].columns[name]
    if template:
        columns = _by_district(columns, region, people)
        programmes["max_eur_per_year"] = programmes["max_eur_per_year"] * float(people.sum()) / PER_INHABITANTS
    structures = expand_structures(
        columns,
        keys=region.keys,
        district_of=list(region.municipalities["district"]),
        district_index=list(region.municipalities["district_index"]),
        population=people,
        alliances=region.alliances.groupby("alliance")["key"].apply(list).to_dict(),
        groups=field.groups,
    )
    from .region import label_months

    return label_months(structures).assign(field=field.name), programmes.assign(field=field.name)


def _people(region: Region) -> np.ndarray:
    """Return the inhabitants (M,) before the start, by which templates are scaled."""
    year = year_of(region.start_month) - 1
    years = region.population
    return years[min(max(year, min(years)), max(years))].astype(np.float64)


def _by_district(columns: dict[str, list[Any]], region: Region, people: np.ndarray) -> dict[str, list[Any]]:
    """Return the rows of a template in amounts of this region: bodies that reach `all` once in every district."""
    district_of = region.municipalities["district_index"].to_numpy(np.int64)
    rows: list[dict[str, Any]] = []
    for number in range(len(columns["id"])):
        row = {name: values[number] for name, values in columns.items()}
        if row["catchment"] == ("each",):
            share = float(people.sum()) / PER_INHABITANTS
            rows.append(row | {name: row[name] * share for name in _SCALED})
            continue
        for d, district in enumerate(region.districts):
            share = float(people[district_of == d].sum()) / PER_INHABITANTS
            office, dot, phase = row["id"].partition(".")
            scaled = {name: row[name] * share for name in _SCALED}
            rows.append(row | scaled | {"id": f"{office}_{district.key}{dot}{phase}", "catchment": (district.key,)})
    return {name: [row[name] for row in rows] for name in columns}


def _word_problems(rows: Rows, field: Field) -> list[Problem]:
    """Return the words of structures that no task, group, level or payer has."""
    known = {
        "tasks": (*field.task_ids, *field.support),
        "groups": (*field.groups, "all"),
        "level": LEVELS,
        "payers": PAYERS,
    }
    problems: list[Problem] = []
    for number in range(len(rows)):
        for column, names in known.items():
            value = rows.columns[column][number]
            words = [value] if isinstance(value, str) else [w[0] if isinstance(w, tuple) else w for w in value or ()]
            problems += [
                rows.problem(number, column, f"unknown word {word!r}, {closest(str(word), names)}")
                for word in words
                if word not in names
            ]
    return problems
