"""No winner built in: for every rule and instrument, parameters within their ranges where it helps and where not.

Two searches, one yardstick. A Latin hypercube over the groups `responsibility`, `coordination`, `instruments` and what
planning assumes says how often a variant helps; named circumstances say under which conditions. At each point every
variant and the status quo run with the same seeds: a variant helps when it leaves less work unmet than the status quo
does in every seed, and does not help when it leaves more in every one. That is a yardstick for the search, no verdict:
an instrument that stands alone replaces the councils' own money, and saves it.

`python -m kreislauf.experiments.no_winner OUT.csv --points 24` writes the clearest points and prints the counts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..model.parameters import parameter_table
from ..model.region import load_region
from ..model.results import RunKey
from ..model.variant import load_scenario, load_variant, variant_names
from .compare import quantiles
from .runner import RunSpec, run_all

if TYPE_CHECKING:
    from ..model.region import Region

MEASURE = "unmet_hours"
"""Work left in open cases at the end of a month, mean over the run: lower is better."""
REGION = "coburg"
"""Where the circumstances were searched for; elsewhere they need not turn anything."""
GROUPS = ("responsibility", "coordination", "instruments")
PLANNING = (
    "overlap_loss", "stand_in_efficiency", "case_share", "ramp_up_level", "hours_per_fte", "planning_months",
    "least_post_hours", "pending_months", "post_cost_eur", "post_months", "post_ramp_up", "project_cost_eur",
    "project_months", "project_hours", "willingness_low", "willingness_high", "pool_exit",
)  # fmt: skip
KEPT = ("instrument_start_month", "municipal_election_month", "crowding_out_month")
"""Dates and prices of the region, not of an instrument: the search leaves them as they are."""

STRICT = {
    "own_margin_share": 0.0, "carrier_own_share_max": 0.05, "district_external_share": 1.0, "council_cash_share": 1.0,
    "united_pressure_share": 1.0, "pressure_task_hours": 20.0,
}  # fmt: skip
"""Councils that give nothing of their own: then whatever pays at all is more than before."""
CHEAP = {"project_hours": 300.0, "project_cost_eur": 1000.0}
"""Small projects that make many helpers' hours possible."""
COSTLY = {
    "overlap_loss": 0.0, "intake_hours": 0.0, "detection": 1.0, "confusion_weight": 0.0, "adherence_start": 0.9,
    "hand_over_hours": 1.5, "hand_over_loss": 0.6, "matrix_hours": 40.0, "pool_hours": 40.0, "conference_delay": 2.0,
    "conference_growth": 0.1, "meeting_hours": 4.0, "preparation_hours": 3.0, "travel_hours": 2.0,
}  # fmt: skip
"""Duplicates that cost nothing, and hand-overs and meetings that cost much."""
CHEAP_ORDER = {
    "overlap_loss": 0.6, "intake_hours": 2.0, "detection": 0.0, "hand_over_hours": 0.0, "hand_over_loss": 0.0,
    "conference_delay": 0.0, "conference_growth": 0.0, "meeting_hours": 1.0, "preparation_hours": 0.0,
    "travel_hours": 0.0,
}  # fmt: skip
"""The other way round: duplicates that cost much, and hand-overs and meetings that cost little."""
_RULES = ("subsidiarity", "lead_agency", "intermunicipal", "community")
CIRCUMSTANCES: dict[str, tuple[str, dict[str, float]]] = {
    "regional_budget": ("strict councils; large budget with autonomy, wholly funded, four quick stages", {
        **STRICT, "regional_budget_b_share": 1.0, "regional_b_volume_eur": 600_000.0, "regional_b_rate_1": 1.0,
        "regional_b_rate_2": 1.0, "regional_b_stage_pass": 1.0, "regional_b_stage_months": 1.0,
        "regional_b_management_fte": 0.25,
    }),
    "municipal_association": ("strict councils; high dues that members think worth it, little management", {
        **STRICT, "association_dues_eur": 4.0, "association_value_factor": 12.0, "association_spillover": 0.0,
        "association_autonomy_eur": 0.0, "association_exit_hazard": 0.0, "association_management_fte": 0.25,
    }),
    "regional_fund": ("strict councils; three million of capital with many donations, cheap projects", {
        **STRICT, **CHEAP, "regional_fund_endowment_share": 1.0, "endowment_capital_eur": 3_000_000.0,
        "endowment_donations_share": 0.045,
    }),
    "crowdfunding": ("strict councils; popular purposes, many givers who do not tire, cheap projects", {
        **STRICT, **CHEAP, "crowd_topic_reach": 1.0, "crowd_rejected": 0.0, "crowd_backers": 100.0,
        "crowd_fatigue": 0.0, "crowd_min_visibility": 0.0,
    }),
    "district_lead": ("duplicates cost much, hand-overs and meetings little", CHEAP_ORDER),
    **dict.fromkeys(_RULES, ("duplicates cost nothing, hand-overs and meetings much", COSTLY)),
}  # fmt: skip
"""For each variant the circumstances that turn its sign at the stated values: what loses wins, what wins loses."""


@dataclass(frozen=True, slots=True)
class Point:
    """A variant at one place of the parameter space: helps (1), does not help (-1), with its paired differences."""

    variant: str
    sign: int
    words: str
    parameters: dict[str, float]
    seeds: tuple[int, ...]
    months: int
    low: float
    median: float
    high: float


def swept() -> list[str]:
    """Return the names of the parameters the search moves."""
    table = parameter_table()
    names = [name for name, entry in table.items() if entry.group in GROUPS and name not in KEPT]
    return [name for name in (*names, *PLANNING) if table[name].low < table[name].high]


