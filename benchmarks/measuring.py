"""What all benchmarks share: the best of several timings, and lines of figures that can be read and compared.

Every benchmark prints ratios of timings of the same run on the same machine; nothing is asserted about time.
"""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable, Sequence

import numba
import numpy as np


def seconds(action: Callable[[], object], *, repeat: int = 5, clock: Callable[[], float] = time.process_time) -> float:
    """Return the shortest of several timings of an action, by default in seconds of processor time."""
    best = math.inf
    for _ in range(repeat):
        start = clock()
        action()
        best = min(best, clock() - start)
    return best


def machine() -> str:
    """Return a line about the machine and the versions that matter."""
    versions = f"NumPy {np.__version__}, Numba {numba.__version__}"
    return f"Python {platform.python_version()}, {versions}, {platform.machine()}"


def show(title: str, rows: Sequence[tuple[str, str, str]]) -> None:
    """Print a title and lines of (what, figure, target or remark)."""
    print(f"\n{title}\n{machine()}")
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for what, figure, remark in rows:
        print(f"  {what:<{widths[0]}}  {figure:>{widths[1]}}  {remark}".rstrip())


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Return the fitted exponent e of time ~ size**e, by least squares on logarithms."""
    return float(np.polyfit(np.log(np.asarray(sizes, float)), np.log(np.asarray(times, float)), 1)[0])
