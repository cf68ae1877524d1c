"""Write files whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ...model.errors import InputError, Problem
from ...model.files import whole_file


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name beside it, sync it, and rename it; a file of that name is replaced.

    Raises InputError, with nothing left behind, when the place cannot be written to.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}") from error


def can_write(files: Sequence[Path], folders: Sequence[Path] = ()) -> None:
    """Raise InputError, naming all of them, for places where nothing could be written; nothing is made or changed."""
    faults = {
        path: "it is a folder" if Path(path).is_dir() else _no_folder(Path(path).absolute().parent) for path in files
    }
    faults |= {folder: _no_folder(Path(folder).absolute()) for folder in folders}
    if problems := [Problem(f"{path} cannot be written: {words}") for path, words in faults.items() if words]:
        raise InputError(problems)


def _no_folder(folder: Path) -> str:
    """Return why no file can be made in a folder that may not be there yet, "" when one can."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        return f"{folder} is not a folder"
    return "" if os.access(folder, os.W_OK | os.X_OK) else f"no right to write in {folder}"
