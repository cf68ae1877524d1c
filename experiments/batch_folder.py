"""The folder of a batch: what it was begun with, its parts, and what became of them."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..model.errors import InputError
from ..model.files import TEMPORARY, file_hash, whole_file, write_text
from ..model.provenance import provenance, without_folders
from .design import Points
from .journal import Journal, read_journal
from .parameter_draws import read_draws, write_draws
from .parts import PARTS, Part, StoreError, sentence_of
from .plan import Plan, load_plan

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = "batch.json"
POINTS = "points.parquet"
DRAWS = "draws.parquet"
SELECTION = "selection.json"
FORMAT = "kreislauf-batch"
FORMAT_VERSION = 1
AGAIN = "give the command of the batch again: it does the damaged parts anew"
_ABOUT = ("format_version", "runs", "region_place", "experiment", "inputs", "code", "packages")


@dataclass(slots=True)
class Batch:
    """A batch on disk: its record, the plan it follows (None: not asked for), and its parts by name.

    >>> Batch(Path("results"), {"runs": 3}).done().tolist()
    [False, False, False]
    """

    folder: Path
    about: dict[str, Any]
    parts: dict[str, Part] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def requested(self) -> int:
        """How many runs the experiment asks for."""
        return int(self.about["runs"])

    @property
    def parts_folder(self) -> Path:
        """The folder of the parts."""
        return self.folder / PARTS

    def done(self) -> np.ndarray:
        """Return which runs are on disk, bool (runs,)."""
        done = np.zeros(self.requested, np.bool_)
        for part in self.parts.values():
            done[part.numbers()] = True
        return done

    @property
    def finished(self) -> int:
        """How many runs are on disk, failed ones included."""
        return sum(map(len, self.parts.values()))

    @property
    def failures(self) -> int:
        """How many of them failed."""
        return sum(part.failures for part in self.parts.values())

    def plan(self) -> Plan:
        """Return the plan the batch follows, from its own records; raises InputError when inputs have changed."""
        try:
            points = pd.read_parquet(self.folder / POINTS)
        except (OSError, ValueError):
            words = "is missing or damaged; run the batch into another folder"
            raise InputError(f"{self.folder / POINTS} {words}") from None
        values = points.drop(columns="point").to_numpy("float64")
        names = tuple(str(name) for name in points.columns if name != "point")
        draws = read_draws(self.folder / DRAWS) if "draws" in self.about["inputs"] else None
        plan = load_plan(
            self.about["inputs"], self.about["experiment"], self.about["region_place"], Points(names, values), draws
        )
        if plan.region.fingerprint != self.about["inputs"]["region"]["sha256"]:
            raise InputError(_region_sentence(self.about["inputs"]["region"], plan.inputs()["region"], self.folder))
        return plan

    def table(
        self,
        name: str,
        *,
        columns: Sequence[str] | None = None,
        filters: Sequence[tuple[str, str, object]] | None = None,
    ) -> pd.DataFrame:
        """Return a table of all parts, run by run (runs, monthly, cells, flows, structures, households).

        `columns` and `filters` (column, comparison, value; all must hold) keep large tables out of memory.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        from .parts import run_columns

        pieces = []
        problems: list[str] = []
        for part in sorted(self.parts.values(), key=lambda part: part.runs[0][0]):
            if f"{name}.parquet" not in part.files:
                continue
            path = self.parts_folder / part.name / f"{name}.parquet"
            try:
                file = pq.ParquetFile(path)
                wanted = None if columns is None else [c for c in columns if c in file.schema_arrow.names]
                read: Any = pq.read_table  # names of folders above are not columns
                pieces.append(read(path, columns=wanted, filters=list(filters or ()) or None, partitioning=None))
            except (OSError, pa.ArrowInvalid):
                problems += list(part.problems(self.parts_folder, verify=True)) or [f"{path} cannot be read"]
        if problems:
            raise InputError("\n".join([*dict.fromkeys(problems), AGAIN]))
        if not pieces:
            raise InputError(f"{self.folder} has no table {name!r}")
        frame = pa.concat_tables(pieces, promote_options="default").to_pandas()
        if name == "runs" and columns is None:
            frame = frame[run_columns([str(column) for column in frame.columns])]
        return frame.sort_values("run", kind="stable", ignore_index=True)

    @property
    def runs(self) -> pd.DataFrame:
        """One row per finished run: what it is, status, error, and one column per measure."""
        return self.table("runs")


