"""A run of the expert view: Mesa's controls, figures and plots. Imported late, see `expert`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import solara
from matplotlib.ticker import MaxNLocator
from mesa.visualization.components.matplotlib_components import PlotMatplotlib
from mesa.visualization.solara_viz import ModelController, ModelCreator
from mesa.visualization.utils import update_counter
from solara.server import patch

from ...model.integration_model import IntegrationModel
from ...model.measures import MEASURES
from ...model.variant import load_scenario, load_variant, scenario_names, variant_names
from ..charts.axes import tick_labels, value_ticks
from ..components import Html
from ..markup import markup, table
from ..safe import safe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...model.region import Region
    from ...model.variant import Scenario, Variant
    from ..context import Context

SEEDS = tuple(range(1, 21))
PLOTTED = ("persons", "employment_rate")

patch.patch_heavy_imports()  # every session its own figures; the server patched before Matplotlib was there


class LiveRun(IntegrationModel):
    """A model as Mesa's Reset can build it anew: it gives what is called `scenario` a meaning of its own."""

    def __init__(
        self, *, region: Region, variant: str, world: str, rng: int, months: int, parameters: dict[str, float]
    ) -> None:
        """Build a model in the scenario named `world`."""
        super().__init__(region, variant, world, rng=rng, months=months, parameters=parameters)


def begin(context: Context) -> dict[str, Any]:
    """Return a new model of this session, what it can be built anew with, and the settings of the controls."""
    fixed = {"region": context.world.region, "parameters": dict(context.view.assumptions)}
    fixed["months"] = context.world.last_month - context.world.region.start_month + 1
    first = {"variant": "status_quo", "world": "base", "rng": SEEDS[0]}
    model = LiveRun(**fixed, **first)
    return {
        "model": solara.reactive(model),
        "values": solara.reactive({**fixed, **first}),
        "fixed": fixed,
        "timing": {
            "play_interval": solara.reactive(250),
            "render_interval": solara.reactive(1),
            "use_threads": solara.reactive(False),
        },
    }


@safe
def Run(context: Context, model: Any, values: Any, fixed: dict[str, Any], timing: dict[str, Any]) -> None:
    """Show Mesa's controls, the month, the figures and two plots of a run."""
    say = context.text
    offered: dict[str, Any] = {
        name: {"type": "Select", "label": say(f"expert.{label}"), "value": values.value[name], "values": items}
        for name, label, items in (
            ("variant", "variant", _by_title(map(load_variant, variant_names()), context.language)),
            ("world", "scenario", _by_title(map(load_scenario, scenario_names()), context.language)),
            ("rng", "seed", list(SEEDS)),
        )
    }
    if context.view.assumptions:
        Html(markup("<p>{}</p>", say("expert.parameters", n=len(context.view.assumptions))))
    with solara.Div(classes=["kl-mesa"]):
        ModelCreator(model, {**fixed, **offered}, model_parameters=values)
        ModelController(model, model_parameters=values, **timing)
    Html(markup('<p class="kl-note">{}</p>', say("expert.controls")))
    State(context, model)


@safe
def State(context: Context, model: Any) -> None:
    """Show the month a run is in, its figures, and their course."""
    update_counter.get()
    say, formats, current = context.text, context.formats, model.value
    done = max(current.month - current.region.start_month + 1, 0)
    head = say("expert.month", month=formats.month(current.month), n=done, total=current.months)
    ended = "" if current.running else say("expert.ended")
    frame = current.datacollector.get_model_vars_dataframe()
    rows = [
        (_title(name, context.language), formats.full(float(frame[name].iloc[-1]), MEASURES[name].unit))
        for name in frame.columns
        if len(frame)
    ]
    heads = [say("expert.head_figure"), say("expert.head_value")]
    Html(markup("<h2>{}</h2><p>{}</p>{}", head, ended, table(heads, rows, caption=say("expert.figures"), right=(1,))))
    with solara.Div(classes=["kl-columns"]):
        for name in [name for name in PLOTTED if name in frame]:
            with solara.v.Html(
                tag="div", class_="kl-plot", attributes={"role": "img", "aria-label": _title(name, context.language)}
            ):
                Plot(context, current, name)


@safe
def Plot(context: Context, current: IntegrationModel, name: str) -> None:
    """Show one figure over the months so far with Mesa's own plot, in the words and numbers of the reader."""

    unit, title = MEASURES[name].unit, _title(name, context.language)

    def named(axes: Any) -> None:
        axes.set_title(context.text("expert.plot", figure=title))
        axes.set_ylabel("")
        axes.xaxis.label.set_visible(False)  # Mesa calls it "Step"
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        low, high = axes.get_ylim()
        marks = value_ticks(low, high, unit, zero=True)
        axes.set_yticks(marks, tick_labels(marks, unit, context.formats))

    PlotMatplotlib(current, name, post_process=named)


def _by_title(known: Iterable[Variant | Scenario], language: str) -> list[dict[str, Any]]:
    """Return what Vuetify's list shows of variants or scenarios: titles, with the name of each in small below it."""
    titles = {one.name: one.title_de if language == "de" else one.title_en for one in known}
    return [{"title": title, "value": name, "props": {"subtitle": name}} for name, title in titles.items()]


def _title(name: str, language: str) -> str:
    """Return a measure's name."""
    return MEASURES[name].title_de if language == "de" else MEASURES[name].title_en
