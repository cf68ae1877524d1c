"""The shipped Landkreis Coburg against published totals, and what every figure must carry."""

from __future__ import annotations

import csv
import tomllib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from kreislauf.model.parameters import CONFIDENCE
from kreislauf.model.region import Region, load_region
from kreislauf.model.region_schema import TABLES

if TYPE_CHECKING:
    import pandas as pd

TASK_ROWS = {f"T{number:02d}" for number in range(1, 47)}


@pytest.fixture(scope="module")
def coburg() -> Region:
    return load_region("coburg")


def test_there_are_17_municipalities_with_official_keys(coburg: Region):
    assert len(coburg.keys) == len(set(coburg.keys)) == 17
    assert all(len(key) == 8 and key.startswith("09473") for key in coburg.keys)
    assert [district.key for district in coburg.districts] == ["09473"]


@pytest.mark.parametrize(
    ("year", "total"), [(2013, 86_719), (2014, 86_715), (2018, 86_906), (2019, 86_747), (2020, 86_571)]
)
def test_population_adds_up_to_the_published_district_total(coburg: Region, year: int, total: int):
    assert coburg.population[year].sum() == total


def test_population_of_2022_adds_up_within_the_rounding_of_its_parts(coburg: Region):
    assert abs(coburg.population[2022].sum() - 87_103) <= 1


def test_population_is_there_for_every_year_and_never_jumps(coburg: Region):
    assert sorted(coburg.population) == list(range(2013, 2026))
    series = np.array([coburg.population[year] for year in range(2013, 2026)])
    assert np.abs(np.diff(series, axis=0) / series[:-1]).max() < 0.05


def test_area_adds_up_to_the_published_total(coburg: Region):
    assert coburg.municipalities["area_km2"].sum() == pytest.approx(584.39, abs=0.05)


def test_neighbourhood_is_mutual_and_connected(coburg: Region):
    adjacent, distance = coburg.adjacent, coburg.distance_km
    assert np.array_equal(adjacent, adjacent.T)
    assert np.array_equal(distance, distance.T)
    assert not adjacent.diagonal().any()
    reached = np.linalg.matrix_power(adjacent.astype(np.int64) + np.eye(17, dtype=np.int64), 16) > 0
    assert reached.all()
    assert int(coburg.municipalities["borders_centre"].sum()) == 9


def test_distances_obey_the_triangle_inequality(coburg: Region):
    distance = coburg.distance_km
    detour = distance[:, :, None] + distance[None, :, :]
    assert (distance[:, None, :] <= detour.transpose(0, 1, 2) + 0.03).all()


def test_the_course_site_lies_where_the_distances_say(coburg: Region):
    site, places = coburg.districts[0], coburg.municipalities
    north = (places["lat"] - site.lat) * 111.2
    east = (places["lon"] - site.lon) * 111.2 * np.cos(np.radians(site.lat))
    assert np.abs(np.hypot(north, east) - places["km_to_centre"]).max() < 0.2


def test_arrivals_by_year_are_the_recommended_schedule(coburg: Region):
    by_year = coburg.arrivals.groupby(coburg.arrivals["month"].str[:4])["asylum_persons"].sum()
    assert [round(total) for total in by_year] == [269, 615, 100, 223, 179, 158, 57, 153, 226, 341, 238, 113]


def test_arrivals_from_ukraine_begin_in_march_2022_and_reach_the_quoted_count(coburg: Region):
    arrivals = coburg.arrivals.set_index("month")["ukraine_persons"]
    assert arrivals[:"2022-02"].sum() == 0
    assert arrivals["2022-03"] == 280
    assert arrivals[:"2023-01"].sum() == 845


def test_shares_of_decisions_add_up_to_one_and_match_the_yearly_rates(coburg: Region):
    shares = ["refugee_share", "subsidiary_share", "ban_share", "rejected_share", "closed_share"]
    assert np.allclose(coburg.arrivals[shares].sum(axis=1), 1, atol=1e-9)
    protection = coburg.arrivals[shares[:3]].sum(axis=1).groupby(coburg.arrivals["month"].str[:4]).mean() * 100
    assert protection["2014"] == pytest.approx(31.4)
    assert protection["2015"] == pytest.approx(
        49.8, abs=6
    )  # unweighted months; most decisions fell at the end of the year
    assert protection["2016"] == pytest.approx(62.4, abs=3)
    assert protection["2017"] == pytest.approx(43.4, abs=3)
    assert protection["2018"] == pytest.approx(35.0, abs=2)


def test_procedures_last_as_long_as_published(coburg: Region):
    by_year = coburg.arrivals.groupby(coburg.arrivals["month"].str[:4])["procedure_months"].unique()
    assert all(len(values) == 1 for values in by_year)
    assert [by_year[str(year)][0] for year in range(2015, 2020)] == [5.2, 7.1, 10.7, 7.5, 6.0]


