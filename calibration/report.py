"""The report of a calibration: one HTML file that needs nothing from outside, and the tables beside it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..experiments.parameter_draws import write_draws
from ..experiments.tables_folder import write_tables
from ..model.files import write_text
from .diagnostics import Diagnostics, diagnose
from .figures import draw

if TYPE_CHECKING:
    import pandas as pd

    from .calibrate import Calibration, Progress

POSTERIOR, REPORT, TABLES = "posterior.parquet", "report.html", "tables"
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem;border-top:1px solid #d5dae0;padding-top:1rem}
table{border-collapse:collapse;font-size:.82rem}
td,th{padding:.15rem .6rem;text-align:right;border-bottom:1px solid #e3e7ec}
td:first-child,th:first-child{text-align:left}.wide{overflow-x:auto}.miss{color:#b3261e;font-weight:600}
ul.findings li{margin:.4rem 0}p.note{color:#4a5460;font-size:.9rem}
"""


def write_calibration(
    found: Calibration, out: str | Path, *, command: Sequence[str] = (), progress: Progress | None = None
) -> Diagnostics:
    """Write posterior, report, tables and manifest of a calibration into its folder and return the diagnostics."""
    folder = Path(out)
    about = diagnose(found, progress=progress)
    write_draws(folder / POSTERIOR, found.draws)
    inputs = {**found.inputs, "power": found.problem.power, "posterior_sha256": found.draws.sha256}
    write_tables(folder / TABLES, about.tables(), kind="calibration", inputs=inputs, command=command)
    if progress is not None:
        progress("figures", 0, 0, 0)
    write_text(folder / REPORT, page(found, about, command=command))
    return about


