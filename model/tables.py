"""The tables of a run: monthly indicators, cells, flows, structures and, on request, households."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..agents.codes import ACCOMMODATION_NAMES, HERE, LEFT, ORIGIN_NAMES, STATUS_NAMES, WORK_NAMES
from .calendar import month_label
from .ledger import Ledger
from .measures import MEASURES, summarise
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
    series = {name: measure.compute(record) for name, measure in MEASURES.items()} if len(record.months) else {}
    summary = {name: summarise(MEASURES[name], values) for name, values in series.items()}
    for name, instrument in model.politics.instruments.items():
        summary |= {f"{name}.{key}": float(value) for key, value in instrument.kpis().items()}
    return RunTables(
        summary=summary,
        monthly=_monthly(model, record.months, series if wanted("monthly") else {}),
        cells=_cells(model) if wanted("cells") else _cells(model).iloc[:0],
        flows=record.flows if wanted("flows") else Ledger().flows(),
        structures=(model.register if wanted("structures") else Register(model.field, model.region)).frame(),
        households=_households(model) if model.record_households and wanted("households") else None,
    )


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
            "bodies_last": model.cells.bodies().ravel(),
        }
    )


def _households(model: IntegrationModel) -> pd.DataFrame:
    h = model.households
    table = h.table[: h.n]
    first, second = h.adults[0 : 2 * h.n : 2], h.adults[1 : 2 * h.n : 2]
    keys = np.array(model.region.keys, dtype=object)
    return pd.DataFrame(
        {
            "identity": table.identity,
            "arrived": [month_label(int(month)) for month in table.arrived],
            "here": table.stay == HERE,
            "left": table.stay == LEFT,
            "municipality": keys[table.municipality],
            "origin": np.array(ORIGIN_NAMES, object)[table.origin],
            "adults": table.n_adults,
            "children": table.n_children,
            "status": np.array(STATUS_NAMES, object)[table.status],
            "accommodation": np.array(ACCOMMODATION_NAMES, object)[table.accommodation],
            "work_1": np.array(WORK_NAMES, object)[first.work],
            "work_2": np.where(second.present == 1, np.array(WORK_NAMES, object)[second.work], ""),
            "level_1": first.level,
            "level_2": np.where(second.present == 1, second.level, np.nan),
            "contacts": table.contacts,
            "trust": table.trust,
            "confusion": table.confusion,
        }
    )
