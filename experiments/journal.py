"""The journal of a batch: one line per finished part, only appended, so that a kill can tear at most the last line."""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from .parts import Part, StoreError, sentence_of

JOURNAL = "journal.jsonl"


class Journal:
    """Appends lines to the journal of a batch, each synced to disk before the next thing happens."""

    def __init__(self, folder: Path) -> None:
        """Open the journal for appending and cut off a torn last line."""
        self._folder = folder
        path = folder / JOURNAL
        try:
            self._file: BinaryIO = path.open("ab")
            whole = _whole_bytes(path.read_bytes())
            if whole < path.stat().st_size:
                self._file.truncate(whole)
        except OSError as error:
            raise StoreError(sentence_of(error, folder)) from None

    def part(self, part: Part) -> None:
        """Note a finished part."""
        self._append({"event": "part", **asdict(part)})

    def dropped(self, name: str, why: str) -> None:
        """Note that a part is no longer there or no longer whole; its runs are done again."""
        self._append({"event": "dropped", "name": name, "why": why})

    def session(self, about: dict[str, Any]) -> None:
        """Note that somebody starts to work on the batch: when, with which command, on which machine."""
        self._append({"event": "session", "time": datetime.now(UTC).isoformat(timespec="seconds"), **about})

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _append(self, entry: dict[str, Any]) -> None:
        text = json.dumps(entry, ensure_ascii=False)
        line = f"{zlib.crc32(text.encode()):08x} {text}\n".encode()
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise StoreError(sentence_of(error, self._folder)) from None


def read_journal(folder: Path) -> tuple[dict[str, Part], list[str]]:
    """Return the parts a journal lists, by name, and what is wrong with it; a torn last line is nothing wrong."""
    path = folder / JOURNAL
    if not path.exists():
        return {}, []
    data = path.read_bytes()
    lines = data[: _whole_bytes(data)].splitlines()
    parts: dict[str, Part] = {}
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        entry = _entry(line)
        if entry is None:
            problems.append(f"{path}, line {number}: this line is damaged")
        elif entry.pop("event") == "part":
            parts[entry["name"]] = Part(**entry)
        else:
            parts.pop(entry.get("name", ""), None)
    return parts, problems


def sessions_of(folder: Path) -> list[dict[str, Any]]:
    """Return who worked on the batch and when, as the journal has it."""
    path = folder / JOURNAL
    entries = [_entry(line) for line in path.read_bytes().splitlines()] if path.exists() else []
    return [entry for entry in entries if entry is not None and entry["event"] == "session"]


def _entry(line: bytes) -> dict[str, Any] | None:
    """Return what a line says, None when it is not what was written."""
    check, _, text = line.partition(b" ")
    if f"{zlib.crc32(text):08x}".encode() != check:
        return None
    return json.loads(text)


def _whole_bytes(data: bytes) -> int:
    """Return the length without a torn last line."""
    end = data.rfind(b"\n") + 1
    last = data[:end].rstrip(b"\n").rfind(b"\n") + 1
    return end if not end or _entry(data[last:end].rstrip(b"\n")) is not None else last
