"""A results folder of plain tables: every table as Parquet and CSV, with a manifest written last."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model.errors import InputError
from ..model.files import TEMPORARY, file_hash, whole_file, writable_folder, write_text
from ..model.provenance import code_hash, package_versions
from ..model.results_folder import MANIFEST

if TYPE_CHECKING:
    import pandas as pd

FORMAT_VERSION = 1


def prepare_tables_folder(folder: str | Path, kind: str) -> Path:
    """Return a folder ready for tables of one kind; raises InputError when it cannot be used.

    An empty or new folder is ready, and so is one whose manifest is of the same kind: its tables are replaced. A folder
    with anything else in it is refused and left alone.
    """
    folder = writable_folder(folder)
    present = {path.name for path in folder.iterdir() if TEMPORARY not in path.name}
    if foreign := sorted(present - _own_files(folder, kind)):
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
    earlier = _own_files(folder, kind)
    entries: dict[str, dict[str, Any]] = {}
    with ExitStack() as whole:  # all files are written before the first takes its place
        for name, frame in tables.items():
            for ending, write in (("parquet", frame.to_parquet), ("csv", frame.to_csv)):
                path = folder / f"{name}.{ending}"
                temporary = whole.enter_context(whole_file(path))
                write(temporary, index=False)
                entries[path.name] = {"table": name, "rows": len(frame), "sha256": file_hash(temporary)}
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
    for name in earlier - {MANIFEST, *entries}:
        (folder / name).unlink(missing_ok=True)
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
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
