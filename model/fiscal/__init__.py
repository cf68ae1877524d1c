"""Fiscal law by state: the region file names the law (`fiscal_law`), and each law is a module of pure functions.

`bavaria` and `schleswig_holstein` are the laws of the shipped regions; the law of another state is another module that
offers `REQUIRED`, entered in `LAWS` (see docs/finance.md).
"""

from __future__ import annotations

from types import MappingProxyType, ModuleType
from typing import Any

from ..errors import InputError, Problem, closest
from . import bavaria, schleswig_holstein

LAWS = MappingProxyType({module.NAME: module for module in (bavaria, schleswig_holstein)})
REQUIRED = (
    "DATA_LAG_YEARS", "DEMOGRAPHY_YEARS", "TaxYear", "counted_population", "district_allocation", "district_levy",
    "district_points", "federal_housing_cost_share", "grants_per_head", "housing_cost_shares", "implied_capacity",
    "income_tax_compensation", "income_tax_key_years", "kita_points", "law", "levy_base", "main_points",
    "regular_allocation", "requirement", "round_to_instalments", "special_allocation", "tax_capacity",
    "trade_tax_levy", "trade_tax_rate",
)  # fmt: skip
"""What projections, budgets and payments call of a law; the signatures are those of `bavaria`."""


def fiscal_law(name: str) -> ModuleType:
    """Return the module of a fiscal law by its name in the region file; refuse an unknown one.

    >>> fiscal_law("bavaria").law(2016).base_amount
    850.9
    """
    if name not in LAWS:
        raise InputError(Problem("unknown fiscal law", column="fiscal_law", value=name, expected=closest(name, LAWS)))
    missing = [needed for needed in REQUIRED if not hasattr(LAWS[name], needed)]
    if missing:
        raise InputError(Problem(f"the fiscal law {name!r} lacks {', '.join(missing)}", column="fiscal_law"))
    return LAWS[name]


class PortableLaw(ModuleType):
    """A law by name, used like its module but pickled by name: a running model holds one, and modules do not pickle.

    >>> import pickle
    >>> pickle.loads(pickle.dumps(PortableLaw("bavaria"))).NAME
    'bavaria'
    """

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


__all__ = ["LAWS", "REQUIRED", "PortableLaw", "bavaria", "fiscal_law", "schleswig_holstein"]
