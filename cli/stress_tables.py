"""What `kreislauf stress` shows: the library, and one table per set of shocks with grades in words and letters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .console import table
from .numbers import number

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ..experiments.stress import StressReport
    from ..model.fiscal.shocks import Shock, ShockSet

_STYLES = {"green": "green", "yellow": "yellow", "orange": "dark_orange", "red": "bold red"}
_SHORT = {
    "transfer": "negative transfers",
    "cash_credit": "cash credit",
    "consolidation": "no consolidation",
    "free_margin": "short years",
    "uncovered": "reserve too small",
    "debt_service": "debt service",
    "debt_ratio": "debt",
    "reserve": "minimum reserve",
}
_KINDS = {"lasting": "lasting loss of its own trade tax", "one-year": "loss of its own trade tax in one year"}


def show_library(console: Console) -> None:
    """Print the shipped shocks and sets."""
    from ..model.fiscal.shocks import VARIABLES, shock_library, shock_sets

    rows = table("no.", "name", "what changes", "by how much, on which path", "backed by", title="Shocks")
    for shock in shock_library().values():
        titles = f"{shock.title_en} / {shock.title_de}: {VARIABLES[shock.variable].title_en}"
        backed = f"{_backing(shock)}: {shock.source}"
        rows.add_row(shock.id, shock.name, titles, f"{_size(shock)}; {_path(shock)}. {shock.basis}", backed)
    console.print(rows)
    console.print()
    rows = table("set", "what it is", "shocks", title="Sets")
    for entry in shock_sets().values():
        rows.add_row(entry.name, f"{entry.title_en} / {entry.title_de}", _members(entry) or "none")
    console.print(rows)
    console.print("\nOwn shocks: a TOML file with the keys variable, size, path, where ... (see --shock FILE).")


def show_report(console: Console, report: StressReport, *, title: str, shares: bool = False) -> None:
    """Print the grades set by set, then districts and limits; `shares` adds who bears the loss of taxes."""
    asked = report.inputs
    first = asked["shock_year"]
    last = first + asked["window_years"] - 1
    console.print(f"{title}, shock in {first}, graded over {first} to {last}", style="bold")
    kind = _KINDS[asked["reverse_test"]["loss"]]
    console.print(
        f"'to red': smallest {kind} that turns a municipality red, on top of the shocks, in steps of "
        f"{_percent(asked['reverse_test']['tolerance'])}. [q]: all limits behind the indicator are quoted, "
        "[a]: at least one is assumed, estimated or from memory. '> 100 %': not by trade tax alone. "
        "Green and yellow pass."
    )
    if largest := asked["largest_taxpayer"]:
        console.print(f"Largest taxpayer: {largest}.")
    if not asked["task_cost"]:
        words = "Cost of the tasks of the field is part of other spending here; --costs counts it apart."
    else:
        words = "Cost of the tasks of the field as simulated."
    console.print(f"Money in EUR. {words}")
    console.print()
    for entry in report.sets:
        _show_set(console, report, entry)
        if shares:
            _show_shares(console, report, entry)
    _show_limits(console, report)


def _show_set(console: Console, report: StressReport, entry: ShockSet) -> None:
    """Print one set: a row per municipality and a line per district."""
    rows = report.table.loc[report.table["set"] == entry.name]
    drawn = "runs" in rows.columns
    heads = ["municipality", "grade", "fails in", "because of", "to red", "lowest margin", "cash credit"]
    if drawn:
        heads += [f"G/Y/O/R of {int(rows['runs'].iloc[0])}", "to red, 80 % of runs"]
    members = _members(entry)
    shown = table(*heads, right=(4, 5, 6), title=f"{entry.title_en} ({entry.name}{': ' + members if members else ''})")
    shown.columns[0].no_wrap = True  # a name stays whole however narrow the terminal
    for row in rows.to_dict("records"):
        cells: list[Any] = [
            row["name"],
            _grade(row["grade"], row["letter"]),
            str(row["first_failing_year"]) if row["failed_indicator"] else "-",
            _indicator(row["failed_indicator"], row["red_indicator"]),
            _loss(row["smallest_loss"]),
            number(row["min_free_margin_eur"]),
            number(row["peak_cash_credit_eur"]),
        ]
        if drawn:
            counts = "/".join(str(row[f"runs_{word}"]) for word in _STYLES)
            low, high = row["smallest_loss_q10"], row["smallest_loss_q90"]
            cells += [counts, _loss(low) if low == high else f"{_share(low)} to {_share(high)}"]
        shown.add_row(*cells)
    console.print(shown)
    passed = int(rows["passed"].sum())
    console.print(f"{passed} of {len(rows)} municipalities pass.")
    for row in report.districts.loc[report.districts["set"] == entry.name].to_dict("records"):
        words = (
            f"{row['name']}: levy {row['levy_rate_first_pct']:g} % in the first and {row['levy_rate_last_pct']:g} % in "
            f"the last year, changed by up to {row['largest_levy_change_points']:+g} points, lowest reserve "
            f"{number(row['min_reserve_eur'])} EUR"
        )
        if row["tasks_ended_eur"] > 0.0:
            words += f"; posts paid by programmes, worth {number(row['tasks_ended_eur'])} EUR, end"
        console.print(words)
    console.print()


def _show_shares(console: Console, report: StressReport, entry: ShockSet) -> None:
    """Print who bears the loss of taxes in one set."""
    rows = report.table.loc[(report.table["set"] == entry.name) & (report.table["tax_loss_eur"] >= 1.0)]
    if rows.empty:
        return
    heads = ("municipality", "taxes lost EUR", "trade-tax levy", "key allocation", "district", "other", "itself")
    shown = table(*heads, right=range(1, 7), title=f"Who bears the loss of taxes ({entry.name}), per cent of it")
    for row in rows.to_dict("records"):
        parts = [row[f"borne_by_{name}"] for name in ("federation", "allocation", "district", "other", "own")]
        shown.add_row(row["name"], number(row["tax_loss_eur"]), *(f"{100 * part:.1f}" for part in parts))
    console.print(shown)
    console.print("Below zero: the shocks add to the loss there, such as a higher district levy.\n")


def _show_limits(console: Console, report: StressReport) -> None:
    """Print the limits with how far each is backed."""
    shown = table("limit", "value", "", "unit", "what it is, source", right=[1], title="Limits of the grades")
    for row in report.limits.to_dict("records"):
        mark = "[q]" if row["confidence"] in ("official", "quoted") else "[a]"
        words = f"{row['description']} ({row['confidence']}: {row['source']})"
        shown.add_row(row["limit"], f"{row['value']:.3g}", mark, row["unit"], words)
    console.print(shown)


def _grade(word: str, letter: str) -> Text:
    """Return a grade as letter and word; the colour only repeats it."""
    from rich.text import Text

    return Text(f"{letter} {word}", style=_STYLES[word])


def _indicator(failed: str, red: str) -> str:
    """Return what failed, with the mark of its limits, and what turned it red where that is something else."""
    from ..model.fiscal.grades import is_quoted

    names = [name for name in dict.fromkeys((failed, red)) if name]
    return "; ".join(f"{_SHORT[name]}\N{NO-BREAK SPACE}{'[q]' if is_quoted(name) else '[a]'}" for name in names) or "-"


def _loss(share: float) -> str:
    """Return a result of the reverse test; nan and infinite say that trade tax alone does not do it."""
    return "red already" if share == 0.0 else _share(share)


def _share(share: float) -> str:
    """Return a share of the trade tax; nan and infinite are more than all of it."""
    return _percent(share) if math.isfinite(share) else "> 100 %"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _members(entry: ShockSet) -> str:
    """Return the shocks of a set by number or name."""
    return " + ".join(shock.id or shock.name for shock in entry.shocks)


def _backing(shock: Shock) -> str:
    """Return how far size and path of a shock are backed."""
    same = shock.confidence == shock.path_confidence
    return shock.confidence if same else f"{shock.confidence}, path {shock.path_confidence}"


def _size(shock: Shock) -> str:
    """Return the size of a shock with its unit."""
    from ..model.fiscal.shocks import VARIABLES

    variable = VARIABLES[shock.variable]
    if variable.kind == "share":
        return f"{100 * shock.size:+.3g} % {variable.unit.removeprefix('share ')}"
    return f"{shock.size:+.3g} {variable.unit}" if variable.kind == "points" else f"{shock.size:g} {variable.unit}"


def _path(shock: Shock) -> str:
    """Return the path of a shock in words."""
    path = list(shock.path)
    while len(path) > 1 and path[-1] == 0.0:
        path.pop()
    start = f"from t+{shock.start} on" if shock.start else "from t on"
    if shock.cumulative:
        return f"{start}, each of {len(path)} years"
    if len(path) == 1 and path[0] == 1.0:
        return f"{start}, lasting" if shock.lasting else f"in t+{shock.start} only" if shock.start else "in t only"
    words = f"{start}, by year {', '.join(f'{100 * part:.3g}' for part in path)} % of it"
    return f"{words}, then lasting" if shock.lasting else words
