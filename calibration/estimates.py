"""Design-based estimates of a survey: weighted means and shares of cells with standard errors and design effects.

Variances are those of the library svy: Taylor linearisation over strata and clusters, or replicate weights. Cells are
domains of the whole sample, and so are those who answered. A finite population correction is made only when the
codebook asks for it: a calibration asks what made these people's lives, not how many of exactly these people work.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from ..model.calendar import month_index, month_label
from .cell import Cell
from .codebook import BANDED
from .quantities import quantities
from .targets import Target, Targets, Use

if TYPE_CHECKING:
    from .survey import Survey

_OUT = "-"  # domain of everybody outside the cells
_NONE = 1e-12  # a standard error that is zero but for rounding
_LONG_AGO = "1990-01"  # before anybody the model knows arrived
Suppressed = Literal["", "too few answers", "would give another cell away", "all answered the same"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a survey found about a quantity in a cell of a wave.

    `estimate`, `se` and the 95 % interval `low`..`high` are in the unit of the quantity; `deff` is the variance against
    a simple random sample (with replacement) of as many answers, `n_effective` = n / deff. `n` counts answers,
    `asked` those whom the question concerned. `clusters` is the number of clusters with an answer (of respondents,
    without clusters); `sd` is the standard deviation of single answers. A suppressed cell has no numbers at all.
    """

    wave: int
    quantity: str
    cell: Cell
    estimate: float
    se: float
    low: float
    high: float
    deff: float
    n: int
    asked: int
    clusters: int
    sd: float = math.nan
    suppressed: Suppressed = ""

    @property
    def n_effective(self) -> float:
        """Answers of a simple random sample that would be as precise."""
        return self.n / self.deff if self.deff > 0 else float(self.n)

    @property
    def missing(self) -> float:
        """Share of those asked who did not answer (item non-response)."""
        return 1.0 - self.n / self.asked if self.asked else math.nan


@dataclass(frozen=True, slots=True)
class SurveyEstimates:
    """All cells of a survey, suppressed ones included; the form that may be shown and stored.

    >>> from .codebook import Codebook
    >>> from .survey import survey_of_rows
    >>> book = Codebook(
    ...     name="mine", weight="w", waves={"all": "2016-10"}, minimum_cell=3,
    ...     quantities={"employed": {"column": "work"}},
    ... )
    >>> rows = pd.DataFrame({"w": ["1", "1", "2", "1"], "work": ["1", "0", "0", "1"]})
    >>> len(estimate(survey_of_rows(rows, book)).targets())
    1
    """

    name: str
    title: str
    panel: bool
    local: bool
    minimum_cell: int
    population: Cell
    rows: tuple[Estimate, ...]
    uses: dict[tuple[int, str], Use]

    @property
    def shown(self) -> tuple[Estimate, ...]:
        """The cells that may be shown."""
        return tuple(row for row in self.rows if not row.suppressed)

    def frame(self) -> pd.DataFrame:
        """Return the cells that may be shown as data."""
        names = [field.name for field in fields(Estimate) if field.name != "suppressed"]
        data = pd.DataFrame([{name: getattr(row, name) for name in names} for row in self.shown], columns=names)
        data["wave"] = [month_label(row.wave) for row in self.shown]
        data["cell"] = [row.cell.key for row in self.shown]
        data["n_effective"] = [row.n_effective for row in self.shown]
        data["missing"] = [row.missing for row in self.shown]
        return data

    def targets(self) -> Targets:
        """Return the cells as targets of calibration, in the form of the published ones."""
        return Targets(tuple(self._target(row) for row in self.shown))

    def _target(self, row: Estimate) -> Target:
        cell = self.population.with_(row.cell)
        if self.panel and row.wave > (first := min(one.wave for one in self.rows)):
            # Those asked again had arrived by the first wave; who came later is not among them.
            low, high = cell.get("arrived") or (month_index(_LONG_AGO), first)
            ends = f"{month_label(min(low, first))}..{month_label(min(high, first))}"
            cell = cell.with_(Cell.of(arrived=ends))
        name = f"{self.name}:{month_label(row.wave)}:{row.quantity}:{row.cell.key}"
        se, basis = row.se, "design"
        if se < _NONE and quantities()[row.quantity].is_share:
            # Everybody answered the same: the error of a share two answers away (Agresti and Coull 1998).
            p = (row.estimate * row.n_effective + 2.0) / (row.n_effective + 4.0)
            se, basis = math.sqrt(p * (1.0 - p) / (row.n_effective + 4.0)), "derived"
        return Target(
            name, row.quantity, row.wave, cell, row.estimate, se, float(row.n), self.uses[row.wave, row.quantity],
            survey=self.name, panel=self.panel, local=self.local, sd=row.sd, se_basis=basis,
            period=month_label(row.wave), confidence="estimated", source=self.title or f"survey {self.name}",
        )  # fmt: skip


