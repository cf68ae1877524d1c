"""The shock library, shocks from files, and how several shocks come together."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kreislauf.model.errors import InputError
from kreislauf.model.fiscal.shocks import (
    VARIABLES,
    Shock,
    compose,
    load_set,
    load_shock,
    load_shocks,
    shock_library,
    shock_schema,
    shock_sets,
)

PLACES = {"keys": ("001", "002", "003"), "names": ("Small", "Large", "None"), "trade_tax": np.array([1.0, 5.0, 0.0])}


def test_the_library_holds_all_numbered_shocks_with_titles_and_sources():
    library = shock_library()
    numbers = {shock.id for shock in library.values()}
    assert {f"S{n}" for n in range(1, 14)} | {"S2b", "S2c", "S7b"} == numbers
    for shock in library.values():
        assert shock.title_de != shock.title_en
        assert shock.source
        assert shock.basis
        assert shock.low <= shock.size <= shock.high


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("S1", [-0.21, -0.105, -0.0525, 0.0, 0.0]),
        ("S2", [-0.173, 0.0, 0.0, 0.0, 0.0]),
        ("S3", [-0.046, -0.046, 0.0, 0.0, 0.0]),
        ("S4", [-0.58, 0.0, 0.0, 0.0, 0.0]),
        ("S6", [-0.01, -0.0199, -0.029701, -0.03940399, -0.0490099501]),
        ("S7", [0.0, 0.0, -0.1, -0.1, -0.1]),
        ("S8", [0.03, 0.03, 0.03, 0.03, 0.03]),
        ("S9", [0.0, 3.0, 3.0, 3.0, 3.0]),
        ("S10", [4.0, 6.25, 6.25, 6.25, 6.25]),
    ],
)
def test_paths_of_the_library_by_year(word, path):
    assert load_shock(word).changes(5).tolist() == pytest.approx(path)


def test_a_shrinking_population_stops_shrinking_after_its_path():
    path = load_shock("S6").changes(13)
    assert path[9] == pytest.approx(0.99**10 - 1)
    assert (path[10:] == path[9]).all()


def test_the_sets_are_those_of_the_specification():
    assert {name: [shock.id for shock in entry.shocks] for name, entry in shock_sets().items()} == {
        "base": [],
        "down": ["S1", "S3", "S6"],
        "severe": ["S4", "S1", "S9", "S11"],
    }
    with pytest.raises(InputError, match="did you mean 'severe'"):
        load_set("sever")


def test_shocks_are_found_by_number_and_name_and_the_nearest_is_named():
    assert load_shock("s1") is load_shock("recession") is load_shock("S1")
    with pytest.raises(InputError, match="did you mean 'recession'"):
        load_shock("recesion")
    with pytest.raises(InputError, match="no such file"):
        load_shock("missing.toml")


def test_several_wrong_names_are_reported_together():
    with pytest.raises(InputError) as caught:
        load_shocks(["recesion", "S1", "recession", "wage"])
    assert len(caught.value.problems) == 3
    assert "stands twice" in str(caught.value)


def write(tmp_path, text):
    file = tmp_path / "mine.toml"
    file.write_text(text)
    return file


def test_an_own_shock_is_read_from_a_file(tmp_path):
    shock = load_shock(write(tmp_path, 'variable = "trade_tax"\nsize = -0.4\nlasting = true\nwhere = ["Large"]\n'))
    assert (shock.name, shock.title_en, shock.confidence) == ("mine", "mine", "assumption")
    changes = compose([shock], years=2, **PLACES)
    assert changes.get("trade_tax").tolist() == [[1.0, 0.6, 1.0]] * 2


def test_all_problems_of_a_file_are_reported_with_line_and_nearest_name(tmp_path):
    text = 'variable = "trade_tax"\nsize = -4\nlow = 2\npath = [1, -3]\nstrat = 1\ncompensated = 2.0\nwhere = []\n'
    with pytest.raises(InputError) as caught:
        load_shock(write(tmp_path, text))
    words = str(caught.value)
    assert len(caught.value.problems) == 6
    for expected in ("line 2", "line 3", "line 4", "line 5", "did you mean 'start'", "-1 to 1 share of receipts"):
        assert expected in words, words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('variable = "trade-tax"\nsize = -0.1', "did you mean 'trade_tax'"),
        ('variable = "trade_tax"', "size: this key is missing"),
        ('variable = "trade_tax"\nsize = "much"', "wrong type"),
        ('variable = "trade_tax"\nsize = nan', "finite"),
        ('variable = "wages"\nsize = 0.1\ncompensated = 1.0', "only a loss of trade tax"),
        ('variable = "wages"\nsize = 0.1\nhigh = 0.05', "does not hold the size"),
        ('variable = "wages"\nsize = 0.1\nwhere = ["Large"]', "the same in all municipalities"),
        ("variable = ", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(tmp_path, text, words):
    with pytest.raises(InputError, match=r".+") as caught:
        load_shock(write(tmp_path, text))
    assert words in str(caught.value)


def test_an_unknown_municipality_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'Large'"):
        compose([Shock(name="x", variable="trade_tax", size=-0.1, where=["Larg"])], years=1, **PLACES)


def test_the_largest_taxpayer_is_the_one_with_most_trade_tax():
    assert compose([load_shock("S4")], years=1, **PLACES).get("trade_tax").tolist() == [[1.0, pytest.approx(0.42), 1.0]]


def test_shares_multiply_points_add_and_of_values_the_lowest_holds():
    changes = compose(load_set("severe").shocks, years=3, **PLACES)
    assert changes.get("trade_tax")[0].tolist() == pytest.approx([0.79, 0.79 * 0.42, 0.79])
    assert changes.get("regional_levy_rate")[:, 0].tolist() == [0.0, 3.0, 3.0]
    assert changes.get("programme_money")[:, 0].tolist() == [0.0, 0.0, 0.0]
    twice = [Shock(name=name, variable="levy_rate", size=2.0) for name in "ab"]
    assert compose(twice, years=1, **PLACES).get("levy_rate").tolist() == [[4.0] * 3]
    values = [load_shock("S7b"), Shock(name="v", variable="levy_multiplier", size=50.0, path=[1, 0])]
    assert compose(values, years=2, **PLACES).get("levy_multiplier").tolist() == [[35.0] * 3] * 2


def test_what_nobody_shocks_is_neutral():
    changes = compose([], years=2, **PLACES)
    for name, variable in VARIABLES.items():
        neutral = {"share": 1.0, "points": 0.0, "value": np.nan}[variable.kind]
        assert np.array_equal(changes.get(name), np.full((2, 3), neutral), equal_nan=True)
    assert not changes.compensation.any()


def test_the_order_of_shocks_does_not_matter_to_the_bit():
    found = [compose(order, years=4, **PLACES) for order in itertools.permutations(load_set("severe").shocks)]
    for other in found[1:]:
        assert all(np.array_equal(other.get(n), found[0].get(n), equal_nan=True) for n in VARIABLES)


def test_a_full_compensation_is_the_loss_of_the_first_year_only():
    with_grant = compose([load_shock("S2c")], years=3, **PLACES)
    assert with_grant.compensation.tolist() == [[pytest.approx(0.173)] * 3, [0.0] * 3, [0.0] * 3]
    assert not compose([load_shock("S2")], years=3, **PLACES).compensation.any()
    forced = compose([load_shock("S1")], years=3, compensation=1.0, **PLACES)
    assert forced.compensation[:, 0].tolist() == pytest.approx([0.21, 0.0, 0.0])


@settings(max_examples=60, deadline=None)
@given(
    size=st.floats(-1, 1),
    path=st.lists(st.floats(0, 3), min_size=1, max_size=5),
    start=st.integers(0, 4),
    lasting=st.booleans(),
    years=st.integers(0, 8),
)
def test_a_path_has_a_value_for_every_year_and_nothing_before_its_start(size, path, start, lasting, years):
    shock = Shock(name="x", variable="wages", size=max(size, -0.5), path=path, start=start, lasting=lasting)
    changes = shock.changes(years)
    assert changes.shape == (years,)
    assert not changes[:start].any()
    if lasting and years > start + len(path):
        assert changes[-1] == shock.size * path[-1]


@given(u=st.floats(0, 1, exclude_max=True))
def test_drawn_sizes_stay_in_their_range(u):
    for shock in shock_library().values():
        assert shock.low <= shock.drawn(u).size <= shock.high


def test_the_schema_names_every_key():
    assert set(shock_schema()["properties"]) == set(Shock.model_fields)
