"""Write files whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ...model.errors import InputError


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name beside it, sync it, and rename it; a file of that name is replaced.

    Raises InputError, with nothing left behind, when the place cannot be written to.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.part{os.getpid()}")
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise InputError(f"{path} cannot be written: {error.strerror or error}") from error
