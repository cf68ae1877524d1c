import pytest
from kreislauf.visualization.texts import LANGUAGES, placeholders, text, topic_texts, topics

ENTRIES = [(topic, name) for topic in topics() for name in topic_texts(topic)]


def test_there_are_texts():
    assert len(ENTRIES) > 50


@pytest.mark.parametrize(("topic", "name"), ENTRIES, ids=lambda part: part)
def test_every_text_stands_in_both_languages_with_the_same_placeholders(topic: str, name: str):
    entry = topic_texts(topic)[name]
    assert set(entry) == set(LANGUAGES)
    assert all(words.strip() for words in entry.values())
    assert placeholders(entry["de"]) == placeholders(entry["en"])


def test_a_missing_text_is_an_error_that_names_it():
    with pytest.raises(KeyError, match="nonsense"):
        text("de", "frame.nonsense")
    with pytest.raises(KeyError, match="'fr'"):
        text("fr", "frame.baseline")


def test_placeholders_are_filled():
    assert text("de", "frame.progress", done=3, total=7) == "3 von 7 Läufen fertig"
