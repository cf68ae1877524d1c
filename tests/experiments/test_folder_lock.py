"""Two commands never write into one folder at the same time, and a killed one leaves the folder free."""

import subprocess
import sys

import pytest
from kreislauf.experiments import compare
from kreislauf.experiments.folder_lock import held
from kreislauf.model.errors import InputError

HOLD = """
import sys, time
from kreislauf.experiments.folder_lock import held
with held(sys.argv[1], command=["kreislauf", "compare", "coburg"]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def elsewhere(tmp_path):
    """Return a folder that another process holds, and that process."""
    folder = tmp_path / "out"
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "held\n"
    yield folder, other
    other.kill()
    other.wait()


def test_the_second_is_told_who_holds_the_folder_since_when_and_what_to_do(elsewhere):
    folder, other = elsewhere
    words = rf"`kreislauf compare coburg` \(process {other.pid}, since \d{{4}}-\d\d-\d\d \d\d:\d\d UTC\)"
    with pytest.raises(InputError, match=rf"{words} is writing into .*out; wait .*--out"), held(folder):
        pass


def test_a_killed_process_leaves_the_folder_free(elsewhere):
    folder, other = elsewhere
    other.kill()
    other.wait()
    assert list(folder.iterdir())  # what it left lies there, and does not matter
    with held(folder):
        pass
    assert not list(folder.iterdir())


def test_nothing_stays_in_the_folder_whatever_happens_inside(tmp_path):
    with pytest.raises(ZeroDivisionError), held(tmp_path / "out"):
        _ = 1 / 0
    assert not list((tmp_path / "out").iterdir())
    with held(tmp_path / "out"):
        pass


def test_a_comparison_into_a_held_folder_leaves_what_is_in_it_alone(tmp_path):
    asked = {"seeds": 1, "months": 1, "workers": 1, "out": tmp_path / "out"}
    compare("coburg", ["status_quo"], **asked)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with held(tmp_path / "out"):
        with pytest.raises(InputError, match=r"is writing into .*out"):
            compare("coburg", ["status_quo", "community"], **asked)
        assert {path.name for path in (tmp_path / "out").iterdir()} > set(before)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_no_folder_needs_no_lock():
    with held(None):
        pass
