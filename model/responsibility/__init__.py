"""Responsibility-sharing rules: who takes a case on. One file per rule; third parties add theirs by entry point.

>>> sorted(rule_names())[:3]
['community', 'district_lead', 'intermunicipal']
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from ..errors import InputError, closest
from .base import Candidates, Rule, check_rule
from .community import RULE as COMMUNITY
from .district_lead import RULE as DISTRICT_LEAD
from .intermunicipal import RULE as INTERMUNICIPAL
from .lead_agency import RULE as LEAD_AGENCY
from .parallel import RULE as PARALLEL
from .subsidiarity import RULE as SUBSIDIARITY

RULES: dict[str, Rule] = {
    rule.name: rule for rule in (PARALLEL, SUBSIDIARITY, DISTRICT_LEAD, LEAD_AGENCY, INTERMUNICIPAL, COMMUNITY)
}
ENTRY_POINTS = "kreislauf.rules"


@cache
def all_rules() -> dict[str, Rule]:
    """Return the shipped rules and those that installed packages add under the entry point group `kreislauf.rules`.

    >>> all_rules()["community"].joint_liability
    True
    """
    added = {point.name: point.load() for point in entry_points(group=ENTRY_POINTS)}
    return {**RULES, **added}


def rule_names() -> list[str]:
    """Return the names of all known rules.

    >>> "subsidiarity" in rule_names()
    True
    """
    return list(all_rules())


def load_rule(name: str) -> Rule:
    """Return a rule by name; InputError with the nearest name when there is none.

    >>> load_rule("community").name
    'community'
    """
    if name not in all_rules():
        raise InputError(f"unknown responsibility rule {name!r}, {closest(name, all_rules())}")
    return all_rules()[name]


__all__ = ["ENTRY_POINTS", "RULES", "Candidates", "Rule", "all_rules", "check_rule", "load_rule", "rule_names"]
