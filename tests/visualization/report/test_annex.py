"""The annex on paper and as a page: two to four tagged pages, every number the finding's, nothing from elsewhere."""

from __future__ import annotations

import io
import itertools
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from kreislauf.visualization.formats import Formats
from kreislauf.visualization.report.annex import annex
from kreislauf.visualization.report.newsletter import newsletter
from kreislauf.visualization.report.paper import MOST_PAGES, paper, paper_pdf, sized
from pypdf import PdfReader

sys.path.insert(0, str(Path(__file__).parent))
from test_pdf import tags
from written import ensemble_in

NUMBER = re.compile(r"[+−±]?\d[\d.,]*")


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


@pytest.fixture(scope="session")
def reader(found) -> PdfReader:
    return PdfReader(io.BytesIO(paper_pdf(found)))


@pytest.fixture(scope="session")
def printed(reader) -> str:
    return plain(" ".join(page.extract_text() for page in reader.pages))


def said(found) -> list[str]:
    """Return every text of an annex: sentences, cells as they are written, texts in drawings."""
    formats = Formats(found.language)
    words = [
        found.kind,
        found.title,
        found.warning,
        found.foot,
        *found.main,
        *(w for fact in found.facts for w in fact),
    ]
    for part in found.parts:
        words += [part.title, *part.sentences, *part.notes, *(w for head, lines in part.lists for w in (head, *lines))]
        for chart in (*part.charts, *part.more):
            words += [chart.title, chart.sentence, *re.findall(r">([^<>]+)</text>", chart.svg)]
        for caption, table in part.tables:
            words += [caption, *table.columns]
            for row in table.rows:
                words += [c if isinstance(c, str) else formats.value(c, table.unit(at)) for at, c in enumerate(row)]
    return [plain(word) for word in words]


def test_it_is_two_to_four_tagged_pages_with_title_and_language(reader, found):
    root = reader.trailer["/Root"]
    assert 2 <= len(reader.pages) <= MOST_PAGES
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == found.language
    assert 'pdfuaid:part="1"' in root["/Metadata"].get_data().decode()
    assert reader.metadata
    assert reader.metadata.title == f"{found.kind}: {found.title}"
    assert "xmp:CreateDate" not in root["/Metadata"].get_data().decode(), "the same runs give the same bytes"


def test_every_figure_has_its_sentence_and_headings_do_not_skip_a_level(reader, found):
    names = tags(reader)
    sentences = {chart.sentence for part in found.parts for chart in part.charts}
    figures = [alt for tag, alt in names if tag == "/Figure"]
    assert figures
    assert set(figures) <= sentences
    levels = [int(tag[2]) for tag, _ in names if re.fullmatch(r"/H[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_number_on_paper_is_one_of_the_findings(printed, found):
    allowed = {number.rstrip(".,") for words in said(found) for number in NUMBER.findall(words)}
    pages = {str(number) for number in range(1, MOST_PAGES + 1)}
    shown = {number.rstrip(".,") for number in NUMBER.findall(printed)}
    assert len(shown) > 60
    assert shown - allowed - pages == set()


def test_the_findings_are_all_there(printed, found):
    squeezed = printed.replace(" ", "").replace("-", "")
    for words in (*found.main, *(sentence for part in found.parts for sentence in part.sentences)):
        assert plain(words).replace(" ", "").replace("-", "") in squeezed, words
    for row in found.parts[0].tables[0][1].rows:
        assert plain(str(row[1])).replace(" ", "") in squeezed, row
    for part in found.parts:
        assert part.title.replace(" ", "") in squeezed
    assert found.facts[-1][1] == "1234abcd"
    assert "1234abcd" in printed


def test_german_numbers_have_commas_and_it_is_no_proposal(german):
    without_sources = replace(german, parts=german.parts[:-1])  # sources are quoted as they are
    text = plain(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper_pdf(without_sources))).pages))
    assert re.search(r"\d,\d", text)
    assert not re.search(r"\d\.\d{1,2}(?!\d)", text), "a decimal point"
    assert "kein Beschlussvorschlag" in text
    assert text.count("Beschlussvorschlag") == 1