def estimate(survey: Survey, *, weighted: bool = True) -> SurveyEstimates:
    """Return the estimates of all quantities in all cells of the codebook, small cells suppressed.

    `weighted=False` gives the naive estimates, to show what weights do; never use them as targets.

    >>> from .codebook import Codebook
    >>> from .survey import survey_of_rows
    >>> book = Codebook(
    ...     name="mine", weight="w", waves={"all": "2016-10"}, minimum_cell=3,
    ...     quantities={"employed": {"column": "work"}},
    ... )
    >>> rows = pd.DataFrame({"w": ["1", "1", "2", "1"], "work": ["1", "0", "0", "1"]})
    >>> round(estimate(survey_of_rows(rows, book)).rows[0].estimate, 6)  # the weights say 2 of 5
    0.4
    """
    book = survey.codebook
    rows: list[Estimate] = []
    uses: dict[tuple[int, str], Use] = {}
    for month in sorted(set(survey.wave.tolist())):
        inside = survey.wave == month
        sample = _Sample(survey, inside, weighted=weighted)
        for name, question in book.quantities.items():
            kept_back = any(book.waves[code] == month_label(month) for code in question.validate_waves)
            uses[month, name] = "validate" if kept_back else question.use
            tables = {scheme: list(sample.cells(name, scheme)) for scheme in book.schemes()}
            rows += suppressed(tables, book.minimum_cell)
    return SurveyEstimates(
        book.name, book.title, book.panel, book.local, book.minimum_cell, book.eligible, tuple(rows), uses
    )


