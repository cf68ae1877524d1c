"""Hypothesis strategies: small regions, variants, seeds and parameter values."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from kreislauf.model.parameters import parameter_table
from kreislauf.model.responsibility import RULES
from kreislauf.model.variant import Variant

from ..worlds import EVERY_TASK, HANDFUL, SMALL, Tables, small, structure

TASKS = tuple(EVERY_TASK.split(";"))
SEEDS = st.integers(0, 2**32 - 1)
RULE_NAMES = st.sampled_from(sorted(RULES))
INSTRUMENTS = ("own_budget", "regional_budget", "municipal_association", "regional_fund", "crowdfunding")
GROUPS_THAT_MATTER = ("responsibility", "coordination", "structures", "volunteers")
NOT_SWEPT = {"existing_weight"}  # read once for the allocation, not a matter of these tests


@st.composite
def registers(draw: st.DrawFn) -> list[dict[str, str]]:
    """Return two to six structures of any level, tasks, reach, size and lifetime, and the helpers of every place."""
    rows = [HANDFUL[3]]
    for number in range(draw(st.integers(1, 5))):
        level = draw(st.sampled_from(["district", "welfare", "provider", "municipality", "state", "federal"]))
        tasks = draw(st.lists(st.sampled_from(TASKS), min_size=1, max_size=6, unique=True))
        catchment = draw(st.sampled_from(["all", "each", SMALL[0], f"{SMALL[1]};{SMALL[2]}"]))
        hours = draw(st.sampled_from([2.0, 20.0, 100.0, 1000.0]))
        end = draw(st.sampled_from(["", "2015-06", "2016-01"]))
        start = draw(st.sampled_from(["", "2015-03"]))
        rows.append(
            structure(
                f"body{number}", level, ";".join(tasks), catchment=catchment, hours=hours, start=start, end=end,
                owner=draw(st.sampled_from(["one", "two", level])), ramp_up_months=draw(st.sampled_from([0, 6])),
                groups=draw(st.sampled_from(["all", "protected", "asylum;tolerated"])),
                payers=draw(st.sampled_from(["land:1", "district:0.3;carrier:0.7", "municipality:0.5;bund:0.5"])),
            )
        )  # fmt: skip
    return rows


@st.composite
def regions(draw: st.DrawFn) -> Any:
    """Return a region of three municipalities with a random register, a tenth to a half of Coburg's arrivals."""
    return loaded(small(arrivals=draw(st.sampled_from([0.1, 0.25, 0.5])), structures=draw(registers())))


@st.composite
def variants(draw: st.DrawFn) -> Variant:
    """Return a variant of any rule, allocation, one or two instruments, rounds and register."""
    first, second = draw(st.sampled_from(INSTRUMENTS)), draw(st.sampled_from(INSTRUMENTS))
    return Variant(
        name="drawn",
        rule=draw(RULE_NAMES),
        allocation=draw(st.sampled_from(["quota", "vacancy", "existing", "negotiated"])),
        funding={first: 1.0} if first == second else {first: 0.5, second: 0.5},
        rounds_per_year=draw(st.sampled_from([0, 4, 12])),
        shared_register=draw(st.booleans()),
        parameters=draw(parameter_values()),
    )


@st.composite
def parameter_values(draw: st.DrawFn, groups: tuple[str, ...] = GROUPS_THAT_MATTER, most: int = 6) -> dict[str, float]:
    """Return a few parameters of the given groups, each somewhere in its admissible range, the ends included."""
    names = [name for name, entry in parameter_table().items() if entry.group in groups and name not in NOT_SWEPT]
    chosen = draw(st.lists(st.sampled_from(names), max_size=most, unique=True))
    table = parameter_table()
    values = {}
    for name in chosen:
        low, high = table[name].low, table[name].high
        values[name] = low + (high - low) * draw(st.sampled_from([0.0, 0.5, 1.0]))
    return values


def loaded(tables: Tables) -> Any:
    """Return the region of some tables, written to a folder that is deleted at once."""
    with tempfile.TemporaryDirectory() as folder:
        return tables.load(Path(folder))


@cache
def small_region() -> Any:
    """Return the usual small world: three municipalities and a handful of structures."""
    return loaded(small())


@cache
def scarce_region() -> Any:
    """Return the small world with twice the arrivals and a fifth of the hours: actors wish for posts."""
    tables = small(arrivals=0.3)
    tables.scale("structures", ["hours_per_month"], 0.2)
    return loaded(tables)
