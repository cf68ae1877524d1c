"""Small worlds and proposals for tests of the instruments."""

from kreislauf.model.funding import Proposal
from kreislauf.model.funding.check import TinyWorld
from kreislauf.model.parameters import Parameters


def world(seed=1, municipalities=10, districts=1, **parameters):
    """Return a world whose instruments start in month 0 unless said otherwise."""
    values = {"instrument_start_month": 0, **parameters}
    return TinyWorld(seed=seed, municipalities=municipalities, districts=districts, parameters=Parameters(values))


def proposal(world, key=1, *, owner="caritas", place=-1, kind="project", eur=1000, months=4, task="encounter", **other):
    """Return a proposal of `eur` a month."""
    names = {"municipality": f"municipality:{world.region.keys[max(place, 0)]}", "district": "district:00001"}
    values = {
        "key": key,
        "month": 0,
        "account": world.ledger.account(names.get(owner, f"carrier:{owner}")),
        "owner": owner,
        "municipality": place,
        "district": 0,
        "task": task,
        "kind": kind,
        "fte": 0.5 if kind == "post" else 0.0,
        "monthly_cost_cents": eur * 100,
        "months": months,
        "groups": ("protected",),
        "catchment": tuple(range(world.municipalities)),
        "need_hours_per_month": 40.0,
        "gap": False,
        "visibility": 0.9,
    }
    return Proposal(**{**values, **other})


def run(instrument, months, *, pay=True):
    """Step an instrument and pay its awards; return the awards."""
    awards = []
    for month in months:
        instrument.world.month = month
        awards += instrument.step(month)
        for award in {a.proposal.key: a for a in awards}.values() if pay else ():
            if award.first_month <= month <= award.last_month:
                due = round(award.proposal.monthly_cost_cents * award.funded_share)
                instrument.pays(month, award, due)
        assert instrument.world.ledger.total() == 0
    return awards
