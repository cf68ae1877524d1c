"""The common test suite of funding instruments: what every instrument, shipped or of a third party, must keep."""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..ledger import Ledger
from ..parameters import Parameters
from ..rng import identity_of
from .proposal import Award, Proposal

if TYPE_CHECKING:
    from .base import FundingInstrument

_PROGRAMMES = [
    (
        "posts",
        "land",
        "post",
        "advice;encounter",
        "district;welfare;municipality",
        80_000.0,
        0.9,
        "2015-01",
        "",
        24,
        0.8,
    ),
    (
        "small",
        "bund",
        "project",
        "encounter;mobility",
        "volunteers;district",
        30_000.0,
        1.0,
        "2016-01",
        "2019-12",
        12,
        0.5,
    ),
]
_PROGRAMME_COLUMNS = ["id", "payer", "kind", "tasks", "eligible_levels", "max_eur_per_year", "funded_share"]
_PROGRAMME_COLUMNS += ["start", "end", "term_months", "renewal_probability"]


@dataclass
class TinyWorld:
    """A world of a few municipalities in one or two districts, just large enough to run an instrument in."""

    seed: int = 1
    municipalities: int = 10
    districts: int = 1
    parameters: Parameters = field(default_factory=Parameters)
    population_each: int = 9000
    month: int = 0
    known_bodies: float = 1.0

    def __post_init__(self) -> None:
        """Build the region, an empty ledger, and municipalities in good order."""
        keys = [f"{d + 1:05d}{m + 1:03d}" for d in range(self.districts) for m in range(self.municipalities)]
        count = len(keys)
        index = [d for d in range(self.districts) for _ in range(self.municipalities)]
        places = [f"{d + 1:05d}" for d in range(self.districts)]
        self.region: Any = SimpleNamespace(
            keys=tuple(keys),
            districts=tuple(SimpleNamespace(key=key, name=key, identity=identity_of(key)) for key in places),
            municipalities=pd.DataFrame(
                {"key": keys, "district_index": index, "identity": [identity_of(key) for key in keys]}
            ),
            programmes=pd.DataFrame(_PROGRAMMES, columns=pd.Index(_PROGRAMME_COLUMNS)),
        )
        self.ledger = Ledger()
        self.free_margin_cents = np.full(count, 50_000_000, dtype=np.int64)
        self.reserve_cents = np.full(count, 100_000_000, dtype=np.int64)
        self.willingness = np.full(count, 0.8)
        self.perceived_need_hours = np.full(count, 60.0)

    def perceived_need_of(self, task: str) -> np.ndarray:  # noqa: ARG002
        """Return the unmet need (M,), the same for every task."""
        return self.perceived_need_hours

    def overview(self, district: int, task: str) -> float:  # noqa: ARG002
        """Return how much the district knows of other bodies."""
        return self.known_bodies

    def population(self, year: int) -> np.ndarray:  # noqa: ARG002
        """Return the inhabitants (M,), the same in every year."""
        return np.full(len(self.region.keys), self.population_each, dtype=np.int64)


