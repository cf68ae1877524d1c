"""The figures of the calibration report as SVG text: ArviZ for the ranks, matplotlib for the rest."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..experiments.optional import optional

if TYPE_CHECKING:
    from .calibrate import Calibration
    from .diagnostics import Diagnostics

_BLUE, _GREY, _RED, _GREEN = "#20639b", "#9aa5b1", "#b3261e", "#2d6a4f"
_SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "kreislauf",
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.max_open_warning": 0,
    "figure.constrained_layout.use": True,
}


def draw(found: Calibration, about: Diagnostics) -> dict[str, str]:
    """Return the figures by name as SVG elements without outside references, each with a title for screen readers."""
    matplotlib = optional("matplotlib")
    matplotlib.use("Agg")
    plt = optional("matplotlib.pyplot")
    makers = {
        "prior_posterior": (_prior_posterior, "Prior and posterior of every parameter"),
        "narrower": (_narrower, "How much narrower the posterior is than the prior, by parameter"),
        "fit": (_fit, "Distance of the model from every figure, in errors"),
        "ranks": (_ranks, "Ranks of the true values in simulated surveys"),
        "pulls": (_pulls, "What each figure does to the posterior"),
        "losses": (_losses, "What a missing wave or group of items costs"),
    }
    out = {}
    with matplotlib.rc_context(_SETTINGS):
        for name, (maker, title) in makers.items():
            figure = maker(plt, found, about)
            if figure is not None:
                out[name] = _svg(figure, title, name)
            plt.close("all")
    return out


def _svg(figure: Any, title: str, name: str) -> str:
    """Return a figure as an SVG element with a title; ids get a prefix so that several stand on one page."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{name}-", text)
    head, rest = text.split(">", 1)
    head = re.sub(r' (width|height)="[^"]*"', "", head)
    return f'{head} role="img" aria-label="{title}" style="max-width:100%"><title>{title}</title>{rest}'


def _prior_posterior(plt: Any, found: Calibration, about: Diagnostics) -> Any:
    columns, number = 6, len(found.priors)
    rows = -(-number // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(11, 1.35 * rows), squeeze=False)
    order = about.parameters.sort_values("narrower", ascending=False).index.to_numpy()
    for axis in axes.ravel()[number:]:
        axis.set_visible(False)
    for axis, i in zip(axes.ravel(), order, strict=False):
        prior, values = found.priors.rows[i], found.draws.values[:, i]
        edges = np.linspace(prior.low, prior.high, 31)
        density = np.diff(prior.place(edges)) / np.diff(edges)
        axis.stairs(density, edges, color=_GREY, fill=True, alpha=0.35)
        axis.hist(values, edges, density=True, histtype="stepfilled", color=_BLUE, alpha=0.7)
        axis.axvline(about.parameters["hand_set"][i], color=_RED, linewidth=1, linestyle="--")
        axis.set_title(prior.name, fontsize=7)
        axis.set_yticks([])
        axis.tick_params(labelsize=6)
    return figure


def _narrower(plt: Any, _found: Calibration, about: Diagnostics) -> Any:
    table = about.parameters.sort_values("narrower")
    figure, axis = plt.subplots(figsize=(7, 0.17 * len(table) + 0.8))
    colours = [{"informed": _BLUE, "moved": _GREEN}.get(word, _GREY) for word in table["verdict"]]
    axis.barh(table["parameter"], 100.0 * table["narrower"].clip(lower=0.0), color=colours)
    axis.set_xlabel("posterior narrower than prior, percent (blue: informed, green: moved, grey: not moved)")
    axis.tick_params(axis="y", labelsize=6)
    axis.margins(y=0.01)
    return figure


def _fit(plt: Any, _found: Calibration, about: Diagnostics) -> Any:
    table = about.figures.iloc[::-1].reset_index(drop=True)
    figure, axis = plt.subplots(figsize=(7.5, 0.17 * len(table) + 0.8))
    y = np.arange(len(table))
    axis.axvspan(-1.96, 1.96, color=_GREY, alpha=0.25)
    most = 12.0
    for name, colour, marker, label in (("off_hand", _RED, "x", "hand-set values"), ("off", _BLUE, "o", "posterior")):
        values = np.clip(table[name].to_numpy(float), -most, most)
        axis.scatter(values, y, color=colour, marker=marker, s=16, label=label, zorder=3)
    labels = [
        f"{r['id']} {r['quantity']}{' (held back)' if r['use'] != 'fitted' else ''}" for r in table.to_dict("records")
    ]
    axis.set_yticks(y, labels, fontsize=6)
    axis.set_xlim(-most - 0.5, most + 0.5)
    axis.set_xlabel("model minus figure, in errors (cut at 12; shaded: within 1.96)")
    axis.legend(loc="lower right", fontsize=7)
    axis.margins(y=0.01)
    return figure


def _ranks(_plt: Any, found: Calibration, about: Diagnostics) -> Any:
    """Draw the ECDF of ranks minus uniform with simultaneous bands for the parameters the data inform most (ArviZ)."""
    az = optional("arviz")
    order = about.parameters.sort_values("narrower", ascending=False).index.to_numpy()[:12]
    ranks = {found.priors.names[i]: found.repetitions.rank[np.newaxis, :, i] for i in order}
    tree = az.from_dict({"prior_sbc": ranks})
    plots = az.plot_ecdf_pit(
        tree,
        group="prior_sbc",
        backend="matplotlib",
        col_wrap=4,
        figure_kwargs={"figsize": (10, 1.9 * -(-len(order) // 4)), "figsize_units": "inches"},
    )
    return plots.viz["figure"].item()


def _pulls(plt: Any, _found: Calibration, about: Diagnostics) -> Any:
    table = about.pulls.assign(size=about.pulls["shift"].abs()).sort_values("size").tail(25)
    if table.empty:
        return None
    figure, axis = plt.subplots(figsize=(7, 0.2 * len(table) + 0.8))
    labels = [f"{row['id']} on {row['parameter']}" for row in table.to_dict("records")]
    colours = [_RED if abs(row) > 1.96 else _BLUE for row in table["surprise"]]
    axis.barh(labels, table["shift"], color=colours)
    axis.tick_params(axis="y", labelsize=6)
    axis.set_xlabel(
        "largest shift of a posterior mean by this figure, in posterior standard deviations\n"
        "(red: the other figures together do not expect it)"
    )
    return figure


def _losses(plt: Any, _found: Calibration, about: Diagnostics) -> Any:
    table = about.losses.sort_values("wider")
    if table.empty:
        return None
    figure, axis = plt.subplots(figsize=(7, 0.22 * len(table) + 0.8))
    labels = [f"without {row['left_out']} ({row['figures']} figures)" for row in table.to_dict("records")]
    axis.barh(labels, 100.0 * table["wider"], color=_BLUE)
    axis.tick_params(axis="y", labelsize=7)
    axis.set_xlabel("posterior wider, percent, mean over the parameters")
    return figure
