"""Do effects carry over from one field of action to another, and what do fields take from each other?

Two questions on paired runs (same region, seeds and variants in each field alone, and with all fields at once):

* Carry-over: a variant's paired difference to the reference, relative to the reference's level so that fields can be
  compared, in the first field and in each other one. A verdict says only what the 80 % intervals over the seeds say;
  "no effect shown in either" is a result like any other.
* Crowding out: what a field has in the run with all fields less what it has alone, seed by seed, under each variant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from ..model.errors import InputError, Problem
from ..model.field import field_names, load_field
from ..model.measures import MEASURES, PART_MEASURES
from .compare import compare, quantiles

if TYPE_CHECKING:
    from ..model.region import Region
    from ..model.variant import Scenario, Variant
    from .compare import CompareProgress

INSTRUMENT_VARIANTS = ("status_quo", "regional_budget", "municipal_association", "regional_fund", "crowdfunding")
SAME_SIZE = 2.0
"""Relative effects are called of the same size when neither is more than so many times the other."""

Verdict = Literal[
    "carries over", "carries over, weaker", "carries over, stronger", "reverses", "not shown there", "only there",
    "no effect shown in either", "not comparable",
]  # fmt: skip
VERDICTS: dict[str, str] = {
    "carries over": "both intervals on the same side of zero, sizes within a factor of two",
    "carries over, weaker": "same side of zero, less than half as large there",
    "carries over, stronger": "same side of zero, more than twice as large there",
    "reverses": "the intervals lie on opposite sides of zero",
    "not shown there": "an effect in the first field; the other field's interval contains zero",
    "only there": "no effect shown in the first field, one in the other",
    "no effect shown in either": "both intervals contain zero",
    "not comparable": "the measure is not defined, or zero under the reference",
}


@dataclass(frozen=True, slots=True, eq=False)
class CarryOver:
    """What was found: `effects` by field, variant and measure, `verdicts` against the first field, `crowding`.

    `effects`: field, variant, measure, pairs, difference, low, high (in the measure's unit), relative, relative_low,
    relative_high (shares of the reference's level). `verdicts`: variant, measure, from, to, verdict. `crowding`: field,
    variant, measure, pairs, alone, together, difference, low, high, worse (share of seeds in which the field is worse
    off beside the others; NaN where no direction is better). Intervals are 80 % of the seeds.
    """

    effects: pd.DataFrame
    verdicts: pd.DataFrame
    crowding: pd.DataFrame
    fields: tuple[str, ...]
    reference: str
    failures: pd.DataFrame


def carryover(
    region: str | Path | Region,
    fields: Sequence[str] = (),
    variants: Sequence[str | Path | Variant] = INSTRUMENT_VARIANTS,
    *,
    together: bool = True,
    scenario: str | Path | Scenario = "base",
    seeds: int | Sequence[int] = 10,
    months: int | None = None,
    parameters: Mapping[str, float] | None = None,
    reference: str = "status_quo",
    measures: Sequence[str] | None = None,
    workers: int | None = None,
    out: str | Path | None = None,
    progress: CompareProgress | None = None,
) -> CarryOver:
    """Run variants in each field alone, and with `together` in all at once, and compare what they change.

    `fields` are all there are by default; `measures` are those to compare (default: the headline ones that every field
    has and that have a better direction).
    With `out` every field's runs are kept in a folder of their own, and the same call continues an interrupted one.
    Raises InputError for wrong input, Interrupted on Ctrl-C.

    >>> found = carryover("coburg", variants=["crowdfunding"], seeds=1, months=2, together=False, workers=1)
    >>> found.fields, set(found.effects["variant"])
    (('integration', 'seniors'), {'crowdfunding'})
    """
    chosen = [load_field(name) for name in fields or field_names()]
    if len({field.name for field in chosen}) < 2 or any(field.several for field in chosen):
        raise InputError(
            Problem(
                "two different fields are needed",
                value=",".join(field.name for field in chosen),
                expected="one name each",
            )
        )
    asked = list(measures) if measures is not None else common_measures()
    if wrong := [name for name in asked if name not in MEASURES or MEASURES[name].field]:
        raise InputError(f"{wrong[0]!r} is not a measure that every field has; known: {', '.join(common_measures())}")
    settings = [*(field.name for field in chosen), *([",".join(field.name for field in chosen)] if together else [])]
    total, done = 0, 0
    runs: dict[str, pd.DataFrame] = {}
    failures: list[pd.DataFrame] = []
    for setting in settings:

        def tell(finished: int, of: int, failed: int, before: int = done) -> None:
            nonlocal total
            total = of
            if progress is not None:
                progress(before + finished, of * len(settings), failed)

        found = compare(
            region, variants, field=setting, scenario=scenario, seeds=seeds, months=months, parameters=parameters,
            reference=reference, measures=[], workers=workers, progress=tell,
            out=Path(out) / setting.replace(",", "+") if out is not None else None,
        )  # fmt: skip
        done += total
        rows: Any = found.runs
        runs[setting] = rows[rows["status"] == "done"]
        failures.append(found.failures.assign(field=setting))
    names = [field.name for field in chosen]
    effects = effects_of({name: runs[name] for name in names}, asked, reference)
    return CarryOver(
        effects=effects,
        verdicts=verdicts_of(effects, names),
        crowding=crowding_of(runs, names, settings[-1]) if together else pd.DataFrame(),
        fields=tuple(names),
        reference=reference,
        failures=pd.concat(failures, ignore_index=True),
    )


def common_measures() -> list[str]:
    """Return the headline measures that every field has and that have a better direction."""
    return [m.name for m in MEASURES.values() if m.headline and not m.field and m.better != "none"]


def effects_of(runs: Mapping[str, pd.DataFrame], measures: Sequence[str], reference: str) -> pd.DataFrame:
    """Return the paired differences of every variant to the reference by field and measure (see `CarryOver`)."""
    rows: list[dict[str, Any]] = []
    for field, table in runs.items():
        by_variant: dict[str, Any] = {str(name): part.set_index("seed") for name, part in table.groupby("variant")}
        base = by_variant.get(reference)
        for name in [name for name in dict.fromkeys(table["variant"]) if name != reference]:
            for measure in measures:
                if base is None or measure not in table:
                    continue
                level = base[measure].astype(float)
                pairs = (by_variant[name][measure].astype(float) - level).dropna()
                size = float(np.median(np.abs(level.dropna()))) if level.notna().any() else float("nan")
                low, middle, high = quantiles(pairs.to_numpy())
                scale = 1.0 / size if size > 0 else float("nan")
                rows.append(
                    {"field": field, "variant": name, "measure": measure, "pairs": len(pairs), "difference": middle,
                     "low": low, "high": high, "relative": middle * scale, "relative_low": low * scale,
                     "relative_high": high * scale}
                )  # fmt: skip
    return pd.DataFrame(rows)


def verdict(one: Mapping[str, float], other: Mapping[str, float]) -> Verdict:
    """Return what the relative effects of two fields say about each other.

    >>> here = {"relative": 0.2, "relative_low": 0.1, "relative_high": 0.3}
    >>> verdict(here, {"relative": -0.2, "relative_low": -0.3, "relative_high": -0.1})
    'reverses'
    >>> verdict(here, {"relative": 0.0, "relative_low": -0.1, "relative_high": 0.1})
    'not shown there'
    """
    bounds = (one["relative_low"], one["relative_high"], other["relative_low"], other["relative_high"])
    if not np.isfinite(bounds).all():
        return "not comparable"
    first = (one["relative_low"] > 0) - (one["relative_high"] < 0)
    second = (other["relative_low"] > 0) - (other["relative_high"] < 0)
    if first == 0 or second == 0:
        return "no effect shown in either" if first == second else ("not shown there" if first else "only there")
    if first != second:
        return "reverses"
    size = abs(other["relative"]) / abs(one["relative"])
    if size < 1.0 / SAME_SIZE:
        return "carries over, weaker"
    return "carries over, stronger" if size > SAME_SIZE else "carries over"


def verdicts_of(effects: pd.DataFrame, fields: Sequence[str]) -> pd.DataFrame:
    """Return the verdict of every variant and measure, from the first field to each other one."""
    rows: list[dict[str, Any]] = []
    keyed: dict[Any, Any] = {(r["field"], r["variant"], r["measure"]): r for r in effects.to_dict("records")}
    for (field, variant, measure), here in keyed.items():
        if field != fields[0]:
            continue
        for other in fields[1:]:
            there = keyed.get((other, variant, measure))
            if there is not None:
                said = verdict(here, there)
                rows.append({"variant": variant, "measure": measure, "from": field, "to": other, "verdict": said})
    return pd.DataFrame(rows)


def crowding_of(runs: Mapping[str, pd.DataFrame], fields: Sequence[str], together: str) -> pd.DataFrame:
    """Return what each field has beside the others less what it has alone, paired by variant and seed."""
    rows: list[dict[str, Any]] = []
    joint: Any = runs[together].set_index(["variant", "seed"])
    for field in fields:
        alone: Any = runs[field].set_index(["variant", "seed"])
        for measure in PART_MEASURES:
            beside = joint[f"{Path(field).name}_{measure}"].astype(float)
            own = alone[measure].astype(float)
            for variant in dict.fromkeys(runs[field]["variant"]):
                there, here = beside.xs(variant, level="variant"), own.xs(variant, level="variant")
                pairs = (there - here).dropna()
                low, middle, high = quantiles(pairs.to_numpy())
                better = MEASURES[measure].better
                worse = {"lower": pairs > 0, "higher": pairs < 0}.get(better)
                rows.append(
                    {"field": field, "variant": variant, "measure": measure, "pairs": len(pairs),
                     "alone": float(here.median()), "together": float(there.median()), "difference": middle,
                     "low": low, "high": high,
                     "worse": float(np.mean(worse)) if worse is not None and len(pairs) else float("nan")}
                )  # fmt: skip
    return pd.DataFrame(rows)
