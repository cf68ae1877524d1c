"""Findings are made once for everybody: kept by what they are made of, the longest unused forgotten first.

When several sessions ask for the same finding at the same time, one makes it and the others wait for it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..ensemble import Ensemble

MOST_BYTES = 200_000_000
"""Drawings and tables kept; one screen is some 200 kB."""
_KEPT: OrderedDict[Hashable, Future[Any]] = OrderedDict()
_SIZES: dict[Hashable, int] = {}
_LOCK = threading.Lock()


def cached[Found](function: Callable[..., Found], ensemble: Ensemble, *args: Hashable, **more: Hashable) -> Found:
    """Return `function(ensemble, *args, **more)`, from memory when the same was asked of the same runs before."""
    return once(key_of(function, ensemble, *args, **more), lambda: function(ensemble, *args, **more))


def key_of(function: Callable[..., Any], ensemble: Ensemble, *args: Hashable, **more: Hashable) -> Hashable:
    """Return what a finding is kept under: the function, its arguments, and everything the runs depend on."""
    where = (ensemble.source, ensemble.run_number, ensemble.region.name)
    return (function.__module__, function.__qualname__, where, args, tuple(sorted(more.items())))


def once[Found](key: Hashable, make: Callable[[], Found]) -> Found:
    """Return what `make` returns, made once for a key; an error is not kept."""
    with _LOCK:
        found = _KEPT.get(key)
        mine = found is None
        if found is None:
            found = _KEPT[key] = Future()
        _KEPT.move_to_end(key)
    if not mine:
        return found.result()
    try:
        value = make()
    except BaseException as error:
        with _LOCK:
            _KEPT.pop(key, None)
        found.set_exception(error)
        raise
    found.set_result(value)
    with _LOCK:
        _SIZES[key] = _weight(value)
        total = sum(_SIZES.values())
        while total > MOST_BYTES and len(_SIZES) > 1:
            oldest = next(name for name in _KEPT if name in _SIZES)  # one that is being made has no size yet
            del _KEPT[oldest]
            total -= _SIZES.pop(oldest)
    return value


def forget() -> None:
    """Forget everything."""
    with _LOCK:
        _KEPT.clear()
        _SIZES.clear()


def _weight(value: Any) -> int:
    """Return about how many bytes something takes."""
    if isinstance(value, str | bytes):
        return 50 + len(value)
    if isinstance(value, tuple | list):
        return 60 + sum(map(_weight, value))
    if is_dataclass(value):
        return 60 + sum(_weight(getattr(value, field.name)) for field in fields(value))
    return int(getattr(value, "nbytes", 32))
