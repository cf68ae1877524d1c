"""Where output goes: tables to stdout (plain when piped), messages and progress to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PIPED_WIDTH = 120


class Bar(Protocol):
    """Shows progress: called with the numbers of steps done, of all steps, and of failures."""

    def __call__(self, done: int, total: int, failed: int = 0, /, *, words: str = "") -> None:
        """Show how far it is; `words` says with what from now on."""


def output() -> Console:
    """Return the console for results; when piped it is plain text, 120 columns wide unless COLUMNS says otherwise."""
    from rich.console import Console

    piped = not sys.stdout.isatty()
    width = PIPED_WIDTH if piped and "COLUMNS" not in os.environ else None
    return Console(width=width, highlight=False, markup=False, emoji=False, no_color=piped or None)


def table(*columns: str, right: Sequence[int] = (), title: str | None = None) -> Table:
    """Return an empty table in the style of the house: no frame; columns numbered in `right` are aligned right."""
    from rich.table import Table

    result = Table(box=None, title=title, title_justify="left", title_style="bold", header_style="bold", pad_edge=False)
    for number, name in enumerate(columns):
        result.add_column(name, justify="right" if number in right else "left", overflow="fold")
    return result


def say(message: str) -> None:
    """Print a message to stderr as it is."""
    print(message, file=sys.stderr)  # noqa: T201 - this is the one place that prints


@contextmanager
def progress(words: str) -> Iterator[Bar]:
    """Show a bar on stderr with the time left; nothing when stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]}"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(words, total=None, failed="")

        def show(done: int, total: int, failed: int = 0, /, *, words: str = "") -> None:
            if words:
                bar.update(task, description=words)
            bar.update(task, completed=done, total=total or None, failed=f"{failed} failed" if failed else "")

        yield show
