"""Small worlds to test with: regions of three municipalities, twins of a region, rows in another order.

All are made from the shipped region folder, so they pass the same checks as a user's folder. Tables are frames of text,
as they stand in the files.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from kreislauf.model import rng
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import load_region, region_folder
from kreislauf.model.rng import identity_of

if TYPE_CHECKING:
    import numpy as np

DISTRICT = "09473"
AHORN, EBERSDORF, WEITRAMSDORF = "09473112", "09473121", "09473175"
SMALL = (AHORN, EBERSDORF, WEITRAMSDORF)  # two of one alliance, and the one with collective accommodation
EVERY_TASK = (
    "accommodation;private_housing;advice;language_course;course_coordination;job_placement;apprenticeship;kita_school;"
    "childcare_courses;health;trauma_care;encounter;mobility;interpreting;handover"
)
_NUMBERS = ("asylum_persons", "ukraine_persons")


@dataclass
class Tables:
    """The files of a region folder: CSV tables by name as frames of text, and the two settings files."""

    csv: dict[str, pd.DataFrame]
    region_toml: str
    households_toml: str
    notes: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write all files into a folder and return it."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self.csv.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
        (folder / "region.toml").write_text(self.region_toml, encoding="utf-8")
        (folder / "households.toml").write_text(self.households_toml, encoding="utf-8")
        return folder

    def load(self, folder: Path) -> Any:
        """Write the folder and return the region read from it."""
        return load_region(self.write(folder))

    def scale(self, table: str, columns: Sequence[str], factor: float) -> None:
        """Multiply columns of numbers."""
        for column in columns:
            values = self.csv[table][column].astype(float) * factor
            self.csv[table][column] = [repr(float(value)) for value in values]


def coburg() -> Tables:
    """Return the shipped region as tables."""
    folder = region_folder("coburg")
    csv = {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in sorted(folder.glob("*.csv"))}
    texts = [(folder / name).read_text(encoding="utf-8") for name in ("region.toml", "households.toml")]
    return Tables(csv, *texts)


def structure(
    name: str, level: str, tasks: str = EVERY_TASK, *, owner: str = "", catchment: str = "all", hours: float = 200.0,
    **more: Any,
) -> dict[str, str]:  # fmt: skip
    """Return a row of structures.csv; an open post of one payer unless said otherwise."""
    row = {
        "id": name, "name_de": name, "owner": owner or level, "level": level, "tasks": tasks, "groups": "all",
        "catchment": catchment, "nature": "voluntary", "fte": "1", "hours_per_month": repr(hours),
        "monthly_cost_eur": "1000", "payers": "land:1", "start": "", "end": "", "ramp_up_months": "0",
        "visibility_factor": "1", "programme": "", "evidence_rows": "", "note": "", "confidence": "assumption",
        "source": "EST_REGISTER",
    }  # fmt: skip
    return row | {column: str(value) for column, value in more.items()}


HANDFUL = (
    structure("office", "district", owner="district", hours=500, payers="district:1"),
    structure("caritas_advice", "welfare", "advice;private_housing;encounter", owner="caritas", hours=150),
    structure("town_hall", "municipality", "advice;private_housing;kita_school", owner="municipality", catchment="each",
              hours=120, payers="municipality:1"),
    structure("helper_circle", "volunteers", "advice;encounter;mobility;interpreting", owner="helpers",
              catchment="each", hours=100, fte=0, monthly_cost_eur=0, payers="donors:1"),
    structure("school", "provider", "language_course", owner="vhs", hours=250, payers="bund:1"),
    structure("guide", "district", "volunteer_support;encounter", owner="district", hours=130, start="2015-03",
              end="2016-02", ramp_up_months=3, payers="land:0.6;district:0.4"),
)  # fmt: skip


def small(
    *, keys: Sequence[str] = SMALL, arrivals: float = 0.15, structures: Sequence[Mapping[str, str]] = HANDFUL,
    alliances: bool = True,
) -> Tables:  # fmt: skip
    """Return a region of a few municipalities of Coburg with scaled arrivals and a handful of structures."""
    tables = coburg()
    csv = tables.csv
    csv["municipalities"] = csv["municipalities"][csv["municipalities"]["key"].isin(keys)].reset_index(drop=True)
    csv["population"] = csv["population"][csv["population"]["key"].isin(keys)]
    csv["adjacency"] = csv["adjacency"][csv["adjacency"]["from"].isin(keys) & csv["adjacency"]["to"].isin(keys)]
    csv["alliances"] = csv["alliances"][csv["alliances"]["key"].isin(keys) & alliances]
    finances = csv["finances"]
    csv["finances"] = finances[(finances["level"] != "municipality") | finances["key"].isin(keys)]
    tables.scale("arrivals", _NUMBERS, arrivals)
    tables.scale("initial", ["value"], arrivals)
    tables.csv["structures"] = pd.DataFrame(list(structures), columns=csv["structures"].columns)
    return tables


def without_arrivals(tables: Tables) -> Tables:
    """Return the same region with nobody arriving and nobody there."""
    for column in _NUMBERS:
        tables.csv["arrivals"][column] = "0"
    tables.csv["initial"]["value"] = "0"
    return tables


def permuted(tables: Tables, orders: Mapping[str, Sequence[int]]) -> Tables:
    """Return the same region with the rows of some tables in another order."""
    csv = {name: frame.copy() for name, frame in tables.csv.items()}
    for name, order in orders.items():
        csv[name] = csv[name].iloc[list(order)].reset_index(drop=True)
    return Tables(csv, tables.region_toml, tables.households_toml)


# ---- twins ------------------------------------------------------------------------------------------------------

TWIN = "09499"  # key of the twin district, of the same Bezirk; its municipalities' keys begin with it


def original(text: str) -> str:
    """Return the name an entity of the twin district has in the original: its key, without the suffix."""
    return text.replace(TWIN, DISTRICT).replace("_twin", "")


def twins(tables: Tables) -> Tables:
    """Return a region of two districts with the same municipalities, structures, arrivals and identities.

    Rows of catchment `each` reach both districts and are split by inhabitants, so their totals are doubled; so are the
    sums of programmes, which districts share. Structures of the twin have the suffix `_twin`.
    """
    csv = {name: frame.copy() for name, frame in tables.csv.items()}
    towns = csv["municipalities"]
    towns["identity"] = [str(identity_of(key)) for key in towns["key"]]
    csv["municipalities"] = _with_twin(towns, "key", "district")
    for name, columns in {"population": ["key"], "adjacency": ["from", "to"], "arrivals": ["district"],
                          "labour": ["district"]}.items():  # fmt: skip
        csv[name] = _with_twin(csv[name], *columns)
    across = [
        {"from": a, "to": b, "km": "30", "adjacent": "0", "border_km": "0", "confidence": "assumption",
         "source": csv["adjacency"]["source"].iloc[0]}
        for a in csv["municipalities"]["key"] for b in csv["municipalities"]["key"] if (a[:5] != b[:5])
    ]  # fmt: skip
    csv["adjacency"] = pd.concat([csv["adjacency"], pd.DataFrame(across)]).fillna("")
    local = csv["finances"][csv["finances"]["level"].isin(["municipality", "district"])]
    csv["finances"] = pd.concat([csv["finances"], _with_twin(local, "key").iloc[len(local) :]])
    alliances = _with_twin(csv["alliances"], "key")
    n = len(csv["alliances"])
    alliances["alliance"] = [name + ("_twin" if i >= n else "") for i, name in enumerate(alliances["alliance"])]
    csv["alliances"] = alliances
    result = Tables(csv, tables.region_toml, tables.households_toml)
    result.scale("initial", ["value"], 2.0)
    result.scale("programmes", ["max_eur_per_year"], 2.0)
    rows = []
    for row in csv["structures"].to_dict("records"):
        if row["catchment"] == "each":
            doubled = {name: repr(2.0 * float(row[name])) for name in ("fte", "hours_per_month", "monthly_cost_eur")}
            rows.append(row | doubled)
            continue
        unit, dot, phase = row["id"].partition(".")
        here = DISTRICT if row["catchment"] == "all" else row["catchment"]
        rows.append(row | {"catchment": here})
        rows.append(row | {"catchment": here.replace(DISTRICT, TWIN), "id": f"{unit}_twin{dot}{phase}"})
    csv["structures"] = pd.DataFrame(rows, columns=csv["structures"].columns)
    head, block = tables.region_toml.split("[[district]]")
    number = f"\nidentity = {identity_of(DISTRICT)}\n"
    result.region_toml = f"{head}[[district]]{block}{number}\n[[district]]{block.replace(DISTRICT, TWIN)}{number}"
    return result


def _with_twin(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    twin = frame.copy()
    for column in columns:
        twin[column] = [text.replace(DISTRICT, TWIN, 1) for text in twin[column]]
    return pd.concat([frame, twin], ignore_index=True)


@contextmanager
def twin_identities() -> Iterator[None]:
    """Let structures and actors of the twin district draw the numbers of their originals.

    Households and municipalities take their identity from the files. Structures, actors and proposals have no such
    column: theirs is made from the name, so within this context names of the twin count as the original's.
    """
    plain = rng.identity_of

    def by_original(text: str) -> int:
        return plain(original(text))

    users = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("kreislauf.") and getattr(module, "identity_of", None) is plain
    ]
    for module in users:
        module.identity_of = by_original  # pyright: ignore[reportAttributeAccessIssue]
    try:
        yield
    finally:
        for module in users:
            module.identity_of = plain  # pyright: ignore[reportAttributeAccessIssue]


# ---- running ----------------------------------------------------------------------------------------------------


def run(
    region: Any, variant: Any = "status_quo", *, months: int | None = 12, seed: int = 1, **more: Any
) -> IntegrationModel:
    """Run a world for some months and return the model."""
    return IntegrationModel(region, variant, months=months, rng=seed, record_households=True, **more).run()


class Watched(IntegrationModel):
    """A model that shows itself to a watcher after each phase of the month named in `watch`."""

    def __init__(self, *args: Any, watch: Mapping[str, Callable[[Any], None]], **more: Any) -> None:
        """Take the watchers by phase, the rest as the model does."""
        self._watch = dict(watch)
        super().__init__(*args, **more)

    def step(self) -> None:
        """Let a month pass, calling `before_<phase>` and `<phase>` watchers around the phases."""
        if not self.running:
            return
        self.month += 1
        for phase in self.PHASES:
            self._watch.get(f"before_{phase}", _nothing)(self)
            getattr(self, phase)()
            self._watch.get(phase, _nothing)(self)
        self.datacollector.collect(self)
        self.running = self.month - self.region.start_month + 1 < self.months


def _nothing(model: Any) -> None:
    """Watch nothing."""


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays hold the same bytes."""
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
