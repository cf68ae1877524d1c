"""Hand-made rows of households, adults, places and months, and one month or service applied to them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from hypothesis import strategies as st
from kreislauf.agents.codes import HERE, NEVER
from kreislauf.agents.integration import adult_rules, codes, household_rules
from kreislauf.agents.integration.codes import (
    DECENTRAL,
    NATURALISED,
    RECOGNISED,
    SUBSIDIARY,
    TEMPORARY,
)
from kreislauf.agents.integration.household import ADULT, HOUSEHOLD
from kreislauf.model.fields.integration.conditions import COUNTRY, PLACE
from kreislauf.model.parameters import Parameters

rules = SimpleNamespace(**{**vars(adult_rules), **vars(household_rules)})
P = Parameters.default().record("household")
PROTECTED = (RECOGNISED, SUBSIDIARY, TEMPORARY, NATURALISED)
CHANCE = st.floats(0.0, 1.0, exclude_max=True)


def with_values(**values: float):
    return Parameters(values).record("household")


def place(**values: float):
    row = np.ones(1, PLACE).view(np.recarray)[0]
    row.remote = 0.0
    for name, value in values.items():
        row[name] = value
    return row


def country(**values: float):
    row = np.zeros(1, COUNTRY).view(np.recarray)[0]
    for name, value in (
        {"mean_wait": 10.0, "labour": 1.0, "most_job_hazard": rules.most_job_hazard(P)} | values
    ).items():
        row[name] = value
    return row


def household(**values):
    """Return a household that arrived a year ago (month 12 is now), with one adult and no children."""
    row = np.zeros(1, HOUSEHOLD).view(np.recarray)[0]
    defaults = {"identity": 1, "arrived": 0, "stay": HERE, "n_adults": 1, "accommodation": DECENTRAL, "trust": 0.5}
    defaults |= {"bound_until": NEVER, "guide": -1, "delay_scar": 1.0, "served_at": NEVER}
    for name, value in (defaults | values).items():
        row[name] = value
    return row


def adult(years: float = 30.0, *, now: int = 12, **values):
    row = np.zeros(1, ADULT).view(np.recarray)[0]
    defaults = {"present": 1, "education": 1, "talent": 1.0, "born": now - int(years * 12), "first_work": NEVER}
    for name, value in (
        defaults | {"course_since": NEVER, "placed_from": NEVER, "placed_until": NEVER} | values
    ).items():
        row[name] = value
    return row


def nobody():
    return adult(present=0)


def live_adult(a, h=None, *, month=12, where=None, start=0.99, kind=0.99, end=0.99, loss=0.99):
    h = household(status=RECOGNISED) if h is None else h
    rules.adult_month(a, h, month, False, country(), where or place(), P, start, kind, end, loss)
    return a


def live_household(h, a0, a1=None, *, month=12, **luck):
    draws = dict.fromkeys(
        ["decision", "outcome", "exit", "flat", "won", "lost", "child", "citizen", "s0", "k0", "e0", "l0", "s1", "k1",
         "e1", "l1"], 0.9999
    ) | luck  # fmt: skip
    rules.household_month(h, a0, nobody() if a1 is None else a1, month, country(), place(), P, *draws.values())
    return h


def names_of(bits: int) -> set[str]:
    return {name for name, bit in codes.FEATURE_BIT.items() if bits & bit}


def features(h, a0=None, a1=None, *, month=12, where=None):
    return names_of(rules.features(h, a0 or adult(now=month), a1 or nobody(), month, where or place(), P))


def serve(task, h, a0=None, a1=None, u=0.0):
    a0, a1 = a0 or adult(), a1 or nobody()
    rules.receive_service(h, a0, a1, task, 12, P, u)
    return SimpleNamespace(h=h, a0=a0, a1=a1)
