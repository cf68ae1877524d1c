"""The ODD+D protocol is the text the code makes: whoever changes a declaration sees this fail until it is made anew."""

import re
from pathlib import Path

import pytest
from kreislauf.model.field import field_names, load_field
from kreislauf.model.funding import INSTRUMENTS
from kreislauf.model.measures import MEASURES
from kreislauf.model.parameters import parameter_table
from kreislauf.model.protocol import TABLES, protocol, table
from kreislauf.model.responsibility import RULES

DOC = Path(__file__).resolve().parents[2] / "docs" / "odd.md"


@pytest.fixture(scope="module")
def text():
    return protocol()


def test_the_committed_protocol_is_the_one_the_code_makes(text):
    assert DOC.read_text(encoding="utf-8") == text, "make it anew: kreislauf protocol --out docs/odd.md"


def test_every_table_is_in_it_once(text):
    assert re.findall(r"made from the code: (\w+)", text) == list(dict.fromkeys(re.findall(r"code: (\w+)", text)))
    assert set(re.findall(r"made from the code: (\w+)", text)) == set(TABLES)
    assert "{{" not in text


def test_every_rule_instrument_measure_parameter_and_task_is_described(text):
    tasks = [task for name in field_names() for task in load_field(name).task_ids]
    for name in (*RULES, *INSTRUMENTS, *MEASURES, *parameter_table(), *tasks):
        assert f"`{name}`" in text, name


def test_cells_cannot_break_a_table():
    assert table(["a", "b"], [["x|y", "1\n2"]]).splitlines()[2] == "| x\\|y | 1 2 |"
