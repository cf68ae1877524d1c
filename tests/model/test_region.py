"""Reading a region folder: what a good one gives, and one clear message for every kind of mistake."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kreislauf.model import region as region_module
from kreislauf.model.calendar import OPEN_END, OPEN_START
from kreislauf.model.errors import InputError
from kreislauf.model.region import check_region, load_region, region_names
from kreislauf.model.region_schema import TABLES, Column
from kreislauf.model.region_settings import HOUSEHOLD_GROUPS
from kreislauf.model.region_structures import expand_structures
from kreislauf.model.region_tables import read_cell

SHIPPED = Path(region_module.__file__).with_name("regions") / "coburg"
DOCS = Path(__file__).parents[2] / "docs" / "region-format.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped region that a test may spoil."""
    return shutil.copytree(SHIPPED, tmp_path / "coburg")


def change(folder: Path, file: str, old: str, new: str) -> int:
    """Replace one text in a file and return the line it stands on."""
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {file}"
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def add_line(folder: Path, file: str, line: str) -> int:
    """Append a line to a file and return its number."""
    text = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(text + line + "\n", encoding="utf-8")
    return text.count("\n") + 1


def messages(folder: Path) -> list[str]:
    return [str(problem) for problem in check_region(folder)]


def only(folder: Path) -> str:
    """Return the only problem of a folder; loading it must report the same."""
    found = messages(folder)
    assert len(found) == 1, found
    with pytest.raises(InputError) as error:
        load_region(folder)
    assert str(error.value) == found[0]
    return found[0]


# A good folder


def test_the_shipped_regions_are_found_by_name_and_have_no_problem():
    assert "coburg" in region_names()
    for name in region_names():
        assert check_region(name) == []


def test_a_region_is_the_same_by_name_and_by_folder(folder: Path):
    by_name, by_folder = load_region("coburg"), load_region(folder)
    assert by_name.fingerprint == by_folder.fingerprint
    assert by_name.keys == by_folder.keys
    assert by_folder.folder == folder


def test_the_fingerprint_follows_the_data_files_only(folder: Path):
    before = load_region(folder).fingerprint
    (folder / "README.md").write_text("changed", encoding="utf-8")
    assert load_region(folder).fingerprint == before
    change(folder, "labour.csv", "1611", "1612")
    assert load_region(folder).fingerprint != before


def test_loading_is_fast():
    load_region("coburg")
    begin = time.process_time()
    load_region("coburg")
    assert time.process_time() - begin < 0.3


def test_months_keys_and_indices_agree():
    region = load_region("coburg")
    assert (region.history_start_month, region.start_month, region.end_month, region.months) == (-12, 0, 131, 132)
    assert list(region.municipalities["key"]) == list(region.keys)
    assert set(region.municipalities["district_index"]) == {0}
    assert list(region.arrivals["month_index"]) == list(range(-12, 132))
    assert region.arrivals["month"].iloc[0] == "2014-01"


def test_arrays_have_the_promised_shapes_and_are_read_only():
    region = load_region("coburg")
    size = len(region.keys)
    assert region.distance_km.shape == region.adjacent.shape == (size, size)
    assert region.distance_km.dtype == np.float64
    assert region.adjacent.dtype == bool
    assert all(array.shape == (size,) and array.dtype == np.int64 for array in region.population.values())
    with pytest.raises(ValueError, match="read-only"):
        region.distance_km[0, 0] = 1.0


def test_identities_follow_the_key_and_can_be_given(folder: Path):
    region = load_region("coburg")
    assert region.municipalities["identity"].is_unique
    text = (folder / "municipalities.csv").read_text(encoding="utf-8").splitlines()
    lines = [text[0] + ",identity", *(f"{line},{number}" for number, line in enumerate(text[1:], start=100))]
    (folder / "municipalities.csv").write_text("\n".join(lines), encoding="utf-8")
    assert list(load_region(folder).municipalities["identity"])[:2] == [100, 101]


