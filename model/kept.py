"""What runs of one process share: results that follow from a region and a few values alone, worked out once.

Thousands of runs of a study differ in seed or variant only. What none of that touches, the inferred taxes for instance,
is kept here: bounded, forgotten together with its region, and never changed after it was made.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from weakref import WeakKeyDictionary

MOST = 32
"""Results kept per region; the one not used for the longest time goes first."""

_kept: WeakKeyDictionary[object, OrderedDict[Hashable, object]] = WeakKeyDictionary()
_lock = Lock()


def kept[Made](owner: object, key: Hashable, make: Callable[[], Made]) -> Made:
    """Return what `make` gives for an owner (a region) and a key that names everything it depends on.

    It is made once and then handed to everybody who asks with an equal key, so nobody may change it. Two threads that
    ask at the same time may both make it; all get the same one. For an owner that has no hash nothing is kept.

    >>> class Region: ...
    >>> coburg = Region()
    >>> kept(coburg, ("squares", 3), lambda: [0, 1, 4]) is kept(coburg, ("squares", 3), lambda: [])
    True
    """
    try:
        hash(owner)
    except TypeError:  # a stand-in that can change
        return make()
    with _lock:
        found = _kept.setdefault(owner, OrderedDict())
        if key in found:
            found.move_to_end(key)
            return found[key]  # pyright: ignore[reportReturnType]
    made = make()
    with _lock:
        made = found.setdefault(key, made)
        while len(found) > MOST:
            found.popitem(last=False)
    return made  # pyright: ignore[reportReturnType]


def forget(owner: object) -> None:
    """Forget what is kept for an owner, for instance to measure how long making it takes."""
    with _lock:
        _kept.pop(owner, None)
