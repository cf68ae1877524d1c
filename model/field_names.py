"""Which fields of action there are: the shipped ones, those of installed packages, and folders."""

from __future__ import annotations

import importlib
import tomllib
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import InputError, Problem, closest

if TYPE_CHECKING:
    from .people import People

ENTRY_POINT_GROUP = "kreislauf.fields"
FILE = "field.toml"
_SHIPPED = Path(__file__).with_name("fields")


@cache
def field_names() -> tuple[str, ...]:
    """Return the names of the shipped fields and of those that installed packages add by entry point."""
    shipped = (path.name for path in _SHIPPED.iterdir() if (path / FILE).is_file())
    return (*sorted(shipped), *sorted(point.name for point in entry_points(group=ENTRY_POINT_GROUP)))


def field_folder(name: str) -> Path:
    """Return the folder of a field given by name or by the path of a folder; raises InputError."""
    if (_SHIPPED / name / FILE).is_file() and name == Path(name).name:
        return _SHIPPED / name
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name == name:
            return Path(importlib.import_module(point.module).__file__ or "").parent
    if (Path(name) / FILE).is_file():
        return Path(name)
    raise InputError(f"unknown field of action {name!r}, {closest(name, field_names())}")


def people_of(name: str, folder: Path) -> type[People]:
    """Return the class of a field's people: that of its package, or of the field its folder names with `people`."""
    if folder.parent == _SHIPPED and folder.name == name:
        return importlib.import_module(f".fields.{name}", __package__).PEOPLE
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name == name:
            return point.load()
    own = tomllib.loads((folder / FILE).read_text(encoding="utf-8")).get("people", name)
    if own != name and own in field_names():
        return people_of(own, field_folder(own))
    raise InputError(
        Problem("whose people it serves is not said", FILE, column="people", value=str(own),
                expected=f"the name of a field with people: {', '.join(field_names())}")
    )  # fmt: skip
