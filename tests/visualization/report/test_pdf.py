"""Papers are PDFs that a screen reader can read, the same bytes for the same page, written whole or not at all."""

from __future__ import annotations

import builtins
import io

import pytest
from kreislauf.model.errors import InputError, KreislaufError
from kreislauf.visualization.charts.svg import Drawing
from kreislauf.visualization.report.files import write_whole
from kreislauf.visualization.report.pdf import document, pdf
from pypdf import PdfReader


def page(sentence: str = "Ein Satz über „das Bild“ & mehr.") -> str:
    drawing = Drawing(200, 80)
    drawing.text(10, 40, "Ahorn")
    body = f"<h1>Anlage</h1><h2>Bild</h2><figure>{drawing.finish(sentence)}</figure><p>Straße, Gemeinde</p>"
    body += "<table><thead><tr><th scope='col'>A</th></tr></thead><tbody><tr><td>1,5</td></tr></tbody></table>"
    return document(body, title="Anlage zur Sitzungsvorlage", language="de")


def tags(reader: PdfReader) -> list[tuple[str, str | None]]:
    """Return every tag of the document with its alternative text, in reading order."""
    found, waiting = [], [reader.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        element = waiting.pop(0).get_object()
        if not isinstance(element, dict):
            continue
        if "/S" in element:
            found.append((element["/S"], element.get("/Alt")))
        kids = element.get("/K", [])
        kids = kids.get_object() if hasattr(kids, "get_object") else kids
        waiting[:0] = [kid for kid in (kids if isinstance(kids, list) else [kids]) if not isinstance(kid, int)]
    return found


def test_a_paper_is_tagged_pdf_ua_with_title_and_language():
    reader = PdfReader(io.BytesIO(pdf(page())))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "de"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata
    assert reader.metadata.title == "Anlage zur Sitzungsvorlage"
    assert 'pdfuaid:part="1"' in root["/Metadata"].get_data().decode()
    assert "/H1" in [tag for tag, _ in tags(reader)]
    assert {"/Table", "/TH", "/TD"} <= {tag for tag, _ in tags(reader)}


def test_a_chart_has_its_sentence_as_alternative_text():
    reader = PdfReader(io.BytesIO(pdf(page())))
    assert [alt for tag, alt in tags(reader) if tag == "/Figure"] == ["Ein Satz über „das Bild“ & mehr."]


def test_the_same_page_gives_the_same_bytes():
    assert pdf(page()) == pdf(page())


def test_nothing_is_fetched_from_elsewhere(tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="20">geheim</text></svg>')
    found = pdf(document(f'<p>Text</p><img alt="x" src="{secret.as_uri()}">', title="t", language="de"))
    assert "geheim" not in PdfReader(io.BytesIO(found)).pages[0].extract_text()


@pytest.mark.parametrize(
    ("error", "words"), [(OSError("cannot load library 'libpango-1.0-0'"), "sudo apt install libpango"),
                         (ImportError("No module named 'weasyprint'"), "kreislauf[report]")]
)  # fmt: skip
def test_missing_libraries_are_named_with_the_command_that_installs_them(monkeypatch, error, words):
    really = builtins.__import__

    def imports(name, *arguments, **more):
        if name.startswith("weasyprint"):
            raise error
        return really(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", imports)
    with pytest.raises(KreislaufError, match=words.replace("[", r"\[")):
        pdf(page())


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path):
    target = tmp_path / "new" / "anlage.pdf"
    write_whole(target, b"one")
    write_whole(target, b"two")
    assert target.read_bytes() == b"two"
    assert [path.name for path in target.parent.iterdir()] == ["anlage.pdf"]


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InputError, match="cannot be written"):
        write_whole(tmp_path / "file" / "anlage.pdf", b"data")
    with pytest.raises(InputError, match="it is a folder"):
        write_whole(tmp_path, b"data")


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "anlage.pdf"
    write_whole(target, b"old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(InputError, match="No space left"):
        write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["anlage.pdf"]
