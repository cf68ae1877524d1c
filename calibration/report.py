"""The report of a calibration: one HTML file that needs nothing from outside, and the tables beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..experiments.optional import optional
from ..experiments.parameter_draws import write_draws
from ..experiments.tables_folder import write_tables
from ..model.files import write_text
from ..model.provenance import without_folders
from .diagnostics import Diagnostics, diagnose
from .figures import draw

if TYPE_CHECKING:
    from .calibrate import Calibration, Progress

POSTERIOR, REPORT, TABLES = "posterior.parquet", "report.html", "tables"
_TEMPLATE = Path(__file__).with_name("report.html.j2")


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


def page(found: Calibration, about: Diagnostics, *, command: Sequence[str] = ()) -> str:
    """Return the report as HTML, from `report.html.j2`; no part of it is loaded from elsewhere."""
    jinja = optional("jinja2")
    environment = jinja.Environment(autoescape=True, undefined=jinja.StrictUndefined, keep_trailing_newline=True)
    environment.filters["cell"] = _cell
    pictures = draw(found, about)  # SVG by name; what there was nothing to draw of is missing
    low, high = found.repetitions.interval()
    pulls: Any = about.pulls
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        title=f"Calibration of {found.region.title_en}",
        found=found,
        about=about,
        repetitions=found.repetitions,
        low=low,
        high=high,
        pulls=pulls.reindex(pulls["surprise"].abs().sort_values(ascending=False).index),
        pictures=pictures,
        command=" ".join(map(without_folders, command)) or "-",
    )


def _cell(value: Any) -> str:
    """Return a cell of a table: numbers with three figures, missing ones as a dash."""
    if isinstance(value, float | np.floating):
        return "-" if np.isnan(value) else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return str(value)
