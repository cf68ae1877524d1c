"""A made-up region is a valid region folder of the size asked for, and the same numbers make the same folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from kreislauf.model import region_synth
from kreislauf.model.errors import InputError
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.region import check_region, load_region
from kreislauf.model.region_geography import great_circle_km
from kreislauf.model.region_synth import write_synthetic_region


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two districts with seven municipalities."""
    out = tmp_path_factory.mktemp("synth")
    return write_synthetic_region(out / "seven", municipalities=7, districts=2, households=1_000, seed=3)


def test_a_made_up_region_passes_the_check(folder: Path) -> None:
    assert check_region(folder) == []


@pytest.mark.parametrize(("municipalities", "districts"), [(1, 1), (5, 5), (40, 3)])
def test_any_size_passes_the_check(tmp_path: Path, municipalities: int, districts: int) -> None:
    out = write_synthetic_region(tmp_path / "any", municipalities=municipalities, districts=districts, households=50)
    assert check_region(out) == []


def test_it_has_the_size_asked_for(folder: Path) -> None:
    region = load_region(folder)
    assert (len(region.keys), len(region.districts)) == (7, 2)
    arrived = len(IntegrationModel(region, months=1, rng=1).households.table)
    assert 900 < arrived < 1_100


def test_every_district_has_its_own_arrivals_and_structures(folder: Path) -> None:
    region = load_region(folder)
    assert set(region.arrivals["district"]) == {district.key for district in region.districts}
    assert {0, 1} <= set(region.structures["district_index"])


def test_every_figure_is_an_assumption(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        if path.stem != "sources":
            assert all(line.endswith(",assumption,SYNTH") for line in path.read_text().splitlines()[1:]), path.name


def test_the_same_numbers_and_seed_make_the_same_folder(folder: Path, tmp_path: Path) -> None:
    again = write_synthetic_region(tmp_path / "again", municipalities=7, districts=2, households=1_000, seed=3)
    other = write_synthetic_region(tmp_path / "other", municipalities=7, districts=2, households=1_000, seed=4)
    assert load_region(again).fingerprint == load_region(folder).fingerprint != load_region(other).fingerprint


def test_pairs_of_different_districts_get_their_distance_from_the_seats(folder: Path) -> None:
    region = load_region(folder)
    towns = region.municipalities
    a, b = 0, len(towns) - 1
    here, there = (towns[["lat", "lon"]].to_numpy(np.float64)[i] for i in (a, b))
    assert region.distance_km[a, b] == pytest.approx(float(great_circle_km(*here, *there)))
    assert not region.adjacent[a, b]


def test_numbers_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2 municipalities in 3 districts"):
        write_synthetic_region(tmp_path / "new", municipalities=2, districts=3, households=10)


@pytest.mark.parametrize("file", ["letter.txt", "municipalities.csv"])
def test_a_folder_in_use_is_not_written_over(tmp_path: Path, file: str) -> None:
    """A region somebody filled in by hand consists of the same files."""
    (tmp_path / file).write_text("keep me")
    with pytest.raises(InputError, match="not empty"):
        write_synthetic_region(tmp_path, municipalities=2, districts=1, households=10)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(file, "keep me")]


def test_a_region_that_cannot_be_written_to_its_end_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    def full(*_args: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(region_synth, "_households", full)
    with pytest.raises(InputError, match="No space left"):
        write_synthetic_region(tmp_path / "new", municipalities=2, districts=1, households=10)
    assert list(tmp_path.iterdir()) == []
