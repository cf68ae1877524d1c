"""A plan comes into force in a running model: its posts join the register, its rule, leads, rounds and mix take over.

Nothing before that month knows of the plan, so a run with a plan and one without are the same run until then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .calendar import OPEN_END, month_index, year_of
from .funding.base import DRAW_RENEWAL
from .plan import EVERYWHERE, Plan, Post
from .plan_check import owner_levels, place_words
from .region_register import payer_accounts
from .responsibility import load_rule
from .rng import FUNDING, identity_of, uniforms
from .structures import Structure

if TYPE_CHECKING:
    from .field import Field
    from .integration_model import IntegrationModel
    from .region import Region

_NEVER = 10**6


def adopt(model: IntegrationModel, plan: Plan) -> None:
    """Let a plan come into force in the model's present month."""
    model.variant = plan.policy(model.variant)
    model.rule = load_rule(model.variant.rule)
    posts = list(structures_of(plan, model))
    if posts:
        model.register.add(posts)
        model.coordination.grow(model.register.actors)
    model.casework.follow_rule()
    model.politics.follow_mix()


def structures_of(plan: Plan, model: IntegrationModel) -> Iterator[Structure]:
    """Yield the structures of a plan's posts; posts of municipalities are split among them by inhabitants.

    What a programme pays for a post is taken from its sum, post by post.
    """
    region = model.region
    words, levels = place_words(region), owner_levels(region)
    inhabitants = model.population(year_of(region.start_month) - 1)
    for number, post in enumerate(plan.post):
        paid = _paid_months(model, plan, post) if post.programme else None
        places = tuple(sorted({place for word in post.place for place in words[word]}))
        level = post.level or levels[post.owner]
        alone = level in ("municipality", "volunteers")
        parts = [(place,) for place in places] if alone else [places]
        people = [float(inhabitants[list(part)].sum()) for part in parts]
        for part, weight in zip(parts, people, strict=True):
            yield from _phases(plan, post, number, model, part, level, post.fte * weight / sum(people), paid)


def _phases(
    plan: Plan, post: Post, number: int, model: IntegrationModel, places: tuple[int, ...], level: str, fte: float,
    paid: tuple[int, int] | None,
) -> Iterator[Structure]:  # fmt: skip
    """Yield one structure, or two when a programme stops paying and the owner goes on."""
    region, p = model.region, model.parameters
    alone = level in ("municipality", "volunteers")
    district_numbers = {int(d) for d in region.municipalities["district_index"].iloc[list(places)]}
    district = district_numbers.pop() if len(district_numbers) == 1 else -1
    where = region.keys[places[0]] if alone else (region.districts[district].key if district >= 0 else "")
    own = {"district": "district", "municipality": "municipality"}.get(level, "carrier")
    first, last = plan.span_of(post)
    end = OPEN_END if last is None else last + 1
    spans = [(first, end, tuple(post.payers.items()) or ((own, 1.0),))]
    if paid is not None:
        terms = _programme(region, post)
        begins, stop = paid[0], min(end, paid[1] + 1)
        shared = ((terms["payer"], terms["share"]), (own, 1.0 - terms["share"]))
        spans = [(begins, stop, tuple((name, share) for name, share in shared if share > 0))]
        if post.afterwards == "own" and stop < end:
            spans.append((max(first, stop), end, ((own, 1.0),)))
    key = f"{post.title}/{region.keys[places[0]]}" if alone else post.title
    for phase, (start, stop, payers) in enumerate(spans):
        if stop > start:
            yield Structure(
                id=f"plan/{plan.start}/{number}.{phase}/{key}", name=post.title,
                actor=f"{post.owner}:{where}" if where else post.owner, level=level, tasks=post.tasks,
                groups=_groups(model.field, post), catchment=places,
                hours=fte * p.hours_per_fte, fte=fte, cost_cents=round(fte * p.post_cost_eur / 12 * 100),
                payers=payer_accounts(payers, post.owner, region, places, district), start=start, end=stop,
                ramp_up=int(p.post_ramp_up), instrument=post.programme or "plan", seat=places[0] if alone else -1,
                unit=f"plan/{key}",
            )  # fmt: skip


def _groups(field: Field, post: Post) -> tuple[str, ...]:
    """Return whom a post serves: the groups it names; with `all` those of the fields of its tasks.

    A post that serves no single case (steering) has the groups of all fields at work.
    """
    if EVERYWHERE not in post.groups:
        return post.groups
    numbers = [field.task_ids.index(task) for task in post.tasks if task in field.task_ids]
    return tuple(dict.fromkeys(group for number in numbers for group in field.groups_of(number))) or field.groups


def _paid_months(model: IntegrationModel, plan: Plan, post: Post) -> tuple[int, int]:
    """Return from which to which month a programme pays a post, and take it from the programme's sum.

    It pays term by term, as long as it is renewed (drawn with the run's seed), and not at all when simulated awards
    have left too little of it; then the second month lies before the first.
    """
    terms = _programme(model.region, post)
    first, last = plan.span_of(post)
    begins, final = max(first, terms["first"]), min(terms["last"], _NEVER if last is None else last)
    cents = round(post.fte * model.parameters.post_cost_eur / 12 * 100 * terms["share"])
    if cents > model.politics.programme_room(post.programme, begins):
        return begins, begins - 1
    until = begins + terms["term"] - 1
    while until < min(final, model.region.end_month):
        u = uniforms(model.seed, FUNDING, identity_of(f"plan/{post.title}"), until, DRAW_RENEWAL)[0]
        if u >= terms["renewal"]:
            break
        until += terms["term"]
    until = min(until, final)
    model.politics.reserve(post.programme, begins, until, cents)
    return begins, until


def _programme(region: Region, post: Post) -> dict[str, Any]:
    """Return the terms of the programme that pays a post."""
    row = region.programmes[region.programmes["id"] == post.programme].iloc[0]
    return {
        "payer": str(row["payer"]),
        "share": float(row["funded_share"]),
        "first": month_index(row["start"]) if row["start"] else -_NEVER,
        "last": month_index(row["end"]) if row["end"] else _NEVER,
        "term": int(row["term_months"]),
        "renewal": float(row["renewal_probability"]),
    }