class _Sample:
    """One wave as the survey library reads it."""

    def __init__(self, survey: Survey, inside: np.ndarray, *, weighted: bool) -> None:
        import svy

        book = survey.codebook
        self.survey, self.inside = survey, inside
        self.month = int(survey.wave[inside][0])
        self.eligible = survey.eligible[inside]
        n = int(inside.sum())
        self.columns: dict[str, Any] = {"weight": survey.weight[inside] if weighted else np.ones(n)}
        design: dict[str, Any] = {"wgt": "weight"}
        self.method: Literal["taylor", "replication"] = "taylor"
        if survey.replicates.shape[1] and weighted:
            about = book.replicates
            self.method = "replication"
            assert about is not None
            count = survey.replicates.shape[1]
            self.columns |= {f"r{i + 1}": survey.replicates[inside, i] for i in range(count)}
            kinds = {"bootstrap": svy.BootstrapWgts, "jackknife": svy.JackknifeWgts, "brr": svy.BrrWgts}
            more = {"fay_coef": about.fay} if about.method == "brr" else {}
            design["rep_wgts"] = kinds[about.method](prefix="r", n_reps=count, **more)
        else:
            if len(survey.stratum):
                self.columns["stratum"] = survey.stratum[inside]
                design["stratum"] = "stratum"
            if len(survey.cluster):
                self.columns["cluster"] = survey.cluster[inside]
                design["psu"] = "cluster"
            if len(survey.population_size):
                self.columns["size"] = survey.population_size[inside]
                design["pop_size"] = "size"
            if book.single_cluster == "center":
                design["singleton"] = "center"
        units = survey.cluster[inside] if len(survey.cluster) else np.arange(n).astype(str)
        strata = survey.stratum[inside] if len(survey.stratum) else np.full(n, "")
        self.clusters = np.array([f"{stratum}/{unit}" for stratum, unit in zip(strata, units, strict=True)])
        self.design = svy.Design(**design)

    def cells(self, quantity: str, scheme: Sequence[str]) -> Iterator[Estimate]:
        """Yield the estimates of a quantity in all cells of a scheme with an asked respondent."""
        import polars as pl
        import svy

        asked = self.eligible & self.survey.asked[quantity][self.inside]
        answers = self.survey.answers[quantity][self.inside]
        answered = asked & ~np.isnan(answers)
        labels, cells = self._labels(scheme, asked)
        domain = np.where(answered, labels, _OUT)
        found: dict[str, Any] = {}
        if answered.any():
            data = pl.DataFrame({**self.columns, "y": np.where(answered, answers, 0.0), "domain": domain.tolist()})
            estimation = svy.Sample(data=data, design=self.design).estimation
            result = estimation.mean(y="y", by="domain", method=self.method)
            found = {str(one.by_level[0]): one for one in result.estimates}  # pyright: ignore
        for label, cell in cells.items():
            members = domain == label
            n, n_asked = int(members.sum()), int((asked & (labels == label)).sum())
            one = found.get(label)
            if one is None:
                yield Estimate(
                    self.month, quantity, cell, math.nan, math.nan, math.nan, math.nan, math.nan, n, n_asked, 0
                )
                continue
            simple = _simple_variance(answers[members], self.columns["weight"][members])
            deff = float(one.se) ** 2 / simple if simple > 0 else 1.0
            units = len(set(self.clusters[members].tolist()))
            values = (float(one.est), float(one.se), *_interval(one, is_share=quantities()[quantity].is_share))
            sd = math.sqrt(simple * max(n - 1, 1))
            yield Estimate(self.month, quantity, cell, *values, deff, n, n_asked, units, sd)

    def _labels(self, scheme: Sequence[str], asked: np.ndarray) -> tuple[np.ndarray, dict[str, Cell]]:
        """Return the label of each row's cell and the cells by label; rows without a known dimension are outside."""
        book = self.survey.codebook
        parts: list[list[str]] = []
        for name in scheme:
            column = self.survey.dimensions[name][self.inside]
            bands = book.dimensions[name].bands
            parts.append([_condition(name, value, bands) for value in column.tolist()])
        labels = np.array(
            [_OUT if any(not part for part in row) else ";".join(row) or "all" for row in zip(*parts, strict=True)]
            if parts
            else ["all"] * int(self.inside.sum())
        )
        names = sorted(set(labels[asked].tolist()) - {_OUT})
        return labels, {label: Cell.parse(label) for label in names}


def _simple_variance(y: np.ndarray, weight: np.ndarray) -> float:
    """Return the variance of the mean in a simple random sample (with replacement) of as many answers."""
    mean = np.average(y, weights=weight)
    return float(np.average((y - mean) ** 2, weights=weight)) / max(len(y) - 1, 1)


def _interval(one: Any, *, is_share: bool) -> tuple[float, float]:
    """Return the 95 % interval; that of a share on the logit scale, so that it stays between 0 and 1."""
    p, se = float(one.est), float(one.se)
    if not is_share or not 0.0 < p < 1.0:
        return float(one.lci), float(one.uci)
    reach = (float(one.uci) - p) / se * se / (p * (1.0 - p)) if se > 0 else 0.0
    logit = math.log(p / (1.0 - p))
    return 1.0 / (1.0 + math.exp(reach - logit)), 1.0 / (1.0 + math.exp(-reach - logit))


def _condition(name: str, value: str | float, bands: Sequence[int]) -> str:
    """Return the condition of one value, such as since=12..23; empty when the value is missing."""
    if name not in BANDED:
        return f"{name}={value}" if value else ""
    if not isinstance(value, float | int) or math.isnan(value) or value < bands[0]:
        return ""
    band = max(i for i, low in enumerate(bands) if value >= low)
    high = str(bands[band + 1] - 1) if band + 1 < len(bands) else ""
    return f"{name}={bands[band]}..{high}"


type Scheme = tuple[str, ...]


