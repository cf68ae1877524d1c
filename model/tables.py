"""The tables of a run: monthly indicators, cells, flows, structures and, on request, households."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .ledger import Ledger
from .measures import measures_of, summarise
from .record import RunRecord
from .results import RunTables
from .services import DUPLICATED, HOURS, LAPSED, OPEN, SERVED, UNHELD, UNMET, WAIT
from .structures import Register

if TYPE_CHECKING:
    from .integration_model import IntegrationModel

REGION_SCOPE = "region"


def run_tables(model: IntegrationModel, tables: Collection[str] | None = None) -> RunTables:
    """Return the tables of a run as far as it has come; those not in `tables` (default: all) have no rows."""

    def wanted(name: str) -> bool:
        return tables is None or name in tables

    record = RunRecord(model)
    asked = measures_of(model.field) if len(record.months) else {}
    series = {name: measure.compute(record) for name, measure in asked.items()}
    summary = {name: summarise(asked[name], values) for name, values in series.items()}
    for name, instrument in model.politics.instruments.items():
        summary |= {f"{name}.{key}": float(value) for key, value in instrument.kpis().items()}
    return RunTables(
        summary=summary,
        monthly=(
            _monthly(model, record.months, series)
            if wanted("monthly")
            else _nothing("monthly", lambda: _monthly(model, record.months, {}))
        ),
        cells=_cells(model) if wanted("cells") else _nothing("cells", lambda: _cells(model).iloc[:0]),
        flows=record.flows if wanted("flows") else _nothing("flows", Ledger().flows),
        structures=(
            model.register.frame()
            if wanted("structures")
            else _nothing("structures", lambda: Register(model.field, model.region).frame())
        ),
        households=_households(model) if model.record_households and wanted("households") else None,
    )


_empty: dict[str, pd.DataFrame] = {}


def _nothing(name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Return a table without rows, made once in a process."""
    if name not in _empty:
        _empty[name] = make()
    return _empty[name].copy(deep=False)  # pandas copies when somebody writes


def _monthly(model: IntegrationModel, months: np.ndarray, series: dict[str, np.ndarray]) -> pd.DataFrame:
    scopes = np.array([*model.region.keys, REGION_SCOPE], dtype=object)
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    for name, values in series.items():
        whole = values.reshape(len(months), -1)
        width = whole.shape[1]
        part = scopes[-1:] if width == 1 else scopes
        parts.append(
            (np.repeat(months, width), np.tile(part, len(months)), np.full(whole.size, name, object), whole.ravel())
        )
    if not parts:
        columns = {"month": "int32", "scope": "category", "indicator": "category", "value": "float64"}
        return pd.DataFrame({name: [] for name in columns}).astype(columns)
    month, scope, indicator, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    return pd.DataFrame(
        {
            "month": month.astype(np.int32),
            "scope": pd.Categorical(scope),
            "indicator": pd.Categorical(indicator),
            "value": value.astype(np.float64),
        }
    )


def _cells(model: IntegrationModel) -> pd.DataFrame:
    k, m, g = model.recorder.shape
    total = model.recorder.cells_total
    months = max(len(model.recorder.months), 1)
    return pd.DataFrame(
        {
            "task": np.repeat(model.field.task_ids, m * g),
            "municipality": np.tile(np.repeat(model.region.keys, g), k),
            "group": np.tile(model.field.groups, k * m),
            "opened": total[:, -2],
            "served": total[:, SERVED],
            "lapsed": total[:, LAPSED],
            "hours": total[:, HOURS],
            "duplicated_hours": total[:, DUPLICATED],
            "waiting_months": np.divide(
                total[:, WAIT], total[:, SERVED], out=np.full(len(total), np.nan), where=total[:, SERVED] > 0
            ),
            "open_mean": total[:, OPEN] / months,
            "unheld_mean": total[:, UNHELD] / months,
            "unmet_hours_mean": total[:, UNMET] / months,
            "months_without_body": total[:, -1],
            "bodies_last": model.cells.bodies.ravel(),
        }
    )


def _households(model: IntegrationModel) -> pd.DataFrame:
    """Return the households of all fields; with several, the column `field` says of which, and others may be empty."""
    frames = [people.frame() for people in model.people]
    if len(frames) == 1:
        return frames[0]
    named = [frame.assign(field=people.field.name) for people, frame in zip(model.people, frames, strict=True)]
    return pd.concat(named, ignore_index=True)
