"""Master plan: a finished search opened from its folder, the same parts as in the paper, plan by plan."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import solara

from ...experiments.masterplan.folder import read_folder
from ...model.errors import KreislaufError
from ...model.results_folder import MANIFEST
from ..components import Html, Select
from ..markup import markup
from ..report.masterplan import headline, period, sections
from ..report.masterplan_words import Words
from ..safe import safe

if TYPE_CHECKING:
    from markupsafe import Markup

    from ...experiments.masterplan.folder import PlanFolder
    from ..context import Context

FOLDER = "KREISLAUF_MASTERPLAN"
"""Environment variable that names the folder of a finished search (`kreislauf app --masterplan FOLDER` sets it)."""


@lru_cache(maxsize=4)
def _read(folder: str, changed: float) -> PlanFolder:  # noqa: ARG001 - a folder that was written anew is read anew
    return read_folder(folder)


def opened() -> PlanFolder | None:
    """Return the folder the app was started with, None without one; raises InputError when it is not a finished one."""
    folder = os.environ.get(FOLDER, "")
    if not folder:
        return None
    manifest = Path(folder) / MANIFEST
    return _read(folder, manifest.stat().st_mtime if manifest.is_file() else 0.0)


@safe
def Page(context: Context) -> None:
    """Show the findings of a search, then one plan after another as the reader chooses."""
    say = context.text
    try:
        folder, problem = opened(), ""
    except KreislaufError as error:
        folder, problem = None, str(error)
    if folder is None:
        Html(_none(context, problem))
        return
    region = folder.manifest["inputs"]["region"]
    if region["sha256"] != context.world.region.fingerprint:
        Html(markup("<p>{}</p>", say("masterplan.screen_other", region=region["title_" + context.language])))
        return
    words = Words.of(folder, context.world.region, context.language)
    parts = sections(folder, context.world.region, context.language)
    names = tuple(folder.manifest["plans"])
    chosen = context.option("plan", names) if names else ""
    Html(
        markup(
            '<p class="kl-lead">{}</p><p>{}</p>', headline(folder, context.world.region, words), period(folder, words)
        )
    )
    first, *others = [part for part in parts if not part.plan]
    _show(first.title, first.body)
    if names:
        with solara.Div(classes=["kl-filters"]):
            Select(
                label=say("masterplan.screen_choose"),
                value=chosen,
                options=[{"value": name, "label": words.plan(name)} for name in names],
                event_change=lambda name: context.choose("plan", name),
            )
        own = next(part for part in parts if part.plan == chosen)
        _show(own.title, own.body)
    for part in others:
        _show(part.title, part.body)


def _none(context: Context, problem: str) -> Markup:
    """Return how to get a master plan, or what is wrong with the folder."""
    say, region = context.text, context.world.region.name
    if problem:
        return markup("<p>{}</p>", problem)
    folder = say("masterplan.screen_folder")
    return markup(
        "<p>{}</p><p><code>kreislauf masterplan {region} --budget 200000 --out {folder}</code></p>"
        "<p>{}</p><p><code>kreislauf app {region} --masterplan {folder}</code></p>",
        say("masterplan.screen_none"),
        say("masterplan.screen_open"),
        region=region,
        folder=folder,
    )


def _show(title: str, body: object) -> None:
    Html(markup("<h2>{}</h2>{}", title, body))
