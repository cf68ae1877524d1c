"""Inventory: which posts and offices there are by level and payer, when their money ends, and what the runs add."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...model.calendar import month_index, month_label
from ...model.inventory import by_level, by_payer, expiry_calendar, inventory
from ..charts.bars import Series, bars
from ..charts.calendar import Ending, calendar
from ..charts.chart import Table
from ..charts.fan_chart import Fan, fan_chart
from .lens import Lens, paired, spread, verdict
from .money import group_of
from .quality import quality_from

if TYPE_CHECKING:
    from ..charts.chart import Chart
    from ..choices import Choice
    from ..ensemble import Ensemble
    from .quality import Quality

DRIVERS = ("post_months", "project_months", "council_cash_share", "planning_months", "programme_kept_share")
AHEAD_MONTHS = 60
"""How far the calendar of expiring posts looks."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What there is in a month by level and payer, what ends, and the cliff with A and B."""

    finding: str
    month: str
    levels: Chart
    payers: Table
    endings: Chart
    ending_table: Table
    cliff: Chart
    founded: Table
    offices: Table
    quality: Quality
    notes: tuple[str, ...]


def stock(ensemble: Ensemble, baseline: Choice, choice: Choice, month: int, *, language: str) -> Inventory:
    """Return the inventory of a month; the register is the same for both variants, what the runs found is not."""
    lens = Lens(ensemble, baseline, choice, language)
    region = ensemble.region
    offices: Any = inventory(region, month)
    ending: Any = expiry_calendar(region, month, month + AHEAD_MONTHS)
    return Inventory(
        finding=_finding(lens, offices, ending, month),
        month=lens.formats.month(month),
        levels=_levels(lens, offices),
        payers=_payers(lens, month),
        endings=calendar(
            [
                Ending(
                    int(row["month"]),
                    lens.say(f"responsibilities.level_{row['level']}"),
                    float(row["fte"]),
                    row["name"],
                )
                for row in ending.to_dict("records")
                if row["fte"] > 0
            ],
            first=month,
            last=month + AHEAD_MONTHS,
            title=lens.say("inventory.calendar"),
            rows_are=lens.say("inventory.level"),
            unit="FTE",
            formats=lens.formats,
        ),
        ending_table=_ending_table(lens, ending),
        cliff=_cliff(lens),
        founded=_founded(lens),
        offices=_offices(lens, offices),
        quality=quality_from(DRIVERS, language),
        notes=tuple(lens.say(f"not_modelled_{name}") for name in ("register", "law", "people")),
    )


def _finding(lens: Lens, offices: Any, ending: Any, month: int) -> str:
    formats = lens.formats
    soon = ending[ending["month"] < month + 12]
    lost = float(soon.loc[soon["ends"], "fte"].sum())
    words = lens.say(
        "inventory.finding",
        month=formats.month(month),
        offices=formats.number(len(offices), 0),
        fte=formats.number(float(offices["fte"].sum()), 1),
        fixed=formats.number(float(offices.loc[offices["fixed_term"], "fte"].sum()), 1),
        soon=formats.number(float(soon["fte"].sum()), 1),
        lost=formats.number(lost, 1),
    )
    if lens.same:
        return words
    before, after = (lens.last_year(choice, "cliff_exposure") for choice in (lens.baseline, lens.choice))
    share = lens.say("inventory.cliff_b", b=lens.b, share=formats.percent(spread(after)[1], 1),
                     a=lens.a, share_a=formats.percent(spread(before)[1], 1))  # fmt: skip
    return f"{words} {share} {verdict(lens, paired(before, after, 'lower'))}"


def _levels(lens: Lens, offices: Any) -> Chart:
    """Return posts by level: all, and those whose money ends."""
    table: Any = by_level(offices)
    names = [lens.say(f"responsibilities.level_{level}") for level in table["level"]]
    return bars(
        names,
        [
            Series(lens.say("inventory.all_posts"), tuple(map(float, table["fte"])), "variant"),
            Series(lens.say("inventory.fixed_posts"), tuple(map(float, table["fixed_term_fte"])), "baseline"),
        ],
        title=lens.say("inventory.levels"),
        unit="FTE",
        formats=lens.formats,
    )


