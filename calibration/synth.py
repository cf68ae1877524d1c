"""Made-up surveys of simulated people, with known truth, for teaching and tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..agents.integration.codes import MINOR, NO_WORK, TRAINEE
from ..model.calendar import month_label
from ..model.errors import InputError, Problem, closest
from ..model.files import whole_file, write_text
from ..model.parameters import check_overrides
from ..model.toml_input import read_toml
from .people import People, Seen
from .quantities import ADULT_VALUES, says_good
from .sampling import Sample, SampleDesign, draw_sample, follow
from .survey_file import ENDINGS

if TYPE_CHECKING:
    from ..model.parameters import Parameters

NO_ANSWER, NOT_ASKED = -9, -8
LABELS: dict[str, dict[int, str]] = {
    "sex": {1: "male", 2: "female"},
    "work": {1: "full or part time", 2: "paid apprenticeship", 3: "mini-job or internship", 4: "no paid work"},
    "german": {1: "very good", 2: "good", 3: "fair", 4: "poor", 5: "not at all"},
    "housing": {1: "private flat", 2: "flat rented by the district", 3: "shared accommodation"},
    "course": {1: "yes", 2: "no"},
}
_OPEN = ("german_level", "contacts", "offices", "needs", "waiting")  # numbers as people say them


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A made-up survey: respondents, codebook text, and the shares among all eligible people (the truth)."""

    rows: pd.DataFrame
    asked: int
    codebook: str
    truth: pd.DataFrame


def synthesise(
    seen: Seen, design: SampleDesign, *, parameters: Parameters, seed: int, name: str, region: str = ""
) -> Synthetic:
    """Ask the adults (18 to 64 years, come as asylum seekers) of a run at all months it was looked at.

    Same people, design and seed give the same survey.
    """
    random = np.random.default_rng([seed, 8])
    rows: list[pd.DataFrame] = []
    truth: list[dict[str, Any]] = []
    earlier: dict[int, tuple[float, str, str]] = {}
    asked = 0
    for number, month in enumerate(sorted(seen.people), start=1):
        people = _eligible(seen.at(month))
        if not len(people.adults["person"]):
            raise InputError(f"nobody could be asked in {month_label(month)}: the region has no eligible adults")
        if design.panel and earlier:
            sample = follow(people.adults, earlier, design, random)
        else:
            sample = draw_sample(people.adults, design, random)
        asked += sample.asked
        rows.append(_answers(people, sample, design, parameters, number, random))
        truth += _truth(people, parameters)
        persons = people.adults["person"][sample.rows]
        for i, person in enumerate(persons):
            earlier[int(person)] = (float(sample.weight[i]), str(sample.stratum[i]), str(sample.cluster[i]))
    table = pd.concat(rows, ignore_index=True)
    persons, number = np.unique(table["id"].to_numpy(np.int64), return_inverse=True)
    shuffled = random.permutation(len(persons)) + 1
    table["id"] = [f"P{i:05d}" for i in shuffled[number]]
    return Synthetic(table, asked, codebook_text(name, design, sorted(seen.people), region), pd.DataFrame(truth))


def _eligible(people: People) -> People:
    a = people.adults
    chosen = (a["age"] >= 18) & (a["age"] < 65) & (a["origin"] == "asylum")
    return People(people.month, people.keys, {name: c[chosen] for name, c in a.items()}, people.children, people.counts)


def _answers(
    people: People, sample: Sample, design: SampleDesign, p: Any, number: int, random: np.random.Generator
) -> pd.DataFrame:
    """Return what the respondents said, in codes."""
    a = {name: column[sample.rows] for name, column in people.adults.items()}
    n = len(sample.rows)
    work = np.select([a["work"] == NO_WORK, a["work"] == MINOR, a["work"] == TRAINEE], [4, 3, 2], 1)
    good = random.random(n) < says_good(a["level"], p.self_rating_level, p.self_rating_spread)
    poor = np.clip(5 - np.floor(a["level"]), 3, 5).astype(np.int64)
    german = np.where(good, np.where(a["level"] >= 4.0, 1, 2), poor)
    answers: dict[str, np.ndarray] = {
        "work": work,
        "german": german,
        "german_level": np.floor(a["level"]).astype(np.int64),
        "housing": np.select([a["private"], a["decentral"]], [1, 2], 3),
        "course": np.where(a["course"] != "none", 1, 2),
        "contacts": a["contacts"].astype(np.int64),
        "offices": np.where(np.isnan(a["contact_points"]), NOT_ASKED, np.nan_to_num(a["contact_points"])).astype(int),
        "needs": a["unmet_needs"].astype(np.int64),
        "waiting": np.where(np.isnan(a["waiting"]), NOT_ASKED, np.nan_to_num(a["waiting"])).astype(np.int64),
    }
    for column, values in answers.items():
        left_out = (random.random(n) < design.item_missing) & (values != NOT_ASKED)
        answers[column] = np.where(left_out, NO_ANSWER, values)
    columns: dict[str, Any] = {"id": a["person"], "wave": np.full(n, number), "weight": sample.weight.round(6)}
    if design.stratified:
        columns["stratum"] = sample.stratum
    if design.clustered:
        columns["point"] = sample.cluster
    columns |= {
        "sex": np.where(a["female"], 2, 1),
        "age": np.floor(a["age"]).astype(np.int64),
        "months": a["since"],
        "municipality": np.array(people.keys)[a["municipality"]],
        "children": a["children"],
    }
    return pd.DataFrame(columns | answers)


