"""Texts are measured as wide as the fonts draw them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kreislauf.visualization.charts.text_width import shorten, text_width, wrap

FONTS = Path("/usr/share/fonts/truetype/liberation")
SENTENCE = "Weidhausen b.Coburg: Großheirath, Dörfles-Esbach – 1.234,50\u00a0€ „Lücke“ 47 % −3"


@pytest.mark.parametrize(("face", "bold"), [("Regular", False), ("Bold", True)])
def test_a_text_is_as_wide_as_in_the_font_file(face, bold):
    font = FONTS / f"LiberationSans-{face}.ttf"
    if not font.exists():
        pytest.skip(f"{font} is not installed")
    ttfont = pytest.importorskip("fontTools.ttLib").TTFont(font)
    letters, advance = ttfont.getBestCmap(), ttfont["hmtx"]
    expected = sum(advance[letters[ord(letter)]][0] for letter in SENTENCE) / ttfont["head"].unitsPerEm * 20.0
    assert text_width(SENTENCE, 20.0, bold=bold) == pytest.approx(expected, rel=0.002)


def test_an_unknown_letter_counts_as_a_wide_one():
    assert text_width("語", 10.0) == 10.0


@given(st.text(min_size=1, max_size=60), st.floats(5, 300), st.sampled_from([14.0, 16.0, 28.0]))
def test_a_shortened_text_fits(text, width, size):
    short = shorten(text, width, size)
    assert text_width(short, size) <= width
    assert short == text or short == "" or text.startswith(short[:-1].rstrip())


@given(st.text(alphabet="abcä -/", min_size=1, max_size=60), st.floats(40, 300), st.integers(1, 4))
def test_wrapped_lines_fit_and_lose_no_word_unless_they_say_so(text, width, lines):
    rows = wrap(text, width, 14.0, lines=lines)
    assert len(rows) <= lines
    assert all(text_width(row, 14.0) <= width for row in rows)
    if not any("…" in row for row in rows) and all(text_width(word, 14.0) <= width for word in text.split()):
        assert "".join("".join(rows).split()) == "".join(text.split())


def test_a_word_wider_than_a_line_is_divided_at_a_syllable():
    assert wrap("Niederfüllbach", 60.0, 14.0) == ["Nieder-", "füllbach"]
    assert wrap("Verantwortungsgemeinschaft", 130.0, 14.0, bold=True) == ["Verantwortungsge-", "meinschaft"]
    assert wrap("Wohlfahrtsverbände", 123.0, 14.0) == ["Wohlfahrtsver-", "bände"]
    assert wrap("Xyzzyxw", 30.0, 14.0, lines=1) == ["X…"]
