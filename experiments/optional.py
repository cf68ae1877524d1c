"""Libraries of an optional extra, imported when they are needed."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import requires
from typing import Any

from ..model.errors import KreislaufError

_PACKAGE = {"distributed": "dask", "sklearn": "scikit-learn"}  # where a module has another name than its package


def missing(module: str) -> str:
    """Return the sentence that says how to install the library of a module: the extra that asks for it, else itself."""
    library = module.partition(".")[0]
    package = _PACKAGE.get(library, library.replace("_", "-")).lower()
    for line in requires("kreislauf") or ():
        name, _, extra = line.partition("extra == ")
        if extra and re.split(r"[^\w.-]", name, maxsplit=1)[0].lower() == package:
            package = f"'kreislauf[{extra.strip(chr(39) + chr(34))}]'"
            break
    return f"{library} is not installed; install it with: pip install {package}"


def optional(name: str) -> Any:
    """Return a module of an optional library; raises KreislaufError with the command that installs it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # libraries warn of what they could have besides
            return importlib.import_module(name)
    except ImportError as error:
        raise KreislaufError(missing(error.name or name)) from None


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