def some_proposals(world: TinyWorld, month: int) -> list[Proposal]:
    """Return proposals of every kind, owner and size for one month."""
    owners = (("municipality", 0), ("district", -1), ("caritas", -1), ("helpers", 1))
    tasks = ("advice", "encounter", "mobility", "duty")
    proposals: list[Proposal] = []
    for number in range(4):
        owner, place = owners[(number + month) % 4]
        kind = "post" if (number + month // 2) % 2 else "project"
        region, district = world.region, (number + month) % world.districts
        if place >= 0:
            place += district * world.municipalities
        names = {
            "municipality": f"municipality:{region.keys[place]}",
            "district": f"district:{region.districts[district].key}",
        }
        proposals.append(
            Proposal(
                key=identity_of(f"proposal {month} {number}"),
                month=month,
                account=world.ledger.account(names.get(owner, f"carrier:{owner}")),
                owner=owner,
                municipality=place,
                district=district,
                task=tasks[(number + month // 3) % 4],
                kind=kind,
                fte=0.5 if kind == "post" else 0.0,
                monthly_cost_cents=300_000 if kind == "post" else 60_000,
                months=24 if kind == "post" else 6,
                groups=("protected",),
                catchment=tuple(np.flatnonzero(world.region.municipalities["district_index"] == district).tolist()),
                need_hours_per_month=40.0,
                gap=number == 0,
                visibility=0.25 * number + 0.2,
                mandatory=tasks[(number + month // 3) % 4] == "duty",
            )
        )
    return proposals


def run_instrument(
    instrument: FundingInstrument, months: Iterable[int], *, reverse: bool = False
) -> tuple[list[Award], list[tuple[int, int, int]]]:
    """Run an instrument in its tiny world; return its awards and what it paid as (month, proposal, cents)."""
    world = instrument.world
    awards: list[Award] = []
    paid: list[tuple[int, int, int]] = []
    for month in months:
        world.month = month  # pyright: ignore[reportAttributeAccessIssue]
        proposals = some_proposals(world, month)  # pyright: ignore[reportArgumentType]
        for proposal in reversed(proposals) if reverse else proposals:
            instrument.apply(proposal)
        new = instrument.step(month)
        for award in new:
            _check_award(instrument, award, month)
        awards += new
        for award in _in_force(awards):
            if award.first_month <= month <= award.last_month:
                due = round(award.proposal.monthly_cost_cents * award.funded_share)
                cents = instrument.pays(month, award, due)
                if not isinstance(cents, int) or not 0 <= cents <= due:
                    raise AssertionError(f"{instrument.name}: pays() answered {cents!r} to {due} cents due")
                paid.append((month, award.proposal.key, cents))
        _check_money(instrument)
    return awards, paid


def _in_force(awards: list[Award]) -> list[Award]:
    """Return the newest award of every proposal: an extension replaces the award before."""
    return list({award.proposal.key: award for award in awards}.values())


def check_instrument(cls: type[FundingInstrument]) -> None:
    """Raise AssertionError, saying what is wrong, when a funding instrument breaks a common rule.

    Checked: it has a name; money is conserved and its funds never go below zero; awards are for proposals made, not in
    the past, with shares between 0 and 1, and steady payments are not more than what is due; the same seed gives the
    same awards whatever the order of applications; with weight zero nothing moves; key figures are numbers; it survives
    pickling in the middle of a run.

    >>> from .crowdfunding import Crowdfunding
    >>> check_instrument(Crowdfunding)
    """
    name = cls.name
    _require(bool(name) and name.isidentifier(), f"{cls.__name__} needs a name of letters, digits and _")
    first, paid = run_instrument(cls(TinyWorld(), 1.0), range(72))
    again, paid_again = run_instrument(cls(TinyWorld(), 1.0), range(72), reverse=True)
    _require(first == again, f"{name}: awards depend on the order of applications")
    _require(paid == paid_again, f"{name}: payments depend on the order of applications")
    _check_weight_zero(cls)
    whole = cls(TinyWorld(districts=2), 0.5)
    run_instrument(whole, range(30))
    copy = pickle.loads(pickle.dumps(whole))
    _require(
        run_instrument(whole, range(30, 60)) == run_instrument(copy, range(30, 60)),
        f"{name}: a pickled instrument does not go on as the original does",
    )
    figures = whole.kpis()
    wanted = {"applications", "awards", "absorption", "eur_per_admin_eur", "median_days", "share_gap", "excluded"}
    wanted |= {"success_share", "survival_share", "returned_share"}
    _require(not wanted - set(figures), f"{name}: key figures missing: {', '.join(sorted(wanted - set(figures)))}")
    wrong = [key for key, value in figures.items() if not isinstance(value, float) or math.isinf(value)]
    _require(not wrong, f"{name}: key figures that are not finite numbers or NaN: {', '.join(wrong)}")


def _check_weight_zero(cls: type[FundingInstrument]) -> None:
    nothing = cls(TinyWorld(), 0.0)
    awards, _ = run_instrument(nothing, range(36))
    _require(not awards, f"{cls.name}: awards with weight zero")
    _require(nothing.world.ledger.flows().empty, f"{cls.name}: money moves with weight zero")


def _check_award(instrument: FundingInstrument, award: Award, month: int) -> None:
    name = instrument.name
    _require(award.instrument == name, f"{name}: an award names the instrument {award.instrument!r}")
    _require(0.0 <= award.funded_share <= 1.0, f"{name}: funded share {award.funded_share}")
    _require(month <= award.first_month <= award.last_month, f"{name}: award for months in the past or none at all")
    _require(award.proposal.month <= month, f"{name}: award before the proposal")
    due = round(award.proposal.monthly_cost_cents * award.funded_share)
    steady = instrument.steady(award, due)
    fine = steady is None or (min(steady.cents, steady.second_cents) >= 0 and steady.cents + steady.second_cents <= due)
    _require(fine, f"{name}: steady payments {steady} of {due} cents due")
    _require(award.days_from_idea >= 0 and award.applicant_hours >= 0, f"{name}: negative days or hours")


def _check_money(instrument: FundingInstrument) -> None:
    ledger = instrument.world.ledger
    _require(ledger.total() == 0, f"{instrument.name}: the ledger does not sum to zero")
    for account, balance in zip(ledger.names, ledger.balances.tolist(), strict=True):
        _require(not account.startswith("fund:") or balance >= 0, f"{instrument.name}: {account} is at {balance} cents")


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise AssertionError(message)
