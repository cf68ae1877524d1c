"""A region of one's own: a copy of a shipped or own region folder under a new name, with a list of what to replace."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from .errors import InputError, Problem, closest
from .files import check_new_folder, new_folder
from .region import load_region, region_folder, region_names
from .region_schema import TABLES, region_parts
from .region_settings import HOUSEHOLDS_FILE, SETTINGS_FILE

_OUTSIDE = "outside.csv"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SCALED = {
    "structures": ("fte", "hours_per_month", "monthly_cost_eur"),
    "programmes": ("max_eur_per_year",),
    **{table: columns for part in region_parts() for table, columns in part.SCALED.items()},
}
"""Columns that are sums over the region: with fewer municipalities they shrink with the inhabitants."""
_REPLACE = (
    (
        "region.toml",
        "titles, state, law of finance, months, and one [[district]] with key, name and place of the courses",
    ),
    ("municipalities.csv", "keys, names, areas, seats, places in shelters, rent limits; hexagons for the map by hand"),
    ("population.csv", "inhabitants on 31 December of every year; earlier years help the equalisation law"),
    ("adjacency.csv", "distances and common borders; both directions say the same"),
    ("arrivals.csv", "persons assigned by month; shares of decisions are national and may stay"),
    ("initial.csv", "persons in the procedure when the history starts"),
    ("structures.csv", "who offers what, from council papers: owner, tasks, reach, posts, payers, start and end"),
    ("programmes.csv", "money that can be applied for: payer, tasks, ceiling, share, term"),
    (
        "finances.csv",
        "levy rates of every year; allocations, tax capacity, rates and debt as far as they are published",
    ),
    ("labour.csv", "unemployment and vacancies, as far as published"),
    ("alliances.csv", "which municipalities work together, since when"),
    ("households.toml", "composition of arriving households; mostly national figures that may stay"),
    ("sources.csv", "a source_id for every figure you put in; delete those you no longer use"),
    ("outside.csv", "places on the map that are not part of the region; may be left out"),
)


def new_region(
    folder: str | Path,
    *,
    like: str = "coburg",
    name: str = "",
    title_de: str = "",
    title_en: str = "",
    keep: Sequence[str] = (),
) -> Path:
    """Write a region folder to start one's own from, and return it.

    `like` is a shipped region or a folder; `name` (default: the folder's name) becomes the region's name; `keep` are
    keys of the municipalities that stay (default: all). With fewer municipalities, arrivals, posts and programmes
    shrink with the inhabitants and count as assumptions. The folder is checked before it is put in place; a README
    lists what to replace. Raises InputError when the folder is there already, or a name or key is not usable.
    """
    target = Path(folder)
    name = name or re.sub(r"[^a-z0-9_]+", "_", target.name.lower()).strip("_")
    check_new_folder(target)
    if not _NAME.fullmatch(name):
        raise InputError(Problem("not a name for a region", value=name, expected="small letters, digits and _"))
    if name in region_names():
        raise InputError(f"{name!r} is the name of a shipped region; give another with --name")
    source = region_folder(like) if like in region_names() else Path(like)
    known = load_region(source)
    keys = _kept(known.keys, keep)
    tables: dict[str, Any] = {
        table.file.removesuffix(".csv"): pd.read_csv(source / table.file, dtype=str, keep_default_na=False)
        for table in TABLES.values()
    }
    if len(keys) < len(known.keys):
        people = known.population[min(known.population)]
        share = float(people[[known.keys.index(key) for key in keys]].sum() / people.sum())
        _shrink(tables, keys, share, like=known.title_en)
    with new_folder(target) as made:
        for table, frame in tables.items():
            frame.to_csv(made / f"{table}.csv", index=False, lineterminator="\n")
        for file in (HOUSEHOLDS_FILE, _OUTSIDE):
            if (source / file).is_file():
                shutil.copyfile(source / file, made / file)
        settings = (source / SETTINGS_FILE).read_text(encoding="utf-8")
        settings = _with_districts(settings, set(tables["municipalities"]["district"]))
        _write_settings(made, settings, name, title_de, title_en)
        (made / "README.md").write_text(_checklist(name, known.title_en, keys, len(known.keys)), encoding="utf-8")
        load_region(made)  # what is handed over can be run
    return target


def _kept(known: Sequence[str], keep: Sequence[str]) -> list[str]:
    problems = [
        Problem("unknown municipality", column="key", value=key, expected=closest(key, known))
        for key in keep
        if key not in known
    ]
    if problems:
        raise InputError(problems)
    return [key for key in known if key in keep] if keep else list(known)


def _shrink(tables: dict[str, Any], keys: Sequence[str], share: float, *, like: str) -> None:
    """Leave only some municipalities and what reaches them; sums over the region shrink with the inhabitants."""
    every = set(tables["municipalities"]["key"])
    dropped = every - set(keys)
    for name, columns in (("municipalities", ["key"]), ("population", ["key"]), ("alliances", ["key"])):
        tables[name] = tables[name][~tables[name][columns[0]].isin(dropped)]
    pairs = tables["adjacency"]
    tables["adjacency"] = pairs[~(pairs["from"].isin(dropped) | pairs["to"].isin(dropped))]
    districts = set(tables["municipalities"]["district"])
    gone = dropped | (set(tables["arrivals"]["district"]) - districts)
    money = tables["finances"]
    tables["finances"] = money[~(money["level"].isin(["municipality", "district"]) & money["key"].isin(gone))]
    for name in ("arrivals", "labour"):
        tables[name] = tables[name][tables[name]["district"].isin(districts)]
    alliances = set(tables["alliances"]["alliance"])
    structures = tables["structures"].copy()
    reach = [
        ";".join(word for word in words.split(";") if word in {"all", "each", *keys, *districts, *alliances})
        for words in structures["catchment"]
    ]
    structures["catchment"] = reach
    tables["structures"] = structures[structures["catchment"] != ""]
    for name, columns in _SCALED.items():
        frame = tables[name].copy()
        rows = frame["unit"].eq("persons") if name == "initial" else pd.Series(data=True, index=frame.index)
        for column in columns:
            frame.loc[rows, column] = [f"{float(value) * share:.6g}" for value in frame.loc[rows, column]]
        frame.loc[rows, "confidence"] = "assumption"
        frame.loc[rows, "source"] = [f"{source};SCALED" for source in frame.loc[rows, "source"]]
        tables[name] = frame
    row = {
        "source_id": "SCALED",
        "title": f"Method: figures of {like} times the share of the kept municipalities in its inhabitants",
        "url": "-",
        "reference_date": "-",
        "type": "own estimate",
    }
    tables["sources"] = pd.concat([tables["sources"], pd.DataFrame([row])], ignore_index=True).fillna("")


def _with_districts(text: str, districts: set[str]) -> str:
    """Return region.toml with only those [[district]] tables that still have a municipality."""
    head, *blocks = text.split("[[district]]")
    kept = [block for block in blocks if any(f'"{key}"' in block for key in districts)]
    return "[[district]]".join([head, *kept])


def _write_settings(made: Path, text: str, name: str, title_de: str, title_en: str) -> None:
    """Put the new name and titles into region.toml; all else stays as it is, comments included."""
    shown = name.replace("_", " ").title()
    for key, value in (("name", name), ("title_de", title_de or shown), ("title_en", title_en or shown)):
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        text = re.sub(rf"(?m)^{key} = .*$", lambda _, k=key, v=quoted: f'{k} = "{v}"', text, count=1)
    (made / SETTINGS_FILE).write_text(text, encoding="utf-8")


def _checklist(name: str, like: str, keys: Sequence[str], before: int) -> str:
    """Return the README of a new region: what to replace, file by file."""
    rows = "\n".join(f"- [ ] `{file}`: {what}" for file, what in _REPLACE)
    kept = "" if len(keys) == before else (
        f"\n{len(keys)} of {before} municipalities were kept; arrivals, posts and programmes were scaled by inhabitants"
        " (source SCALED, confidence assumption).\n"
    )  # fmt: skip
    return f"""# {name}

A copy of {like} to start from. **Every figure in it is still one of {like}** until you replace it; results say nothing
about your region before that.
{kept}
Replace, file by file (columns and units: `docs/region-format.md`), and put a source to every figure:

{rows}

After each step: `kreislauf region check {name}` (give the folder). At the end: `kreislauf run FOLDER`, then
`kreislauf compare FOLDER --variants status_quo,lead_agency`.
"""
