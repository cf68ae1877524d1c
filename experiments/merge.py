"""From parts to results: one folder of tables in the order of the runs, and single runs done again.

Equal runs give equal bytes, however often the batch was interrupted and on how many machines it ran.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..model.errors import InputError
from ..model.provenance import code_hash
from ..model.results import TABLES, RunResult
from ..model.results_folder import Results, TableWriter, finish_folder, plain_types, prepare_folder, with_run
from .batch_folder import AGAIN, Batch, lock_hash, open_batch
from .chunk import simulated
from .crate import write_crate
from .folder_lock import held
from .journal import sessions_of
from .parts import run_columns, runs_table
from .runner import Simulate, run_model

if TYPE_CHECKING:
    from .parts import Part
    from .plan import Plan

_TEXTS = ("id", "region", "variant", "scenario", "status", "error")


def verify(batch: Batch) -> list[str]:
    """Return what is wrong with a batch on disk, every byte checked: a sentence per problem, none when all is well.

    >>> from pathlib import Path
    >>> verify(Batch(Path("results"), {"runs": 0}))
    []
    """
    problems = list(batch.problems)
    seen = np.zeros(batch.requested, np.int64)
    for part in batch.parts.values():
        problems += part.problems(batch.parts_folder, verify=True)
        seen[part.numbers()] += 1
    if twice := np.flatnonzero(seen > 1).tolist():
        problems.append(f"{len(twice)} runs are there twice, the first is run {twice[0]}")
    return problems


def merge(
    folders: Sequence[str | Path], out: str | Path, *, command: Sequence[str] = (), partial: bool = False
) -> Results:
    """Write the runs of one batch, or of the shards of one, into a results folder; returns the folder.

    Raises InputError when batches are not of one experiment, when a part is damaged, and when runs are missing unless
    `partial` is said.

    >>> import tempfile
    >>> from .batch import run
    >>> from .experiment import Experiment
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = run(Experiment(name="tiny", months=2, seeds=1), f"{folder}/batch", workers=1)
    ...     len(merge([done.folder], f"{folder}/results").runs)
    1
    """
    batches = [open_batch(folder) for folder in folders]
    first = batches[0]
    for other in batches[1:]:
        if (other.about["inputs"], other.about["code"]) != (first.about["inputs"], first.about["code"]):
            raise InputError(f"{other.folder} and {first.folder} are not batches of one experiment and one version")
    problems = [problem for batch in batches for problem in verify(batch)]
    if problems:
        raise InputError("\n".join([*problems, AGAIN]))
    pieces = _pieces(batches)
    finished = sum(len(piece.runs) for piece in pieces)
    wanted = first.about["experiment"]["until"] is None
    if wanted and finished < first.requested and not partial:
        raise InputError(
            f"{finished} of {first.requested} runs are there; finish the batch first, or take what is there (--partial)"
        )
    with held(out, command=command):
        folder = prepare_folder(out)
        names = ["runs", *(name for name in TABLES if name in first.about["inputs"]["tables"])]
        writers = {name: TableWriter(folder, name) for name in names}
        try:
            for name, writer in writers.items():
                for rows in _in_order(pieces, name):
                    writer.add(rows)
            failed = sum(piece.failed for piece in pieces)
            about = {
                "command": list(command),
                "complete": not wanted or finished == first.requested,
                "runs": {"requested": first.requested, "done": finished - failed, "failed": failed},
                "seconds": round(sum(part.seconds for batch in batches for part in batch.parts.values()), 1),
                "inputs": first.about["inputs"],
                "experiment": first.about["experiment"],
                **{key: first.about[key] for key in ("code", "packages", "machine", "python", "environment")},
                "lock": first.about.get("lock") or lock_hash(),
                "sessions": [session for batch in batches for session in sessions_of(batch.folder)],
            }
            results = finish_folder(folder, writers, about)
            write_crate(results)
            return results
        finally:
            for writer in writers.values():
                writer.abort()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part and which of its runs are taken from it."""

    folder: Path
    part: Part
    runs: np.ndarray
    failed: int


def _pieces(batches: Sequence[Batch]) -> list[_Piece]:
    """Return the parts of all batches by their first run, every run taken from one of them only."""
    parts = [(part, batch.parts_folder) for batch in batches for part in batch.parts.values()]
    taken = np.zeros(max(batch.requested for batch in batches), np.bool_)
    pieces = []
    for part, folder in sorted(parts, key=lambda entry: (entry[0].runs[0][0], entry[0].name)):
        numbers = part.numbers()
        mine = numbers[~taken[numbers]]
        taken[mine] = True
        if len(mine):
            failed = sum(int(((mine >= first) & (mine <= last)).sum()) for first, last in part.failed)
            pieces.append(_Piece(folder / part.name, part, mine, failed))
    return pieces


