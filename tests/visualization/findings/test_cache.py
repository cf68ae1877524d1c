"""Findings are made once for everybody, and no more of them are kept than there is room for."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest
from kreislauf.model.errors import KreislaufError
from kreislauf.visualization.findings import cache

sys.path.insert(0, str(Path(__file__).parent))
from tiny import Builder


def test_findings_are_remembered_by_runs_and_arguments_and_the_oldest_forgotten(tmp_path, monkeypatch):
    ensemble = Builder(tmp_path).ensemble()
    calls = []

    def finding(_, number):
        calls.append(number)
        return "x" * 1000

    cache.forget()
    monkeypatch.setattr(cache, "MOST_BYTES", 2500)
    for number in (1, 1, 2, 3, 1):
        assert len(cache.cached(finding, ensemble, number)) == 1000
    assert calls == [1, 2, 3, 1]
    cache.forget()


def test_sessions_that_ask_at_the_same_time_share_one_computation_and_its_error(tmp_path):
    ensemble = Builder(tmp_path).ensemble()
    calls, together, answers = [], threading.Barrier(8), []

    def finding(_, number):
        calls.append(number)
        time.sleep(0.2)
        if number == 2:
            raise KreislaufError("no run")
        return f"finding {number}"

    def ask(number):
        together.wait(timeout=30)
        try:
            answers.append(cache.cached(finding, ensemble, number))
        except KreislaufError as error:
            answers.append(str(error))

    cache.forget()
    for number in (1, 2):
        threads = [threading.Thread(target=ask, args=(number,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    assert answers == ["finding 1"] * 8 + ["no run"] * 8
    assert calls == [1, 2]
    with pytest.raises(KreislaufError):
        cache.cached(finding, ensemble, 2)  # an error is not kept: the next one tries again
    assert calls == [1, 2, 2]
    cache.forget()
