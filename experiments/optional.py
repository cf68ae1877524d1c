"""Libraries of an optional extra, imported when they are needed."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..model.errors import KreislaufError

_EXTRA = {"pymoo": "plan", "dask": "cluster", "distributed": "cluster", "dask_jobqueue": "cluster"}


def optional(name: str) -> Any:
    """Return a module of an optional library; raises KreislaufError with the command that installs it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # libraries warn of what they could have besides
            return importlib.import_module(name)
    except ImportError as error:
        library = name.partition(".")[0]
        extra = _EXTRA.get(library, "analysis")
        if error.name is not None and error.name.partition(".")[0] != library:
            library = error.name
        raise KreislaufError(f"{library} is not installed; install it with: pip install 'kreislauf[{extra}]'") from None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what libraries print, warn and log to themselves; errors are raised as usual."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