def test_changed_assumptions_are_named_with_their_usual_value(tmp_path, few_projections):
    from tiny import A, B

    changed = ensemble_in(tmp_path)
    changed.assumptions = {"post_cost_eur": 88000.0}
    found = annex(changed, A, B, language="de")
    caption, table = found.parts[-1].tables[0]
    assert caption == "Geänderte Annahmen"
    assert table.rows[0][1].startswith("88.000 ")
    assert table.rows[0][2].startswith("79.000 ")
    assert dict(found.facts)["Annahmen"].startswith("1 geändert")
    text = plain(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper_pdf(found))).pages))
    assert "88.000" in text


def test_the_box_says_at_which_measures_b_is_clearly_ahead_and_at_which_clearly_behind(found):
    box = plain(found.main[2])
    rows = {str(row[0]): plain(str(row[4])) for row in found.parts[0].tables[0][1].rows}
    shares = {
        name: (int(words.split()[0]), int(words.split()[2])) for name, words in rows.items() if words[0].isdigit()
    }
    clear = {name: runs for name, runs in shares.items() if "*" not in rows[name]}
    ahead = [name for name, (runs, total) in clear.items() if runs >= 0.9 * total]
    behind = [name for name in clear if name not in ahead]
    for names in (ahead, behind):
        said = f"{len(names)} ({'; '.join(names)})" if 0 < len(names) <= 3 else f" {len(names)}"
        assert said in box
    assert f" {len(rows) - len(clear)} " in box


def test_one_variant_alone_has_an_annex_too(ensemble, few_projections):
    from tiny import A

    found = annex(ensemble, A, A, language="de")
    pages = PdfReader(io.BytesIO(paper_pdf(found))).pages
    assert 2 <= len(pages) <= MOST_PAGES
    assert "B:" not in plain(found.title + " ".join(name for name, _ in found.facts))


def test_a_long_annex_is_shortened_before_it_gets_a_fifth_page(german):
    long = replace(german, main=german.main * 3)
    assert len(PdfReader(io.BytesIO(paper_pdf(long))).pages) <= MOST_PAGES


class Page(HTMLParser):
    """Collect tags and attributes, and whether every tag is closed."""

    VOID = frozenset({"meta", "path", "rect", "line", "circle", "polygon", "polyline", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_newsletter_page_has_no_script_and_asks_nobody_else(found):
    html = newsletter(found)
    page = Page(html)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object", "embed", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href", "action")]
    outside = re.findall(r"(?:https?:)?//[\w.]+[^\s\"']*", html.replace("http://www.w3.org/2000/svg", ""))
    assert outside == []
    assert "@import" not in html
    assert re.findall(r"url\((?!#)", html) == []
    assert f'<html lang="{found.language}">' in html
    assert page.tags.count("h1") == 1


def test_the_newsletter_page_has_every_chart_once_and_ids_do_not_mix(found):
    html = newsletter(found)
    charts = [chart for part in found.parts for chart in (*part.charts, *part.more)]
    assert html.count("<svg") == len(charts)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) > 0
    for words in found.main:
        assert plain(words) in plain(Text(html).text)


class Text(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)

    def handle_data(self, data):
        self.text += data


def test_names_that_are_code_stay_text_on_paper_and_page(german):
    bad = '<script>alert("x")</script>'
    found = replace(german, title=bad, main=(bad,), foot=f'"; }} body {{ display: none }} {bad}')
    for html in (paper(found), newsletter(found)):
        assert "<script" not in html
    text = plain(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper_pdf(found))).pages))
    assert bad in text


def test_a_drawing_on_paper_keeps_its_shape(german):
    svg = german.parts[0].charts[0].svg
    wide, high = map(float, re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
    width, height = map(float, re.findall(r'width="([\d.]+)mm" height="([\d.]+)mm"', sized(svg, 100.0))[0])
    assert width / height == pytest.approx(wide / high, rel=0.01)
    assert width == 100.0


@pytest.mark.parametrize(("enough", "warned"), [(11, True), (10, False)])
def test_with_few_runs_the_table_says_that_chance_may_stand_without_a_mark(
    ensemble, few_projections, monkeypatch, enough, warned
):
    from tiny import A, B

    monkeypatch.setattr(sys.modules[annex.__module__], "ENOUGH_RUNS", enough)
    table = annex(ensemble, A, B, language="de").parts[0]
    assert any("nur 10 Läufe" in sentence for sentence in table.sentences) is warned