def test_the_order_of_rows_does_not_change_what_belongs_to_a_key(folder: Path):
    text = (folder / "municipalities.csv").read_text(encoding="utf-8").splitlines()
    (folder / "municipalities.csv").write_text("\n".join([text[0], *reversed(text[1:])]), encoding="utf-8")
    one, other = load_region("coburg"), load_region(folder)
    assert one.keys == tuple(reversed(other.keys))
    assert list(one.population[2018]) == list(reversed(other.population[2018]))
    assert np.array_equal(one.distance_km, other.distance_km[::-1, ::-1])


def test_a_spreadsheet_byte_order_mark_and_windows_line_ends_are_accepted(folder: Path):
    data = (folder / "labour.csv").read_bytes()
    (folder / "labour.csv").write_bytes(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
    assert messages(folder) == []


# Structures


def test_a_structure_for_each_municipality_is_split_by_inhabitants():
    region = load_region("coburg")
    circles = region.structures[region.structures["unit"].str.startswith("helper_circle_")]
    assert list(circles["id"]) == [f"helper_circle_{key}" for key in region.keys]
    share = region.population[2014] / region.population[2014].sum()
    total = 2034
    assert np.allclose(circles["hours_per_month"], total * share)
    assert list(circles["municipality_indices"]) == [(place,) for place in range(len(region.keys))]


def test_phases_of_one_office_follow_each_other():
    structures = load_region("coburg").structures.set_index("id")
    assert structures.loc["kobe.1", "next_phase"] == "kobe.2"
    assert structures.loc["kobe.1", "unit_end_month"] == OPEN_END
    assert structures.loc["moro_office", "unit_end_month"] == structures.loc["moro_office", "end_month"]
    assert structures.loc["caritas_asyl.1", "start_month"] == OPEN_START


@given(st.lists(st.integers(min_value=1, max_value=100_000), min_size=1, max_size=12), st.floats(0, 1000))
def test_splitting_a_structure_keeps_its_total(population: list[int], total: float):
    columns = {
        "id": ["office"], "tasks": [("advice",)], "groups": [("all",)], "catchment": [("each",)], "fte": [total],
        "hours_per_month": [total], "monthly_cost_eur": [total], "payers": [(("land", 1.0),)],
        "start": [None], "end": [None], "evidence_rows": [None], "source": [("a",)],
    }  # fmt: skip
    size = len(population)
    frame = expand_structures(
        columns,
        keys=[f"{place:08d}" for place in range(size)],
        district_of=["00000"] * size,
        district_index=[0] * size,
        population=np.array(population),
        alliances={},
        groups=("asylum",),
    )
    assert len(frame) == size
    assert frame["fte"].sum() == pytest.approx(total)
    assert (frame["group_ids"] == ("asylum",)).all() if size > 1 else frame["group_ids"][0] == ("asylum",)


def test_a_catchment_may_name_districts_and_alliances(folder: Path):
    change(folder, "structures.csv", "accommodation,asylum;tolerated,09473121,", "accommodation,asylum;tolerated,b303,")
    region = load_region(folder)
    reach = region.structures.set_index("id").loc["gu_ebersdorf", "municipality_indices"]
    members = set(region.alliances.query("alliance == 'b303'")["key"])
    assert {region.keys[place] for place in reach} == members


def test_a_structure_that_reaches_two_districts_belongs_to_none(folder: Path):
    change(folder, "municipalities.csv", "Ahorn,09473", "Ahorn,09999")
    arrivals = (folder / "arrivals.csv").read_text(encoding="utf-8").splitlines()
    more = [line.replace(",09473,", ",09999,", 1) for line in arrivals[1:]]
    (folder / "arrivals.csv").write_text("\n".join([*arrivals, *more]), encoding="utf-8")
    text = (folder / "region.toml").read_text(encoding="utf-8")
    second = '\n[[district]]\nkey = "09999"\nname = "Second"\nlat = 50\nlon = 11.0\nidentity = 7\n'
    (folder / "region.toml").write_text(text + second, encoding="utf-8")
    region = load_region(folder)
    posts = region.structures.set_index("id")["district_index"]
    assert (posts["caritas_asyl.3"], posts["helper_circle_09473112"], posts["gu_ebersdorf"]) == (-1, 1, 0)
    assert region.districts[1].identity == 7
    assert list(region.arrivals["district_index"][:4]) == [0, 1, 0, 1]


# Mistakes


def test_a_misspelt_column_is_named_with_the_right_one(folder: Path):
    change(folder, "population.csv", "key,year,population", "key,year,populaton")
    assert only(folder) == "population.csv, line 1, column populaton: unknown column, did you mean 'population'?"


def test_a_missing_column_is_named(folder: Path):
    text = (folder / "initial.csv").read_text(encoding="utf-8")
    (folder / "initial.csv").write_text(re.sub(r"(?m)^([^,]*,[^,]*),[^,]*", r"\1", text, count=0), encoding="utf-8")
    assert any(
        found.startswith("initial.csv, line 1, column unit: the column is missing") for found in messages(folder)
    )


def test_a_negative_population_is_refused(folder: Path):
    line = change(folder, "population.csv", "09473112,2013,4212", "09473112,2013,-4212")
    found = only(folder)
    assert found.startswith(f"population.csv, line {line}, column population: the value is outside its range")
    assert "'-4212'" in found
    assert "from 1" in found


def test_an_unknown_municipality_key_is_refused_with_the_nearest(folder: Path):
    line = change(folder, "alliances.csv", "09473158", "09473159")
    line_two = add_line(folder, "alliances.csv", "b303,Allianz B303+,09473999,2020-01,,quoted,INFB303,")
    found = only(folder)
    assert line == 2
    assert found.startswith(f"alliances.csv, line {line_two}, column key: unknown municipality key '09473999'")
    assert "did you mean" in found


def test_a_latin_1_file_is_refused_with_line_and_column(folder: Path):
    text = (folder / "municipalities.csv").read_text(encoding="utf-8")
    (folder / "municipalities.csv").write_bytes(text.replace("ü", "ue").encode("latin-1"))
    found = [message for message in messages(folder) if "save as UTF-8" in message]
    line = 1 + next(number for number, row in enumerate(text.splitlines()) if "ö" in row)
    assert found == [
        f"municipalities.csv, line {line}, column name: the file is not UTF-8 text: save as UTF-8"
        " (found 'Dörfles-Esbach'); expected UTF-8"
    ]


def test_a_repeated_row_is_refused_with_the_line_of_the_first(folder: Path):
    line = add_line(folder, "population.csv", "09473112,2013,4212,official,DESTATIS13,")
    assert only(folder).startswith(f"population.csv, line {line}, column year: the same row as in line 2")


@pytest.mark.parametrize("file", sorted(table.file for table in TABLES.values()))
def test_a_missing_file_is_named(folder: Path, file: str):
    (folder / file).unlink()
    assert any(found.startswith(f"{file}: the file is missing") for found in messages(folder))
    with pytest.raises(InputError, match="the file is missing"):
        load_region(folder)


@pytest.mark.parametrize("file", ["region.toml", "households.toml"])
def test_a_missing_settings_file_is_named(folder: Path, file: str):
    (folder / file).unlink()
    assert any(found.startswith(f"{file}: there is no such file") for found in messages(folder))


def test_payers_that_do_not_add_up_to_one_are_refused(folder: Path):
    old = "land:0.67;carrier:0.27;district:0.06"
    line = change(folder, "structures.csv", old, "land:0.67;carrier:0.27;district:0.6")
    found = only(folder)
    assert found.startswith(f"structures.csv, line {line}, column payers: the shares add up to 1.54")


def test_an_unknown_payer_is_refused_with_the_nearest(folder: Path):
    line = change(folder, "structures.csv", "bund:0.65;carrier:0.35", "bund:0.65;carier:0.35")
    expected = f"structures.csv, line {line}, column payers: unknown payer 'carier'"
    assert only(folder).startswith(expected)


@pytest.mark.parametrize("month", ["2015-13", "2015", "Jan 2015", "2015-1"])
def test_a_month_that_is_none_is_refused(folder: Path, month: str):
    line = change(folder, "structures.csv", ",2015-03,2018-02,6,", f",{month},2018-02,6,")
    found = only(folder)
    assert found.startswith(f"structures.csv, line {line}, column start: not a month")
    assert repr(month) in found


def test_a_missing_month_of_arrivals_is_named(folder: Path):
    text = (folder / "arrivals.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "arrivals.csv").write_text(
        "".join(line for line in text if not line.startswith("2017-05")), encoding="utf-8"
    )
    assert "no arrivals of district 09473 for 2017-05" in only(folder)


def test_shares_of_decisions_that_do_not_add_up_are_refused(folder: Path):
    line = change(folder, "arrivals.csv", "0.3340,0.3520", "0.3340,0.4520")
    found = only(folder)
    assert found.startswith(f"arrivals.csv, line {line}, column closed_share: the shares of decisions add up to 1.1000")


def test_a_decimal_comma_is_explained(folder: Path):
    line = change(folder, "arrivals.csv", "2014-01,09473,13.9", '2014-01,09473,"13,9"')
    found = only(folder)
    assert found.startswith(f"arrivals.csv, line {line}, column asylum_persons: not a number")
    assert "a number with a decimal point" in found


def test_semicolons_between_columns_are_explained(folder: Path):
    path = folder / "alliances.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    assert "alliances.csv, line 1: columns are separated by semicolons; expected commas between columns" in messages(
        folder
    )


