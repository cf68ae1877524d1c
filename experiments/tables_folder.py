"""A results folder of plain tables: every table as Parquet and CSV, with a manifest written last."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model.errors import InputError
from ..model.files import file_hash
from ..model.provenance import code_hash, package_versions
from ..model.results_folder import MANIFEST

if TYPE_CHECKING:
    import pandas as pd

FORMAT_VERSION = 1
_TEMPORARY = f".part{os.getpid()}"


def prepare_tables_folder(folder: str | Path, kind: str) -> Path:
    """Return a folder ready for tables of one kind; raises InputError when it cannot be used.

    An empty or new folder is ready, and so is one whose manifest is of the same kind: its tables are replaced. A folder
    with anything else in it is refused and left alone.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        present = {path.name for path in folder.iterdir()}
        probe = folder / f".probe{_TEMPORARY}"
        probe.touch()
        probe.unlink()
    except FileExistsError:
        raise InputError(f"the output folder {folder} is a file; choose another folder with --out") from None
    except OSError as error:
        words = f"the output folder {folder} cannot be written: {error.strerror}; choose another with --out"
        raise InputError(words) from None
    foreign = sorted(present - _own_files(folder, kind))
    if foreign:
        names = ", ".join(foreign[:3])
        raise InputError(f"the output folder {folder} holds other files ({names}); choose an empty folder with --out")
    return folder


def write_tables(
    folder: str | Path,
    tables: Mapping[str, pd.DataFrame],
    *,
    kind: str,
    inputs: Mapping[str, Any],
    command: Sequence[str] = (),
) -> Path:
    """Write tables as `NAME.parquet` and `NAME.csv` and a manifest with their hashes; returns the manifest's path.

    `kind` names what wrote them (such as `stress`); a folder of another kind is refused.
    """
    folder = prepare_tables_folder(folder, kind)
    entries: dict[str, dict[str, Any]] = {}
    for name, frame in tables.items():
        parquet, text = (folder / f".{name}.{ending}{_TEMPORARY}" for ending in ("parquet", "csv"))
        frame.to_parquet(parquet, index=False)
        frame.to_csv(text, index=False)
        for path, final in ((parquet, f"{name}.parquet"), (text, f"{name}.csv")):
            entries[final] = {"table": name, "rows": len(frame), "sha256": file_hash(path)}
    manifest = {
        "format": f"kreislauf-{kind}",
        "format_version": FORMAT_VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": [Path(word).name if os.sep in word else word for word in command],
        "inputs": dict(inputs),
        "code": code_hash(),
        "packages": package_versions(),
        "python": platform.python_version(),
        "files": entries,
    }
    text = folder / f".{MANIFEST}{_TEMPORARY}"
    text.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for name in _own_files(folder, kind):
        (folder / name).unlink(missing_ok=True)
    for final, entry in entries.items():
        (folder / f".{entry['table']}.{final.rsplit('.', 1)[1]}{_TEMPORARY}").replace(folder / final)
    text.replace(folder / MANIFEST)
    return folder / MANIFEST


def _own_files(folder: Path, kind: str) -> set[str]:
    """Return the names of the files an earlier manifest of the same kind lists; none without such a manifest."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] == f"kreislauf-{kind}":
            return {MANIFEST, *(Path(name).name for name in manifest["files"])}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return set()
