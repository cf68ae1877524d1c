"""A finished results folder, or the folder of a batch, read as an ensemble."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..experiments.batch_folder import AGAIN, BATCH, open_batch
from ..experiments.merge import verify
from ..model.errors import InputError
from ..model.region import in_field, load_region, region_names
from ..model.results import TABLES
from ..model.results_folder import read_results
from ..model.variant import Variant, scenario_names
from .choices import STATUS_QUO, Choice
from .ensemble import Ensemble, ask
from .ensemble_digest import Shape, digest, empty_digest, write_block

_NEEDED = ("runs", "monthly", "cells", "flows", "structures")


def read_ensemble(folder: str | Path, *, region: str | Path | None = None) -> Ensemble:
    """Return the runs in a folder of `kreislauf compare --out`, `batch run` or `batch merge` as an ensemble.

    The first scenario and, of a design, its first point are taken. Raises InputError when the folder is damaged or
    incomplete, when a table the screens need was not kept, and when the region has changed since (`region` names
    another place where it is now).
    """
    folder = Path(folder)
    tables, inputs = _tables(folder)
    field = str(inputs.get("field") or "")
    place = in_field(load_region(region if region is not None else _place(folder, inputs)), field or None)
    if place.fingerprint != inputs["region"]["sha256"]:
        raise InputError(f"{folder} was computed with another state of the region {inputs['region']['name']!r}")
    runs: Any = tables["runs"]
    for name in ("scenario", "point"):
        if name in runs:
            runs = runs.loc[runs[name] == runs[name].iloc[0]]
    choices = _choices(inputs["variants"], folder)
    seeds = sorted({int(seed) for seed in runs["seed"]})
    scenario = str(runs["scenario"].iloc[0]) if len(runs) else "base"
    months = int(inputs["months"]) if inputs.get("months") else None
    values = {str(name): float(value) for name, value in (inputs.get("parameters") or {}).items()}
    known = scenario if scenario in scenario_names() else "base"
    question = ask(place, field, seeds=seeds, assumptions=values, months=months, scenario=known)
    shape = Shape.of(question.region, months)
    store = tempfile.TemporaryDirectory(prefix="kreislauf-results-")
    parts = {name: dict(tuple(tables[name].groupby("run", sort=False))) for name in _NEEDED if name != "runs"}
    files: dict[Choice, list[Path]] = {}
    for name, choice in choices.items():
        mine = runs.loc[runs["variant"] == name].set_index("seed")
        if len(mine) != len(seeds):
            words = f"{len(mine)} of {len(seeds)} runs of the variant {name!r} are there; finish the computation first"
            raise InputError(f"{folder} is not complete: {words}")
        block, failures = [], {}
        for seed in seeds:
            row = mine.loc[seed]
            if row["status"] != "done":
                failures[seed] = str(row["error"])
                block.append((seed, empty_digest(shape), {}))
                continue
            own = {table: frames.get(int(row["run"]), pd.DataFrame()) for table, frames in parts.items()}
            block.append((seed, *digest(_summary(row), own, shape)))
        path = Path(store.name) / f"{choice.key}.npz"
        write_block(path, block, failures=failures)
        files[choice] = [path]
    number = hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()[:8]
    return Ensemble(question, files, source=folder.name, run_number=number,
                    drawn_from=str((inputs.get("draws") or {}).get("file", "")), store=store)  # fmt: skip


def _tables(folder: Path) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Return the tables of a folder and what they were computed from; raises InputError for what cannot be read."""
    if (folder / BATCH).is_file():
        batch = open_batch(folder)
        if batch.finished < batch.requested:
            words = f"{batch.finished} of {batch.requested} runs are there"
            raise InputError(f"the batch in {folder} is not finished: {words}; give its command again")
        if problems := verify(batch):
            raise InputError("\n".join([*problems, AGAIN]))
        read, inputs = batch.table, batch.about["inputs"]
    else:
        results = read_results(folder)
        if not results.manifest.get("complete", True):
            raise InputError(f"the results in {folder} are not complete; give the command again, it continues")
        read, inputs = results.table, results.manifest["inputs"]
    tables: dict[str, pd.DataFrame] = {}
    missing: list[str] = []
    for name in _NEEDED:
        try:
            tables[name] = read(name)
        except (InputError, KeyError):
            missing.append(name)
    if missing:
        words = f"the screens need the tables {', '.join(name for name in TABLES if name != 'households')}"
        raise InputError(f"{folder} has no table {', '.join(missing)}; {words}")
    return tables, inputs


def _place(folder: Path, inputs: Mapping[str, Any]) -> str:
    """Return the region of results: a shipped one; raises InputError for one that is a folder somewhere else."""
    name = str(inputs["region"]["name"])
    if name not in region_names():
        raise InputError(
            f"the results in {folder} are about the region {name!r}, which is not shipped; name its folder"
        )
    return name


def _choices(variants: Mapping[str, Any], folder: Path) -> dict[str, Choice]:
    """Return a choice for every variant by name: rule and instrument where they say all, else a choice of its own."""
    found: dict[str, Choice] = {}
    for name, record in variants.items():
        variant = Variant.model_validate({key: value for key, value in record.items() if key != "sha256"})
        choice = choice_of(variant)
        found[name] = choice if choice is not None and choice not in found.values() else Choice(name=name)
    if not found:
        raise InputError(f"{folder} has no variants")
    if STATUS_QUO in found.values():
        return dict(sorted(found.items(), key=lambda item: item[1] != STATUS_QUO))
    return found


def choice_of(variant: Variant) -> Choice | None:
    """Return the rule and instrument that make exactly this variant; None when it is something else."""
    others = [name for name, weight in variant.funding.items() if name != "own_budget" and weight > 0]
    if len(others) > 1:
        return None
    choice = Choice(variant.rule, others[0], round(variant.funding[others[0]], 4)) if others else Choice(variant.rule)
    try:
        same = choice.variant().model_copy(update={"funding": _positive(choice.variant().funding)})
    except InputError:
        return None
    mine = variant.model_copy(update={"funding": _positive(variant.funding)})
    return choice if same.fingerprint() == mine.fingerprint() else None


def _positive(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: weight for name, weight in weights.items() if weight > 0}


def _summary(row: Any) -> dict[str, float]:
    """Return the measures and key figures in a row of the table of runs."""
    skip = {"run", "region", "variant", "scenario", "point", "months", "status", "error", "id"}
    return {
        str(name): float(value) if value is not None else np.nan
        for name, value in row.items()
        if name not in skip and not str(name).startswith("p_") and not isinstance(value, str)
    }
