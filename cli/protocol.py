"""`kreislauf protocol`: the model described by the headings of ODD+D."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import say


def protocol(
    out: Annotated[Path | None, typer.Option("--out", help="Write into this file instead of the screen.")] = None,
) -> None:
    """Print the ODD+D protocol, its tables made from the code (the copy in docs/odd.md is the same text)."""
    from ..model.errors import InputError
    from ..model.files import write_text
    from ..model.protocol import protocol as described

    text = described()
    if out is None:
        typer.echo(text)
        return
    try:
        write_text(out, text)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}") from None
    say(f"{out}: {text.count(chr(10))} lines")
