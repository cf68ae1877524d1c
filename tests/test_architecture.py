"""The house keeps its order: imports run one way, nothing outside is used, every parameter is used and sourced."""

from __future__ import annotations

import ast
import csv
import re
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from kreislauf.model.parameters import CONFIDENCE, parameter_table
from kreislauf.visualization.assumption_list import german_words

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("agents", "model", "experiments", "calibration", "visualization", "cli", "package")
# Who may import whom at run time: everything to the right of the arrow cli -> ... -> agents, and oneself.
ALLOWED = {
    "agents": {"agents"},
    "model": {"model", "agents"},
    "experiments": {"experiments", "model", "agents"},
    "calibration": {"calibration", "experiments", "model", "agents"},
    "visualization": {"visualization", "experiments", "model", "agents"},
    "cli": {"cli", "visualization", "calibration", "experiments", "model", "agents"},
    "package": {"package", "cli", "model"},
}
FILES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def at_run_time(tree: ast.AST):
    """Yield the import statements of a module that are executed, those under TYPE_CHECKING left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield from at_run_time(ast.Module([other], []))
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        yield from at_run_time(node)


def imported(path: Path):
    """Yield the absolute names of the modules a file imports at run time."""
    parts = ["kreislauf", *path.relative_to(ROOT).parts]
    if parts[1] == "package":
        parts = ["kreislauf", *parts[2:]]
    inside = parts[:-1]
    for node in at_run_time(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif node.level == 0:
            yield node.module or ""
        else:
            base = inside[: len(inside) - node.level + 1]
            if node.module:
                yield ".".join([*base, node.module])
            else:
                yield from (".".join([*base, alias.name]) for alias in node.names)


def layer(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_run_one_way(path: Path):
    for name in imported(path):
        parts = name.split(".")
        assert parts[0] not in FOLDERS, f"{name} is imported as a bare folder"
        if parts[0] == "kreislauf" and len(parts) > 1:
            assert parts[1] in ALLOWED[layer(path)], f"{layer(path)} imports {name}"


def test_the_check_sees_an_import_against_the_direction():
    tree = ast.parse(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import a\nelse:\n    import b\n"
        "def f():\n    import c\n"
    )
    names = [alias.name for node in at_run_time(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert names == ["b", "c"]
    assert "kreislauf.model.rng" in set(imported(ROOT / "model" / "cases.py"))
    assert "kreislauf.agents.codes" in set(imported(ROOT / "model" / "cases.py"))


def test_only_declared_libraries_are_imported():
    declared = {re.split(r"[\[<>=!; ]", line)[0].lower() for line in distribution("kreislauf").requires or []}
    allowed = (
        declared | {"kreislauf", "__future__", "pydantic_core"} | set(sys.stdlib_module_names)
    )  # a part of pydantic
    used = {name.split(".")[0] for path in FILES for name in imported(path)}
    assert {name for name in used if name.lower() not in allowed} == set()


SHIPPED = [
    path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and path.suffix in {".py", ".toml", ".csv", ".md", ".json"}
]  # fmt: skip


def test_nothing_that_is_shipped_names_a_folder_outside():
    assert len(SHIPPED) > 50
    for path in SHIPPED:
        text = path.read_text(encoding="utf-8")
        assert "../shared" not in text, path


def names_in_code() -> set[str]:
    """Return every attribute and text constant of the code, and of the data that names parameters."""
    found: set[str] = set()
    for path in FILES:
        if path.name == "parameters.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_every_parameter_is_used_somewhere_in_the_code():
    assert set(parameter_table()) - names_in_code() == set()


def test_every_parameter_the_code_reads_exists():
    """`p.name` and `parameters.name` of the model's own code; functions of Parameters and loop variables aside."""
    methods = {"default", "with_values", "record", "records", "values", "get"}
    unknown = set()
    for path in FILES:
        if layer(path) not in ("agents", "model"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                owner = node.value
                if owner.attr == "parameters" and isinstance(node.ctx, ast.Load):
                    unknown.add((path.name, node.attr))
    assert {entry for entry in unknown if entry[1] not in parameter_table() and entry[1] not in methods} == set()


@pytest.mark.parametrize("entry", parameter_table().values(), ids=lambda entry: entry.name)
def test_every_parameter_has_unit_source_confidence_and_a_range(entry):
    assert entry.unit.strip()
    assert entry.description.strip()
    assert entry.source.strip(), "where does the number come from? An assumption says so."
    assert entry.confidence in CONFIDENCE
    assert entry.low <= entry.value <= entry.high
    if entry.confidence != "official":
        assert entry.low < entry.high, "a number that is not official has a range to be swept"


def test_every_parameter_has_a_german_name_and_sentence_and_no_other_has():
    """The assumptions screen shows them: add a row to visualization/texts/parameters.csv."""
    assert list(german_words()) == list(parameter_table()), "the same parameters in the same order"


def test_parameters_are_one_row_each_with_all_columns():
    with (ROOT / "model" / "parameters.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert len({row["name"] for row in rows}) == len(rows) == len(parameter_table())
    assert all(None not in row and None not in row.values() for row in rows)


def test_files_stay_small_enough_to_read_in_one_sitting():
    longest = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: lines for name, lines in longest.items() if lines > 600} == {}


# Words of single fields of action. General code may use them in a runnable example only, and where
# one of these reasons holds:
FIELD_WORDS = re.compile(
    r"integration|asylum|asyl|refugee|flücht|language_course|german_|kita|sgb2|misplaced|migrant|accommodation|senior"
    r"|care_home|pflege",
    re.IGNORECASE,
)
MODEL_CLASS = re.compile(r"IntegrationModel|integration_model")  # the model's name, whatever the field
FIELDS_IN_GENERAL_CODE = {
    "model/region_synth.py": "writes whole region folders, the tables that fields ask for included",
    "model/fiscal": "laws name whom they are about: day care, asylum, housing cost of refugees",
    "calibration": "the survey that is calibrated to asks one group of people",
    "cli/survey.py": "shows that survey",
    "visualization": "words and the choice of what screens begin with; texts/ has them by field",
}


def test_general_code_knows_no_field_of_action_by_name():
    found = []
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        own = re.match(r"(agents|model/fields)/(integration|seniors)/", name)
        if own or any(name == place or name.startswith(f"{place}/") for place in FIELDS_IN_GENERAL_CODE):
            continue
        example = False  # from a line with >>> to the end of what it prints
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            example = ">>>" in text or (example and text.strip() not in ("", '"""'))
            if not example and FIELD_WORDS.search(MODEL_CLASS.sub("", text)):
                found.append(f"{name}:{line}: {text.strip()}")
    assert found == []


def test_the_check_of_words_sees_a_field_and_every_exception_is_still_needed():
    assert FIELD_WORDS.search('load_field("integration")')
    assert not FIELD_WORDS.search(MODEL_CLASS.sub("", "from .integration_model import IntegrationModel"))
    for place in FIELDS_IN_GENERAL_CODE:
        files = [path for path in FILES if path.relative_to(ROOT).as_posix().startswith(place)]
        assert any(FIELD_WORDS.search(MODEL_CLASS.sub("", path.read_text(encoding="utf-8"))) for path in files), place
