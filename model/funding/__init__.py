"""Funding instruments by name: the status quo and the four new forms; third parties add theirs by entry point."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType

from ..errors import InputError, Problem, closest
from .base import FundingInstrument, FundingWorld, Tally
from .check import check_instrument
from .crowdfunding import Crowdfunding
from .municipal_association import MunicipalAssociation
from .own_budget import OwnBudget
from .proposal import Award, Proposal, Purpose, Reply, Steady
from .regional_budget import RegionalBudget
from .regional_fund import RegionalFund

ENTRY_POINT_GROUP = "kreislauf.instruments"

INSTRUMENTS: dict[str, type[FundingInstrument]] = {
    instrument.name: instrument
    for instrument in (OwnBudget, RegionalBudget, MunicipalAssociation, RegionalFund, Crowdfunding)
}
"""The shipped instruments by name."""


@cache
def instrument_names() -> tuple[str, ...]:
    """Return the names of all instruments, those of third parties included.

    >>> instrument_names()[0]
    'own_budget'
    """
    return (*INSTRUMENTS, *sorted(point.name for point in entry_points(group=ENTRY_POINT_GROUP)))


def load_instrument(name: str) -> type[FundingInstrument]:
    """Return an instrument's class by name; raises InputError for an unknown name or a third party's broken one.

    >>> load_instrument("crowdfunding").__name__
    'Crowdfunding'
    """
    if name in INSTRUMENTS:
        return INSTRUMENTS[name]
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name == name:
            loaded = point.load()
            if not (isinstance(loaded, type) and issubclass(loaded, FundingInstrument)):
                raise InputError(Problem(f"{point.value} is not a funding instrument", expected="a FundingInstrument"))
            return loaded
    raise InputError(Problem("unknown instrument", value=name, expected=closest(name, instrument_names())))


def build_instruments(
    world: FundingWorld, weights: Mapping[str, float], others: Mapping[str, FundingInstrument] = MappingProxyType({})
) -> dict[str, FundingInstrument]:
    """Return the instruments of a mix by name; its loan fund pre-finances what its regional budget pays late.

    `others` are instruments that exist already: what is built works together with them from now on.

    >>> from ..integration_model import IntegrationModel
    >>> model = IntegrationModel("coburg", months=1)
    >>> list(build_instruments(model, {"own_budget": 1.0, "crowdfunding": 0.0}))
    ['own_budget']
    """
    built = {name: load_instrument(name)(world, weight) for name, weight in weights.items() if weight > 0}
    there = {**others, **built}
    budget, fund = there.get(RegionalBudget.name), there.get(RegionalFund.name)
    if isinstance(budget, RegionalBudget) and isinstance(fund, RegionalFund):
        budget.prefinancer = fund
    return built


__all__ = [
    "ENTRY_POINT_GROUP",
    "INSTRUMENTS",
    "Award",
    "Crowdfunding",
    "FundingInstrument",
    "FundingWorld",
    "MunicipalAssociation",
    "OwnBudget",
    "Proposal",
    "Purpose",
    "RegionalBudget",
    "RegionalFund",
    "Reply",
    "Steady",
    "Tally",
    "build_instruments",
    "check_instrument",
    "instrument_names",
    "load_instrument",
]
