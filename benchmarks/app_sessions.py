"""How fast the app answers: `uv run python benchmarks/app_sessions.py [http://127.0.0.1:8765/]`.

Without an address it starts `kreislauf app coburg` itself (few runs, all computed) and measures the start too. Readers
without a browser click through the screens: one alone, then 5, 10 and 20 at once, with 0.3 s between two clicks, which
is a hurry, and 20 with 3 s, as people do who look at what they clicked. A click counts from sending it until the page
is up to date; the browser's own drawing comes on top. The server's processor time of a click says the same on a busy
computer as on an idle one.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from app_client import Reader
from measuring import show

SCREENS = ("overview", "comparison", "responsibilities", "money", "inventory", "variants", "start")
RULES = ("community", "parallel")
ROUNDS = 4
HURRY, CALM = 0.3, 3.0
"""Seconds between two clicks of a reader."""


def clicks(
    address: str, number: int, pause: float, found: list[float], opened: list[float], together: threading.Barrier
) -> None:
    """Open a page and click through the screens several times; notes the seconds of every click."""
    reader = Reader(address)
    opened.append(reader.open(f"/?screen=start&lang={('de', 'en')[number % 2]}&b=community-own_budget"))
    together.wait()
    time.sleep(pause * number / 20)  # nobody clicks in step with the others
    for round_ in range(ROUNDS if pause == HURRY else 1):
        for screen in SCREENS:
            found.append(reader.click("run_number", "set", {"screen": screen}))
            time.sleep(pause)
        found.append(reader.click("variants", "set", {"variant": "choice", "rule": RULES[round_ % 2]}))
    reader.close()


def measured(address: str, readers: int, pause: float = HURRY) -> tuple[list[float], list[float], float]:
    """Return the seconds of all clicks and openings of some readers at once, and processor seconds of the server."""
    server = serving(address)
    before = sum(server.cpu_times()[:2])
    found: list[float] = []
    opened: list[float] = []
    together = threading.Barrier(readers)
    threads = [
        threading.Thread(target=clicks, args=(address, number, pause, found, opened, together))
        for number in range(readers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found, opened, sum(server.cpu_times()[:2]) - before


def serving(address: str) -> psutil.Process:
    """Return the process that listens at an address."""
    port = urlsplit(address).port
    found = [c.pid for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.laddr.port == port]
    if not found or found[0] is None:
        raise SystemExit(f"nothing listens at {address}")
    return psutil.Process(found[0])


def milliseconds(values: list[float]) -> str:
    """Return median and 95 % point in milliseconds."""
    ordered = sorted(values)
    late = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"{1000 * statistics.median(ordered):.0f} / {1000 * late:.0f} ms"


def started(folder: Path) -> tuple[subprocess.Popen[str], str, list[tuple[str, str, str]]]:
    """Start the app; return it, its address, and the figures of the start."""
    begin = time.perf_counter()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", "kreislauf", "app", "coburg", "--no-open", "--port", str(port)]
    command += ["--cache", str(folder), "--seeds", "4", "--variants", "community"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, text=True)
    rows = []
    for path, what in (("", "start until a page answers"), ("readyz", "start until the app is loaded")):
        while not answers(address + path):
            if process.poll() is not None:
                raise SystemExit("the app did not start")
            time.sleep(0.02)
        rows.append((what, f"{time.perf_counter() - begin:.1f} s", ""))
    spent = sum(psutil.Process(process.pid).cpu_times()[:2])
    rows.append(("its processor time", f"{spent:.1f} s", "the same on a busy computer"))
    reader = Reader(address)
    reader.open("/?screen=start")
    reader.close()
    rows.append(("start until the first page is drawn", f"{time.perf_counter() - begin:.1f} s", ""))
    return process, address, rows


def answers(address: str) -> bool:
    """Return whether an address answers with 200."""
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.status == 200
    except OSError:
        return False


def computed(address: str) -> float:
    """Wait until all runs are there and return the seconds."""
    begin = time.perf_counter()
    reader = Reader(address)
    reader.open("/?screen=start&b=community-own_budget")
    while reader.widgets[reader.find("beat")]["running"]:
        time.sleep(0.5)
        reader.click("beat", "tick", True)
    reader.close()
    return time.perf_counter() - begin


def main() -> None:
    """Print the figures."""
    rows: list[tuple[str, str, str]] = []
    process = None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if len(sys.argv) > 1:
            address = sys.argv[1]
        else:
            process, address, begin = started(Path(folder))
            rows += begin
        rows.append(("waiting for runs not computed yet", f"{computed(address):.0f} s", "only at the first start"))
        measured(address, 1)  # findings are worked out once
        for readers, pause in ((1, HURRY), (5, HURRY), (10, HURRY), (20, HURRY), (20, CALM)):
            found, opened, spent = measured(address, readers, pause)
            wanted = {1: "; wanted: below 300 ms", 20: "; wanted: 95 % below 500 ms"}.get(readers, "")
            name = f"{readers} at once, a click every {pause:g} s"
            rows.append((name, milliseconds(found), f"median / 95 % of a click{wanted}"))
            each = f"{1000 * spent / len(found):.0f} ms"
            rows.append(("  processor time of the server", each, "of a click, with what is drawn ahead"))
            rows.append(("  opening the page", milliseconds(opened), "all in the same second"))
        if process is not None:
            process.terminate()
            process.wait(timeout=30)
    rows.append(("load of the computer", " ".join(f"{load:.0f}" for load in os.getloadavg()), "1, 5, 15 minutes"))
    show("The app", rows)


if __name__ == "__main__":
    main()
