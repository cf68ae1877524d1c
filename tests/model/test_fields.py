"""Fields of action: names, files and their errors, third parties, and a general model that knows no field by name."""

from __future__ import annotations

import importlib.metadata
import shutil
from pathlib import Path

import pytest
from kreislauf.model import field_names as names
from kreislauf.model.errors import InputError
from kreislauf.model.field import load_field
from kreislauf.model.field_check import check_field
from kreislauf.model.measures import MEASURES, measures_of
from kreislauf.model.people import COMMON_COUNTS, People
from kreislauf.model.region import in_field, load_region

ROOT = Path(__file__).parents[2]
SENIORS = ROOT / "model" / "fields" / "seniors"


@pytest.mark.parametrize("name", ["integration", "seniors"])
def test_the_shipped_fields_keep_the_promises_of_fields(name):
    assert check_field(name, months=2) == []
    assert set(COMMON_COUNTS) <= set(load_field(name).people.counts)


def test_an_unknown_field_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="seniors"):
        load_field("senior")
    with pytest.raises(InputError, match="different names"):
        load_field("seniors,seniors")


def test_several_fields_are_one_in_any_order_of_their_names():
    both = load_field("seniors, integration")
    assert both.name == "integration,seniors"
    assert [part.name for part in both.parts] == ["integration", "seniors"]
    assert both.task_ids == load_field("integration").task_ids + load_field("seniors").task_ids
    first = len(load_field("integration").tasks)
    assert both.groups_of(first) == load_field("seniors").groups
    assert both.draw_of(first) == load_field("seniors").draw_of(0) != both.draw_of(0)


def test_measures_follow_the_field():
    one, both = (measures_of(load_field(name)) for name in ("seniors", "integration,seniors"))
    assert "at_home_share" in one
    assert "german_share" not in one
    assert {"at_home_share", "german_share", "seniors_waiting_months", "integration_helpers"} <= set(both)
    assert "seniors_waiting_months" not in one
    assert set(both) <= set(MEASURES)


@pytest.fixture
def own(tmp_path):
    """Return a folder with a field of one's own, made from the shipped one."""
    folder = tmp_path / "neighbours"
    folder.mkdir()
    for file in ("field.toml", "tasks.csv", "competence.csv", "structures.csv", "programmes.csv"):
        shutil.copy(SENIORS / file, folder / file)
    head = (folder / "field.toml").read_text(encoding="utf-8")
    head = head.replace('name = "seniors"', 'name = "neighbours"\npeople = "seniors"').replace("draws = 1", "draws = 7")
    (folder / "field.toml").write_text(head, encoding="utf-8")
    return folder


def test_a_folder_is_a_field_with_the_people_of_another_one(own):
    assert check_field(str(own), months=1) == []
    assert load_field(str(own)).people is load_field("seniors").people


def replaced(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_all_that_is_wrong_with_a_field_is_said_at_once_with_file_and_line(own):
    replaced(own / "tasks.csv", "newly_in_need", "newly_in_ned")
    replaced(own / "tasks.csv", ",0.12,0.05,0.3,", ",0.6,0.05,0.3,")
    replaced(own / "competence.csv", "household_help;", "houshold_help;")
    replaced(own / "field.toml", '"transport", ', '"transprt", ')
    said = check_field(str(own))
    assert len(said) == 4
    text = "\n".join(said)
    for words in ("tasks.csv", "newly_in_need", "0.05 to 0.3", "competence.csv", "household_help", "transport"):
        assert words in text


def test_a_field_without_people_is_refused(own):
    replaced(own / "field.toml", 'people = "seniors"', 'people = "nobody"')
    assert any("people" in problem for problem in check_field(str(own)))


class Point:
    """An entry point of an installed package."""

    name, module = "neighbours", "neighbours_field"

    def __init__(self, people):
        self._people = people

    def load(self):
        return self._people


@pytest.fixture
def installed(own, monkeypatch):
    """Install a package with a field by entry point, with people as given."""
    (own / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(own.parent))
    own.rename(own.parent / "neighbours_field")

    def install(people):
        points = [Point(people)]
        monkeypatch.setattr(names, "entry_points", lambda group: points if group == names.ENTRY_POINT_GROUP else [])
        names.field_names.cache_clear()
        load_field.cache_clear()

    yield install
    monkeypatch.setattr(names, "entry_points", importlib.metadata.entry_points)
    names.field_names.cache_clear()
    load_field.cache_clear()


def test_a_package_adds_a_field_by_entry_point(installed):
    installed(load_field("seniors").people)
    assert "neighbours" in names.field_names()
    assert check_field("neighbours", months=1) == []


def test_people_that_break_their_promises_are_found(installed):
    class Careless(load_field("seniors").people):
        def arrive(self, month, *, past=False):
            super().arrive(month, past=past)
            self.table.stay[-1] = 1  # somebody who has not come

    installed(Careless)
    assert any("has not come" in problem for problem in check_field("neighbours", months=1))
    installed(type("NotPeople", (), {"features": People.__dict__.get("features", ("frail",))}))
    assert check_field("neighbours", months=1)


def test_bodies_of_a_field_come_from_its_template_by_inhabitants():
    region = load_region("coburg")
    other = in_field(region, "seniors")
    inhabitants = region.population[2014].sum()
    help_ = other.structures.set_index("id").loc["household_help_welfare_09473"]
    assert help_["fte"] == pytest.approx(3.5 * inhabitants / 10_000)
    each = other.structures[other.structures["unit"].str.startswith("meeting_places_")]
    assert len(each) == 17
    assert each["fte"].sum() == pytest.approx(0.3 * inhabitants / 10_000)
    both = in_field(region, "integration,seniors")
    assert len(both.structures) == len(region.structures) + len(other.structures)
    assert in_field(both, "integration").structures["id"].tolist() == region.structures["id"].tolist()
    assert len({region.fingerprint, other.fingerprint, both.fingerprint}) == 3


def test_a_region_may_have_bodies_of_its_own_for_a_field(tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(load_region("coburg").folder, folder)
    own = folder / "fields" / "seniors"
    own.mkdir(parents=True)
    for file in ("structures.csv", "programmes.csv"):
        text = (SENIORS / file).read_text(encoding="utf-8").splitlines()
        (own / file).write_text("\n".join(text[:2]) + "\n", encoding="utf-8")
    region = load_region(folder, "seniors")
    assert region.structures["id"].tolist() == ["care_advice_insurance"]
    assert region.structures["fte"].tolist() == [0.2], "a region's own table has amounts as they are"
    replaced(own / "structures.csv", "care_advice;", "care_advise;")
    with pytest.raises(InputError, match=r"fields/seniors/structures.csv.*care_advise"):
        load_region(folder, "seniors")