def open_batch(folder: str | Path) -> Batch:
    """Return the batch in a folder as its journal has it; raises InputError when there is none.

    >>> from ..model.errors import InputError
    >>> try:
    ...     open_batch("no-such-folder")
    ... except InputError:
    ...     print("there is no batch")
    there is no batch
    """
    folder = Path(folder)
    try:
        about = json.loads((folder / BATCH).read_text(encoding="utf-8"))
        known = about["format"] == FORMAT
        if known and (missing := [key for key in _ABOUT if key not in about]):
            raise KeyError(missing)
    except FileNotFoundError:
        raise InputError(f"{folder} is not the folder of a batch: it has no {BATCH}") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{folder / BATCH} is damaged; run the batch into another folder") from None
    if not known:
        raise InputError(f"{folder / BATCH} was not written by kreislauf")
    if about["format_version"] > FORMAT_VERSION:
        words = f"this version reads format {FORMAT_VERSION}"
        raise InputError(f"{folder} was written by a newer version of kreislauf; {words}")
    parts, problems = read_journal(folder)
    return Batch(folder, about, parts, problems)


def begin_batch(plan: Plan, folder: str | Path, *, command: Sequence[str] = ()) -> Batch:
    """Make a folder ready for the runs of a plan, or continue the batch that is in it.

    Raises InputError when the folder cannot be used, and when region, code, packages or experiment are not those the
    batch was begun with. More seeds may be asked for than before.
    """
    folder = Path(folder)
    if (folder / BATCH).exists():
        batch = open_batch(folder)
        _refuse_other(batch, plan)
        if len(plan) > batch.requested:
            batch.about |= {"runs": len(plan), "inputs": plan.inputs(), "experiment": plan.experiment.model_dump()}
            _write_about(folder, batch.about)
        return batch
    foreign = sorted(path.name for path in folder.iterdir() if path.name not in {PARTS, POINTS, DRAWS})
    foreign = [name for name in foreign if TEMPORARY not in name]
    if foreign:
        names = ", ".join(foreign[:3])
        raise InputError(f"the folder {folder} holds other files ({names}); choose an empty folder with --out")
    about = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": [without_folders(word) for word in command],
        "runs": len(plan),
        "region_place": str(_region_place(plan)),
        "experiment": plan.experiment.model_dump(),
        "inputs": plan.inputs(),
        **provenance(),
        "environment": environment_hash(),
        "lock": lock_hash(),
    }
    try:
        (folder / PARTS).mkdir(exist_ok=True)
        frame = pd.DataFrame(plan.points.values, columns=list(plan.points.names))
        frame.insert(0, "point", np.arange(len(frame)))
        with whole_file(folder / POINTS) as temporary:
            frame.to_parquet(temporary, index=False)
        if plan.draws is not None:
            write_draws(folder / DRAWS, plan.draws)
        _write_about(folder, about)
    except OSError as error:
        raise StoreError(sentence_of(error, folder)) from None
    return Batch(folder, about)


