"""Variants side by side: the same seeds for all, medians with 80 % intervals, and paired differences to a reference.

With one seed every variant sees the same arrivals, the same people and the same luck wherever the policy did not act.
So the difference of two runs with one seed is the effect of the policy in that run.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..model.errors import InputError, closest
from ..model.provenance import code_hash, package_versions
from ..model.results import RunResult, runs_frame
from ..model.results_folder import Results, ResultsWriter, read_results
from ..model.variant import Scenario, Variant, load_scenario, load_variant, variant_names
from .folder_lock import held
from .parameter_draws import ParameterDraws, read_draws
from .runner import RunSpec, Simulate, run_all, run_model, specs_for
from .variance_parts import parts_table

if TYPE_CHECKING:
    from ..model.region import Region

type CompareProgress = Callable[[int, int, int], None]

LOW, HIGH = 0.1, 0.9
"""The interval given everywhere holds the middle 80 % of the runs."""

ENOUGH_RUNS = 10
"""Runs from which a difference without a mark of doubt says something: of those that are luck one in ten has none
with five runs (counted on normal numbers in tests/cli/test_comparison.py)."""

COMPARISON_COLUMNS = (
    "variant",
    "measure",
    "runs",
    "median",
    "q10",
    "q90",
    "pairs",
    "difference",
    "difference_q10",
    "difference_q90",
    "share_higher",
    "share_lower",
    "within_spread",
)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in the middle of a batch; the message says what was kept and how to continue.

    >>> issubclass(Interrupted, KeyboardInterrupt)
    True
    """


@dataclass(frozen=True, slots=True)
class Comparison:
    """Variants compared: the table of differences, the runs behind it, and the results folder (None: not written).

    `parts` says how much of the spread of each difference is luck and how much is not knowing the parameters; None when
    all runs had the same parameters.

    >>> runs = pd.DataFrame({"variant": ["a"], "seed": [1], "status": ["failed"], "error": ["no money"]})
    >>> Comparison(pd.DataFrame(), runs, "a").failures["error"].tolist()
    ['no money']
    """

    table: pd.DataFrame
    runs: pd.DataFrame
    reference: str
    folder: Path | None = None
    parts: pd.DataFrame | None = None

    @property
    def failures(self) -> pd.DataFrame:
        """The runs that failed, with variant, seed and error."""
        return self.runs.loc[self.runs["status"] != "done", ["variant", "seed", "error"]]


def compare_runs(runs: pd.DataFrame, *, reference: str, measures: Sequence[str] | None = None) -> pd.DataFrame:
    """Return one row per variant and measure: spread over seeds, and the paired difference to the reference.

    `runs` has columns variant, seed, status (optional) and one per measure. Quantiles are linear between order
    statistics. `difference` is the median over seeds of (variant minus reference) in the measure's unit, `share_higher`
    and `share_lower` the shares of seeds in which it is above and below zero; `within_spread` says that the 80 %
    interval of the difference contains zero. A measure that a run does not have (NaN) leaves that run out; `runs` and
    `pairs` say how many remained. Raises InputError when the reference is not among the runs.

    >>> rows = [("a", 1, 4.0), ("b", 1, 3.0), ("a", 2, 6.0), ("b", 2, 3.0)]
    >>> runs = pd.DataFrame(rows, columns=["variant", "seed", "waiting_months"])
    >>> table = compare_runs(runs, reference="a", measures=["waiting_months"])
    >>> float(table.set_index("variant").loc["b", "difference"])
    -2.0
    """
    done = runs.loc[runs["status"] == "done"] if "status" in runs else runs
    variants = list(dict.fromkeys(runs["variant"]))
    if reference not in variants:
        raise InputError(f"the reference {reference!r} is not among the variants, {closest(reference, variants)}")
    if measures is None:
        from ..model.measures import MEASURES

        measures = [name for name, measure in MEASURES.items() if measure.headline and name in runs.columns]
    by_seed = {name: done.loc[done["variant"] == name].set_index("seed") for name in variants}
    rows: list[dict[str, Any]] = []
    for measure in measures:
        base = by_seed[reference][measure].astype(float)
        for variant in variants:
            values = by_seed[variant][measure].astype(float)
            difference = (values - base.reindex(values.index)).dropna().to_numpy()
            values = values.dropna().to_numpy()
            q10, median, q90 = quantiles(values)
            low, middle, high = quantiles(difference)
            rows.append(
                {
                    "variant": variant,
                    "measure": measure,
                    "runs": len(values),
                    "median": median,
                    "q10": q10,
                    "q90": q90,
                    "pairs": len(difference),
                    "difference": middle,
                    "difference_q10": low,
                    "difference_q90": high,
                    "share_higher": float(np.mean(difference > 0)) if len(difference) else np.nan,
                    "share_lower": float(np.mean(difference < 0)) if len(difference) else np.nan,
                    "within_spread": not (low > 0 or high < 0),
                }
            )
    return pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS))


