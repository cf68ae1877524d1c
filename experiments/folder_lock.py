"""One command at a time writes into a folder: the lock ends with its process, and who is second gets a sentence."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ..model.errors import InputError
from ..model.files import TEMPORARY, writable_folder, write_text
from ..model.provenance import without_folders

LOCK = f".lock{TEMPORARY}"
HOLDER = f".holder{TEMPORARY}"  # beside the lock: Windows lets nobody else read a locked file
_A_MOMENT = 0.5  # seconds: a command that is just leaving is waited for


@contextmanager
def held(folder: str | Path | None, *, command: Sequence[str] = ()) -> Iterator[None]:
    """Hold a folder, made if need be, for one command; None is no folder and needs no lock.

    The lock is the operating system's, so that of a killed process is gone with it. Raises InputError when another
    command holds the folder, saying which one and since when, and when nothing can be written into it.
    """
    if folder is None:
        yield
        return
    folder = writable_folder(folder)
    lock = FileLock(folder / LOCK, timeout=_A_MOMENT)
    try:
        lock.acquire()
    except Timeout:
        words = "wait until it is done, or choose another folder with --out"
        raise InputError(f"{_holder(folder)} is writing into {folder}; {words}") from None
    try:
        about = {"command": " ".join(map(without_folders, command)), "process": os.getpid(), "since": _now()}
        write_text(folder / HOLDER, json.dumps(about))
        yield
    finally:
        for name in (HOLDER, LOCK):  # under the lock, so that they are nobody else's; Windows removes its lock itself
            with contextlib.suppress(OSError):
                (folder / name).unlink()
        lock.release()


def _holder(folder: Path) -> str:
    """Return who says to hold a folder."""
    try:
        about = json.loads((folder / HOLDER).read_text(encoding="utf-8"))
        who = f"`{about['command']}`" if about["command"] else "another program"
        return f"{who} (process {about['process']}, since {about['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another command"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
