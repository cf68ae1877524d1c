"""A folder of a search: its journal, the plans as files, the tables as CSV, and a manifest written last."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ...model.errors import InputError
from ...model.files import file_hash, temporary_name, writable_folder, write_text
from ...model.plan import Plan, load_plan
from ...model.provenance import provenance
from ...model.results_folder import MANIFEST
from .inventories import need_tables, plan_tables
from .runs import EVALUATIONS

if TYPE_CHECKING:
    from .search import Found

FORMAT = "kreislauf-masterplan"
TABLES, PLANS = "tables", "plans"
_OWN = frozenset({MANIFEST, EVALUATIONS, TABLES, PLANS, "masterplan_de.pdf", "masterplan_en.pdf"})


@dataclass(frozen=True, slots=True)
class PlanFolder:
    """A finished search read from its folder."""

    folder: Path
    manifest: dict[str, Any]
    plans: dict[str, Plan]
    tables: dict[str, pd.DataFrame]


def prepare(folder: Path) -> Path:
    """Return the folder, made if need be; raises InputError when it cannot be used or holds something else."""
    writable_folder(folder)
    if foreign := sorted({path.name for path in folder.iterdir() if not path.name.startswith(".")} - _OWN):
        names = ", ".join(foreign[:3])
        raise InputError(f"the output folder {folder} holds other files ({names}); choose an empty folder with --out")
    return folder


def write_found(
    folder: Path, found: Found, *, command: Sequence[str] = (), more: Mapping[str, Any] | None = None
) -> PlanFolder:
    """Write plans and tables, the manifest last; returns the folder as it can be read."""
    asked = found.asked
    (folder / MANIFEST).unlink(missing_ok=True)
    tables = {**found.tables, **plan_tables(found), **need_tables(found)}
    for name, parts in ((TABLES, {f"{key}.csv": table.to_csv(index=False) for key, table in tables.items()}),
                        (PLANS, {f"{key}.toml": plan.toml() for key, plan in found.plans.items()})):  # fmt: skip
        begun = temporary_name(folder / name)
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir()
        for file, text in parts.items():
            write_text(begun / file, text)
        shutil.rmtree(folder / name, ignore_errors=True)
        begun.rename(folder / name)
    manifest = {
        "format": FORMAT,
        "format_version": 1,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": list(command),
        "inputs": {
            "region": {"name": asked.region.name, "title_de": asked.region.title_de, "title_en": asked.region.title_en,
                       "sha256": asked.region.fingerprint, "field": asked.region.field},
            "variant": {"name": asked.variant.name, "sha256": asked.variant.fingerprint()},
            "first": asked.first, "last": asked.last, "budget_eur": asked.budget_eur,
            "scenarios": [scenario.name for scenario in asked.scenarios], "goals": list(asked.goals),
            "posterior": asked.posterior, "decided": asked.decided.name if asked.decided else "",
        },
        "effort": asdict(asked.effort),
        "stages": found.stages,
        "space": {"levers": len(found.space.levers), "choices": found.space.size,
                  "post_cost_eur": found.space.post_cost_eur},
        "plans": list(found.plans), "better": found.better(), "trades": found.trades(),
        "ties": [list(pair) for pair in found.ties], "dominated_on_fresh_seeds": found.dropped,
        **dict(more or {}), **provenance(),
        "files": {f"{place}/{path.name}": file_hash(path) for place in (TABLES, PLANS)
                  for path in sorted((folder / place).iterdir())},
    }  # fmt: skip
    write_text(folder / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    return read_folder(folder)


def read_folder(folder: str | Path) -> PlanFolder:
    """Return a finished search; raises InputError when the folder holds none, or another file than was written."""
    folder = Path(folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise KeyError
        files = {folder / name: str(known) for name, known in manifest.get("files", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{folder} holds no finished search for plans; run `kreislauf masterplan` first") from None
    if problems := [sentence for path, known in files.items() for sentence in _changed(path, known)]:
        raise InputError("\n".join([*problems, "give the command of the search again: it writes them anew"]))
    try:
        plans = {name: load_plan(folder / PLANS / f"{name}.toml") for name in manifest["plans"]}
        tables = {path.stem: _table(path) for path in sorted((folder / TABLES).glob("*.csv"))}
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{folder} holds no finished search for plans; run `kreislauf masterplan` first") from None
    return PlanFolder(folder, manifest, plans, tables)


def _changed(path: Path, known: str) -> Iterator[str]:
    """Yield what is wrong with a file of this SHA-256."""
    if not path.is_file():
        yield f"{path} is missing: it was deleted or moved"
    elif file_hash(path) != known:
        yield f"{path} is not the file that was written"


def _table(path: Path) -> pd.DataFrame:
    """Return a table, empty when it has no columns."""
    try:
        return pd.read_csv(path, keep_default_na=False, na_values=[""])
    except pd.errors.EmptyDataError:
        return pd.DataFrame()
