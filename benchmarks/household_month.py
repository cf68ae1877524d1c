"""The household month: compiled loop, the same rules on plain Mesa agents, and the bare limit of reading and writing.

`uv run python benchmarks/household_month.py [HOUSEHOLDS]`. All three see the same households, months and random
numbers. The plain agents hold their own state as Python numbers and call the same rule functions uncompiled; their
state afterwards is compared with the table, value by value. They are timed with the random numbers handed to them (a
modeller would use a fast built-in generator) and also with the counter-based generator in plain Python. The bare limit
reads and writes every word of the same rows and draws as many random numbers, without any rule.
"""

from __future__ import annotations

import sys
import time
import types
from typing import Any

import mesa
import numpy as np
from kreislauf.agents.codes import HERE
from kreislauf.agents.integration.codes import MAX_ADULTS
from kreislauf.agents.integration.household import ADULT, HOUSEHOLD
from kreislauf.agents.integration.household_rules import DRAW_ADULT, DRAW_FAMILY, DRAW_STATUS, household_month
from kreislauf.agents.jit import rule
from kreislauf.model.fields.integration.arrivals import COMPOSITION, COMPOSITION_DTYPE, draw_household
from kreislauf.model.fields.integration.conditions import COUNTRY, PLACE, Conditions
from kreislauf.model.fields.integration.households import live_all
from kreislauf.model.parameters import Parameters
from kreislauf.model.region import load_region
from kreislauf.model.rng import HOUSEHOLD as STREAM
from kreislauf.model.rng import philox, uniforms
from measuring import show
from numba.extending import is_jitted

MONTHS = range(13, 37)
SEED = 1


def uncompiled(function: Any, done: dict[int, Any] | None = None) -> Any:
    """Return a rule as plain Python, with every rule it calls in plain Python too."""
    done = {} if done is None else done
    if id(function) in done:
        return done[id(function)]
    plain = function.py_func
    names = dict(plain.__globals__)
    copy = types.FunctionType(plain.__code__, names, plain.__name__, plain.__defaults__)
    done[id(function)] = copy
    for name in plain.__code__.co_names:
        if is_jitted(names.get(name)):
            names[name] = uncompiled(names[name], done)
    return copy


plain_month = uncompiled(household_month)
plain_uniforms = uncompiled(uniforms)


class World:
    """Households that have just arrived, with the conditions of every month."""

    def __init__(self, households: int) -> None:
        """Draw the households with the composition of the region Coburg."""
        region, p = load_region("coburg"), Parameters()
        self.n, self.rows = households, p.records("household")
        self.p = self.rows[0]
        self.table: Any = np.zeros(households, HOUSEHOLD).view(np.recarray)
        self.adults: Any = np.zeros(MAX_ADULTS * households, ADULT).view(np.recarray)
        composition = np.zeros(2, COMPOSITION_DTYPE).view(np.recarray)
        for s, stream in enumerate(("asylum", "ukraine")):
            for name in COMPOSITION:
                composition[s][name] = region.households[stream].get(name, 0.0)
        _draw(self.table, self.adults, composition, self.p, SEED, len(region.keys))
        conditions = Conditions(region, p)
        self.places = np.ones(len(region.keys), PLACE).view(np.recarray)
        conditions.places(self.places)
        self.country = np.zeros(len(MONTHS), COUNTRY).view(np.recarray)
        for t, month in enumerate(MONTHS):
            conditions.country(month, self.country[t])


@rule
def _draw(table: Any, adults: Any, composition: Any, p: Any, seed: int, places: int) -> None:
    for i in range(len(table)):
        s = 1 if i % 4 == 3 else 0
        draw_household(table[i], adults[2 * i], adults[2 * i + 1], seed, i + 1, 12, s, composition[s], p)
        table[i].stay = 1
        table[i].municipality = i % places


