"""`kreislauf masterplan` and `kreislauf run --plan`: wrong input gives sentences and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest
from kreislauf.cli import main
from kreislauf.cli.masterplan import over_budget
from kreislauf.experiments.masterplan.levers import Lever, Option, Space
from kreislauf.model.plan import Post

PLAN = 'from = "2018-01"\n[[post]]\ntasks = "advice"\nowner = "district"\nfte = 0.5\n'
SEARCH = ["masterplan", "coburg", "--budget", "100000"]


def call(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[object, str]:
    with pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    return left.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--horizon", "2018"], "not a horizon (found '2018')"),
        (["--horizon", "2014-2025"], "within 2015-01:2025-12"),
        (["--horizon", "2025-2018"], "not a horizon of this region"),
        (["--goals", "self_suficient_share"], "did you mean 'self_sufficient_share'?"),
        (["--goals", "posts"], "has no better direction"),
        (["--scenarios", "bse"], "did you mean 'base'?"),
        (["--variant", "comunity"], "did you mean 'community'?"),
        (["--pilot", "plan.toml"], "--observe is missing"),
        (["--pilot", "plan.toml", "--from", "2017-01", "--observe", "seen.csv"], "not in force yet"),
        (["--pilot", "plan.toml", "--from", "soon", "--observe", "seen.csv"], "not a date of the evaluation"),
        (["--pilot", "plan.toml", "--from", "2019-01", "--observe", "seen.csv"], "unknown measure"),
        (["--pilot", "wrong.toml", "--from", "2019-01", "--observe", "seen.csv"], "did you mean 'advice'?"),
        (["--parameters", "none.parquet"], "there is no such file"),
    ],
)
def test_wrong_input_of_a_search_gives_sentences_and_exit_code_2_and_writes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], message: str
):
    monkeypatch.chdir(tmp_path)
    Path("plan.toml").write_text(PLAN)
    Path("wrong.toml").write_text(PLAN.replace("advice", "advise"))
    Path("seen.csv").write_text("month,measure,place,value\n2018-05,helprs,region,3\n")
    code, said = call(capsys, *SEARCH, "--out", "out", *more)
    assert code == 2
    assert message in said
    assert "Traceback" not in said
    assert not Path("out").exists()


def test_a_folder_with_other_files_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    (tmp_path / "letter.txt").write_text("mine")
    code, said = call(capsys, *SEARCH, "--out", tmp_path)
    assert code == 2
    assert "holds other files (letter.txt)" in said


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("advice", "advise"), "line 3, key post.0.tasks: unknown task 'advise', did you mean 'advice'?"),
        (("2018-01", "2028-01"), "line 1, key from: outside the region's period"),
        (("fte", "ftee"), "unknown key 'ftee', did you mean 'fte'?"),
    ],
)
def test_a_wrong_plan_is_refused_before_the_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, change: tuple[str, str], message: str
):
    file = tmp_path / "plan.toml"
    file.write_text(PLAN.replace(*change))
    code, said = call(capsys, "run", "coburg", "--plan", file)
    assert code == 2
    assert message in said


def test_ctrl_c_says_what_is_kept_and_ends_with_130(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def stopped(asked: object, runner: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kreislauf.experiments.masterplan.find_plans", stopped)
    code, said = call(capsys, *SEARCH, "--out", tmp_path / "out")
    assert code == 130
    assert "The same command continues" in said
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["evaluations.jsonl"]


@pytest.mark.parametrize(("committed", "said"), [({2019: 90_000.0, 2020: 158_000.0}, True), ({2019: 90_000.0}, False)])
def test_a_pilot_dearer_than_the_budget_is_named_and_gets_no_further_post(committed, said):
    post = Post.model_validate({"tasks": "advice", "owner": "district", "fte": 0.1, "start": "2020-01"})
    frame = {"from": "2019-01", "until": "2020-12", "region": "coburg", "field": "integration"}
    lever = Lever("post", "post", (Option(posts=(post,)),))
    space = Space((lever,), frame, 100_000.0, 79_000.0, 71, committed=committed)
    assert ("cost 158,000 EUR in 2020, more than the budget of 100,000" in over_budget(space)) is said
    assert (space.cost((1,)) > space.budget_eur) is said
