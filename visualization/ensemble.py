"""The ensemble: many finished runs of every choice, read from small files so that a click is answered in milliseconds.

ensemble = ensure_ensemble("coburg", choices=[STATUS_QUO, Choice("community")], seeds=20)
ensemble.summary(STATUS_QUO)["total_cost"].median()

All choices have the same seeds, so runs can be compared pair by pair. What was computed stays in the user's cache
folder under a hash of everything it depends on; the same question again is answered from there.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from ..model.errors import InputError, KreislaufError, closest
from ..model.measures import MEASURES
from ..model.provenance import code_hash
from ..model.region import Region, in_field, load_region
from .choices import STATUS_QUO, Choice, all_choices
from .ensemble_digest import CELL_COLUMNS, FORMAT, PLACE_MEASURES, BrokenBlockError, Shape, read_block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..experiments.parameter_draws import ParameterDraws

SEEDS = 20
"""Runs of every choice, unless more are asked for."""
BLOCK = 5
"""Seeds in one file: what a kill can cost."""
_MOST_BYTES = 150_000_000  # of arrays of single choices held in memory
_NO_VALUES: Mapping[str, float] = MappingProxyType({})

type EnsembleProgress = Callable[[int, int, int], None]
"""Called with the numbers of finished, of all, and of failed runs."""


@dataclass(frozen=True, eq=False)
class Question:
    """What an ensemble answers, apart from the choices: region, seeds, scenario, changed parameters, draws."""

    region: Region
    seeds: tuple[int, ...]
    months: int | None = None
    assumptions: Mapping[str, float] = field(default_factory=dict)
    scenario: str = "base"
    draws: ParameterDraws | None = None

    @cached_property
    def run_number(self) -> str:
        """Eight hex digits that stand for everything the numbers depend on but the choice."""
        return self._hash(seeds=list(self.seeds))[:8]

    @cached_property
    def address(self) -> str:
        """The name of the folder in the cache: the same for any seeds, so that more seeds only add files."""
        return f"{self.region.name}-{self._hash()[:16]}"

    def _hash(self, **more: Any) -> str:
        from ..model.variant import load_scenario

        content = {
            "format": FORMAT,
            "code": code_hash(),
            "region": self.region.fingerprint,
            "field": self.region.field,
            "months": self.months,
            "assumptions": dict(sorted(self.assumptions.items())),
            "scenario": load_scenario(self.scenario).fingerprint(),
            "draws": self.draws.sha256 if self.draws is not None else "",
            **more,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def blocks(self) -> list[tuple[int, ...]]:
        """Return the seeds in the parts that are kept in one file each."""
        return [self.seeds[start : start + BLOCK] for start in range(0, len(self.seeds), BLOCK)]

    def path(self, folder: Path, choice: Choice, seeds: Sequence[int]) -> Path:
        """Return the file of a block of runs."""
        name = choice.variant().fingerprint()[:16]
        words = f"{seeds[0]}-{seeds[-1]}" if list(seeds) == list(range(seeds[0], seeds[-1] + 1)) else _short(seeds)
        return folder / self.address / f"{choice.key}.{name}.{words}.npz"


def _short(seeds: Sequence[int]) -> str:
    return hashlib.sha256(repr(tuple(seeds)).encode()).hexdigest()[:12]


class Ensemble:
    """Finished runs of some choices. Safe to read from several threads.

    `choices` are those that are there. S runs, T months, M municipalities, in the order of `seeds`, `months`, `places`.
    A run that failed has NaN everywhere; `failures(choice)` says why.
    """

    def __init__(
        self,
        question: Question,
        files: Mapping[Choice, Sequence[Path]],
        *,
        source: str = "",
        run_number: str = "",
        drawn_from: str = "",
        store: object = None,
    ) -> None:
        """Take the files of each choice, in the order of the seeds.

        `source` names the results folder they come from, `run_number` replaces the question's, `drawn_from` names the
        file of parameter draws of those results, `store` is kept as long as the ensemble.
        """
        self.question = question
        self.region = question.region
        self.field = question.region.field
        self.shape = Shape.of(question.region, question.months)
        self.months, self.places = self.shape.months, self.shape.places
        self.seeds = question.seeds
        self.run_number = run_number or question.run_number
        self.assumptions = dict(question.assumptions)
        self.source = source
        self.drawn_from = drawn_from or (question.draws.name if question.draws is not None else "")
        self._store = store
        self._files = {choice: tuple(paths) for choice, paths in files.items()}
        self._summaries: dict[Choice, pd.DataFrame] = {}
        self._failures: dict[Choice, dict[int, str]] = {}
        self._contents: dict[Choice, str] = {}
        self._loaded: OrderedDict[tuple[Choice, str], Any] = OrderedDict()
        self._lock = threading.RLock()

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The choices that are there."""
        return tuple(self._files)

    def __contains__(self, choice: object) -> bool:
        """Return whether a choice is there."""
        return choice in self._files

    @property
    def folder(self) -> Path | None:
        """The folder of the cache these runs are kept in, None for runs that were read from somewhere else."""
        first = next(iter(self._files.values()), ())
        return first[0].parent if first and self._store is None else None

    def content(self, choice: Choice) -> str:
        """Return a hash of the stored runs of a choice."""
        with self._lock:
            if choice not in self._contents:
                digest = hashlib.sha256()
                for path in self._files[choice]:
                    digest.update(path.read_bytes())
                self._contents[choice] = digest.hexdigest()
            return self._contents[choice]

    def summary(self, choice: Choice) -> pd.DataFrame:
        """Return one row per seed and one column per measure."""
        with self._lock:
            if choice not in self._summaries:
                blocks = self._read(choice, ("summary",))
                values = np.concatenate([block["summary"] for block in blocks])
                self._summaries[choice] = pd.DataFrame(values, index=pd.Index(self.seeds), columns=pd.Index(MEASURES))
                self._failures[choice] = {k: v for block in blocks for k, v in block["failures"].items()}
            return self._summaries[choice]

    def failures(self, choice: Choice) -> dict[int, str]:
        """Return the seeds whose runs failed, with the reason."""
        self.summary(choice)
        return self._failures[choice]

    def series(self, choice: Choice, measure: str, place: str | None = None) -> np.ndarray:
        """Return a measure month by month for the region (S, T), or for one municipality (S, T of `place_months`)."""
        if place is None:
            return self._part(choice, "series")[:, _number(measure, MEASURES)].astype(np.float64)
        values = self._part(choice, "places")[:, _number(measure, PLACE_MEASURES), _number(place, self.places)]
        return values.astype(np.float64)

    @property
    def place_months(self) -> tuple[int, ...]:
        """The months of which something is known by municipality."""
        return self.shape.place_months

    def places_at(self, choice: Choice, measure: str, month: int) -> np.ndarray:
        """Return a measure of every municipality in a month (the last known one before it), shape (S, M)."""
        known = [i for i, m in enumerate(self.place_months) if m <= month] or [0]
        return self._part(choice, "places")[:, _number(measure, PLACE_MEASURES), :, known[-1]].astype(np.float64)

    def by_place(
        self, choice: Choice, measure: str, *, first: int | None = None, last: int | None = None
    ) -> np.ndarray:
        """Return a measure of every municipality over the run (or from month `first` to `last`), shape (S, M).

        Summed up as the measure says (mean, sum, last, largest), months without a value left out.
        """
        values = self._part(choice, "places")[:, _number(measure, PLACE_MEASURES)].astype(np.float64)
        inside = [i for i, m in enumerate(self.place_months) if (first or m) <= m <= (m if last is None else last)]
        return over_time(values[:, :, inside], MEASURES[measure].aggregate)

    def cells(self, choice: Choice) -> dict[str, np.ndarray]:
        """Return what became of tasks in municipalities by group: arrays (S, K, M, G) by column."""
        values = self._part(choice, "cells")
        return {name: values[:, number].astype(np.float64) for number, name in enumerate(CELL_COLUMNS)}

    def flows(self, choice: Choice) -> pd.DataFrame:
        """Return all money for integration: seed, year, payer, payee, purpose, instrument, cents (whole numbers)."""
        return self._part(choice, "flows")

    def structures(self, choice: Choice) -> pd.DataFrame:
        """Return the posts that were founded in the runs, with `seed`."""
        return self._part(choice, "founded")

    def key_figures(self, choice: Choice) -> pd.DataFrame:
        """Return the key figures of the instruments: seed, name, value."""
        return self._part(choice, "kpis")

    def _part(self, choice: Choice, name: str) -> Any:
        """Return an array or table of a choice, loading the choice when it is not in memory."""
        with self._lock:
            if (choice, name) not in self._loaded:
                self._loaded[choice, name] = _joined([block[name] for block in self._read(choice, (name,))])
                while len(self._loaded) > 2 and sum(map(_bytes, self._loaded.values())) > _MOST_BYTES:
                    self._loaded.popitem(last=False)
            self._loaded.move_to_end((choice, name))
            return self._loaded[choice, name]

    def _read(self, choice: Choice, names: Sequence[str]) -> list[dict[str, Any]]:
        if choice not in self._files:
            known = [entry.key for entry in self._files]
            raise KreislaufError(f"there are no runs of {choice.key!r} yet, {closest(choice.key, known)}")
        try:
            return [read_block(path, names) for path in self._files[choice]]
        except BrokenBlockError as error:
            path = Path(str(error))
            if not self.source:
                path.unlink(missing_ok=True)  # it is computed anew when the ensemble is asked for again
            words = (
                f"the stored runs of {choice.key} ({path.name}) are damaged; they are computed anew at the next start"
            )
            raise KreislaufError(words) from None