def suppressed(tables: Mapping[Scheme, Sequence[Estimate]], minimum: int) -> list[Estimate]:
    """Return the cells of all breakdowns of one question, those blanked out that would tell about single persons.

    Blanked out are cells of fewer answers than the minimum, and cells in which everybody gave the same answer, unless
    they are the whole sample. Totals are known, so within each of them (the whole sample, and every cell of a coarser
    breakdown) the hidden cells are at least two and hold the minimum together: the smallest shown ones are hidden too,
    and where there is none left, the total. Nor can one be told from several totals together.
    """
    reasons: dict[Scheme, list[Suppressed]] = {}
    for scheme, rows in tables.items():
        several = len(rows) > 1
        reasons[scheme] = [
            "too few answers" if row.n < minimum else "all answered the same" if several and row.se < _NONE else ""
            for row in rows
        ]
    while any(_covered(tables, reasons, scheme, total, minimum) for scheme, total in _totals(tables)) or _solved(
        tables, reasons
    ):
        pass
    return [
        _blank(row, reason) if reason else row
        for scheme, rows in tables.items()
        for row, reason in zip(rows, reasons[scheme], strict=True)
    ]


def _totals(tables: Mapping[Scheme, Sequence[Estimate]]) -> list[tuple[Scheme, Scheme]]:
    """Return the breakdowns, each with every coarser one whose cells are sums of its own."""
    return [(scheme, total) for scheme in tables for total in dict.fromkeys([(), *tables]) if set(total) < set(scheme)]


def _covered(
    tables: Mapping[Scheme, Sequence[Estimate]], reasons: dict[Scheme, list[Suppressed]], scheme: Scheme, total: Scheme,
    minimum: int,
) -> bool:  # fmt: skip
    """Hide one more cell for every total by which hidden ones could be told; return whether there was any."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i, row in enumerate(tables[scheme]):
        groups.setdefault(tuple(row.cell.get(name) for name in total), []).append(i)
    changed = False
    for key, members in groups.items():
        rows, why = tables[scheme], reasons[scheme]
        secret = [rows[i].n for i in members if why[i] and rows[i].n]
        if not secret or (len(secret) > 1 and sum(secret) >= minimum):
            continue
        found, hidden = why, [i for i in members if not why[i]]
        if not hidden and total in tables:
            found = reasons[total]
            of_key = [i for i, row in enumerate(tables[total]) if tuple(row.cell.get(name) for name in total) == key]
            hidden, rows = [i for i in of_key if not found[i]], tables[total]
        if hidden:
            found[min((rows[i].n, i) for i in hidden)[1]] = "would give another cell away"
            changed = True
    return changed


def _solved(tables: Mapping[Scheme, Sequence[Estimate]], reasons: dict[Scheme, list[Suppressed]]) -> bool:
    """Hide one more cell if one that must be hidden is a combination of shown ones; return whether there was any.

    Every cell is a sum of cells of the finest breakdown; without one that has all dimensions nothing can be said.
    """
    finest = max(tables, key=len)
    if any(set(scheme) - set(finest) for scheme in tables):
        return False
    parts = [row.cell for row in tables[finest] if row.n]
    cells = [(scheme, i, row) for scheme, rows in tables.items() for i, row in enumerate(rows) if row.n]
    sums = np.array([[all(p.get(d) == row.cell.get(d) for d in scheme) for p in parts] for scheme, _, row in cells])
    why = [reasons[scheme][i] for scheme, i, _ in cells]
    shown = sums[[not reason for reason in why]].astype(float)
    rank = np.linalg.matrix_rank(shown) if len(shown) else 0
    for (secret, _, _), reason, one in zip(cells, why, sums, strict=True):
        if reason not in ("too few answers", "all answered the same"):
            continue
        if np.linalg.matrix_rank(np.vstack([shown, one])) == rank:
            hidden = [
                (scheme != secret, row.n, scheme, i) for (scheme, i, row), r in zip(cells, why, strict=True) if not r
            ]
            _, _, scheme, i = min(hidden)
            reasons[scheme][i] = "would give another cell away"
            return True
    return False


def _blank(row: Estimate, reason: Suppressed) -> Estimate:
    nan = math.nan
    return Estimate(row.wave, row.quantity, row.cell, nan, nan, nan, nan, nan, 0, 0, 0, nan, reason)
