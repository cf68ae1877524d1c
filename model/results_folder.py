"""Results on disk: a folder of Parquet tables with a manifest, written so that a kill leaves no half-written table."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from .errors import InputError
from .files import TEMPORARY, file_hash, sync_file, sync_folder, temporary_name, writable_folder, write_text
from .provenance import provenance, without_folders
from .results import TABLES, RunResult, runs_frame

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "kreislauf-results"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
CRATE = "ro-crate-metadata.json"
_VALUES_PER_GROUP = 2_500_000  # of all columns together: a wide table has shorter row groups, so memory stays flat
_LEFT_BEHIND_SECONDS = 24 * 3600  # a younger temporary file may belong to another batch that is still running


@dataclass(frozen=True, slots=True)
class Results:
    """A results folder that was read and whose tables are what the manifest says they are."""

    folder: Path
    manifest: dict[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        """Return one table (runs, monthly, cells, flows, structures, households); InputError when it is not there."""
        return pq.ParquetFile(self.path(name)).read().to_pandas()

    def path(self, name: str) -> Path:
        """Return the file of a table; raises InputError when the folder has no such table."""
        known = self.manifest["tables"]
        if name not in known:
            raise InputError(f"{self.folder} has no table {name!r}; it has {', '.join(known)}")
        return self.folder / known[name]["file"]

    @property
    def runs(self) -> pd.DataFrame:
        """One row per run: run, region, variant, scenario, seed, months, status, error and one column per measure."""
        return self.table("runs")


class ResultsWriter:
    """Writes runs one after another into a results folder; used as a context manager.

    Tables go to temporary names. `close` syncs them to disk, renames them and writes the manifest last. Leaving the
    `with` block by an error removes what was begun and leaves an earlier result in the folder as it was.
    """

    def __init__(self, folder: str | Path, *, inputs: Mapping[str, Any], command: Sequence[str] = ()) -> None:
        """Open a folder for the runs of these inputs; raises InputError when it cannot be used."""
        self.folder = prepare_folder(folder)
        self.inputs = dict(inputs)
        self._command = [without_folders(word) for word in command]
        self._runs: list[dict[str, Any]] = []
        self._tables = {name: TableWriter(self.folder, name) for name in TABLES}

    def add(self, result: RunResult) -> None:
        """Append one run, done or failed."""
        key = result.key
        row: dict[str, Any] = {"run": key.run, "region": key.region, "variant": key.variant, "scenario": key.scenario}
        row |= {
            "seed": key.seed,
            "months": key.months,
            "status": "done" if result.done else "failed",
            "error": result.error,
        }
        if result.tables is not None:
            row |= result.tables.summary
            for name, frame in result.tables.frames().items():
                self._tables[name].add(with_run(frame, key.run))
        self._runs.append(row)

    def copy(self, earlier: Results, *, runs: Sequence[int]) -> None:
        """Take over these runs from another results folder (or from this folder's earlier state)."""
        wanted = set(runs)
        rows = earlier.runs.query("run in @wanted").sort_values("run")
        self._runs += [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
        for name in TABLES:
            if name in earlier.manifest["tables"]:
                with pq.ParquetFile(earlier.path(name)) as file:
                    for batch in file.iter_batches():
                        frame = batch.to_pandas()
                        self._tables[name].add(
                            pa.Table.from_pandas(frame.loc[frame["run"].isin(wanted)], preserve_index=False)
                        )

    def close(self, *, complete: bool = True, requested: int | None = None, seconds: float = 0.0) -> Results:
        """Put all tables in place and write the manifest; returns the folder as it can now be read."""
        runs = TableWriter(self.folder, "runs")
        self._tables["runs"] = runs
        runs.add(pa.Table.from_pandas(runs_frame(self._runs), preserve_index=False))
        done = sum(row["status"] == "done" for row in self._runs)
        about = {
            "command": self._command,
            "complete": complete,
            "runs": {"requested": requested or len(self._runs), "done": done, "failed": len(self._runs) - done},
            "seconds": round(seconds, 1),
            "inputs": self.inputs,
            **provenance(),
        }
        return finish_folder(self.folder, self._tables, about)

    def abort(self) -> None:
        """Remove what was begun."""
        for table in self._tables.values():
            table.abort()

    def __enter__(self) -> Self:
        """Use the writer in a `with` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove temporary files that `close` did not put in place."""
        self.abort()


def finish_folder(folder: Path, tables: Mapping[str, TableWriter], about: Mapping[str, Any]) -> Results:
    """Put written tables in place, write the manifest last, and return the folder as it can now be read."""
    finished = {name: entry for name, table in tables.items() if (entry := table.finish()) is not None}
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        **about,
        "tables": dict(sorted(finished.items())),
    }
    for name in (MANIFEST, CRATE, *(f"{name}.parquet" for name in ("runs", *TABLES))):
        (folder / name).unlink(missing_ok=True)
    for table in tables.values():
        table.put_in_place()
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    sync_folder(folder)
    return Results(folder, manifest)


def parquet_layout(schema: pa.Schema) -> dict[str, Any]:
    """Return how a table is stored: dictionaries for texts, byte-stream split for floats, Zstandard.

    Measured on monthly tables: four times as fast and half the size of the default.
    """
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    floats = [field.name for field in schema if pa.types.is_floating(field.type)]
    return {"use_dictionary": texts, "use_byte_stream_split": floats, "compression": "zstd"}


class TableWriter:
    """One Parquet table under a temporary name: rows are gathered into large row groups, in the order they come.

    Row groups are cut at a number of rows fixed by the columns, so equal rows give equal bytes however they were
    handed over.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Name the table; nothing is written before there are rows."""
        self._final = folder / f"{name}.parquet"
        self._temporary = temporary_name(self._final)
        self._schema: pa.Schema | None = None
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def add(self, table: pa.Table) -> None:
        """Append rows; their columns must be those of the rows before."""
        table = plain_types(table)
        schema = self._schema
        if schema is None or (self._writer is None and not any(len(part) for part in self._waiting)):
            self._schema = schema = table.schema
            self._waiting = []
        self._waiting.append(table.select(schema.names).cast(schema))
        group = max(1, _VALUES_PER_GROUP // len(schema.names))
        if sum(len(part) for part in self._waiting) >= group:
            rows = pa.concat_tables(self._waiting)
            whole = len(rows) // group * group
            for start in range(0, whole, group):
                self._write(rows.slice(start, group))
            self._waiting = [rows.slice(whole)] if whole < len(rows) else []

    def _write(self, rows: pa.Table) -> None:
        """Write rows as one row group."""
        if self._writer is None:
            assert self._schema is not None
            self._writer = pq.ParquetWriter(self._temporary, self._schema, **parquet_layout(self._schema))
        self._writer.write_table(rows.combine_chunks(), row_group_size=max(len(rows), 1))
        self._rows += len(rows)

    def finish(self) -> dict[str, Any] | None:
        """Write the rest, sync to disk, and return the manifest's entry; None for a table nothing was added to."""
        if self._schema is None:
            return None
        if self._waiting or self._writer is None:
            self._write(pa.concat_tables(self._waiting) if self._waiting else self._schema.empty_table())
            self._waiting = []
        if self._writer is not None:
            self._writer.close()
        sync_file(self._temporary)
        size = self._temporary.stat().st_size
        return {"file": self._final.name, "rows": self._rows, "bytes": size, "sha256": file_hash(self._temporary)}

    def put_in_place(self) -> None:
        """Give the finished table its name."""
        if self._schema is not None:
            self._temporary.replace(self._final)

    def abort(self) -> None:
        """Close and remove the temporary file."""
        if self._writer is not None and self._writer.is_open:
            self._writer.close()
        self._temporary.unlink(missing_ok=True)


def write_results(
    folder: str | Path,
    runs: Sequence[RunResult],
    *,
    inputs: Mapping[str, Any],
    command: Sequence[str] = (),
    seconds: float = 0.0,
) -> Results:
    """Write finished runs into a results folder; raises InputError when the folder cannot be used."""
    with ResultsWriter(folder, inputs=inputs, command=command) as writer:
        for result in runs:
            writer.add(result)
        return writer.close(seconds=seconds)


def read_results(folder: str | Path, *, verify: bool = True) -> Results:
    """Return a results folder whose tables are what the manifest says; raises InputError saying what is wrong."""
    folder = Path(folder)
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        tables = {str(name): dict(entry) for name, entry in manifest["tables"].items()}
    except FileNotFoundError:
        missing = (
            "there is no such folder"
            if not folder.exists()
            else f"{MANIFEST} is missing, so the run did not come to its end"
        )
        raise InputError(f"{folder} is not a results folder: {missing}") from None
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise InputError(f"{path} is damaged; write the results again with the same command") from None
    if manifest.get("format") != FORMAT:
        raise InputError(f"{path} was not written by kreislauf")
    if manifest.get("format_version", 0) > FORMAT_VERSION:
        raise InputError(
            f"{folder} was written by a newer version of kreislauf; this version reads format {FORMAT_VERSION}"
        )
    problems = list(_table_problems(folder, tables, verify=verify))
    if problems:
        raise InputError("\n".join(problems))
    return Results(folder, manifest)


def _table_problems(folder: Path, tables: Mapping[str, Mapping[str, Any]], *, verify: bool) -> Iterator[str]:
    """Yield one sentence for every table that is missing or not what the manifest says."""
    for name, entry in tables.items():
        path = folder / str(entry.get("file"))
        if not path.is_file():
            yield f"{path} is missing: the table {name!r} was deleted or moved; write the results again"
        elif verify and file_hash(path) != entry.get("sha256"):
            size = f"{path.stat().st_size} bytes, {entry.get('bytes')} expected"
            yield f"{path} is not the file that was written ({size}); write the results again"


def prepare_folder(folder: str | Path) -> Path:
    """Make a folder ready for results; raises InputError when it is not writable or holds files of somebody else."""
    folder = writable_folder(folder)
    present = {path.name for path in folder.iterdir()}
    own = {MANIFEST, CRATE, *(f"{name}.parquet" for name in ("runs", *TABLES))}
    foreign = sorted(name for name in present - own if TEMPORARY not in name)
    unmarked = present & own and not _is_ours(folder / MANIFEST) and MANIFEST in present
    if foreign or unmarked:
        names = ", ".join((foreign or sorted(present))[:3])
        raise InputError(f"the output folder {folder} holds other files ({names}); choose an empty folder with --out")
    for name in present:
        if TEMPORARY in name:
            with contextlib.suppress(OSError):
                if time.time() - (folder / name).stat().st_mtime > _LEFT_BEHIND_SECONDS:
                    (folder / name).unlink()
    return folder


def _is_ours(manifest: Path) -> bool:
    """Return whether a manifest was written by kreislauf."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return json.loads(manifest.read_text(encoding="utf-8")).get("format") == FORMAT
    return False


def with_run(frame: pd.DataFrame, run: int) -> pa.Table:
    """Return a table of one run with the run's number as its first column."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    return table.add_column(0, "run", pa.array([run] * len(table), pa.int32()))


def plain_types(table: pa.Table) -> pa.Table:
    """Return the table with every kind of text as string, so that all readers agree and all runs fit together."""

    def plain(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        return pa.string() if pa.types.is_large_string(kind) or pa.types.is_null(kind) else kind

    schema = pa.schema([pa.field(column.name, plain(column.type)) for column in table.schema])
    return table.cast(schema)
