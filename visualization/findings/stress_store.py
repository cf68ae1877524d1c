"""Crash tests kept on disk beside the runs they are about, under a hash of everything they depend on.

A file is there whole or not at all. One that cannot be read is removed and made anew, with a sentence in the log.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import zipfile
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...experiments import bench, draws
from ...model.files import whole_file
from ...model.provenance import code_hash
from ..log import LOG
from . import stress_runs
from .stress_runs import StressRuns

if TYPE_CHECKING:
    from ..choices import Choice
    from ..ensemble import Ensemble

_ONE_AT_A_TIME = threading.Lock()  # the temporary name of a file is that of the process


def stored(
    ensemble: Ensemble, choice: Choice, shocks: Sequence[str], year: int, make: Callable[[], StressRuns]
) -> StressRuns:
    """Return what `make` returns, from disk when it was made of the same runs by the same code before."""
    path = place_of(ensemble, choice, shocks, year)
    if path is None:
        return make()
    found = _read(path)
    if found is None:
        found = make()
        with contextlib.suppress(OSError):  # a full disk costs time at the next start, nothing else
            _write(path, found)
    return found


def place_of(ensemble: Ensemble, choice: Choice, shocks: Sequence[str], year: int) -> Path | None:
    """Return the file of a crash test, None when the runs have no folder of their own."""
    if ensemble.folder is None:
        return None
    reference = stress_runs.reference_of(ensemble, choice)
    content = {
        "code": _code(),
        "region": ensemble.region.fingerprint,
        "field": ensemble.field,
        "assumptions": dict(sorted(ensemble.assumptions.items())),
        "runs": [ensemble.content(one) for one in (choice, reference)],
        "seeds": list(ensemble.seeds[: stress_runs.RUNS]),
        "shocks": list(shocks),
        "year": year,
    }
    name = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    return ensemble.folder / f"crash-test.{choice.key}.{year}.{name}.npz"


@cache
def _code() -> str:
    """Return a hash of the model and of what makes a crash test of its runs."""
    digest = hashlib.sha256(code_hash().encode())
    for module in (bench, draws, stress_runs):
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> StressRuns | None:
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            years = tuple(int(year) for year in file["years"])
            return StressRuns(file["below"], file["margin"], years, int(file["failed"]))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
        LOG.warning("%s is damaged; its crash test is made anew", path.name)
        path.unlink(missing_ok=True)
        return None


def _write(path: Path, runs: StressRuns) -> None:
    with _ONE_AT_A_TIME, whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file, below=runs.below, margin=runs.margin, years=np.array(runs.years), failed=np.array(runs.failed)
        )
