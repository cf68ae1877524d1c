"""Files written whole or not at all: under a temporary name, synced to disk, and renamed."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

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