def _truth(people: People, p: Any) -> list[dict[str, Any]]:
    """Return the mean of every quantity among all eligible people, in all and by sex."""
    a = people.adults
    out: list[dict[str, Any]] = []
    for cell, inside in (("all", slice(None)), ("sex=men", ~a["female"]), ("sex=women", a["female"])):
        for quantity in QUANTITIES:
            value = np.asarray(ADULT_VALUES[quantity](a, p), np.float64)[inside]
            mean = float(np.nanmean(value)) if (~np.isnan(value)).any() else float("nan")
            n = int((~np.isnan(value)).sum())
            row = {"wave": month_label(people.month), "quantity": quantity, "cell": cell, "value": mean, "eligible": n}
            out.append(row)
    return out


QUANTITIES: Mapping[str, str] = {
    "employed": 'column = "work"\ncodes = { 1 = 1, 2 = 1, 3 = 1, 4 = 0 }',
    "employed_regular": 'column = "work"\ncodes = { 1 = 1, 2 = 1, 3 = 0, 4 = 0 }',
    "german_good": 'column = "german"\ncodes = { 1 = 1, 2 = 1, 3 = 0, 4 = 0, 5 = 0 }',
    "german_level": 'column = "german_level"',
    "private_housing": 'column = "housing"\ncodes = { 1 = 1, 2 = 0, 3 = 0 }',
    "course_attended": 'column = "course"\ncodes = { 1 = 1, 2 = 0 }',
    "contacts": 'column = "contacts"',
    "contact_points": f'column = "offices"\nnot_asked = [{NOT_ASKED}]',
    "unmet_needs": 'column = "needs"',
    "waiting": f'column = "waiting"\nnot_asked = [{NOT_ASKED}]',
}
"""The questions of a made-up survey: quantity and its table in the codebook."""


def codebook_text(name: str, design: SampleDesign, months: Sequence[int], region: str) -> str:
    """Return the codebook of a made-up survey as TOML."""
    lines = [
        f"# Codebook of a made-up survey ({design.n} people asked per wave). Every key: docs/survey-format.md",
        f'name = "{name}"', 'title = "Made-up survey of simulated people"', 'weight = "weight"',
        *(['stratum = "stratum"'] if design.stratified else []),
        *(['cluster = "point"'] if design.clustered else []),
        'person = "id"', f"panel = {'true' if design.panel else 'false'}", 'wave = "wave"',
        f"missing = [{NO_ANSWER}]", 'population = "origin=asylum"',
        *([f'region = "{region}"'] if region else []),
        'cells = ["all", "sex", "since"]', "", "[waves]",
        *(f'{number} = "{month_label(month)}"' for number, month in enumerate(months, start=1)),
        "", "[dimensions]", 'sex = { column = "sex", codes = { 1 = "men", 2 = "women" } }',
        'age = { column = "age" }', 'since = { column = "months", bands = [0, 12, 24, 48] }',
        'municipality = { column = "municipality" }', 'children = { column = "children", bands = [0, 1, 3] }',
    ]  # fmt: skip
    for quantity, table in QUANTITIES.items():
        lines += ["", f"[quantities.{quantity}]", table]
    return "\n".join(lines) + "\n"


def read_truth(path: str | Path) -> dict[str, float]:
    """Return the parameter values of a truth file: a TOML file with the table [parameters]."""
    data, source = read_toml(Path(path))
    unknown = [key for key in data if key != "parameters"]
    if unknown:
        problems = [
            Problem(f"unknown key {key!r}, {closest(key, ['parameters'])}", source.name, source.line_of([key]))
            for key in unknown
        ]
        raise InputError(problems)
    values = data.get("parameters", {})
    problems = [
        Problem(p.message, source.name, source.line_of(["parameters", p.column]), p.column, p.value, p.expected)
        for p in check_overrides(values)
    ]
    if problems:
        raise InputError(problems)
    return {name: float(value) for name, value in values.items()}


def write_rows(rows: pd.DataFrame, path: Path) -> None:
    """Write respondents as CSV, Parquet, Stata or SPSS (by the ending) under a temporary name, and rename."""
    kind = ENDINGS.get(path.suffix.lower())
    if kind is None:
        raise InputError(Problem("this kind of file is not written", path.name, expected=", ".join(ENDINGS)))
    try:
        with whole_file(path) as temporary:
            if kind == "CSV":
                rows.to_csv(temporary, index=False, encoding="utf-8", lineterminator="\n")
            elif kind == "Parquet":
                rows.to_parquet(temporary, index=False)
            else:
                import pyreadstat

                labels: dict[str, Any] = {column: LABELS[column] for column in LABELS if column in rows}
                write: Any = pyreadstat.write_dta if kind == "Stata" else pyreadstat.write_sav
                write(rows, str(temporary), variable_value_labels=labels)
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", str(path))) from None


def write_synthetic(survey: Synthetic, path: Path) -> tuple[Path, Path]:
    """Write a made-up survey, its codebook and its truth beside it; return the paths of these two."""
    write_rows(survey.rows, path)
    codebook, truth = path.with_suffix(".codebook.toml"), path.with_suffix(".truth.csv")
    write_text(codebook, survey.codebook)
    write_text(truth, survey.truth.to_csv(index=False, lineterminator="\n"))
    return codebook, truth