@rule
def bare_loop(table: Any, adults: Any, rows: Any, adult_rows: Any, month: int, seed: int, nothing: int) -> None:
    """Read and write every word of the rows of households that are here and draw their random numbers."""
    for i in range(len(table)):
        if table[i].stay != HERE:
            continue
        identity = int(table[i].identity)
        high = month + 1048576
        a0, a1, a2, a3 = philox(identity, 0, high, (STREAM << 16) | DRAW_STATUS, seed, 0)
        b0, b1, b2, b3 = philox(identity, 0, high, (STREAM << 16) | DRAW_FAMILY, seed, 0)
        c0, c1, c2, c3 = philox(identity, 0, high, (STREAM << 16) | DRAW_ADULT, seed, 0)
        word = a0 ^ a1 ^ a2 ^ a3 ^ b0 ^ b1 ^ b2 ^ b3 ^ c0 ^ c1 ^ c2 ^ c3
        if adults[2 * i + 1].present == 1:
            d0, d1, d2, d3 = philox(identity, 0, high, (STREAM << 16) | (DRAW_ADULT + 1), seed, 0)
            word ^= d0 ^ d1 ^ d2 ^ d3
        word &= nothing
        for w in range(rows.shape[1]):
            rows[i, w] ^= word
        for a in range(2 * i, 2 * i + 2):
            for w in range(adult_rows.shape[1]):
                adult_rows[a, w] ^= word


class PlainAdult:
    """An adult as an object with its own values."""


class PlainHousehold(mesa.Agent):
    """A household that holds its own state, as a Mesa modeller would write it."""

    def __init__(self, model: PlainModel, row: Any, adults: Any) -> None:
        """Copy one row of the tables into attributes."""
        super().__init__(model)
        self.persons = []
        _copy_fields(row, self)
        for adult in adults:
            self.persons.append(PlainAdult())
            _copy_fields(adult, self.persons[-1])

    def step(self) -> None:
        """Live one month by the same rules."""
        model: PlainModel = self.model  # pyright: ignore
        first, second = self.persons
        if model.draws is not None:
            draws = model.draws[self.index]
        else:
            blocks = [DRAW_STATUS, DRAW_FAMILY, DRAW_ADULT, *([DRAW_ADULT + 1] if second.present else [])]
            draws = [u for b in blocks for u in plain_uniforms(SEED, STREAM, self.identity, model.month, b)]
            draws += [0.0] * (16 - len(draws))
        plain_month(
            self, first, second, model.month, model.country, model.places[self.municipality], model.parameters, *draws
        )
        if self.stay != HERE:
            self.remove()


class PlainModel(mesa.Model):
    """Plain Mesa: agents with their own state, a step that lets each of them live."""

    def __init__(self, world: World) -> None:
        """Create the agents from the rows of a world."""
        super().__init__(rng=SEED)
        self.world, self.draws = world, None
        self.parameters = _namespace(world.p)
        self.places = [_namespace(place) for place in world.places]
        self.month, self.country = 0, None
        self.households = []
        for i in range(world.n):
            household = PlainHousehold(self, world.table[i], world.adults[2 * i : 2 * i + 2])
            household.index = i
            self.households.append(household)

    def step(self) -> None:
        """Let every household live the month."""
        self.agents.do("step")


def _namespace(record: Any) -> types.SimpleNamespace:
    return types.SimpleNamespace(**{name: record[name].item() for name in record.dtype.names})


def _copy_fields(record: Any, target: Any) -> None:
    for name in record.dtype.names:
        setattr(target, name, record[name].tolist())


def same(model: PlainModel, world: World) -> bool:
    """Return whether the agents hold exactly what the table holds."""
    for i, household in enumerate(model.households):
        records = [(household, world.table[i]), *zip(household.persons, world.adults[2 * i : 2 * i + 2], strict=True)]
        for holder, record in records:
            if any(getattr(holder, name) != record[name].tolist() for name in record.dtype.names):
                return False
    return True