def test_one_way_neighbours_are_refused(folder: Path):
    first = change(folder, "adjacency.csv", "09473112,09473132,6.64,1,1.6", "09473112,09473132,6.64,0,0")
    found = messages(folder)
    assert len(found) == 2
    assert all("the opposite direction says something else" in message for message in found)
    assert found[0].startswith("adjacency.csv, line ")
    assert f"as in line {first}" in found[0]


def test_an_unknown_task_is_refused_with_the_nearest(folder: Path):
    line = change(folder, "structures.csv", ",trauma_care,", ",trauma_car,")
    expected = f"structures.csv, line {line}, column tasks: unknown task 'trauma_car', did you mean 'trauma_care'?"
    assert only(folder) == f"{expected} (found 'trauma_car')"


def test_an_unknown_group_place_programme_and_source_are_all_reported_at_once(folder: Path):
    change(folder, "structures.csv", "advice,protected,all,voluntary,0.5", "advice,protectd,everywhere,voluntary,0.5")
    change(folder, "structures.csv", ",bir_fib,", ",bir_fig,")
    change(folder, "structures.csv", "HELFERZ;INTCOST", "HELFER;INTCOST")
    found = messages(folder)
    assert len(found) == 4
    for text in ("unknown group 'protectd'", "unknown place 'everywhere'", "unknown programme 'bir_fig'", "'HELFER'"):
        assert sum(text in message for message in found) == 1


