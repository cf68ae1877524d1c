"""A made-up region of any size, written as a region folder: for tests of scale, never for statements about a place.

Sizes, distances, networks and finances are like those of Bavarian districts; structures, programmes, the course of
arrivals and the composition of households follow the shipped region `coburg`, scaled to each district. Every figure is
marked as an assumption with the source SYNTH.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .calendar import month_label, year_of
from .errors import InputError
from .files import check_new_folder, new_folder
from .region import Region, load_region
from .region_geography import great_circle_km
from .region_schema import TABLES
from .region_settings import HOUSEHOLD_GROUPS, HOUSEHOLDS_FILE, SETTINGS_FILE

TEMPLATE = "coburg"
BEZIRKE = 7
MOST_IN_A_DISTRICT = 900
AREA_KM2 = 34.0  # mean area of a Bavarian municipality (70,550 km2, 2,056 municipalities)
_NOTHING: dict[str, Any] = {"confidence": "assumption", "source": "SYNTH"}
_GOLDEN_ANGLE = 2.399963229728653
_EARTH_KM_PER_DEGREE = 111.2
_NEIGHBOURS_KM = 8.0


@dataclass(frozen=True, slots=True)
class _Towns:
    """The made-up municipalities: keys, district numbers, seats, distances to the centre, inhabitants at the start."""

    keys: list[str]
    district: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    to_centre: np.ndarray
    people: np.ndarray
    growth: np.ndarray


def write_synthetic_region(
    folder: str | Path, *, municipalities: int, districts: int, households: int, seed: int = 0
) -> Path:
    """Write a valid region folder and return it.

    `households` is about how many arrive in all; the same numbers and seed give the same folder. Raises InputError
    when the numbers do not fit together or the folder is there already and not empty.
    """
    if not 1 <= districts <= municipalities or municipalities > districts * MOST_IN_A_DISTRICT or households < 1:
        raise InputError(
            f"{municipalities} municipalities in {districts} districts with {households} households cannot be made; "
            f"expected 1 to {MOST_IN_A_DISTRICT} municipalities in every district and at least one household"
        )
    if seed < 0:
        raise InputError(f"seed {seed} is not usable; expected a whole number from 0 on")
    folder = Path(folder)
    check_new_folder(folder)
    template = load_region(TEMPLATE)
    draw = np.random.default_rng(seed)
    codes = [f"09{1 + d % BEZIRKE}{d // BEZIRKE + 1:03d}" for d in range(districts)]
    centres = _centres(districts)
    towns = _towns(codes, centres, municipalities, draw)
    weight = np.bincount(towns.district, weights=towns.people, minlength=districts) * np.exp(
        draw.normal(0.0, 0.2, districts)
    )
    load = _persons_of(template, households) * weight / weight.sum()  # persons that arrive, by district
    size = load / _persons(template)  # a district against the template
    rows: dict[str, Iterable[Mapping[str, Any]]] = {
        "municipalities": _municipality_rows(template, codes, towns, size, draw),
        "population": _population_rows(template, towns),
        "adjacency": _adjacency_rows(towns),
        "arrivals": _arrival_rows(template, codes, size),
        "initial": _initial_rows(template, size),
        "structures": _structure_rows(template, codes, towns, size),
        "programmes": _programme_rows(template, size),
        "finances": _finance_rows(template, codes, towns, draw),
        "labour": _labour_rows(template, codes),
        "alliances": _alliance_rows(towns, districts),
        "sources": [
            {
                "source_id": "SYNTH", "title": f"Made-up region (kreislauf region synth, seed {seed}); no real place",
                "url": "-", "reference_date": "-", "type": "assumption",
            }
        ],
    }  # fmt: skip
    with new_folder(folder) as made:
        for name, table in TABLES.items():
            columns = [column.name for column in table.columns]
            with (made / table.file).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore", lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows[name] if name == "sources" else ({**row, **_NOTHING} for row in rows[name]))
        (made / SETTINGS_FILE).write_text(_settings(template, codes, centres, municipalities), encoding="utf-8")
        (made / HOUSEHOLDS_FILE).write_text(_households(template), encoding="utf-8")
    return folder


def _centres(districts: int) -> np.ndarray:
    """Return latitude and longitude of the districts' course sites on a square grid, (D, 2)."""
    side = int(np.ceil(np.sqrt(districts)))
    step = 0.31
    number = np.arange(districts)
    return np.stack([47.6 + step * (number // side), 9.2 + 1.5 * step * (number % side)], axis=1).round(5)


def _towns(codes: list[str], centres: np.ndarray, municipalities: int, draw: np.random.Generator) -> _Towns:
    """Lay the municipalities of every district out around its centre; the first is the district's town."""
    district = np.sort(np.arange(municipalities) % len(codes))
    first = np.searchsorted(district, np.arange(len(codes)))
    rank = np.arange(municipalities) - first[district]
    radius = np.sqrt((rank + 0.5) * AREA_KM2 / np.pi)
    angle = rank * _GOLDEN_ANGLE + district
    north, east = radius * np.cos(angle), radius * np.sin(angle)
    lat = centres[district, 0] + north / _EARTH_KM_PER_DEGREE
    lon = centres[district, 1] + east / (_EARTH_KM_PER_DEGREE * np.cos(np.radians(lat)))
    lat, lon = lat.round(6), lon.round(6)
    people = np.exp(draw.normal(np.log(2900.0), 0.7, municipalities)) * np.where(rank == 0, 4.0, 1.0)
    return _Towns(
        keys=[f"{codes[d]}{100 + r}" for d, r in zip(district, rank, strict=True)],
        district=district,
        lat=lat,
        lon=lon,
        to_centre=great_circle_km(lat, lon, centres[district, 0], centres[district, 1]).round(2),
        people=np.clip(people, 400.0, 60_000.0),
        growth=draw.normal(0.004, 0.006, municipalities),
    )


def _persons(template: Region) -> float:
    """Return the persons that arrive in the template, the stock at the start of the history included."""
    arrivals = template.arrivals
    return _sum(arrivals, "asylum_persons") + _sum(arrivals, "ukraine_persons") + _stock(template)


def _sum(table: Any, column: str) -> float:
    return float(table[column].to_numpy(np.float64).sum())


def _records(table: Any) -> list[dict[str, Any]]:
    return table.to_dict("records")


def _stock(template: Region) -> float:
    return template.initial[f"stock_{month_label(template.history_start_month - 1).replace('-', '_')}"]


def _persons_of(template: Region, households: int) -> float:
    """Return how many persons make up so many households, by the template's composition."""
    ukraine = _sum(template.arrivals, "ukraine_persons")
    persons = {"asylum": _persons(template) - ukraine, "ukraine": ukraine}
    found = 0.0
    for group, number in persons.items():
        c = template.households[group]
        family = 1.0 + c["couple_share_of_families"] + c["family_mean_children"]
        found += number * (c["single_person_share"] + (1.0 - c["single_person_share"]) / family)
    return households * sum(persons.values()) / found


def _municipality_rows(
    template: Region, codes: list[str], towns: _Towns, size: np.ndarray, draw: np.random.Generator
) -> Iterable[dict[str, Any]]:
    known = template.municipalities
    places, stock = _sum(known, "gu_places"), _sum(known, "asylum_2014")
    limits = [_sum(known, f"rent_limit_{n}p_eur") / len(known) for n in (1, 3)]
    rent = np.exp(draw.normal(0.0, 0.15, len(towns.keys)))
    share = towns.people / np.bincount(towns.district, weights=towns.people)[towns.district]
    for m, key in enumerate(towns.keys):
        d = int(towns.district[m])
        second = m > 0 and int(towns.district[m - 1]) == d and (m < 2 or int(towns.district[m - 2]) != d)
        alone = (towns.district == d).sum() == 1
        yield {
            "key": key, "name": f"Gemeinde {key}", "district": codes[d], "type": "Gemeinde", "area_km2": AREA_KM2,
            "lat": towns.lat[m], "lon": towns.lon[m], "km_to_centre": towns.to_centre[m],
            "gu_places": round(places * float(size[d])) if second or alone else 0,
            "asylum_2014": round(stock * float(size[d] * share[m]), 2),
            "borders_centre": int(towns.to_centre[m] < _NEIGHBOURS_KM),
            "rent_limit_1p_eur": round(limits[0] * float(rent[m])),
            "rent_limit_3p_eur": round(limits[1] * float(rent[m])),
            "hex_q": m % 64, "hex_r": m // 64,
        }  # fmt: skip


def _population_rows(template: Region, towns: _Towns) -> Iterable[dict[str, Any]]:
    first = year_of(template.history_start_month) - 1
    for year in range(first, year_of(template.end_month) + 1):
        people = towns.people * (1.0 + towns.growth) ** (year - first)
        for key, number in zip(towns.keys, people, strict=True):
            yield {"key": key, "year": year, "population": max(1, round(float(number)))}


def _adjacency_rows(towns: _Towns) -> Iterable[dict[str, Any]]:
    for d in range(int(towns.district[-1]) + 1):
        inside = np.flatnonzero(towns.district == d)
        lat, lon = towns.lat[inside], towns.lon[inside]
        km = great_circle_km(lat[:, None], lon[:, None], lat, lon).round(2)
        for i, here in enumerate(inside):
            for j, there in enumerate(inside):
                if i != j:
                    near = int(km[i, j] <= _NEIGHBOURS_KM)
                    yield {
                        "from": towns.keys[here], "to": towns.keys[there], "km": max(0.01, float(km[i, j])),
                        "adjacent": near, "border_km": 4 * near,
                    }  # fmt: skip


def _arrival_rows(template: Region, codes: list[str], size: np.ndarray) -> Iterable[dict[str, Any]]:
    for row in _records(template.arrivals):
        for code, factor in zip(codes, size, strict=True):
            persons = {name: round(row[name] * float(factor), 3) for name in ("asylum_persons", "ukraine_persons")}
            yield {**row, **persons, "district": code}


def _initial_rows(template: Region, size: np.ndarray) -> Iterable[dict[str, Any]]:
    name = f"stock_{month_label(template.history_start_month - 1).replace('-', '_')}"
    yield {"indicator": name, "value": round(_stock(template) * float(size.sum()), 1), "unit": "persons"}


def _structure_rows(template: Region, codes: list[str], towns: _Towns, size: np.ndarray) -> Iterable[dict[str, Any]]:
    """Yield the template's structures once for every district, and those of every municipality once for the region."""
    register = template.structures
    each = register["catchment"] == "each"
    for _, parts in register[each].groupby("name_de", sort=False):
        row = {str(name): value for name, value in parts.iloc[0].items()}
        total = {name: _amount(_sum(parts, name) * float(size.sum())) for name in _SCALED}
        unit = str(row["id"]).rpartition("_")[0]
        yield {**row, **total, "id": unit, "evidence_rows": "", "note": ""}
    second = [int(np.flatnonzero(towns.district == d)[:2][-1]) for d in range(len(codes))]
    for row in _records(register.loc[~each]):
        unit, dot, phase = str(row["id"]).partition(".")
        wide = row["catchment"] == "all" or len(row["municipality_indices"]) > 1
        for d, code in enumerate(codes):
            total = {name: _amount(row[name] * float(size[d])) for name in _SCALED}
            place = code if wide else towns.keys[second[d]]
            own = {"id": f"{unit}_{code}{dot}{phase}", "catchment": place, "evidence_rows": "", "note": ""}
            yield {**row, **total, **own}


_SCALED = ("fte", "hours_per_month", "monthly_cost_eur")


def _amount(value: float) -> float:
    return round(float(value), 4)


def _programme_rows(template: Region, size: np.ndarray) -> Iterable[dict[str, Any]]:
    for row in _records(template.programmes):
        yield {**row, "max_eur_per_year": round(row["max_eur_per_year"] * float(size.sum()))}


def _finance_rows(
    template: Region, codes: list[str], towns: _Towns, draw: np.random.Generator
) -> Iterable[dict[str, Any]]:
    years = range(year_of(template.start_month) - 1, year_of(template.end_month) + 1)
    capacity = 950.0 * np.exp(draw.normal(0.0, 0.25, len(towns.keys)))
    rates = draw.integers(30, 40, len(towns.keys)) * 10
    debts = 900.0 * np.exp(draw.normal(0.0, 0.6, len(towns.keys)))
    for m, key in enumerate(towns.keys):
        town = {"level": "municipality", "key": key, "year": 2018}
        per_head = {"unit": "EUR per inhabitant"}
        yield {**town, **per_head, "indicator": "steuerkraft_per_head", "value": round(float(capacity[m]), 2)}
        yield {**town, **per_head, "indicator": "debt_per_head", "value": round(float(debts[m]), 2)}
        yield {**town, "unit": "percent", "indicator": "gewerbesteuer_hebesatz", "value": int(rates[m])}
    levies = draw.normal(45.0, 2.5, len(codes)).round(1)
    for year in years:
        for code, levy in zip(codes, levies, strict=True):
            yield {
                "level": "district", "key": code, "year": year, "indicator": "kreisumlage_rate",
                "value": float(levy), "unit": "percent",
            }  # fmt: skip
        for bezirk in sorted({code[:3] for code in codes}):
            yield {
                "level": "bezirk", "key": bezirk, "year": year, "indicator": "bezirksumlage_rate",
                "value": 20.5, "unit": "percent",
            }  # fmt: skip


def _labour_rows(template: Region, codes: list[str]) -> Iterable[dict[str, Any]]:
    for row in _records(template.labour):
        for code in codes if row["indicator"] == "unemployment_rate" else ():
            yield {**row, "district": code}


def _alliance_rows(towns: _Towns, districts: int) -> Iterable[dict[str, Any]]:
    """Yield one alliance of up to six neighbours in every district."""
    for d in range(districts):
        inside = np.flatnonzero(towns.district == d)
        if len(inside) < 3:
            continue
        near = great_circle_km(towns.lat[inside], towns.lon[inside], towns.lat[inside[2]], towns.lon[inside[2]])
        for m in np.sort(inside[np.argsort(near, kind="stable")[: min(6, len(inside) - 1)]]):
            name = f"alliance_{towns.keys[inside[0]]}"
            yield {"alliance": name, "name": f"Allianz {d + 1}", "key": towns.keys[m], "start": "", "end": ""}


def _settings(template: Region, codes: list[str], centres: np.ndarray, municipalities: int) -> str:
    lines = [
        "# Made-up region; see sources.csv.",
        'name = "synthetic"',
        f'title_de = "Erfundene Region: {municipalities} Gemeinden in {len(codes)} Landkreisen"',
        f'title_en = "Made-up region: {municipalities} municipalities in {len(codes)} districts"',
        *(f'{name} = "{getattr(template, name)}"' for name in ("state", "fiscal_law", "field")),
        f'history_start = "{month_label(template.history_start_month)}"',
        f'start = "{month_label(template.start_month)}"',
        f'end = "{month_label(template.end_month)}"',
    ]
    for code, (lat, lon) in zip(codes, centres, strict=True):
        lines += ["", "[[district]]", f'key = "{code}"', f'name = "Landkreis {code}"', f"lat = {lat}", f"lon = {lon}"]
        lines += ['confidence = "assumption"', 'source = "SYNTH"']
    return "\n".join(lines) + "\n"


def _households(template: Region) -> str:
    lines = ["# Composition of arriving households, as in the region this one is modelled on."]
    for group, figures in HOUSEHOLD_GROUPS.items():
        lines += ["", f"[{group}]"]
        for name in figures:
            low, high = template.household_ranges[group][name]
            value = template.households[group][name]
            unit = "children per family" if name == "family_mean_children" else "share"
            lines.append(
                f'{name} = {{value = {value}, low = {low}, high = {high}, unit = "{unit}", '
                'confidence = "assumption", source = "SYNTH"}'
            )
    return "\n".join(lines) + "\n"