def _number(name: str, names: Iterable[str]) -> int:
    known = list(names)
    if name not in known:
        raise KreislaufError(f"nothing is kept of {name!r}, {closest(name, known)}")
    return known.index(name)


def _joined(parts: Sequence[Any]) -> Any:
    """Return arrays or tables of several blocks as one; words of tables keep their order of appearance."""
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:
        return filled[0] if filled else parts[0]
    columns: dict[str, Any] = {}
    for name in filled[0].columns:
        pieces = [part[name] for part in filled]
        words = isinstance(pieces[0].dtype, pd.CategoricalDtype)
        columns[name] = union_categoricals(pieces) if words else np.concatenate([piece.to_numpy() for piece in pieces])
    return pd.DataFrame(columns)


def _bytes(part: Any) -> int:
    return part.nbytes if isinstance(part, np.ndarray) else int(part.memory_usage().sum())


def over_time(values: np.ndarray, aggregate: str) -> np.ndarray:
    """Return values (..., T) summed up over their last axis; NaN months are left out, NaN where there is none.

    >>> over_time(np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan]]), "mean").tolist()
    [2.0, nan]
    """
    known = ~np.isnan(values)
    some = known.any(axis=-1)
    if aggregate == "last":
        last = values.shape[-1] - 1 - known[..., ::-1].argmax(axis=-1)
        found = np.take_along_axis(values, last[..., np.newaxis], axis=-1)[..., 0]
    elif aggregate == "max":
        found = np.where(known, values, -np.inf).max(axis=-1)
    else:
        found = np.where(known, values, 0.0).sum(axis=-1)
        if aggregate == "mean":
            found = found / np.maximum(known.sum(axis=-1), 1)
    return np.where(some, found, np.nan)


