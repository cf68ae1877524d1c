"""The inventory of Coburg as the register has it."""

import pandas as pd
import pytest
from kreislauf.model.calendar import month_index
from kreislauf.model.field import load_field
from kreislauf.model.gaps import gaps_of, mean_cells, register_cells, structural_cause
from kreislauf.model.inventory import (
    by_level,
    by_payer,
    by_task,
    cliff_by_year,
    expiry_calendar,
    inventory,
)
from kreislauf.model.region import load_region


@pytest.fixture(scope="module")
def coburg():
    return load_region("coburg")


def test_an_office_is_one_row_whatever_its_phases_and_places(coburg):
    offices = inventory(coburg, month_index("2016-12"))
    assert offices["id"].is_unique
    advice = offices.set_index("id").loc["municipal_advice"]
    assert advice["places"] == 17
    assert advice["fte"] == pytest.approx(1.5)
    assert sum(name.startswith("fb21_admin") for name in offices["id"]) == 1


def test_posts_and_money_are_the_same_by_level_by_payer_and_in_the_register(coburg):
    month = month_index("2018-06")
    rows = coburg.structures
    active = rows[(rows["start_month"] <= month) & (rows["end_month"] >= month)]
    levels, payers = by_level(inventory(coburg, month)), by_payer(coburg, month)
    assert levels["fte"].sum() == pytest.approx(active["fte"].sum())
    assert levels["eur_per_year"].sum() == pytest.approx(12 * active["monthly_cost_eur"].sum())
    assert payers["eur_per_year"].sum() == pytest.approx(levels["eur_per_year"].sum())


def test_the_calendar_names_what_follows_the_volunteer_centre(coburg):
    calendar = expiry_calendar(coburg, coburg.start_month, coburg.end_month).set_index("id")
    assert calendar.loc["kobe.1", "until"] == "2018-02"
    assert calendar.loc["kobe.1", "then"] == "goes on: paid by district"
    assert calendar.loc["kobe.2", "until"] == "2019-10"
    assert "kobe.3" not in calendar.index
    assert calendar.loc["moro_office", "ends"]


def test_what_was_really_lost_is_never_more_than_what_was_about_to_end(coburg):
    cliff = cliff_by_year(coburg, coburg.end_month)
    assert (cliff["lost_fte"] <= cliff["ending_fte"] + 1e-9).all()
    assert (cliff["ending_fte"] <= cliff["voluntary_fte"] + 1e-9).all()
    # Volunteer centre, pilot office, youth office courses, counselling (yearly grant), courses held by volunteers.
    assert cliff.set_index("year").loc[2017, "ending_fte"] == pytest.approx(0.5 + 1 + 1 + 2.5 + 0.3)


def test_volunteers_alone_are_told_apart_from_nobody_and_from_staff(coburg):
    field = load_field(coburg.field)
    tasks = by_task(coburg, month_index("2016-12"), field.task_ids).set_index("task")
    assert tasks.loc["course_coordination", "bodies"] >= 5  # documented: five kinds of bodies match people to courses
    cells = register_cells(coburg, field, month_index("2016-12")).set_index(["task", "group"])
    assert cells.loc[("handover", "protected"), "only_volunteers"] == 17
    assert cells.loc[("accommodation", "protected"), "uncovered"] == 17
    assert (cells[["uncovered", "single", "several"]].sum(axis=1) == 17).all()


@pytest.mark.parametrize(
    ("task", "group", "cause"),
    [
        ("accommodation", "protected", "group left out"),
        ("language_course", "tolerated", "ended"),
        ("advice", "asylum", "none"),
    ],
)
def test_the_cause_of_a_missing_body_is_named(coburg, task, group, cause):
    assert structural_cause(coburg, task, group, coburg.start_month, coburg.end_month) == cause


@pytest.mark.parametrize(
    ("task", "hours", "cause"),
    [
        ("mobility", 1000.0, "not seen"),
        ("mobility", 10.0, "too little capacity"),
        ("advice", 1000.0, "too little capacity"),
    ],
)
def test_a_gap_with_bodies_there_is_one_of_sight_or_of_capacity(coburg, task, hours, cause):
    cells = pd.DataFrame(
        {
            "task": [task] * 2, "municipality": list(coburg.keys[:2]), "group": ["asylum"] * 2,
            "unheld_mean": [3.0, 0.1], "open_mean": [4.0, 1.0], "unmet_hours_mean": [8.0, 2.0],
            "hours": [hours / 2] * 2, "months_without_body": [0.0, 0.0],
        }
    )  # fmt: skip
    (gap,) = gaps_of(cells, 12, coburg, load_field(coburg.field), full_months=2.0, last_month=11)
    assert gap.cause == cause
    assert gap.case_months == pytest.approx(12 * 3.1)
    assert gap.waiting_months == pytest.approx(60)
    assert gap.places == (coburg.keys[0],)


def test_cells_of_several_runs_are_averaged_and_cells_without_gap_are_left_out(coburg):
    one = pd.DataFrame(
        {"task": ["advice"], "municipality": [coburg.keys[0]], "group": ["asylum"], "unheld_mean": [2.0]}
    )
    two = one.assign(unheld_mean=float("nan"))
    assert mean_cells([one, two])["unheld_mean"].tolist() == [1.0]
