"""The paper on a master plan: what it says of plans, in both languages, from figures made up here."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kreislauf.experiments.masterplan import Asked, Effort
from kreislauf.experiments.masterplan import judge as judging
from kreislauf.experiments.masterplan.asked import STATUS_QUO
from kreislauf.experiments.masterplan.folder import PlanFolder, write_found
from kreislauf.experiments.masterplan.levers import Lever, Option, Space
from kreislauf.experiments.masterplan.runs import Outcome
from kreislauf.experiments.masterplan.search import Found
from kreislauf.model.calendar import month_index
from kreislauf.model.field import load_field
from kreislauf.model.plan import Lead, Post
from kreislauf.model.region import load_region
from kreislauf.model.variant import load_scenario, load_variant
from kreislauf.visualization.report.masterplan import page, paper, sections
from pypdf import PdfReader

GOALS = ("self_sufficient_share", "total_cost")
LEVERS = (
    Lever("rule", "rule", (Option({"rule": "lead_agency"}),)),
    Lever("lead:advice", "lead", (Option(leads=(Lead(task="advice", owner="caritas", place=("all",)),)),)),
    Lever("post:mobility:district", "post", (Option(posts=(Post(tasks=("mobility",), owner="district", fte=0.5,
                                                                 end="2019-12"),)),)),
)  # fmt: skip


def outcomes(share: float, cost: float, *, seed: int) -> list[Outcome]:
    """Return six made-up runs around a share and a cost."""
    random = np.random.default_rng(seed)
    tasks = {task: [10.0, 8.0, 100.0, 5.0, 3.0, 1.0, 20.0] for task in load_field("integration").task_ids}
    return [
        Outcome({"self_sufficient_share": share + 0.001 * random.normal(), "total_cost": cost + 1e4 * random.normal()},
                {"year": [2018, 2019]}, tasks, {})
        for _ in range(6)
    ]  # fmt: skip


def folder_of(
    path: Path,
    fresh: dict[str, list[Outcome]],
    choices: dict[str, tuple[int, ...]],
    *,
    levers: tuple[Lever, ...] = LEVERS,
) -> PlanFolder:
    region = load_region("coburg")
    asked = Asked(region, load_variant("status_quo"), month_index("2018-01"), month_index("2019-12"), 50_000.0,
                  (load_scenario("base"),), goals=GOALS, effort=Effort(fresh=6), levers=levers)  # fmt: skip
    space = Space(levers, {"from": "2018-01", "until": "2019-12"}, 50_000.0, 79_000.0, asked.last)
    plans = {name: space.plan(choice, name) for name, choice in choices.items()}
    tables: dict[str, Any] = {
        "differences": judging.differences(fresh, STATUS_QUO, GOALS),
        "tried": pd.DataFrame([{"number": 0}]), "robustness": pd.DataFrame({"plan": [], "measure": []}),
        "contributions": pd.DataFrame(), "project_money": pd.DataFrame(), "assumptions": pd.DataFrame(),
    }  # fmt: skip
    stages = [{"stage": "screening", "plans": 7, "runs": 1234, "new_runs": 0, "seconds": 90.0}]
    found = Found(asked, space, plans, choices, tables, stages, [], {}, fresh)
    return write_found(path, found, command=["kreislauf", "masterplan"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> PlanFolder:
    fresh = {STATUS_QUO: outcomes(0.20, 1e8, seed=1), "plan_a": outcomes(0.25, 1.01e8, seed=2),
             "plan_b": outcomes(0.15, 1.02e8, seed=3)}  # fmt: skip
    return folder_of(tmp_path_factory.mktemp("found"), fresh, {"plan_a": (1, 1, 1), "plan_b": (0, 0, 1)})


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("</style>")[1]).split())


def test_the_paper_names_trade_offs_and_says_what_is_surely_better_and_worse(folder: PlanFolder):
    said = text_of(page(folder, load_region("coburg"), "de"))
    assert "Kein gefundener Plan ist sicher besser" in said
    assert "Bei einem Ziel sicher besser, bei einem anderen sicher schlechter: Plan A." in said
    assert re.search(
        r"Haushalte ohne Leistungsbezug \(Prozentpunkte\) 20,\d % \+5,\d sicher besser −\d,\d sicher schl", said
    )


def test_posts_euros_leads_and_who_pays_stand_in_it(folder: PlanFolder):
    said = text_of(page(folder, load_region("coburg"), "de"))
    assert "Mobilität: 0,50 Vollzeitstellen, Landkreis; alle Gemeinden; Januar 2018 bis Dezember 2019" in said
    assert "Landkreis 39.500 € 39.500 €" in said
    assert "Beratung alle Gemeinden Caritas" in said


def test_a_plan_that_is_only_worse_is_not_called_open(folder: PlanFolder):
    """Plan B is surely worse in a goal and surely better in none."""
    said = text_of(page(folder, load_region("coburg"), "de"))
    assert "Bei keinem Ziel sicher besser, bei mindestens einem sicher schlechter: Plan B." in said
    assert "Bei keinem Ziel ist ein Unterschied sicher" not in said


def test_without_scenarios_and_draws_the_paper_says_that_firmness_is_open(folder: PlanFolder):
    bare = replace(folder, tables={**folder.tables, "robustness": pd.DataFrame()})
    said = text_of(page(bare, load_region("coburg"), "de"))
    assert said.count("Wie fest das Ergebnis steht, ist damit offen.") == len(folder.plans)


def test_posts_that_depend_on_project_money_are_listed_whether_their_end_was_computed_or_not(tmp_path: Path):
    paid: dict[str, Any] = {"tasks": ("advice",), "owner": "caritas", "fte": 0.5, "programme": "mbe"}
    levers = (
        Lever("post:advice:caritas", "post", (Option(posts=(Post(**paid, afterwards="own"),)),
                                              Option(posts=(Post(**paid, afterwards="ends"),)),
                                              Option(posts=(Post(tasks=("advice",), owner="caritas", fte=0.5),)))),
    )  # fmt: skip
    fresh = {STATUS_QUO: outcomes(0.20, 1e8, seed=1), **{f"plan_{c}": outcomes(0.2, 1e8, seed=2) for c in "abc"}}
    made = folder_of(tmp_path, fresh, {"plan_a": (1,), "plan_b": (2,), "plan_c": (3,)}, levers=levers)
    parts = {s.plan: text_of(f"</style>{s.body}") for s in sections(made, load_region("coburg"), "de") if s.plan}
    assert "Programm „Migrationsberatung für Erwachsene“, solange es verlängert wird" in parts["plan_a"]
    assert "zahlt der Anstellungsträger: 39.500" in parts["plan_a"]
    assert "Am Angebot ändert sich dann nichts" in parts["plan_a"]
    assert "endet die Stelle" in parts["plan_b"]
    assert "nur für die zuerst gezeigten Pläne gerechnet" in parts["plan_b"]
    same = {"plan": "plan_b", "year": 2018, "measure": "posts", "as_planned": 1.0, "carried_on": 1.0,
            "difference": 0.0, "low": 0.0, "high": 0.0}  # fmt: skip
    computed = replace(made, tables={**made.tables, "project_money": pd.DataFrame([same])})
    assert "macht es keinen Unterschied" in text_of(page(computed, load_region("coburg"), "de"))
    assert "keine Stelle, die an einer Frist oder an einem Programm hängt" in parts["plan_c"]
    assert "keine Stelle, die an einer Frist oder an einem Programm hängt" not in parts["plan_a"] + parts["plan_b"]


def test_when_no_plan_is_better_the_paper_says_so_and_still_shows_what_is_there(tmp_path: Path):
    none = folder_of(tmp_path, {STATUS_QUO: outcomes(0.2, 1e8, seed=1)}, {})
    for language, sentence in (
        ("de", "kein Plan gefunden, der besser ist"),
        ("en", "no plan was found that is better"),
    ):
        said = text_of(page(none, load_region("coburg"), language))
        assert sentence in said
        assert ("Bestand im" if language == "de" else "Inventory in") in said


def test_both_languages_have_the_same_parts_and_numbers(folder: PlanFolder):
    german, english = (page(folder, load_region("coburg"), language) for language in ("de", "en"))
    assert german.count("<h2>") == english.count("<h2>") > 5
    assert german.count("<table") == english.count("<table")
    assert "1.234 Läufe" in german
    assert "1,234 runs" in english


def test_a_name_can_never_become_a_script(folder: PlanFolder):
    region = load_region("coburg")
    evil = replace(region, title_de="<script>x</script>")
    assert "<script>" not in page(folder, evil, "de")


def test_the_paper_is_a_tagged_pdf_with_its_title(folder: PlanFolder):
    reader = PdfReader(io.BytesIO(paper(folder, load_region("coburg"), "de")))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "de"
    assert reader.metadata is not None
    assert "Masterplan" in str(reader.metadata.title)