@rule
def draw_all(table: Any, adults: Any, month: int, seed: int, out: Any) -> None:
    """Write the sixteen random numbers of every household's month."""
    for i in range(len(table)):
        for b in range(4):
            purpose = DRAW_STATUS if b == 0 else (DRAW_FAMILY if b == 1 else DRAW_ADULT + b - 2)
            if b < 3 or adults[2 * i + 1].present == 1:
                out[i, 4 * b], out[i, 4 * b + 1], out[i, 4 * b + 2], out[i, 4 * b + 3] = uniforms(
                    seed, STREAM, int(table[i].identity), month, purpose
                )


def run_plain(households: int, *, given: bool) -> tuple[float, int, PlainModel]:
    """Return seconds, household-months and the model after all months; `given` hands the random numbers over."""
    world = World(households)
    model = PlainModel(world)
    spent, lived = 0.0, 0
    for t, month in enumerate(MONTHS):
        model.month, model.country = month, _namespace(world.country[t])
        if given:
            draws = np.zeros((households, 16))
            draw_all(world.table, world.adults, month, SEED, draws)
            model.draws = draws.tolist()
        lived += len(model.agents)
        start = time.process_time()
        model.step()
        spent += time.process_time() - start
    return spent, lived, model


def run_compiled(households: int, repeat: int) -> tuple[float, int, World]:
    """Return seconds, household-months and the world after all months with the compiled loop (best of `repeat`)."""
    best, lived, world = float("inf"), 0, World(2)
    for _ in range(repeat):
        world, spent, lived = World(households), 0.0, 0
        for t, month in enumerate(MONTHS):
            lived += int((world.table.stay == HERE).sum())
            start = time.process_time()
            country = world.country[t : t + 1]
            live_all(world.table, world.adults, world.n, month, SEED, country, world.places, world.rows)
            spent += time.process_time() - start
        best = min(best, spent)
    return best, lived, world


def run_bare(households: int, repeat: int) -> tuple[float, int]:
    """Return seconds and household-months of the bare loop, over the rows as the compiled run leaves them."""
    world = World(households)
    words = "u8" if ADULT.itemsize % 8 == 0 else "u4"
    rows = world.table.view(np.ndarray).view("u8").reshape(households, -1)
    adult_rows = world.adults.view(np.ndarray).view(words).reshape(2 * households, -1)
    best, lived = float("inf"), 0
    for _ in range(repeat):
        spent, lived = 0.0, 0
        for month in MONTHS:
            lived += int((world.table.stay == HERE).sum())
            start = time.process_time()
            bare_loop(world.table, world.adults, rows, adult_rows, month, SEED, 0)
            spent += time.process_time() - start
        best = min(best, spent)
    return best, lived


def main(households: int = 20_000) -> None:
    """Print household-months per second of the three forms and their ratios."""
    run_compiled(100, 1), run_bare(100, 1)  # warm-up
    small = max(households // 10, 100)
    compiled, lived, _ = run_compiled(households, 5)
    bare, bare_lived = run_bare(households, 5)
    given, plain_lived, model = run_plain(small, given=True)
    counter, counter_lived, _ = run_plain(max(small // 4, 50), given=False)
    _, _, world = run_compiled(small, 1)
    fast, limit = lived / compiled, bare_lived / bare
    slow, slowest = plain_lived / given, counter_lived / counter
    show(
        f"Household month, {households} households, {len(MONTHS)} months",
        [
            ("compiled loop", f"{fast / 1e6:.2f} M/s", "household-months per second of processor time"),
            ("plain Mesa, random numbers given", f"{slow / 1e6:.4f} M/s", ""),
            ("plain Mesa, counter-based numbers in Python", f"{slowest / 1e6:.4f} M/s", ""),
            ("bare limit", f"{limit / 1e6:.2f} M/s", "reads and writes the rows, draws the numbers"),
            ("same state of every household", "yes" if same(model, world) else "NO", "compiled and plain Mesa"),
            ("times plain Mesa, numbers given", f"{fast / slow:.0f}", "target 50, aim 100"),
            ("times plain Mesa, numbers in Python", f"{fast / slowest:.0f}", ""),
            ("time against the bare limit", f"{limit / fast:.2f}", "target 3, aim 1.5"),
        ],
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