def quantiles(values: np.ndarray) -> tuple[float, float, float]:
    """Return the 10 %, 50 % and 90 % quantiles, NaN without values."""
    if not len(values):
        return np.nan, np.nan, np.nan
    low, middle, high = np.quantile(values, [LOW, 0.5, HIGH])
    return float(low), float(middle), float(high)


def compare(
    region: str | Path | Region,
    variants: Sequence[str | Path | Variant] | None = None,
    *,
    field: str | None = None,
    scenario: str | Path | Scenario = "base",
    seeds: int | Sequence[int] = 20,
    months: int | None = None,
    parameters: Mapping[str, float] | None = None,
    draws: str | Path | ParameterDraws | None = None,
    reference: str = "status_quo",
    measures: Sequence[str] | None = None,
    workers: int | None = None,
    out: str | Path | None = None,
    command: Sequence[str] = (),
    progress: CompareProgress | None = None,
    simulate: Simulate = run_model,
) -> Comparison:
    """Run variants (all shipped ones by default) with the same seeds and compare them with the reference.

    `field` is the field of action (default: the region's own). `seeds` is a number of runs per variant (seeds 1, 2,
    ...) or the seeds themselves; `measures` are those to compare (default: the headline ones). `draws` is a file of
    parameter draws (a posterior): every seed gets one, the same in all variants; `parameters` and what variants and
    scenario set replace what is drawn. With `out`, results are written there; an interrupted batch is continued when
    the same comparison is asked for again. `progress` is called with the numbers of finished runs, of all runs, and of
    failed runs. Raises InputError for wrong input before the first run, Interrupted on Ctrl-C.

    >>> found = compare("coburg", ["community"], seeds=1, months=2, workers=1)
    >>> sorted(found.runs["variant"])
    ['community', 'status_quo']
    """
    from ..model.integration_model import checked_months
    from ..model.region import in_field, load_region

    place = in_field(load_region(region) if isinstance(region, str | Path) else region, field)
    checked_months(months, place)
    chosen = _chosen_variants(variants, reference)
    world = load_scenario(scenario)
    seed_list = _seed_list(seeds)
    drawn = read_draws(draws) if isinstance(draws, str | Path) else draws
    specs = specs_for(place.name, chosen, world, seed_list, months=months, parameters=parameters or {}, draws=drawn)
    inputs = {
        "region": {"name": place.name, "sha256": place.fingerprint},
        "field": place.field,
        "variants": {variant.name: {"sha256": variant.fingerprint(), **variant.model_dump()} for variant in chosen},
        "scenario": {"sha256": world.fingerprint(), **world.model_dump()},
        "seeds": seed_list,
        "months": months,
        "parameters": dict(parameters or {}),
        "reference": reference,
        **({"draws": drawn.record()} if drawn is not None else {}),
    }
    tally = _Tally(len(specs), progress)
    if out is None:
        rows = [result.row() for result in run_all(place, specs, workers=workers, progress=tally, simulate=simulate)]
        runs = runs_frame(rows)
    else:
        with held(out, command=command), ResultsWriter(out, inputs=inputs, command=command) as writer:
            written = _run_into_folder(writer, place, specs, tally, workers=workers, simulate=simulate)
        runs = written.runs.sort_values("run", ignore_index=True)
    table = compare_runs(runs, reference=reference, measures=measures)
    parts = (
        None
        if drawn is None
        else _parts(runs, drawn, reference=reference, measures=list(dict.fromkeys(table["measure"])))
    )
    return Comparison(table, runs, reference, Path(out) if out is not None else None, parts)