def _payers(lens: Lens, month: int) -> Table:
    """Return yearly money by group of payers, and the part that is fixed-term."""
    table: Any = by_payer(lens.ensemble.region, month)
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in table.to_dict("records"):
        entry = sums[group_of(row["payer"])]
        entry[0] += row["eur_per_year"]
        entry[1] += row["fixed_term_eur"]
    from .money import LEVELS

    rows = [(lens.say(f"money.group_{g}"), *sums[g]) for g in LEVELS if g in sums]
    rows.append((lens.say("money.sum"), *(sum(entry[part] for entry in sums.values()) for part in (0, 1))))
    columns = (lens.say("inventory.payer"), lens.say("inventory.eur"), lens.say("inventory.fixed_eur"))
    return Table(columns, tuple(rows), ("", "EUR per year", "EUR per year"))


def _ending_table(lens: Lens, ending: Any) -> Table:
    rows = [
        (
            lens.formats.month(int(row["month"])),
            str(row["name"]),
            lens.say(f"responsibilities.level_{row['level']}"),
            float(row["fte"]),
            float(row["eur_per_year"]),
            _payer_words(lens, str(row["payers"])),
            lens.say("inventory.ends" if row["ends"] else "inventory.goes_on"),
        )
        for row in ending.to_dict("records")
    ]
    columns = tuple(lens.say(f"inventory.{name}") for name in ("until", "name", "level", "fte", "eur", "payer", "then"))
    return Table(columns, tuple(rows), ("", "", "", "FTE", "EUR per year", "", ""))


def _payer_words(lens: Lens, words: str) -> str:
    """Return `land 67 %, carrier 33 %` with the reader's names of the payers."""
    parts = []
    for part in filter(None, words.split(", ")):
        name, _, share = part.partition(" ")
        number = share.removesuffix("%").strip()
        written = lens.formats.percent(float(number) / 100.0, 0) if number else ""
        parts.append(f"{lens.say(f'money.group_{group_of(name)}')} {written}".strip())
    return ", ".join(parts)


def _cliff(lens: Lens) -> Chart:
    """Return the share of posts whose money ends within twelve months, month by month, with A and B."""
    fans = [Fan.of(lens.b, lens.ensemble.series(lens.choice, "cliff_exposure"), "variant")]
    if not lens.same:
        fans.insert(0, Fan.of(lens.a, lens.ensemble.series(lens.baseline, "cliff_exposure"), "baseline"))
    return fan_chart(lens.ensemble.months, fans, title=lens.title("cliff_exposure"), unit="share", formats=lens.formats)


def founded_fte(ensemble: Ensemble, choice: Choice, month: int) -> dict[str, np.ndarray]:
    """Return the posts founded in the runs and at work in a month by level, FTE in every run (S,)."""
    table: Any = ensemble.structures(choice)
    found: dict[str, np.ndarray] = {}
    if not len(table):
        return found
    now = month_label(month)
    start, end = table["start"].astype(str), table["end"].astype(str)
    here = table[(start <= now) & ((end == "") | (end >= now))]
    for level, part in here.groupby("level", observed=True):
        sums = part.groupby("seed")["fte"].sum()
        found[str(level)] = sums.reindex(list(ensemble.seeds), fill_value=0.0).to_numpy(np.float64)
    return found


def _founded(lens: Lens) -> Table:
    """Return the posts that the runs added and that are there in the last month, by level, middle run of A and B."""
    from ...model.structures import LEVELS

    last = lens.ensemble.months[-1]
    before, after = (founded_fte(lens.ensemble, choice, last) for choice in (lens.baseline, lens.choice))
    rows = [
        (
            lens.say(f"responsibilities.level_{level}"),
            *(spread(one[level])[1] if level in one else 0.0 for one in (before, after)),
            lens.range_sentence(after[level], "FTE") if level in after else "",
        )
        for level in LEVELS
        if level in before or level in after
    ]
    columns = (lens.say("inventory.level"), "A", "B", lens.say("inventory.range_b"))
    return Table(columns, tuple(rows), ("", "FTE", "FTE", ""))


def _offices(lens: Lens, offices: Any) -> Table:
    rows = tuple(
        (
            str(row["name"]),
            lens.say(f"responsibilities.level_{row['level']}"),
            float(row["fte"]),
            float(row["eur_per_year"]),
            _payer_words(lens, str(row["payers"])),
            lens.formats.month(month_index(row["until"])) if row["until"] else lens.say("inventory.open"),
        )
        for row in offices.to_dict("records")
    )
    columns = tuple(lens.say(f"inventory.{name}") for name in ("name", "level", "fte", "eur", "payer", "until"))
    return Table(columns, rows, ("", "", "FTE", "EUR per year", "", ""))
