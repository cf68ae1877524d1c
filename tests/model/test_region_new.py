"""A region of one's own: a copy that runs, shrunk to three municipalities, and refusals in sentences."""

import pytest
from kreislauf.model.errors import InputError
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import check_region, load_region
from kreislauf.model.region_new import new_region

THREE = ("09473112", "09473121", "09473175")


def test_a_copy_has_the_new_name_and_the_old_figures(tmp_path):
    made = new_region(tmp_path / "muster", title_de='Kreis "Muster"', title_en="Muster")
    assert check_region(made) == []
    region, coburg = load_region(made), load_region("coburg")
    assert (region.name, region.title_de, region.title_en) == ("muster", 'Kreis "Muster"', "Muster")
    assert region.keys == coburg.keys
    assert region.arrivals["asylum_persons"].sum() == coburg.arrivals["asylum_persons"].sum()
    assert not (made / "targets.csv").exists()  # observations of another region
    assert "still one of Coburg" in (made / "README.md").read_text(encoding="utf-8")


def test_three_municipalities_take_their_share_of_everything_and_run(tmp_path):
    region = load_region(new_region(tmp_path / "drei", keep=THREE))
    coburg = load_region("coburg")
    assert region.keys == THREE
    people = coburg.population[2013]
    share = people[[coburg.keys.index(key) for key in THREE]].sum() / people.sum()
    arrivals = region.arrivals["asylum_persons"].sum() / coburg.arrivals["asylum_persons"].sum()
    assert arrivals == pytest.approx(share, rel=1e-3)
    assert region.structures["fte"].sum() < coburg.structures["fte"].sum()
    assert set(region.structures["confidence"]) == {"assumption"}
    model = IntegrationModel(region, months=12, rng=1)
    model.run()
    assert model.ledger.total() == 0
    assert model.results().summary["persons"] > 0


def test_a_region_like_kielregion_keeps_its_law_and_districts(tmp_path):
    region = load_region(new_region(tmp_path / "nord", like="kielregion", keep=["010570062", "010570057"]))
    assert region.fiscal_law == "schleswig_holstein"
    assert len(region.keys) == 2


def test_wrong_input_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(InputError, match=r"unknown municipality.*09473113"):
        new_region(tmp_path / "x", keep=["09473113"])
    with pytest.raises(InputError, match="name of a shipped region"):
        new_region(tmp_path / "coburg")
    with pytest.raises(InputError, match="not a name for a region"):
        new_region(tmp_path / "y", name="Mein Kreis")
    with pytest.raises(InputError, match="did you mean 'coburg'"):
        new_region(tmp_path / "z", like="coborg")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("mine")
    with pytest.raises(InputError, match="there already and not empty"):
        new_region(tmp_path / "full")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full"]
