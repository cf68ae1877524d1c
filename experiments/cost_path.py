"""The net cost of the fields' tasks by year, read from a folder of `kreislauf finance`, for the crash test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..model.errors import InputError, Problem
from ..model.files import file_hash
from ..model.fiscal.projection import Costs
from ..model.results_folder import MANIFEST

if TYPE_CHECKING:
    from ..model.region import Region
    from .bench import CostPath

_COLUMNS = ("world", "year", "level", "key", "net")


def read_costs(folder: str | Path, region: Region) -> pd.DataFrame:
    """Return the table of costs a finance report wrote; raises InputError for another folder or another region."""
    folder = Path(folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        kind, written = manifest["format"], manifest["inputs"]["region"]
        entry = manifest["files"].get("costs.parquet")
        name, fingerprint = str(written["name"]), str(written["sha256"])
        field = str(manifest["inputs"].get("field", region.field))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        kind, entry, name, fingerprint, field = "", None, "", "", ""
    if kind != "kreislauf-finance" or entry is None:
        expected = "a folder written by `kreislauf finance REGION --out FOLDER`"
        raise InputError(Problem("no costs of tasks here", str(folder), expected=expected))
    if name == region.name and field != region.field:
        message = f"the costs are those of the field of action {field!r}"
        raise InputError(Problem(message, str(folder), expected=f"costs of {region.field!r}, or --field {field}"))
    if fingerprint != region.fingerprint:
        message = f"the costs are those of region {name!r} or of an earlier state of it"
        raise InputError(Problem(message, str(folder), expected=f"costs of {region.name!r} as it is now"))
    path = folder / "costs.parquet"
    if not path.is_file() or file_hash(path) != entry["sha256"]:
        raise InputError(f"{path} is not the file that was written; run `kreislauf finance` again")
    return pd.read_parquet(path)


def cost_path(table: pd.DataFrame, region: Region, *, world: str = "with") -> CostPath:
    """Return the net cost of the tasks as a function of years, from a table with world, year, level, key and net.

    `net` is EUR per year. Years outside the table have the cost of the nearest year in it; a municipality or district
    without a row has none.
    """
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        raise InputError(Problem("columns are missing in the costs", value=", ".join(missing)))
    rows = table.loc[table["world"] == world]
    if rows.empty:
        known = ", ".join(sorted(map(str, table["world"].unique())))
        raise InputError(Problem("no costs of this world", value=world, expected=known))
    first, last = int(rows["year"].min()), int(rows["year"].max())
    net = {
        (str(level), str(key), int(year)): float(value)
        for level, key, year, value in zip(rows["level"], rows["key"], rows["year"], rows["net"], strict=True)
    }

    def of(years: tuple[int, ...]) -> Costs:
        def lines(level: str, keys: tuple[str, ...]) -> np.ndarray:
            near = [min(max(year, first), last) for year in years]
            return np.array([[net.get((level, key, year), 0.0) for key in keys] for year in near])

        districts = tuple(district.key for district in region.districts)
        return Costs(towns=lines("municipality", region.keys), districts=lines("district", districts))

    return of
