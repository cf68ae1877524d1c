"""Codebooks are read strictly, and the page on them names every key."""

import tomllib
from pathlib import Path

import pytest
from kreislauf.calibration.codebook import Codebook, Dimension, Question, Replicates
from kreislauf.calibration.quantities import quantities
from kreislauf.calibration.targets import COLUMNS
from kreislauf.model.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
GOOD = """weight = "w"
[waves]
all = "2018-10"
[quantities.employed]
column = "work"
codes = { 1 = 1, 2 = 0 }
"""


def read(tmp_path, text):
    path = tmp_path / "book.toml"
    path.write_text(text, encoding="utf-8")
    return Codebook.read(path)


def test_a_short_codebook_is_enough(tmp_path):
    book = read(tmp_path, GOOD)
    assert (book.name, book.minimum_cell, book.schemes()) == ("book", 5, [()])


def test_the_example_uses_every_key():
    path = ROOT / "examples" / "codebook.toml"
    assert Codebook.read(path).panel
    used = path.read_text(encoding="utf-8")
    assert [key for key in Codebook.model_fields if f"{key} =" not in used and f"[{key}" not in used] == []


def test_the_page_names_every_key_quantity_and_column():
    page = (ROOT / "docs" / "survey-format.md").read_text(encoding="utf-8")
    keys = [key for model in (Codebook, Dimension, Question) for key in model.model_fields]
    assert [key for key in keys if f"| {key} |" not in page] == []
    assert [key for key in Replicates.model_fields if key not in page] == []
    assert [name for name in quantities() if name not in page] == []
    assert [name for name in COLUMNS if name not in page] == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('weight = "w"\n', "", "weight: this key is missing"),
        ('weight = "w"', 'weigth = "w"', "unknown key 'weigth', did you mean 'weight'?"),
        ("[quantities.employed]", "[quantities.emploied]", "unknown quantity 'emploied', did you mean 'employed'?"),
        ("[quantities.employed]", "[quantities.kita_3plus]", "unknown quantity 'kita_3plus'"),
        ("1 = 1, 2 = 0", "1 = 3, 2 = 0", "code '1' stands for an impossible value (found '3'); expected 0 to 1 share"),
        ('column = "work"', 'column = "work"\nuse = "fit"', "unknown value 'fit', one of calibrate, validate"),
        ('column = "work"', 'column = "work"\nvalidate_waves = [2]', "unknown wave '2'"),
        ('"2018-10"', '"2018-13"', "'2018-13' is not a month"),
        ("[waves]", 'wave = "wave"\ncells = ["sex"]\n[waves]', "cells by 'sex' need its column"),
        ("[waves]", 'population = "sex=woman"\n[waves]', "unknown value 'woman' of sex"),
        ("[waves]", "minimum_cell = 1\n[waves]", "value outside its range (found '1'); expected at least 3"),
        ("[waves]", "panel = true\n[waves]", "a panel needs the column that identifies its persons"),
        ("[waves]", 'strata = ["a"]\n[waves]', "no column says who belongs to them"),
        ("[waves]\nall", "[waves]\n1", "the month of the survey is not clear"),
        ("[waves]", '[dimensions.gender]\ncolumn = "x"\n[waves]', "unknown dimension 'gender'"),
        ("[waves]", '[dimensions.sex]\ncolumn = "x"\ncodes = { 1 = "woman" }\n[waves]', "unknown value 'woman'"),
        ("[waves]", 'cells = ["since"]\n[dimensions.since]\ncolumn = "x"\n[waves]', "cells by since need bands"),
        ("[waves]", '[dimensions.since]\ncolumn = "x"\nbands = [12, 0]\n[waves]', "bands must rise"),
    ],
)
def test_a_wrong_codebook_is_refused_with_a_sentence(tmp_path, old, new, sentence):
    assert old in GOOD
    with pytest.raises(InputError) as error:
        read(tmp_path, GOOD.replace(old, new))
    assert sentence in str(error.value)


def test_a_problem_names_its_line(tmp_path):
    with pytest.raises(InputError) as error:
        read(tmp_path, GOOD.replace("1 = 1,", "1 = 9,"))
    assert error.value.problems[0].line == 6


def test_several_problems_are_reported_at_once(tmp_path):
    text = GOOD.replace("1 = 1,", "1 = 9,").replace("[waves]", "panel = true\n[waves]")
    with pytest.raises(InputError) as error:
        read(tmp_path, text)
    assert len(error.value.problems) == 2


def test_the_example_is_valid_toml():
    tomllib.loads((ROOT / "examples" / "codebook.toml").read_text(encoding="utf-8"))
