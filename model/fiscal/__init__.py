"""Fiscal law by state: the region file names the law (`fiscal_law`), and each law is a module of pure functions.

`bavaria` is the law of the shipped regions; the law of another state is another module with the same functions, entered
in `LAWS`.
"""

from __future__ import annotations

from types import MappingProxyType, ModuleType
from typing import Any

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


class PortableLaw(ModuleType):
    """A law by name, used like its module but pickled by name: a running model holds one, and modules do not pickle."""

    def __init__(self, name: str) -> None:
        """Take the law of the region file; refuses an unknown one like `fiscal_law`."""
        module = fiscal_law(name)
        super().__init__(module.__name__, module.__doc__)
        self.name, self.module = name, module

    def __getattr__(self, name: str) -> Any:
        """Return what the law's module has under this name."""
        return getattr(self.module, name)

    def __reduce__(self) -> tuple[type[PortableLaw], tuple[str]]:
        """Pickle the name."""
        return PortableLaw, (self.name,)


__all__ = ["LAWS", "PortableLaw", "bavaria", "fiscal_law"]