def test_asylum_seekers_of_june_2014_add_up_and_explain_the_stock_before(coburg: Region):
    assert coburg.municipalities["asylum_2014"].sum() == 157
    places = coburg.municipalities.set_index("name")
    assert places.loc["Ebersdorf b.Coburg", "asylum_2014"] == 61
    assert (places["gu_places"] > 0).sum() == 1
    stock, outflow = coburg.initial["stock_2013_12"], coburg.initial["outflow_share_2014"]
    first_half = coburg.arrivals["asylum_persons"].iloc[:6]
    until_mid_june = first_half.sum() - first_half.iloc[5] / 2
    predicted = stock * np.exp(-outflow * 5.5) + until_mid_june * np.exp(-outflow * 2.75)
    assert predicted == pytest.approx(157, abs=1)
    assert coburg.initial["stock_2013_12_gu"] + coburg.initial["stock_2013_12_decentral"] == stock


def test_levy_rates_are_there_for_every_year_and_follow_the_quoted_path(coburg: Region):
    finances = coburg.finances
    rates = finances[finances["indicator"] == "kreisumlage_rate"].set_index("year")["value"]
    bezirk = finances[finances["indicator"] == "bezirksumlage_rate"].set_index("year")["value"]
    assert set(range(2013, 2026)) <= set(rates.index)
    assert set(range(2013, 2026)) <= set(bezirk.index)
    quoted = {2013: 46.5, 2015: 45, 2016: 42.5, 2017: 43, 2018: 41, 2019: 40, 2024: 46, 2025: 48.25}
    assert rates[list(quoted)].to_dict() == quoted


def test_tax_capacity_and_grants_keep_order_and_totals(coburg: Region):
    def figures(indicator: str, year: int) -> pd.Series:
        rows = coburg.finances.query("level == 'municipality' and indicator == @indicator and year == @year")
        return rows.set_index("key")["value"]

    names = coburg.municipalities.set_index("key")["name"]
    capacity = figures("steuerkraft_per_head", 2018)
    assert len(capacity) == 17
    assert (names[capacity.idxmax()], capacity.max()) == ("Niederfüllbach", 1052)
    assert (names[capacity.idxmin()], capacity.min()) == ("Itzgrund", 556)
    assert figures("schluesselzuweisung", 2018).sum() == pytest.approx(19.65e6, abs=1e4)
    assert figures("schluesselzuweisung", 2022).sum() == pytest.approx(24.253e6, abs=1e3)
    assert figures("umlagekraft", 2018).sum() == pytest.approx(85.6e6, rel=0.003)
    assert len(figures("gewerbesteuer_hebesatz", 2016)) == 17


def test_every_figure_carries_a_confidence_and_known_sources(coburg: Region):
    known = set(coburg.sources["source_id"])
    cited: set[str] = set()
    for name, table in TABLES.items():
        if name == "sources":
            continue
        with (coburg.folder / table.file).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                assert row["confidence"] in CONFIDENCE
                cited |= set(row["source"].split(";"))
    for group in tomllib.loads((coburg.folder / "households.toml").read_text(encoding="utf-8")).values():
        for figure in group.values():
            assert figure["confidence"] in CONFIDENCE
            cited |= set(figure["source"].split(";"))
    settings = tomllib.loads((coburg.folder / "region.toml").read_text(encoding="utf-8"))
    for district in settings["district"]:
        assert district["confidence"] in CONFIDENCE
        cited |= set(district["source"].split(";"))
    assert cited == known


def test_every_row_of_the_inventory_is_in_the_register_or_explained(coburg: Region):
    readme = (coburg.folder / "README.md").read_text(encoding="utf-8")
    table = {line.split("|")[1].strip(): line for line in readme.splitlines() if line.startswith("| T")}
    assert set(table) == TASK_ROWS
    cited = {row for rows in coburg.structures["evidence_rows"] for row in rows.split(";")}
    assert all(coburg.structures["evidence_rows"])
    assert cited <= TASK_ROWS
    for row in TASK_ROWS - cited:
        assert "not " in table[row] or "money" in table[row]
    for row in cited:
        assert "`" in table[row]


def test_documented_posts_have_the_documented_size_and_dates(coburg: Region):
    posts = coburg.structures.set_index("id")
    documented = {
        "caritas_asyl.1": (0.24, "", "2014-12"),
        "caritas_asyl.2": (1.5, "2015-01", "2016-06"),
        "caritas_asyl.3": (2.5, "2016-07", "2017-12"),
        "kobe.1": (0.5, "2015-03", "2018-02"),
        "kobe.3": (0.5, "2019-11", ""),
        "moro_office": (1.0, "2016-08", "2018-08"),
        "integration_guide.1": (1.0, "2018-01", "2022-06"),
        "integration_guide.2": (1.5, "2022-07", ""),
    }
    for name, expected in documented.items():
        assert tuple(posts.loc[name, ["fte", "start", "end"]]) == expected
    assert posts.loc["caritas_asyl.3", "monthly_cost_eur"] * 12 == pytest.approx(176_000, rel=0.001)
    assert posts.loc["caritas_asyl.1", "catchment"] == "09473121"


def test_about_seven_voluntary_posts_existed_at_the_peak(coburg: Region):
    posts = coburg.structures[coburg.structures["nature"] == "voluntary"]
    month = (2018 - 2015) * 12  # January 2018
    active = posts[(posts["start_month"] <= month) & (month <= posts["end_month"])]
    named = active["unit"].isin(
        ["caritas_asyl", "kobe", "awo_coordination", "moro_office", "education_coordination", "integration_guide"]
    )
    assert active.loc[named, "fte"].sum() == pytest.approx(7.0)
