"""Findings are computed once: kept by ensemble and arguments, the longest unused forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..ensemble import Ensemble

MOST = 200
"""Findings kept; one is some 100 kB of drawings and tables."""
_KEPT: OrderedDict[Hashable, Any] = OrderedDict()
_LOCK = threading.Lock()


def cached[Found](function: Callable[..., Found], ensemble: Ensemble, *args: Hashable, **more: Hashable) -> Found:
    """Return `function(ensemble, *args, **more)`, from memory when the same was asked of the same runs before."""
    where = (ensemble.source, ensemble.run_number, ensemble.region.name)
    key = (function.__module__, function.__qualname__, where, args, tuple(sorted(more.items())))
    with _LOCK:
        if key in _KEPT:
            _KEPT.move_to_end(key)
            return _KEPT[key]
    found = function(ensemble, *args, **more)
    with _LOCK:
        _KEPT[key] = found
        while len(_KEPT) > MOST:
            _KEPT.popitem(last=False)
    return found


def forget() -> None:
    """Forget everything."""
    with _LOCK:
        _KEPT.clear()
