"""The words of the screens and papers, German and English side by side in `texts/<topic>.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from string import Formatter

LANGUAGES = ("de", "en")
FOLDER = Path(__file__).with_name("texts")


def text(language: str, key: str, /, **values: object) -> str:
    """Return a text by `topic.name` with its {placeholders} filled; raises KeyError for an unknown key or language.

    >>> text("de", "frame.baseline")
    'Vergleichsfall (A)'
    """
    topic, _, name = key.partition(".")
    try:
        words = topic_texts(topic)[name][language]
    except KeyError:
        raise KeyError(f"no text {key!r} in language {language!r}; it belongs into texts/{topic}.toml") from None
    return words.format(**values) if values else words


def has_text(key: str) -> bool:
    """Return whether there is a text of this key."""
    topic, _, name = key.partition(".")
    return topic in topics() and name in topic_texts(topic)


@cache
def topic_texts(topic: str) -> dict[str, dict[str, str]]:
    """Return the texts of a topic by name and language; a table in a table is one more part of the name (`a.b`)."""
    try:
        with (FOLDER / f"{topic}.toml").open("rb") as file:
            return dict(_flat(tomllib.load(file)))
    except FileNotFoundError:
        raise KeyError(topic) from None


@cache
def topics() -> tuple[str, ...]:
    """Return the names of all topics."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def placeholders(words: str) -> set[str]:
    """Return the names in braces.

    >>> sorted(placeholders("{n} of {N} runs"))
    ['N', 'n']
    """
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def _flat(table: dict[str, dict], prefix: str = ""):
    """Yield (name, {language: words}), names of nested tables joined with dots."""
    for name, entry in table.items():
        if any(isinstance(value, dict) for value in entry.values()):
            yield from _flat(entry, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", entry