def _in_order(pieces: Sequence[_Piece], name: str) -> Iterator[pa.Table]:
    """Yield the rows of a table in the order of the runs, with only a few parts in memory at a time."""
    schema = _schema(pieces, name)
    if schema is None:
        return
    waiting: list[pa.Table] = []
    for place, piece in enumerate(pieces):
        path = piece.folder / f"{name}.parquet"
        if path.is_file():
            rows = pq.ParquetFile(path).read()
            if len(piece.runs) < len(piece.part):
                rows = rows.filter(pa.array(np.isin(_run_numbers(rows), piece.runs)))
            waiting.append(_conformed(rows, schema))
        limit = pieces[place + 1].runs[0] if place + 1 < len(pieces) else None
        rows = pa.concat_tables(waiting) if waiting else schema.empty_table()
        now = _run_numbers(rows) < (np.inf if limit is None else limit)
        ready, waiting = rows.filter(pa.array(now)), [rows.filter(pa.array(~now))]
        if len(ready) or limit is None:
            yield ready.sort_by("run")


def _run_numbers(rows: pa.Table) -> np.ndarray:
    """Return the run of each row."""
    return rows["run"].to_numpy()


def _schema(pieces: Sequence[_Piece], name: str) -> pa.Schema | None:
    """Return the columns a table has over all parts; None when no part has it."""
    found: dict[str, pa.Field] = {}
    for piece in pieces:
        path = piece.folder / f"{name}.parquet"
        if path.is_file():
            for column in pq.read_schema(path).remove_metadata():
                found.setdefault(column.name, column)
    if not found:
        return None
    names = run_columns(list(found)) if name == "runs" else list(found)
    return pa.schema([found[column] for column in names])


def _conformed(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows with all columns of the schema; numbers a run does not have are null."""
    for column in schema:
        if column.name not in rows.column_names:
            rows = rows.append_column(column.name, pa.nulls(len(rows), column.type))
    return rows.select(schema.names).cast(schema)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A run done again: its result with all tables, and which stored tables it is not identical to."""

    result: RunResult
    differs_in: tuple[str, ...]
    compared: tuple[str, ...]


def rebuild(
    batch: Batch, run: int, *, plan: Plan | None = None, households: bool = False, simulate: Simulate = run_model
) -> Rebuilt:
    """Do one run again from the batch's own records, with all tables, and compare it with what is stored.

    `plan` is the plan of the batch when it is at hand (default: made from the batch's records).
    Raises InputError when region or code are no longer those the batch was begun with.

    >>> import tempfile
    >>> from .batch import run
    >>> from .experiment import Experiment
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rebuild(run(Experiment(name="tiny", months=2, seeds=1), folder, workers=1), 0).differs_in
    ()
    """
    if batch.about["code"] != (now := code_hash()):
        then = batch.about["code"]
        raise InputError(
            f"the batch in {batch.folder} was computed by another version of kreislauf (code {then[:8]}, {now[:8]} "
            f"now); a run can be done again only with that version ({batch.about['packages'].get('kreislauf', '?')})"
        )
    plan = plan or batch.plan()
    tables = tuple(name for name in TABLES if households or name != "households")
    result = simulated(plan, run, simulate, tables=tables)
    row = plan.row(run) | {"status": "done" if result.done else "failed", "error": result.error}
    if result.tables is None:
        frames = {}
    else:
        row |= result.tables.summary
        frames = {name: plain_types(with_run(frame, run)) for name, frame in result.tables.frames().items()}
    frames["runs"] = plain_types(pa.Table.from_pandas(runs_table([row]), preserve_index=False))
    holder = next((part for part in batch.parts.values() if run in part.numbers()), None)
    if holder is None:
        return Rebuilt(result, (), ())
    if problems := list(holder.problems(batch.parts_folder, verify=True)):
        raise InputError("\n".join([*problems, AGAIN]))
    differs, compared = [], []
    for name in sorted(name.removesuffix(".parquet") for name in holder.files):
        with contextlib.closing(pq.ParquetFile(batch.parts_folder / holder.name / f"{name}.parquet")) as file:
            stored = file.read()
        stored = stored.filter(pa.array(_run_numbers(stored) == run))
        if name not in frames:
            if len(stored):
                differs.append(name)
            continue
        compared.append(name)
        again = frames[name]
        if name == "runs":
            stored = stored.select([c for c in stored.column_names if c in again.column_names])
        if not stored.to_pandas().equals(again.select(stored.column_names).to_pandas()):
            differs.append(name)
    return Rebuilt(result, tuple(differs), tuple(compared))
