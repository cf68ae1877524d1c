"""Tables of the finance report: burden by municipality, inequality by stage, the district, how well lines are known.

A burden is money: EUR per year that the tasks of the fields at work take from a municipality's margin, by
the way they take it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..model.fiscal.figures import figure
from ..model.fiscal.start import KINDS
from ..model.indices import fiscal_equivalence, gini, theil_decomposition

if TYPE_CHECKING:
    from ..model.fiscal.amounts import FloatArray
    from ..model.fiscal.projection import ProjectionResult
    from ..model.fiscal.start import TaxStart
    from ..model.region import Region

STAGES = ("own", "with_levy", "after_equalisation")
"""What a municipality pays itself; with its part in the district's cost through the levy; and after the equalisation,
its taxes and grants have answered."""
_SIMULATED = frozenset({"task_cost", "district_task_cost"})
_ASSUMED = frozenset(
    {
        "other_spending", "voluntary_cut", "free_margin", "transfer", "investment", "loan", "reserve",
        "reserve_minimum", "cash_credit", "aid", "extra_revenue", "district_spending", "district_margin",
        "district_reserve",
    }
)  # fmt: skip


def burden_table(
    region: Region,
    start: TaxStart,
    with_: Sequence[ProjectionResult],
    without: Sequence[ProjectionResult],
    newcomers: FloatArray,
) -> pd.DataFrame:
    """Return one row per municipality, EUR per year as mean over years and seeds; costs positive, gains negative.

    own + levy + allocation + taxes + other = total, the loss of free margin. `newcomers` are persons.
    """

    def change(*names: str) -> FloatArray:
        """Return the sum of lines with the tasks less without them, (M,)."""
        pairs = zip(with_, without, strict=True)
        return np.mean([sum((getattr(a, n) - getattr(b, n)).mean(axis=0) for n in names) for a, b in pairs], axis=0)

    people = with_[0].population.mean(axis=0)
    own, levy, allocation = change("task_cost"), change("levy"), -change("allocation")
    taxes = -change(*KINDS, "grants", "extra_revenue") + change("trade_levy")
    total = -change("free_margin")
    margins = {"margin_with": with_, "margin_without": without}
    return pd.DataFrame(
        {
            "key": list(region.keys),
            "name": region.municipalities["name"].to_numpy(),
            "district": [region.districts[d].key for d in start.district_of],
            "inhabitants": people,
            "newcomers": newcomers,
            "own": own,
            "levy": levy,
            "allocation": allocation,
            "taxes": taxes,
            "other": total - own - levy - allocation - taxes,
            "total": total,
            **{name: np.mean([r.free_margin.mean(axis=0) for r in runs], axis=0) for name, runs in margins.items()},
            "worst_margin_with": np.mean([r.free_margin.min(axis=0) for r in with_], axis=0),
            "capacity": np.mean([r.capacity.mean(axis=0) for r in with_], axis=0),
            "tax_base": list(start.confidence),
        }
    )


def index_table(region: Region, burden: pd.DataFrame) -> pd.DataFrame:
    """Return inequality of the burden per inhabitant by stage, and how far those who gain people bear the cost.

    Groups of the Theil index are districts, in a region with one district types of municipality. Indices have no
    meaning for gains: they count as zero, and `gainers` says how many municipalities gain. Without newcomers (a field
    of people who live there anyway) there is no equivalence, NaN.
    """
    weights = burden["inhabitants"].to_numpy(np.float64)
    groups = burden["district"].tolist()
    if len(region.districts) == 1:
        groups = region.municipalities["type"].tolist() if "type" in region.municipalities else groups
    stages = {
        "own": burden["own"],
        "with_levy": burden["own"] + burden["levy"],
        "after_equalisation": burden["total"],
    }
    newcomers = burden["newcomers"].to_numpy(np.float64)
    rows: list[dict[str, object]] = []
    for stage, values in stages.items():
        cost = np.asarray(values, np.float64)
        borne = np.maximum(0.0, cost)
        heads = borne / np.maximum(weights, 1.0)
        parts = theil_decomposition(heads, groups, weights)
        rows.append(
            {
                "stage": stage,
                "eur_per_inhabitant": cost.sum() / max(weights.sum(), 1.0),
                "gini": gini(heads, weights),
                "theil": parts.total,
                "theil_between": parts.between,
                "theil_within": parts.within,
                "fiscal_equivalence": fiscal_equivalence(newcomers, borne) if newcomers.sum() > 0.0 else np.nan,
                "gainers": int((cost < 0.0).sum()),
            }
        )
    return pd.DataFrame(rows)


def district_table(
    region: Region, with_: Sequence[ProjectionResult], without: Sequence[ProjectionResult]
) -> pd.DataFrame:
    """Return one row per year and district: net cost (EUR), levy points it is worth, rates with and without
    (percent), the district's name last."""
    years = with_[0].years

    def mean(runs: Sequence[ProjectionResult], name: str) -> FloatArray:
        return np.mean([getattr(run, name) for run in runs], axis=0)

    net = mean(with_, "district_task_cost") - mean(without, "district_task_cost")
    point = mean(with_, "district_levy_base") / 100.0
    columns = {
        "net_cost": net,
        "point_value": point,
        "levy_points": np.divide(net, point, out=np.zeros_like(net), where=point > 0.0),
        "levy_rate_with": mean(with_, "levy_rate"),
        "levy_rate_without": mean(without, "levy_rate"),
        "levy_with": mean(with_, "district_levy"),
        "levy_without": mean(without, "district_levy"),
        "margin_with": mean(with_, "district_margin"),
        "margin_without": mean(without, "district_margin"),
    }
    keys = [district.key for district in region.districts]
    frame = pd.DataFrame({"year": np.repeat(years, len(keys)), "district": keys * len(years)})
    names = [district.name for district in region.districts] * len(years)
    return frame.assign(**{name: values.ravel() for name, values in columns.items()}, name=names)


def quality_of(region: Region) -> Callable[[str, str, str, int], str]:
    """Return a function (world, line, key, year) -> how well the number is known.

    The words are those of the region files (official, quoted, derived, estimated, assumption), and `simulated` for what
    comes from runs of the model. A published figure that the projection meets keeps its own word in the world `with`.
    """
    facts = region.finances
    columns = (facts[name] for name in ("level", "key", "year", "indicator", "confidence"))
    known = {
        (str(level), str(key), int(year), str(indicator)): str(confidence)
        for level, key, year, indicator, confidence in zip(*columns, strict=True)
    }
    published = {
        (str(key), year): float(value)
        for key, by_year in figure(facts, "municipality", "schluesselzuweisung").items()
        for year, value in by_year.items()
    }

    def quality(world: str, line: str, key: str, year: int) -> str:
        if line in _SIMULATED:
            return "simulated"
        if line in _ASSUMED:
            return "assumption"
        if line == "trade_rate":
            return known.get(("municipality", key, year, "gewerbesteuer_hebesatz"), "estimated")
        if world != "with":
            return "estimated"
        if line == "levy_rate":
            return known.get(("district", key, year, "kreisumlage_rate"), "estimated")
        if line == "allocation" and (key, year) in published:
            return known.get(("municipality", key, year, "schluesselzuweisung"), "estimated")
        if line == "capacity" and published.get((key, year), 0.0) > 0.0:
            return "derived"
        return "estimated"

    return quality