def page(found: Calibration, about: Any, *, command: Sequence[str] = ()) -> str:
    """Return the report as HTML; no part of it is loaded from elsewhere."""
    pictures = draw(found, about)
    title = f"Calibration of {found.region.title_en}"
    repetitions = found.repetitions
    (low, high), covered = repetitions.interval(), 100.0 * repetitions.coverage
    fitted = int(found.used.sum())
    sections = [
        ("What it says", f"<ul class='findings'>{''.join(f'<li>{html.escape(s)}</li>' for s in about.sentences)}</ul>"),
        (
            "Prior and posterior",
            _words(
                "Grey: prior, from the range and the confidence of the value in parameters.csv. "
                "Blue: posterior. Red: the "
                "value set by hand. Ordered by how much the data tell."
            )
            + pictures.get("prior_posterior", "")
            + _table(
                about.parameters,
                [
                    "parameter",
                    "unit",
                    "prior",
                    "prior_q05",
                    "prior_q95",
                    "mean",
                    "q05",
                    "q95",
                    "hand_set",
                    "narrower",
                    "information",
                    "verdict",
                ],
            ),
        ),
        (
            "Which parameters the data do not move",
            _words(
                "Narrower: one minus the ratio of the standard deviations of posterior and prior, in "
                "units of the prior's "
                "distribution. Information: Kullback-Leibler divergence in nats. Below 10 % and 0.1 "
                "nats a parameter counts "
                "as not moved: its posterior is its prior."
            )
            + pictures.get("narrower", ""),
        ),
        (
            "Figures: fitted and held back",
            _words(
                "Predictive: what a survey of the simulated people finds, with parameters drawn from "
                "the posterior, runs of "
                "the model itself. A miss lies more than 1.96 errors away; the error holds the sampling error of the "
                "survey, the luck of a run and the uncertainty of the parameters. Held-back figures were never fitted."
            )
            + pictures.get("fit", "")
            + _table(
                about.figures,
                [
                    "id",
                    "quantity",
                    "wave",
                    "use",
                    "estimate",
                    "se",
                    "predictive",
                    "error",
                    "posterior_mean",
                    "hand_set",
                    "off",
                    "off_hand",
                    "explained",
                ],
                miss="misses",
            ),
        ),
        (
            "How far the model itself is off",
            _words(
                "Discrepancy: a parameter per group of quantities, relative to the size of a figure "
                "(of a share p: the root "
                "of p (1 - p)), with an exponential prior of mean 10 % (an assumption). Where it is "
                "large, no parameter "
                "values within their ranges reproduce the figures."
            )
            + _table(about.groups, list(about.groups.columns)),
        ),
        (
            "Conflict between figures",
            _words(
                "Each figure left out in turn. Shift: by how much it moves the posterior mean of the "
                "parameter it moves most. "
                "Surprise: how far it lies from what the others expect, in standard deviations."
            )
            + pictures.get("pulls", "")
            + _table(
                about.pulls.reindex(about.pulls["surprise"].abs().sort_values(ascending=False).index),
                ["id", "surprise", "parameter", "shift"],
            ),
        ),
        (
            "What a missing wave or group of items would cost",
            pictures.get("losses", "")
            + _table(about.losses.sort_values("wider", ascending=False), list(about.losses.columns)),
        ),
        (
            "Does the inference keep its word?",
            _words(
                f"{len(repetitions.truth)} runs of the second round taken as data sets, each judged by the emulator "
                f"that never saw it. The nominal 90 % intervals hold the truth in {covered:.1f} % of cases (95 % "
                f"interval over data sets: {100 * low:.1f} to {100 * high:.1f}). Ranks: chi-square test of uniformity "
                f"with ten bins per parameter; the smallest p-value, corrected for {len(found.priors)} "
                f"parameters (Bonferroni), is "
                f"{repetitions.p_uniform:.2f}. Likelihood tempered with power {found.problem.power:g}, chosen on other "
                "data sets. The picture shows the parameters the data inform most, with simultaneous bands."
            )
            + pictures.get("ranks", ""),
        ),
        (
            "Sampler and cost",
            _words(
                f"{len(found.draws)} draws from 4 independent populations (sequential Monte Carlo over the emulator, "
                f"{found.posterior.steps} steps, last acceptance {100 * found.posterior.acceptance:.0f} %, "
                f"{found.posterior.evaluations:,} evaluations of the emulator). R-hat at most {about.r_hat:.3f}, about "
                f"{about.effective:.0f} effective draws. {len(found.reference)} runs of the model, "
                f"{found.seconds / 60:.1f} minutes of one core together."
            ),
        ),
        (
            "Figures that could not be compared",
            "<ul>"
            + "".join(f"<li>{html.escape(name)}: {html.escape(why)}</li>" for name, why in found.left_out.items())
            + "</ul>",
        ),
        (
            "Inputs",
            _words(
                f"{fitted} fitted figures; targets {str(found.inputs.get('targets', ''))[:12]}, region "
                f"{found.inputs['region']['sha256'][:12]}, seed {found.inputs['seed']}, budget "
                f"{found.inputs['budget']}. "
                f"Command: {' '.join(Path(word).name if '/' in word else word for word in command) or '-'}"
            ),
        ),
    ]
    body = "".join(f"<h2>{html.escape(head)}</h2>{text}" for head, text in sections)
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{html.escape(title)}</title>"
        f"<style>{_STYLE}</style></head><body><h1>{html.escape(title)}</h1>{body}</body></html>\n"
    )


def _words(text: str) -> str:
    return f"<p class='note'>{html.escape(text)}</p>"


def _table(frame: pd.DataFrame, columns: Sequence[str], *, miss: str = "") -> str:
    """Return a table; rows whose column `miss` holds are marked and say so in words."""
    head = "".join(f"<th>{html.escape(name.replace('_', ' '))}</th>" for name in columns)
    rows = []
    for row in frame.to_dict("records"):
        cells = "".join(f"<td>{_cell(row[name])}</td>" for name in columns)
        mark = " class='miss'" if miss and row[miss] else ""
        rows.append(f"<tr{mark}>{cells}</tr>")
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"


def _cell(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return "-" if np.isnan(value) else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return html.escape(str(value))
