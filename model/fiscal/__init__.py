"""Fiscal law by state: the region file names the law (`fiscal_law`), and each law is a module of pure functions.

`bavaria` is the law of the shipped regions; the law of another state is another module with the same functions, entered
in `LAWS`.
"""

from __future__ import annotations

from types import MappingProxyType, ModuleType

from ..errors import InputError, Problem, closest
from . import bavaria

LAWS = MappingProxyType({bavaria.NAME: bavaria})


def fiscal_law(name: str) -> ModuleType:
    """Return the module of a fiscal law by its name in the region file; refuse an unknown one.

    >>> fiscal_law("bavaria").law(2016).base_amount
    850.9
    """
    if name not in LAWS:
        raise InputError(Problem("unknown fiscal law", column="fiscal_law", value=name, expected=closest(name, LAWS)))
    return LAWS[name]


__all__ = ["LAWS", "bavaria", "fiscal_law"]