def latin_hypercube(names: Sequence[str], points: int, seed: int) -> list[dict[str, float]]:
    """Return points in which every parameter takes each of `points` equal parts of its range once."""
    table, random = parameter_table(), np.random.default_rng(seed)
    columns = {
        name: table[name].low
        + (table[name].high - table[name].low) * (random.permutation(points) + random.random(points)) / points
        for name in names
    }
    return [{name: float(column[i]) for name, column in columns.items()} for i in range(points)]


def differences(
    region: Region,
    variants: Sequence[str],
    points: Sequence[Mapping[str, float]],
    *,
    seeds: Sequence[int],
    months: int,
    workers: int | None = None,
) -> pd.DataFrame:
    """Return for every point, variant and seed the difference of `MEASURE` to the status quo there.

    Columns: point (number), variant, seed, reference (its level in the status quo), difference.
    """
    scenario = load_scenario("base")
    specs: list[RunSpec] = []
    where: list[tuple[int, str, int]] = []
    for number, values in enumerate(points):
        for seed in seeds:
            for name in dict.fromkeys(("status_quo", *variants)):
                key = RunKey(len(specs), region.name, name, scenario.name, seed, months)
                specs.append(RunSpec(key, load_variant(name), scenario, dict(values), ()))
                where.append((number, name, seed))
    levels: dict[tuple[int, str, int], float] = {}
    for place, result in zip(where, run_all(region, specs, workers=workers), strict=True):
        levels[place] = float("nan") if result.tables is None else result.tables.summary[MEASURE]
    rows: list[dict[str, Any]] = [
        {"point": n, "variant": v, "seed": s, "reference": (base := levels[n, "status_quo", s]), "difference": x - base}
        for (n, v, s), x in levels.items()
        if v != "status_quo"
    ]
    return pd.DataFrame(rows)


def clearest(
    found: pd.DataFrame, points: Sequence[Mapping[str, float]], words: Sequence[str], months: int
) -> list[Point]:
    """Return for each variant the points where it helps and does not help most clearly, as far as there are any."""
    table: Any = found
    best: dict[tuple[str, int], tuple[float, Point]] = {}
    for (number, variant), part in table.groupby(["point", "variant"], sort=True):
        change = part["difference"].to_numpy()
        if np.isnan(change).any() or not ((change > 0).all() or (change < 0).all()):
            continue
        sign = -1 if change[0] > 0 else 1
        clear = float(np.abs(change).min() / part["reference"].mean())
        used = tuple(int(seed) for seed in part["seed"])
        point = Point(variant, sign, words[int(number)], dict(points[int(number)]), used, months, *quantiles(change))
        if clear > best.get((variant, sign), (0.0, point))[0]:
            best[variant, sign] = (clear, point)
    return [point for _, (_, point) in sorted(best.items(), key=lambda item: (item[0][0], -item[0][1]))]


def write_points(path: str | Path, points: Sequence[Point]) -> None:
    """Write points as CSV, parameters as JSON in one column."""
    rows = [
        {
            "variant": p.variant, "sign": p.sign, "words": p.words, "measure": MEASURE, "months": p.months,
            "seeds": ";".join(map(str, p.seeds)), "low": round(p.low, 3), "median": round(p.median, 3),
            "high": round(p.high, 3), "parameters": json.dumps({k: round(v, 6) for k, v in p.parameters.items()}),
        }
        for p in points
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(path, index=False)


def read_points(path: str | Path) -> list[Point]:
    """Return the points of a CSV written by `write_points`."""
    rows: list[dict[str, Any]] = pd.read_csv(path).to_dict("records")
    return [
        Point(
            row["variant"], int(row["sign"]), row["words"], json.loads(row["parameters"]),
            tuple(int(s) for s in str(row["seeds"]).split(";")), int(row["months"]),
            float(row["low"]), float(row["median"]), float(row["high"]),
        )
        for row in rows
    ]  # fmt: skip


def main() -> None:
    """Search, write the clearest points, and say for each variant how often it helped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--points", type=int, default=0, help="points of the Latin hypercube")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--months", type=int, default=48)
    parser.add_argument("--draw", type=int, default=1, help="seed of the Latin hypercube")
    parser.add_argument("--workers", type=int, default=None)
    chosen = parser.parse_args()
    region, months, seeds = load_region(REGION), chosen.months, range(1, chosen.seeds + 1)
    best: list[Point] = []
    for variant in variant_names()[1:]:
        words, values = CIRCUMSTANCES[variant]
        points = [{}, values]
        found = differences(region, [variant], points, seeds=seeds, months=months, workers=chosen.workers)
        best += clearest(found, points, ("the stated values of all parameters", words), months)
    write_points(chosen.out, best)
    for point in best:
        sign = "helps" if point.sign > 0 else "does not help"
        print(f"{point.variant:24} {sign:14} {point.median:+9.0f} [{point.low:+.0f}, {point.high:+.0f}] {point.words}")  # noqa: T201
    if chosen.points:
        points = latin_hypercube(swept(), chosen.points, chosen.draw)
        table: Any = differences(
            region, variant_names()[1:], points, seeds=seeds, months=months, workers=chosen.workers
        )
        for variant in variant_names()[1:]:
            part = table[table["variant"] == variant].groupby("point")["difference"]
            helps, not_ = int((part.max() < 0).sum()), int((part.min() > 0).sum())
            print(f"{variant:24} helps at {helps}, does not at {not_} of {len(points)} points")  # noqa: T201


if __name__ == "__main__":
    main()