def ensure_ensemble(
    region: str | Path | Region,
    field: str = "",
    choices: Sequence[Choice] | None = None,
    seeds: int | Sequence[int] = SEEDS,
    assumptions: Mapping[str, float] = _NO_VALUES,
    folder: str | Path | None = None,
    *,
    months: int | None = None,
    scenario: str = "base",
    draws: ParameterDraws | None = None,
    workers: int | None = None,
    progress: EnsembleProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
    tell: Callable[[str], None] | None = None,
) -> Ensemble:
    """Return the ensemble of these choices (default: all rules with all instruments); compute what is not stored yet.

    `seeds` is a number of runs (seeds 1, 2, ...) or the seeds; `assumptions` are parameters that differ from
    parameters.csv, `draws` values from a posterior; `folder` is the cache (default: the user's). `progress` is called
    with the numbers of finished, of all and of failed runs, `cancelled` after every run: when it says so,
    CancelledError is raised and the finished blocks stay. `tell` gets sentences about stored files that were damaged.
    Raises InputError for wrong input before the first run.
    """
    from .ensemble_compute import compute

    question = ask(region, field, seeds=seeds, assumptions=assumptions, months=months, scenario=scenario, draws=draws)
    wanted = tuple(choices) if choices is not None else all_choices()
    place = cache_folder(folder)
    compute(
        question, wanted, place, workers=workers, progress=progress, cancelled=cancelled, tell=tell or (lambda _: None)
    )
    return stored_ensemble(question, wanted, place)


def ask(
    region: str | Path | Region,
    field: str = "",
    *,
    seeds: int | Sequence[int] = SEEDS,
    assumptions: Mapping[str, float] = _NO_VALUES,
    months: int | None = None,
    scenario: str = "base",
    draws: ParameterDraws | None = None,
) -> Question:
    """Return a checked question; raises InputError with all that is wrong with it."""
    from ..model.integration_model import checked_months, checked_seed
    from ..model.parameters import check_overrides
    from ..model.variant import load_scenario

    place = in_field(region if isinstance(region, Region) else load_region(region), field or None)
    checked_months(months, place)
    if problems := check_overrides(dict(assumptions)):
        raise InputError(problems)
    load_scenario(scenario)
    chosen = tuple(range(1, seeds + 1)) if isinstance(seeds, int) else tuple(checked_seed(seed) for seed in seeds)
    if not chosen or len(set(chosen)) < len(chosen):
        raise InputError(f"seeds are different whole numbers, at least one; found {seeds}")
    return Question(place, chosen, months, dict(assumptions), scenario, draws)


def stored_ensemble(question: Question, choices: Sequence[Choice], folder: Path) -> Ensemble:
    """Return the ensemble of those choices whose runs are all stored."""
    files: dict[Choice, list[Path]] = {}
    for choice in dict.fromkeys(choices):
        paths = [question.path(folder, choice, seeds) for seeds in question.blocks()]
        if all(path.is_file() for path in paths):
            files[choice] = paths
    return Ensemble(question, files)


def cache_folder(folder: str | Path | None = None) -> Path:
    """Return the folder of stored ensembles, made when it is not there; raises InputError when it cannot be used."""
    import os
    import sys

    if folder is None:
        home = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else None)
        folder = Path(home or Path.home() / ".cache") / "kreislauf" / "ensembles"
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(13, "not writable")
    except OSError as error:
        words = f"the folder for finished runs, {folder}, cannot be written: {error.strerror}; choose another"
        raise InputError(words) from None
    return folder


__all__ = [
    "SEEDS",
    "STATUS_QUO",
    "Choice",
    "Ensemble",
    "Question",
    "all_choices",
    "ask",
    "cache_folder",
    "ensure_ensemble",
]