def test_overlapping_phases_of_one_office_are_refused(folder: Path):
    line = change(folder, "structures.csv", ",2018-03,2019-10,", ",2018-02,2019-10,")
    assert only(folder).startswith(f"structures.csv, line {line}, column start: phases of kobe overlap")


def test_an_end_before_the_start_is_refused(folder: Path):
    line = change(folder, "structures.csv", ",2016-08,2018-08,", ",2016-08,2015-08,")
    assert only(folder).startswith(f"structures.csv, line {line}, column end: the end is before the start")


def test_a_short_line_is_refused(folder: Path):
    line = add_line(folder, "labour.csv", "09473,2016-01,unemployed")
    assert only(folder).startswith(f"labour.csv, line {line}: wrong number of cells (found '3')")


def test_an_unclosed_quote_is_refused(folder: Path):
    line = add_line(folder, "labour.csv", '09473,2016-01,unemployed,1,persons,quoted,LABOUR,"never closed')
    assert any(found.startswith(f"labour.csv, line {line}: not a valid CSV line") for found in messages(folder))


def test_an_unknown_confidence_is_refused(folder: Path):
    line = change(folder, "labour.csv", "quoted", "quotd")
    found = only(folder)
    assert found.startswith(f"labour.csv, line {line}, column confidence: unknown value")
    assert "did you mean 'quoted'?" in found


def test_a_missing_stock_at_the_start_is_refused(folder: Path):
    change(folder, "initial.csv", "stock_2013_12,", "stock_2012_12,")
    assert "initial.csv, column indicator: this indicator is missing; expected a row stock_2013_12" in messages(folder)


