"""Preparing what the app serves: the region, the variants, the computation of their ensembles."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..model.errors import InputError, closest
from ..model.region import load_region
from .background import Assumptions, Background
from .choices import STATUS_QUO, Choice, all_choices
from .ensemble import Ensemble, ask, cache_folder, ensure_ensemble
from .pages import PAGES
from .world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .server import Options


def build_world(options: Options) -> World:
    """Return the world of some options; raises InputError for a region, variant or folder that cannot be used."""
    region = load_region(options.region, field=options.field or None)
    choices = chosen(options.variants)
    folder = cache_folder(options.folder)
    ask(region, seeds=options.seeds, months=options.months)  # says at once what is wrong

    def compute(
        assumptions: Assumptions, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> Ensemble:
        return ensure_ensemble(
            region,
            choices=choices,
            seeds=options.seeds,
            months=options.months,
            assumptions=assumptions,
            folder=folder,
            workers=options.workers,
            progress=lambda done, total, _: progress(done, total),
            cancelled=cancelled,
        )

    return World(
        region=region,
        field=region.field,
        background=Background(compute),
        choices=choices,
        seeds=options.seeds,
        folder=folder,
        screens=tuple(page.name for page in PAGES),
        language=options.language,
        parameters=options.parameters,
    )


def chosen(variants: Sequence[str] | None) -> tuple[Choice, ...]:
    """Return the variants to be served, the status quo always among them; raises InputError for an unknown one.

    A variant is a rule, an instrument, or both with a share: `community`, `regional_budget`,
    `community-regional_budget-50`.
    """
    if variants is None:
        return all_choices()
    by_name = {choice.key: choice for choice in all_choices()}
    by_name |= {choice.rule: choice for choice in all_choices() if choice == Choice(choice.rule)}
    by_name |= {choice.instrument: choice for choice in all_choices() if choice == Choice(instrument=choice.instrument)}
    by_name["status_quo"] = STATUS_QUO
    found = [STATUS_QUO]
    for name in variants:
        if name in by_name:
            found.append(by_name[name])
            continue
        try:
            found.append(Choice.parse(name))
        except InputError:
            raise InputError(f"unknown variant {name!r}, {closest(name, by_name)}") from None
    return tuple(dict.fromkeys(found))
