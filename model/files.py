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


def temporary_name(path: Path) -> Path:
    """Return the name beside its own that a file or folder has until it is finished, of this process alone."""
    return path.with_name(f".{path.name}{TEMPORARY}{os.getpid()}")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary name to write under; synced, it then takes the place of `path`. On an error nothing is left."""
    temporary = temporary_name(path)
    try:
        yield temporary
        sync_file(temporary)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def sync_file(path: Path) -> None:
    """Make a file's bytes durable."""
    with path.open("r+b") as file:  # Windows syncs only what may be written
        os.fsync(file.fileno())


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


def writable_folder(folder: str | Path) -> Path:
    """Make a folder, if it is not there, and return it; raises InputError when nothing can be written into it."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = temporary_name(folder / "probe")
        probe.touch()
        probe.unlink()
    except FileExistsError:
        raise InputError(f"the output folder {folder} is a file; choose another folder with --out") from None
    except OSError as error:
        words = f"the output folder {folder} cannot be written: {error.strerror}; choose another with --out"
        raise InputError(words) from None
    return folder


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
