"""Examples and guides do what they say: the rule of one's own keeps its promises, the guides name real commands."""

import re
import runpy
from pathlib import Path

import pytest
from kreislauf.cli.app import app
from kreislauf.model.parameters import Parameters
from kreislauf.model.responsibility import check_rule
from typer.main import get_command

ROOT = Path(__file__).resolve().parents[1]
FILES = re.compile(r"(?<![\w/])((?:docs|examples|model|tests|benchmarks)/[\w./-]+\.(?:md|csv|toml|py|ipynb))")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_example_rule_keeps_what_every_rule_promises():
    example = runpy.run_path(str(ROOT / "examples" / "own_rule" / "round_robin.py"))
    check_rule(example["RULE"], Parameters.default())
    assert len((ROOT / "examples" / "own_rule" / "round_robin.py").read_text(encoding="utf-8").splitlines()) <= 35


@pytest.mark.parametrize("paper", PAGES, ids=lambda paper: paper.relative_to(ROOT).as_posix())
def test_every_command_a_page_names_exists(paper):
    known = get_command(app).commands
    for line in re.findall(r"kreislauf ((?:[a-z]+)(?: [a-z]+)?)", paper.read_text(encoding="utf-8")):
        first, _, second = line.partition(" ")
        if (
            first in known
            and hasattr(known[first], "commands")
            and second in {"check", "new", "synth", "list", "merge"}
        ):
            assert second in known[first].commands, line


@pytest.mark.parametrize("paper", PAGES, ids=lambda paper: paper.relative_to(ROOT).as_posix())
def test_every_option_of_a_command_line_exists(paper):
    commands = get_command(app).commands
    text = paper.read_text(encoding="utf-8")
    for line in re.findall(r"(?:^    |`|run )kreislauf ([a-z][^`\n]*)", text, flags=re.MULTILINE):
        words = line.split("#")[0].split()
        command = commands.get(words[0])
        if command is None:
            assert words[0] in {"region"} or not words[0].isalpha(), f"{paper.name}: kreislauf {line}"
            continue
        if hasattr(command, "commands"):
            inner = command.commands.get(words[1]) if len(words) > 1 else None
            command = inner or next(iter(command.commands.values()))
        options = {option for parameter in command.params for option in parameter.opts}
        for word in words[1:]:
            if re.fullmatch(r"--[a-z-]+", word) and word != "--help":
                assert word in options, f"{paper.name}: kreislauf {line}: {word}"


def test_no_page_links_to_a_file_that_is_not_there():
    for paper in PAGES:
        for target in FILES.findall(paper.read_text(encoding="utf-8")):
            assert "NAME" in target or (ROOT / target).exists(), f"{paper.name} names {target}"
