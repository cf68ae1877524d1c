"""Files and folders written whole or not at all: under a temporary name, synced to disk, and renamed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import InputError

TEMPORARY = ".part"
"""What the name of a file has in it until the file is finished."""


def write_text(path: Path, text: str) -> None:
    """Write a file under a temporary name, sync it, and rename it."""
    temporary = path.with_name(f".{path.name}{TEMPORARY}{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def sync_folder(folder: Path) -> None:
    """Make the renames durable where the system allows it."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_new_folder(target: Path) -> None:
    """Raise InputError unless a folder is not there yet or empty: nobody's files are written over."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} is there already and not empty; give a new folder")


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside `target` that takes its place when all is written; otherwise nothing is left.

    Raises InputError when `target` is in use or cannot be written.
    """
    check_new_folder(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as place:
            made = Path(place) / "made"
            made.mkdir()
            yield made
            if target.exists():
                target.rmdir()
            os.replace(made, target)
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror or error}") from None
