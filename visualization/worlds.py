"""Preparing what the app serves: the region, the variants, and where their results come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model.errors import InputError, closest
from ..model.region import load_region
from .background import Background
from .choices import STATUS_QUO, Choice, all_choices
from .ensemble import Ensemble, Question, ask, cache_folder, ensure_ensemble, stored_ensemble
from .ensemble_results import read_ensemble
from .log import LOG
from .pages import PAGES
from .world import World

if TYPE_CHECKING:
    from pathlib import Path

    from .server import Options


@dataclass(frozen=True, eq=False)
class Computed:
    """Results that the app computes and keeps in a folder; `finished` are results that came ready-made."""

    question: Question
    folder: Path
    workers: int | None = None
    finished: Ensemble | None = None

    def about(self, assumptions: Mapping[str, float]) -> Question:
        """Return the question with other assumptions."""
        asked = self.question
        return ask(
            asked.region,
            seeds=asked.seeds,
            assumptions=assumptions,
            months=asked.months,
            scenario=asked.scenario,
            draws=asked.draws,
        )

    def ready(self, assumptions: Mapping[str, float], choices: Sequence[Choice]) -> Ensemble:
        """Return the ensemble of the choices whose runs are stored."""
        if self.finished is not None and not assumptions and all(choice in self.finished for choice in choices):
            return self.finished
        return stored_ensemble(self.about(assumptions), [choice for choice in choices if not choice.name], self.folder)

    def compute(
        self,
        assumptions: Mapping[str, float],
        choices: Sequence[Choice],
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """Compute and store what is missing, in this order."""
        asked = self.question
        ensure_ensemble(
            asked.region,
            choices=[choice for choice in choices if not choice.name],
            seeds=asked.seeds,
            assumptions=assumptions,
            folder=self.folder,
            months=asked.months,
            scenario=asked.scenario,
            draws=asked.draws,
            workers=self.workers,
            progress=lambda done, total, _: progress(done, total),
            cancelled=cancelled,
            tell=LOG.warning,
        )


def build_world(options: Options) -> World:
    """Return the world of some options; raises InputError for a region, variant or folder that cannot be used."""
    folder = cache_folder(options.folder)
    if options.results is not None:
        finished = read_ensemble(options.results)
        source = Computed(finished.question, folder, options.workers, finished)
        choices: tuple[Choice, ...] = finished.choices
    else:
        region = load_region(options.region, field=options.field or None)
        question = ask(region, seeds=options.seeds, months=options.months, draws=options.draws)
        source = Computed(question, folder, options.workers)
        choices = chosen(options.variants)
    question = source.question
    months = question.months or question.region.months
    return World(
        region=question.region,
        field=question.region.field,
        background=Background(source, choices),
        choices=choices,
        seeds=len(question.seeds),
        last_month=question.region.start_month + months - 1,
        folder=folder,
        screens=tuple(page.name for page in PAGES),
        language=options.language,
        source=str(options.results or ""),
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
