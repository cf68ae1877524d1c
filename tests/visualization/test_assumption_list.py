import csv
import re

import pytest
from kreislauf.model.parameters import parameter_table
from kreislauf.visualization.assumption_list import assumptions, german_words, group_title, groups, source
from kreislauf.visualization.figure_codes import codes_in, title_of
from kreislauf.visualization.texts import FOLDER, has_text


def test_the_table_of_german_words_is_whole():
    with (FOLDER / "parameters.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert len(rows) == len(parameter_table())
    assert all(None not in row and None not in row.values() for row in rows)


def test_german_names_are_short_and_different_and_sentences_are_sentences():
    names = [name for name, _ in german_words().values()]
    assert len(set(names)) == len(names)
    assert [name for name in names if not 3 < len(name) <= 60] == []
    bad = [said for _, said in german_words().values() if not said.endswith(".") or not 15 < len(said) <= 160]
    assert bad == []


def test_units_and_groups_of_parameters_have_words_in_both_languages():
    assert {entry.unit for entry in parameter_table().values() if not has_text(f"units.{entry.unit}")} == set()
    assert {group for group in groups() if group_title(group, "de") == group} == set()


def test_in_english_the_description_of_the_file_is_the_name_and_nothing_is_said_twice():
    for one in assumptions({}, "en"):
        assert (one.words, one.sentence) == (one.entry.description, "")
    assert all(one.sentence for one in assumptions({}, "de"))


def test_every_source_has_german_words_and_none_is_left_over():
    with (FOLDER / "sources.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["source"]: row["source_de"] for row in csv.DictReader(file, strict=True)}
    assert set(rows) == {entry.source for entry in parameter_table().values()}
    english = {"the", "and", "of", "no", "by", "found", "estimate", "figure", "source", "to", "from"}
    assert [words for words in rows.values() if english & set(words.lower().split())] == []
    assert all(words.strip() for words in rows.values())


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_source_is_a_bare_code(language):
    """Every code of a study or of a published figure stands beside its title, in German and in English."""
    for entry in parameter_table().values():
        said = source(entry, language)
        if codes := codes_in(said):
            assert any(title_of(code, language).replace(" ", "") in said.replace(" ", "") for code in codes), said
        for code in re.findall(r"(?<![A-Za-z0-9])[XDT]\d\d(?!\d)", said):
            assert re.search(rf"\w\w.*\({code}\)|\), {code}", said), said


def test_the_source_is_said_in_the_readers_language():
    entry = parameter_table()["leave_work"]
    assert source(entry, "en") == "BAMF FB 39: employed stay"
    assert source(entry, "de") == "BAMF FB 39: Wer Arbeit hat, bleibt"
