"""How fast the app answers: `uv run python benchmarks/app_sessions.py [http://127.0.0.1:8765/]`.

Without an address it starts `kreislauf app coburg` itself (few runs, all computed) and measures the start too. Readers
without a browser click through the screens: one alone, then 5, 10 and 20 at once. A click counts from sending it until
the page is up to date; the browser's own drawing comes on top.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from app_client import Reader
from measuring import show

SCREENS = ("overview", "comparison", "responsibilities", "money", "inventory", "variants", "start")
RULES = ("community", "parallel")
ROUNDS = 4


def clicks(address: str, number: int, found: list[float], opened: list[float], together: threading.Barrier) -> None:
    """Open a page and click through the screens several times; notes the seconds of every click."""
    reader = Reader(address)
    opened.append(reader.open(f"/?screen=start&lang={('de', 'en')[number % 2]}&b=community-own_budget"))
    together.wait()
    for round_ in range(ROUNDS):
        for screen in SCREENS:
            found.append(reader.click("run_number", "set", {"screen": screen}))
            time.sleep(0.3)  # people look at a screen before they click again
        found.append(reader.click("variants", "set", {"variant": "choice", "rule": RULES[round_ % 2]}))
    reader.close()


def measured(address: str, readers: int) -> tuple[list[float], list[float]]:
    """Return the seconds of all clicks and of all openings of some readers at once."""
    found: list[float] = []
    opened: list[float] = []
    together = threading.Barrier(readers)
    threads = [
        threading.Thread(target=clicks, args=(address, number, found, opened, together)) for number in range(readers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found, opened


def milliseconds(values: list[float]) -> str:
    """Return median and 95 % point in milliseconds."""
    ordered = sorted(values)
    late = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"{1000 * statistics.median(ordered):.0f} / {1000 * late:.0f} ms"


def started(folder: Path) -> tuple[subprocess.Popen[str], str, float]:
    """Start the app and return it, its address, and the seconds until its pages answered."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "kreislauf", "app", "coburg", "--no-open", "--port", "0", "--cache", str(folder)]
    command += ["--seeds", "4", "--variants", "community"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        address = re.search(r"http://\S+/", line)
        if address:
            seconds = time.perf_counter() - begin
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return process, address[0], seconds
    raise SystemExit("the app did not start")


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
            process, address, seconds = started(Path(folder))
            rows.append(("start until pages answer", f"{seconds:.1f} s", "a computer that has started it before"))
        rows.append(("waiting for 8 runs of the whole period", f"{computed(address):.0f} s", "only at the first start"))
        measured(address, 1)  # findings are worked out once
        for readers in (1, 5, 10, 20):
            found, opened = measured(address, readers)
            target = "median / 95 % of a click" + ("; wanted: below 300 ms" if readers == 1 else "")
            target += "; wanted: 95 % below 500 ms" if readers == 20 else ""
            rows.append((f"{readers} at once", milliseconds(found), target))
            rows.append((f"{readers} at once, opening the page", milliseconds(opened), "all in the same second"))
        if process is not None:
            process.terminate()
            process.wait(timeout=30)
    show("The app", rows)


if __name__ == "__main__":
    main()
