"""Kinds of map, a file of boundaries from outside, and the files one takes home."""

import io
import json
import re
import zipfile

import numpy as np
import openpyxl
import pytest
import shapely
from kreislauf.model.region import load_region
from kreislauf.visualization.charts.places import places_of
from kreislauf.visualization.charts.seat_map import in_km, seat_areas
from kreislauf.visualization.texts import text

OVERVIEW = "screen=overview&lang=de&b=community-own_budget"
PRINT = "screen=print&lang=de&b=community-own_budget"


@pytest.fixture(scope="module")
def boundaries() -> dict:
    """A file as the district might supply it: the cells around the seats, in degrees."""
    places = places_of(load_region("coburg"))
    back = np.array(in_km(1.0, 1.0, sum(place.lat for place in places) / len(places)))
    features = []
    for key, area in seat_areas(places).items():
        shape = json.loads(shapely.to_geojson(shapely.transform(area, lambda points: points / back)))
        features.append({"type": "Feature", "properties": {"AGS": key}, "geometry": shape})
    return {"type": "FeatureCollection", "features": features}


def kind_of_map(page) -> str:
    """Return what the municipalities are drawn with."""
    return page.page.locator("svg g[data-key='09473112']").first.evaluate(
        "e => e.querySelector('polygon,path').tagName"
    )


def choose(page, name: str) -> None:
    page.page.get_by_label(text("de", f"maps.{name}")).check()
    page.settle()


def hand_over(page, name: str, content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    field = page.page.locator("input[type=file]")
    field.set_input_files({"name": name, "mimeType": "application/geo+json", "buffer": data})
    page.settle()


def test_the_map_is_switched_and_a_reload_keeps_it(watched):
    page = watched()
    page.open(OVERVIEW)
    assert kind_of_map(page) == "polygon"
    choose(page, "seats")
    page.page.wait_for_url("**o.shape=seats**")
    assert kind_of_map(page) == "path"
    assert text("de", "maps.seats_note") in page.page.locator("main").inner_text()
    page.page.reload()
    page.page.wait_for_selector("main h1")
    page.settle()
    assert kind_of_map(page) == "path"
    page.go("municipality")
    assert kind_of_map(page) == "path", "the other screens show the same kind of map"
    assert page.trouble() == []


def test_own_boundaries_are_drawn_kept_in_the_address_and_clickable(watched, boundaries):
    page = watched()
    page.open(OVERVIEW)
    choose(page, "own")
    assert kind_of_map(page) == "polygon", "hexagons until there is a file"
    hand_over(page, "grenzen.geojson", json.dumps(boundaries))
    page.page.wait_for_url(re.compile(r"o\.own=[0-9a-f]{16}"))
    page.settle()
    assert kind_of_map(page) == "path"
    page.page.reload()
    page.page.wait_for_selector("main h1")
    page.settle()
    assert kind_of_map(page) == "path"
    page.page.locator("svg g[data-key='09473120']").first.press("Enter")
    page.page.wait_for_url("**place=09473120**")
    assert page.trouble() == []


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("grenzen.geojson", lambda file: json.dumps(file)[:-30], "kein gültiges JSON"),
        ("grenzen.geojson", lambda file: json.dumps(file).replace('"AGS"', '"NAME"'), "keinen amtlichen Schlüssel"),
        ("bild.png", lambda file: b"\x89PNG\r\n\x1a\n\x00", "Endung .geojson"),
        ("grenzen.json", lambda file: b" " * 1_600_000, "Die Datei ist zu groß"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_a_sentence_and_the_map_stays(watched, boundaries, name, change, said):
    page = watched()
    page.open(OVERVIEW + "&o.shape=own")
    hand_over(page, name, change(boundaries))
    page.page.wait_for_selector(f"text={said}")
    assert kind_of_map(page) == "polygon"
    assert "o.own" not in page.page.url
    page.page.locator(".kl-error").evaluate_all("all => all.forEach(each => each.remove())")
    assert page.trouble() == [], "nothing else is wrong"


def test_a_link_to_a_map_that_is_not_here_says_so(watched):
    page = watched()
    page.open(OVERVIEW + "&o.shape=own&o.own=0123456789abcdef")
    assert text("de", "maps.lost") in page.page.locator("main").inner_text()
    assert kind_of_map(page) == "polygon"


def taken_home(page, form: str) -> tuple[str, bytes]:
    """Press the button of a form and return name and content of the file."""
    button = page.page.get_by_role("button", name=text("de", "print.save", form=text("de", f"print.{form}_short")))
    with page.page.expect_download(timeout=120_000) as download:
        button.click()
    with open(download.value.path(), "rb") as file:
        return download.value.suggested_filename, file.read()


def test_the_annex_is_a_tagged_pdf(watched):
    page = watched()
    page.open(PRINT)
    name, data = taken_home(page, "pdf")
    assert name.endswith(".pdf")
    assert data.startswith(b"%PDF-")
    assert page.trouble() == []


def test_the_tables_are_a_spreadsheet_and_csv_with_decimal_commas(watched):
    page = watched()
    page.open(PRINT)
    name, data = taken_home(page, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert name.endswith(".xlsx")
    assert len(book.sheetnames) > 3
    _, data = taken_home(page, "csv")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        tables = {one: archive.read(one).decode("utf-8-sig") for one in archive.namelist()}
    assert all(one.endswith(".csv") for one in tables)
    assert all(";" in words for words in tables.values())
    assert any(re.search(r"\d,\d", words) for words in tables.values())
    assert page.trouble() == []


def test_the_newsletter_is_one_page_without_scripts_or_other_addresses(watched):
    page = watched()
    page.open(PRINT)
    name, data = taken_home(page, "html")
    words = data.decode("utf-8")
    assert name.endswith(".html")
    assert "<script" not in words
    assert re.findall(r"""(?:src|href)=["'](?!#)[^"']*""", words) == []
    assert "<svg" in words
    assert page.trouble() == []
