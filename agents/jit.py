"""How rules are compiled: one decorator, and a cache that can never serve stale code.

Numba's own cache looks at the file of the compiled function only. A rule here calls helpers in other files, so the
cache folder is named by a hash of all sources of the package: any changed line means a new folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core import config

_SOURCES = Path(__file__).resolve().parent.parent
_FOLDERS = ("agents", "model")


def source_hash() -> str:
    """Return a hash of the sources that compiled code can depend on (16 hexadecimal digits)."""
    digest = hashlib.sha256(numba.__version__.encode())
    for folder in _FOLDERS:
        for path in sorted((_SOURCES / folder).rglob("*.py")):
            digest.update(path.relative_to(_SOURCES).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return the folder for compiled code of exactly these sources."""
    base = os.environ.get("KREISLAUF_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "kreislauf" / f"compiled-{source_hash()}"


config.CACHE_DIR = str(cache_folder())  # pyright: ignore[reportAttributeAccessIssue]


def rule[Function: Callable[..., object]](function: Function) -> Function:
    """Compile a pure scalar rule; with NUMBA_DISABLE_JIT=1 it stays plain Python with the same results."""
    return numba.njit(cache=True, nogil=True)(function)  # pyright: ignore[reportReturnType]


def plain(array: Any) -> Any:
    """Return an array of records as compiled code takes it fastest: Numba looks up the type of NumPy's record arrays
    anew at every call, which costs more than many a loop. Single records cost most: hand over an array of one.

    With the compiler off the records stay as they are, as plain Python reads them by attribute.
    """
    return array if config.DISABLE_JIT else array.view(np.ndarray)  # pyright: ignore[reportAttributeAccessIssue]


def as_records(numbers: Any, names: Any) -> Any:
    """Return an array of numbers (n, C) as n records for compiled code, which then names its columns.

    `names` is a data type of C fields of the array's own type; the records are a view of the same memory.
    """
    records = numbers.view(names)[:, 0]
    return records.view(np.recarray) if config.DISABLE_JIT else records  # pyright: ignore[reportAttributeAccessIssue]
