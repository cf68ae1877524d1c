"""A command whose folder another one is writing into says so and computes nothing."""

import pytest
from kreislauf.cli import main
from kreislauf.experiments.folder_lock import held

COMMANDS = {
    "run": ["run", "coburg", "--months", "1", "--out"],
    "compare": ["compare", "coburg", "--months", "1", "--seeds", "1", "--out"],
    "stress": ["stress", "coburg", "--set", "base", "--out"],
    "finance": ["finance", "coburg", "--seeds", "1", "--out"],
    "audit": ["audit", "coburg", "--only", "overlap_loss", "--months", "1", "--out"],
    "validate": ["validate", "coburg", "--months", "1", "--seeds", "3", "--out"],
    "carryover": ["carryover", "coburg", "--months", "1", "--seeds", "1", "--out"],
    "masterplan": ["masterplan", "coburg", "--budget", "1000", "--no-paper", "--out"],
    "calibrate": ["calibrate", "coburg", "--budget", "100", "--out"],
    "batch": ["batch", "tiny.toml", "--out"],
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_the_second_command_is_refused_with_exit_code_2(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text('name = "tiny"\nregion = "coburg"\nmonths = 1\nseeds = 1\n')
    with held("out", command=["kreislauf", "compare", "coburg"]):
        there = sorted(path.name for path in (tmp_path / "out").iterdir())
        with pytest.raises(SystemExit) as left:
            main([*words, "out"])
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == there
    said = capsys.readouterr()
    assert left.value.code == 2
    assert said.out == ""
    assert "`kreislauf compare coburg` (process " in said.err
    assert "is writing into out; wait until it is done, or choose another folder with --out" in said.err
