"""Parts of a batch: the tables of many runs in one folder, written under a temporary name, synced, then renamed.

A part is there whole or not at all. It says itself which runs it holds and what its files must be, so a batch can be
put together again from its parts alone.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..model.errors import KreislaufError
from ..model.files import file_hash, sync_file, sync_folder, temporary_name
from ..model.measures import MEASURES
from ..model.results_folder import parquet_layout, plain_types, with_run
from .plan import ranges_of

if TYPE_CHECKING:
    from ..model.results import RunTables

PARTS = "parts"
_ABOUT = "part.json"
_KEYS = {"run": "int32", "id": "str", "region": "str", "variant": "str", "scenario": "str", "point": "int32"}
_KEYS |= {"seed": "int64", "months": "Int32", "status": "str", "error": "str"}
_DRAW = "draw"  # which draw of the parameters a run had, in batches that have draws


class StoreError(KreislaufError):
    """The folder of a batch cannot be written any more."""


def sentence_of(error: OSError, folder: Path) -> str:
    """Return what went wrong with a folder and what to do about it."""
    kept = "finished runs are kept, and the same command continues"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk that holds {folder} is full; free some space: {kept}"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"the folder {folder} cannot be written ({error.strerror}); make it writable: {kept}"
    return f"the folder {folder} cannot be written: {error.strerror or error}; {kept}"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its runs as ranges (first, last), which of them failed, and its files with rows, bytes and SHA-256."""

    name: str
    runs: list[list[int]]
    failed: list[list[int]]
    seconds: float
    files: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the part a folder says it is; raises OSError, ValueError or TypeError when it does not say so."""
        return cls(**json.loads((folder / _ABOUT).read_text(encoding="utf-8")))

    def numbers(self) -> np.ndarray:
        """Return the numbers of its runs, sorted."""
        return numbers_of(self.runs)

    def __len__(self) -> int:
        """Return how many runs it holds."""
        return sum(last - first + 1 for first, last in self.runs)

    @property
    def failures(self) -> int:
        """How many of its runs failed."""
        return sum(last - first + 1 for first, last in self.failed)

    def problems(self, parts: Path, *, verify: bool) -> Iterator[str]:
        """Yield what is wrong with the part on disk: sizes, and with `verify` every byte."""
        folder = parts / self.name
        if not folder.is_dir():
            yield f"the part {folder} is missing: it was deleted or moved"
            return
        for name, entry in self.files.items():
            path = folder / name
            if not path.is_file():
                yield f"{path} is missing: it was deleted or moved"
            elif (size := path.stat().st_size) != entry["bytes"]:
                word = "truncated" if size < entry["bytes"] else "changed"
                yield f"{path} was {word}: {size} bytes, {entry['bytes']} expected"
            elif verify and file_hash(path) != entry["sha256"]:
                yield f"{path} was changed: its bytes are not those that were written"


def numbers_of(ranges: Sequence[Sequence[int]]) -> np.ndarray:
    """Return ranges (first, last) as whole numbers."""
    if not ranges:
        return np.zeros(0, np.int64)
    return np.concatenate([np.arange(first, last + 1) for first, last in ranges])


def run_columns(names: Sequence[str]) -> list[str]:
    """Return the columns of a table of runs in their order: what the run is, uncertain values, measures, the rest."""
    given = dict.fromkeys(names)
    known = [*_KEYS, *(name for name in given if name == _DRAW or name.startswith("p_"))]
    known += [measure for measure in MEASURES if measure in given]
    return [*known, *sorted(set(given) - set(known))]


def runs_table(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the table of runs of a batch from its rows; measures of failed runs are NaN."""
    frame = pd.DataFrame(rows)
    columns = run_columns([str(name) for name in frame.columns])
    kinds = _KEYS | {name: "float64" for name in columns if name not in _KEYS}
    return frame.reindex(columns=columns).astype(kinds)


class PartBuilder:
    """Gathers runs of one part in memory and writes them."""

    def __init__(self, parts: Path) -> None:
        """Begin an empty part in the folder of parts."""
        self._parts = parts
        self._rows: list[dict[str, Any]] = []
        self._tables: dict[str, list[pa.Table]] = {}
        self._failed: list[int] = []
        self._seconds = 0.0
        self.bytes = 0

    def __len__(self) -> int:
        """Return how many runs wait to be written."""
        return len(self._rows)

    def add(
        self, row: dict[str, Any], tables: RunTables | None, *, error: str, seconds: float, kept: Sequence[str]
    ) -> None:
        """Add a run: what it is, its tables (None: it failed, with this error), and which tables are kept."""
        row |= {"status": "done" if tables is not None else "failed", "error": error}
        self._seconds += seconds
        if tables is None:
            self._failed.append(row["run"])
        else:
            row |= tables.summary
            for name, frame in tables.frames().items():
                if name in kept:
                    table = plain_types(with_run(frame, row["run"]))
                    self._tables.setdefault(name, []).append(table)
                    self.bytes += table.nbytes
        self._rows.append(row)

    def write(self) -> Part:
        """Write the part and begin a new one; raises StoreError when it cannot be written."""
        order = np.argsort([row["run"] for row in self._rows], kind="stable")
        numbers = np.array([row["run"] for row in self._rows], np.int64)[order]
        tables = {name: pa.concat_tables(parts, promote_options="default") for name, parts in self._tables.items()}
        frame = runs_table([self._rows[i] for i in order])
        tables["runs"] = plain_types(pa.Table.from_pandas(frame, preserve_index=False))
        digest = hashlib.sha256(",".join(frame["id"]).encode()).hexdigest()[:12]
        name = f"{numbers[0]:08d}-{numbers[-1]:08d}-{digest}"
        try:
            part = self._write(name, ranges_of(numbers), ranges_of(np.sort(np.array(self._failed, np.int64))), tables)
        except OSError as error:
            raise StoreError(sentence_of(error, self._parts.parent)) from None
        self._rows, self._tables, self._failed, self._seconds, self.bytes = [], {}, [], 0.0, 0
        return part

    def _write(self, name: str, runs: list[list[int]], failed: list[list[int]], tables: dict[str, pa.Table]) -> Part:
        temporary = temporary_name(self._parts / name)
        try:
            temporary.mkdir()
            files: dict[str, dict[str, Any]] = {}
            for table, rows in sorted(tables.items()):
                path = temporary / f"{table}.parquet"
                pq.write_table(rows, path, **parquet_layout(rows.schema))
                sync_file(path)
                files[path.name] = {"rows": len(rows), "bytes": path.stat().st_size, "sha256": file_hash(path)}
            part = Part(name, runs, failed, round(self._seconds, 3), files)
            about = temporary / _ABOUT
            about.write_text(json.dumps(asdict(part)), encoding="utf-8")
            sync_file(about)
            sync_folder(temporary)
            try:
                temporary.rename(self._parts / name)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                return Part.read(self._parts / name)  # somebody else wrote the same runs; the same bytes
            sync_folder(self._parts)
            return part
        finally:
            if temporary.exists():
                with contextlib.suppress(OSError):
                    shutil.rmtree(temporary)