def _parts(runs: Any, draws: ParameterDraws, *, reference: str, measures: Sequence[str]) -> pd.DataFrame:
    """Return the parts of the spread of every difference, and of the reference's own values."""
    done = runs.loc[runs["status"] == "done"] if "status" in runs else runs
    base = done.loc[done["variant"] == reference].set_index("seed")
    tables = []
    for measure in measures:
        own = done[["variant", "seed", measure]].copy()
        level = own["seed"].map(base[measure]).where(own["variant"] != reference, 0.0)
        own["difference"] = own[measure].astype(float) - level.astype(float)
        own["draw"] = [draws.index(int(seed)) for seed in own["seed"]]
        tables.append(parts_table(own.dropna(subset=["difference"]), measure=measure))
    return pd.concat(tables, ignore_index=True)


def _seed_list(seeds: int | Sequence[int]) -> list[int]:
    """Return the seeds; raises InputError for none, unusable ones, or one that stands twice."""
    from ..model.integration_model import checked_seed

    chosen = list(range(1, seeds + 1)) if isinstance(seeds, int) else [checked_seed(seed) for seed in seeds]
    if not chosen or len(set(chosen)) < len(chosen):
        raise InputError(f"seeds are different whole numbers, at least one; found {seeds}")
    return chosen


def _chosen_variants(variants: Sequence[str | Path | Variant] | None, reference: str) -> list[Variant]:
    """Return the variants, the reference first; raises InputError for two of one name."""
    chosen = [load_variant(variant) for variant in (variants if variants is not None else variant_names())]
    names = [variant.name for variant in chosen]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two variants are called {name!r}; name each once, or give one file another name")
    if reference not in names:
        chosen.append(load_variant(reference))
    return sorted(chosen, key=lambda variant: variant.name != reference)


class _Tally:
    """Counts finished and failed runs and tells the progress callback."""

    def __init__(self, total: int, progress: CompareProgress | None) -> None:
        self.done, self.failed, self._total, self._progress = 0, 0, total, progress

    def add(self, runs: int, failed: int) -> None:
        """Count some runs."""
        self.done += runs
        self.failed += failed
        if self._progress is not None:
            self._progress(self.done, self._total, self.failed)

    def __call__(self, result: RunResult) -> None:
        """Count one run."""
        self.add(1, 0 if result.done else 1)


def _run_into_folder(
    writer: ResultsWriter,
    region: Region,
    specs: Sequence[RunSpec],
    tally: _Tally,
    *,
    workers: int | None,
    simulate: Simulate,
) -> Results:
    """Run what the folder does not have yet, write everything, and return the folder; raises Interrupted on Ctrl-C."""
    start, requested = time.perf_counter(), len(specs)
    kept = _finished_before(writer.folder, writer.inputs)
    if kept is not None:
        numbers = set(kept.runs["run"].to_numpy().tolist())
        writer.copy(kept, runs=sorted(numbers))
        tally.add(len(numbers), int(kept.manifest["runs"]["failed"]))
        specs = [spec for spec in specs if spec.key.run not in numbers]
    with contextlib.closing(run_all(region, specs, workers=workers, progress=tally, simulate=simulate)) as results:
        try:
            for result in results:
                writer.add(result)
        except KeyboardInterrupt:
            results.close()
            found = writer.close(complete=False, requested=requested, seconds=time.perf_counter() - start).manifest[
                "runs"
            ]
            raise Interrupted(
                f"Stopped after {found['done'] + found['failed']} of {requested} runs; "
                f"they are kept in {writer.folder}. The same command continues from there."
            ) from None
    return writer.close(requested=requested, seconds=time.perf_counter() - start)


def _finished_before(folder: Path, inputs: Mapping[str, Any]) -> Results | None:
    """Return what an interrupted batch of exactly these inputs and this code left in the folder, or None."""
    try:
        earlier = read_results(folder)
    except InputError:
        return None
    manifest = earlier.manifest
    same = (
        manifest["inputs"] == inputs and manifest["code"] == code_hash() and manifest["packages"] == package_versions()
    )
    return earlier if same and not manifest["complete"] else None