def mend(batch: Batch, journal: Journal, *, tell: Callable[[str], None], every_byte: bool = False) -> None:
    """Make journal and parts agree after whatever happened: torn, deleted, truncated or unlisted parts.

    A damaged part is dropped, so its runs are done again; a whole part the journal does not list is taken over when its
    runs are not there yet. Each gets its sentence through `tell`. `every_byte` also finds what kept its size.
    """
    for sentence in batch.problems:
        tell(f"{sentence}; what it listed is looked for among the parts")
    for part in list(batch.parts.values()):
        if found := list(part.problems(batch.parts_folder, verify=every_byte)):
            tell(f"{found[0]}; its {len(part)} runs are done again")
            journal.dropped(part.name, found[0])
            del batch.parts[part.name]
            shutil.rmtree(batch.parts_folder / part.name, ignore_errors=True)
    done = batch.done()
    for path in sorted(batch.parts_folder.iterdir()):
        if path.name in batch.parts:
            continue
        part = None
        if TEMPORARY not in path.name:
            with contextlib.suppress(OSError, ValueError, TypeError):
                part = Part.read(path)
        whole = part is not None and not list(part.problems(batch.parts_folder, verify=every_byte))
        if part is not None and whole and part.numbers().max() < len(done) and not done[part.numbers()].any():
            journal.part(part)
            batch.parts[part.name] = part
            done[part.numbers()] = True
        elif path.is_dir():
            shutil.rmtree(path, ignore_errors=True)


def environment_hash() -> str:
    """Return a hash of every installed package with its version: what a lock file would pin."""
    found = {(dist.metadata["Name"] or "").lower(): dist.version for dist in importlib.metadata.distributions()}
    return hashlib.sha256("\n".join(f"{name}=={found[name]}" for name in sorted(found)).encode()).hexdigest()


def lock_hash() -> str:
    """Return the SHA-256 of uv.lock beside the sources, empty for an installed package."""
    path = Path(__file__).resolve().parent.parent / "uv.lock"
    return file_hash(path) if path.is_file() else ""


def machine() -> dict[str, Any]:
    """Return what is worth knowing of this machine, without its name."""
    return {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count(), "pid": os.getpid()}


def _region_place(plan: Plan) -> str | Path:
    from ..model.region import region_folder, region_names

    shipped = plan.region.name in region_names() and region_folder(plan.region.name) == plan.region.folder
    return plan.region.name if shipped else plan.region.folder.resolve()


def _write_about(folder: Path, about: Mapping[str, Any]) -> None:
    write_text(folder / BATCH, json.dumps(about, indent=1, ensure_ascii=False) + "\n")


def _refuse_other(batch: Batch, plan: Plan) -> None:
    """Raise InputError when the batch was begun with other inputs or another version."""
    then, now = batch.about["inputs"], json.loads(json.dumps(plan.inputs()))
    advice = "choose another folder with --out for the new one"
    problems: list[str] = []
    if then["region"]["sha256"] != now["region"]["sha256"]:
        problems.append(_region_sentence(then["region"], now["region"], batch.folder))
    started = provenance()
    if batch.about["code"] != started["code"]:
        problems.append(
            f"kreislauf itself has changed since the batch in {batch.folder} was begun (code "
            f"{batch.about['code'][:8]} then, {started['code'][:8]} now), so its runs would not fit those to come; "
            f"go back to that version, or {advice}"
        )
    packages = {
        name: (batch.about["packages"].get(name, "none"), started["packages"].get(name, "none"))
        for name in {**batch.about["packages"], **started["packages"]}
    }
    moved = [f"{name} {old} then, {new} now" for name, (old, new) in packages.items() if old != new]
    if moved:
        problems.append(f"other versions than when the batch was begun: {'; '.join(moved)}; install those, or {advice}")
    names = ["variants", "scenarios", "months", "parameters", "points", "tables", "field"]
    changed = [name for name in names if then.get(name) != now.get(name)]
    if then.get("draws", {}).get("sha256") != now.get("draws", {}).get("sha256"):
        changed.append("the draws of parameters")
    if now["seeds"][: len(then["seeds"])] != then["seeds"]:
        changed.append("seeds")
    if changed:
        words = "another experiment: it differs in"
        problems.append(f"the folder {batch.folder} holds {words} {', '.join(changed)}; {advice}")
    if problems:
        raise InputError("\n".join(problems))


def _region_sentence(then: Mapping[str, Any], now: Mapping[str, Any], folder: Path) -> str:
    files = sorted(
        name for name in {**then["files"], **now["files"]} if then["files"].get(name) != now["files"].get(name)
    )
    return (
        f"the region {now['name']} has changed since the batch in {folder} was begun ({', '.join(files) or 'files'}); "
        "undo the change, or choose another folder with --out for the changed region"
    )
