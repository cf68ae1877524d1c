"""Compiled code is never stale, computes what plain Python computes, and does not stop other threads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import kreislauf.model
import pytest
from kreislauf.model.integration_model import IntegrationModel

SOURCES = Path(kreislauf.model.__file__).resolve().parent.parent
FOLDERS = ("agents", "calibration", "cli", "experiments", "model", "visualization")
FINGERPRINT = (
    "import kreislauf.model as k; from kreislauf.model.integration_model import IntegrationModel as M; "
    "print(k.__file__); print(M('coburg', months=MONTHS, rng=3, record_households=True).run().results().fingerprint())"
)


def fingerprint(months: int, folder: Path | None = None, **environment: str) -> str:
    """Return the fingerprint of a run in a process of its own; `folder` holds another copy of the package."""
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | environment
    if folder is not None:
        variables["PYTHONPATH"] = str(folder)
    command = [sys.executable, "-c", FINGERPRINT.replace("MONTHS", str(months))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=variables)
    place, result = done.stdout.split()
    assert folder is None or Path(place).is_relative_to(folder)
    return result


def copy_of_the_package(folder: Path) -> Path:
    """Copy the package into a folder that can stand first on the path."""
    package = folder / "kreislauf"
    inner = SOURCES / "package"
    shutil.copytree(inner if inner.is_dir() else SOURCES, package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FOLDERS:
        if not (package / name).exists() and (SOURCES / name).is_dir():
            shutil.copytree(SOURCES / name, package / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.slow
def test_a_changed_rule_is_used_at_once(tmp_path: Path) -> None:
    folder = copy_of_the_package(tmp_path / "copy")
    cache = str(tmp_path / "cache")
    before = fingerprint(3, folder, KREISLAUF_CACHE=cache)
    assert fingerprint(3, folder, KREISLAUF_CACHE=cache) == before  # from the cache
    # A helper in another file than the loop that calls it: what Numba's own cache does not notice.
    path = folder / "kreislauf" / "agents" / "integration" / "household_rules.py"
    rule = path.read_text(encoding="utf-8")
    changed = rule.replace("return hazard * place.flats", "return 3.0 * hazard * place.flats")
    assert changed != rule
    path.write_text(changed, encoding="utf-8")
    assert fingerprint(3, folder, KREISLAUF_CACHE=cache) != before
    path.write_text(rule, encoding="utf-8")
    assert fingerprint(3, folder, KREISLAUF_CACHE=cache) == before


@pytest.mark.slow
def test_compiled_and_plain_python_give_the_same_bits() -> None:
    assert fingerprint(4, NUMBA_DISABLE_JIT="1") == fingerprint(4)


def test_other_threads_go_on_while_the_compiled_loop_runs() -> None:
    model = IntegrationModel("coburg", months=2, rng=1).run()
    households = model.households
    done = threading.Event()

    def live_on() -> None:
        for _ in range(300):
            households.live(model.month)
        done.set()

    worker = threading.Thread(target=live_on)
    worker.start()
    longest, last = 0.0, time.perf_counter()
    while not done.is_set():
        time.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    worker.join()
    # No promise about speed: without nogil the main thread would wait for a whole compiled call and more.
    assert longest < 1.0


def test_two_runs_in_threads_give_what_they_give_alone() -> None:
    alone = [IntegrationModel("coburg", months=6, rng=seed).run().results().fingerprint() for seed in (1, 2)]
    found: dict[int, str] = {}

    def run(seed: int) -> None:
        found[seed] = IntegrationModel("coburg", months=6, rng=seed).run().results().fingerprint()

    threads = [threading.Thread(target=run, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[1], found[2]] == alone
