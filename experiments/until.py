"""`--until`: seeds are run only for variants that may still be the best, until one is known to be."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.errors import InputError
from ..model.files import write_text
from ..model.measures import MEASURES
from .batch_folder import SELECTION
from .parameter_draws import SEEDS_PER_DRAW, group_of_seed
from .selection import KimNelson

if TYPE_CHECKING:
    from .batch_folder import Batch
    from .plan import Plan

_BLOCK = 5  # seeds run at once after the first ones, for every variant still in question


@dataclass(frozen=True, slots=True)
class Selection:
    """What a sequential choice found: the best variant, whether that is known, and how every variant fared."""

    measure: str
    probability: float
    zone: float
    decided: bool
    best: str
    left: list[str]
    seeds: int
    runs: int
    variants: list[dict[str, Any]]

    def write(self, folder: Path) -> None:
        """Write it into the folder of the batch."""
        write_text(folder / SELECTION, json.dumps(asdict(self), indent=1) + "\n")

    def sentence(self) -> str:
        """Return the finding in words."""
        chance = f"{100 * self.probability:g} %"
        if self.decided:
            return (
                f"{self.best} is best in {self.measure}, or within {self.zone:g} of the best, with a probability of at "
                f"least {chance}; {self.runs} runs."
            )
        return (
            f"Not decided after {self.seeds} seeds ({self.runs} runs): the best is one of {', '.join(self.left)} "
            f"with a probability of at least {chance}."
        )


def read_selection(folder: Path) -> Selection:
    """Return the choice written in the folder of a batch; raises InputError when there is none."""
    path = folder / SELECTION
    try:
        return Selection(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise InputError(f"{folder} has no finished choice; run the batch with --until") from None


@dataclass(slots=True)
class SequentialChoice:
    """Which runs a choice still needs, and what it says so far.

    Seeds that share a draw of the parameters are one observation: the rule wants independent ones.
    """

    plan: Plan
    rule: KimNelson
    seeds: int = 0
    looked: int = 0

    @classmethod
    def of(cls, plan: Plan) -> SequentialChoice:
        """Begin the choice an experiment asks for."""
        asked = plan.experiment.until
        assert asked is not None
        rule = KimNelson(len(plan.variants), probability=asked.probability, zone=asked.zone, first=asked.first)
        return cls(plan, rule)

    @property
    def _together(self) -> int:
        """Seeds that make an observation."""
        return 1 if self.plan.draws is None else SEEDS_PER_DRAW

    def wanted(self) -> np.ndarray | None:
        """Return the runs needed next (bool (runs,)), None when the choice is made or seeds have run out."""
        asked = self.plan.experiment.until
        assert asked is not None
        most = min(asked.most, len(self.plan.seeds))
        if self.rule.decided or self.looked >= most:
            return None
        self.seeds = min(max(asked.first * self._together, self.looked + _BLOCK * self._together), most)
        wanted = np.zeros(len(self.plan), np.bool_)
        block = wanted[: self.seeds * self.plan.runs_per_seed].reshape(self.seeds, -1, len(self.plan.variants))
        block[self.looked :, :, self.rule.alive] = True
        return wanted

    def look(self, batch: Batch) -> None:
        """Take the seeds that are there in their order; a seed with a failed run is left out for all variants."""
        asked = self.plan.experiment.until
        assert asked is not None
        better = 1.0 if MEASURES[asked.measure].better == "higher" else -1.0
        values = outcomes(batch, self.plan, asked.measure, self.seeds)
        for row in self._observations(values[self.looked : self.seeds]):
            if not np.isnan(row[self.rule.alive]).any():
                self.rule.observe(better * np.nan_to_num(row))
        self.looked = self.seeds

    def _observations(self, values: np.ndarray) -> list[np.ndarray]:
        """Return the outcomes of new seeds (seeds, variants), those of one draw as their mean."""
        if self.plan.draws is None:
            return list(values)
        groups: dict[int, list[np.ndarray]] = {}
        for seed, row in zip(self.plan.seeds[self.looked : self.seeds], values, strict=True):
            groups.setdefault(group_of_seed(seed), []).append(row)
        return [np.mean(rows, axis=0) for rows in groups.values()]

    def selection(self, batch: Batch) -> Selection:
        """Return what was found."""
        asked = self.plan.experiment.until
        assert asked is not None
        names = [variant.name for variant in self.plan.variants]
        values = outcomes(batch, self.plan, asked.measure, self.seeds)
        best = self.rule.best
        rows = []
        for i, name in enumerate(names):
            both = values[:, [i, best]]
            pairs = both[~np.isnan(both).any(axis=1)]
            rows.append(
                {
                    "variant": name,
                    "seeds": int((~np.isnan(values[:, i])).sum()),
                    "mean": float(np.nanmean(values[:, i])) if len(pairs) else None,
                    "difference_to_best": float((pairs[:, 0] - pairs[:, 1]).mean()) if len(pairs) else None,
                    "dropped_after": int(self.rule.dropped_after[i]) * self._together or None,
                }
            )
        left = [name for name, alive in zip(names, self.rule.alive, strict=True) if alive]
        return Selection(
            asked.measure, asked.probability, asked.zone, self.rule.decided, names[best], left, self.seeds,
            batch.finished, rows,
        )  # fmt: skip


def outcomes(batch: Batch, plan: Plan, measure: str, seeds: int) -> np.ndarray:
    """Return the outcome of every variant with each seed, the mean over scenarios and points, shape (seeds, variants).

    NaN where one of the runs is missing or failed.
    """
    runs = batch.table("runs", columns=["run", measure])
    values = np.full(seeds * plan.runs_per_seed, np.nan)
    numbers = runs["run"].to_numpy(np.int64)
    inside = numbers < len(values)
    if measure in runs:
        values[numbers[inside]] = runs[measure].to_numpy(np.float64)[inside]
    return values.reshape(seeds, -1, len(plan.variants)).mean(axis=1)