def test_household_figures_outside_their_range_and_unknown_keys_are_refused(folder: Path):
    line = change(folder, "households.toml", "value = 0.45, low = 0.35", "value = 0.25, low = 0.35")
    change(folder, "households.toml", "education_mid = ", "education_middle = ")
    found = messages(folder)
    assert any(f"line {line}, key asylum.single_person_share: value outside its range" in text for text in found)
    assert any("key asylum.education_middle: unknown key" in text and "'education_mid'" in text for text in found)


def test_settings_that_are_wrong_are_all_reported(folder: Path):
    change(folder, "region.toml", 'title_en = "Coburg district"', 'titel_en = "Coburg district"')
    line = change(folder, "region.toml", 'end = "2025-12"', 'end = "2025-14"')
    change(folder, "region.toml", 'field = "integration"', 'field = "integraton"')
    found = messages(folder)
    assert any("region.toml, line" in text and "key titel_en: unknown key" in text for text in found)
    assert any(f"region.toml, line {line}, key end: not a month" in text for text in found)
    assert any("key field: unknown field of action" in text and "'integration'" in text for text in found)


def test_an_unknown_district_is_refused(folder: Path):
    line = change(folder, "region.toml", 'key = "09473"', 'key = "09474"')
    found = messages(folder)
    assert line == 14
    assert any("column district: unknown district key '09473'" in text and "'09474'" in text for text in found)
    assert any(text.startswith("region.toml, key district.key: the district has no municipality") for text in found)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_without_rows_is_refused_only_where_rows_are_needed(folder: Path, name: str):
    table = TABLES[name]
    path = folder / table.file
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    found = messages(folder)
    if name in ("finances", "labour", "alliances"):
        assert found == []
        load_region(folder)
    else:
        assert (f"{table.file}, line 2: the table has no rows" in found) == (not table.may_be_empty)
        assert found


def test_an_unknown_region_names_the_nearest():
    with pytest.raises(InputError, match="unknown region 'cobrug', did you mean 'coburg'"):
        load_region("cobrug")


def test_an_empty_folder_reports_every_file_once(tmp_path: Path):
    found = messages(tmp_path)
    assert len([text for text in found if "missing" in text or "no such file" in text]) == len(TABLES) + 2


@given(st.sampled_from(sorted(path.name for path in SHIPPED.iterdir() if path.suffix != ".md")), st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_is_read_or_refused_but_never_crashes(file: str, data: st.DataObject):
    content = (SHIPPED / file).read_bytes()
    start = data.draw(st.integers(0, len(content)), label="start")
    length = data.draw(st.sampled_from([0, 1, 2, 10, 400]), label="length")
    written = data.draw(
        st.binary(max_size=4) | st.sampled_from([b",", b";", b'"', b"\n", b"-", b"\r", b"0"]), label="written"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = shutil.copytree(SHIPPED, Path(name) / "region")
        (folder / file).write_bytes(content[:start] + written + content[start + length :])
        problems = check_region(folder)
        if problems:
            assert {problem.file for problem in problems} <= {path.name for path in SHIPPED.iterdir()}
        else:
            load_region(folder)


_NUMBER = Column("figure", "number", "", low=0, high=10)


@given(st.text(max_size=12))
def test_whatever_stands_in_a_cell_gives_a_value_or_a_reason(text: str):
    value, message, right = read_cell(_NUMBER, text.strip())
    if message:
        assert value is None
        assert right
    else:
        assert 0 <= value <= 10


# The description


def test_the_format_page_names_every_file_column_and_household_figure():
    text = DOCS.read_text(encoding="utf-8")
    for table in TABLES.values():
        section = text.split(f"## {table.file}\n", 1)[1].split("\n## ", 1)[0]
        for column in table.columns:
            if column.name not in ("confidence", "source", "note"):
                assert f"| {column.name} |" in section, (table.file, column.name)
    for group, figures in HOUSEHOLD_GROUPS.items():
        assert all(f"| {key} |" in text for key in figures)
        assert f"[{group}]" in text
