"""Start the real command `kreislauf app` for a test, and wait until it answers.

Run as a script it is the command itself with one screen more, which always fails: an injected error.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")
BAD_NAME = "<script>alert(1)</script>"
"""What a municipality of the hostile app is called."""


@dataclass
class Served:
    """A running app: its address, its process, and what it has said so far."""

    address: str
    process: subprocess.Popen[str]
    home: Path
    cache: Path
    said: list[str] = field(default_factory=list)

    @property
    def log(self) -> str:
        return "".join(self.said)

    def stop(self) -> int:
        """End it as Ctrl-C does and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def start(folder: Path, *arguments: str, broken: bool = False) -> Served:
    """Start the app with a home of its own and wait until its pages answer."""
    home, cache = folder / "home", folder / "cache"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SOLARA_", "XDG_"))}
    compiled = os.environ.get("KREISLAUF_CACHE") or str(Path.home() / ".cache" / "kreislauf")
    environment |= {"HOME": str(home), "KREISLAUF_CACHE": compiled, "COLUMNS": "200"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    program = [sys.executable, str(Path(__file__))] if broken else [sys.executable, "-m", "kreislauf"]
    process = subprocess.Popen(
        [*program, "app", *arguments, "--no-open", "--port", "0", "--cache", str(cache)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=home, env=environment, start_new_session=True,
    )  # fmt: skip
    served = Served("", process, home, cache)

    def listen() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            served.said.append(line)

    threading.Thread(target=listen, daemon=True).start()
    end = time.monotonic() + 120
    while time.monotonic() < end:
        found = ADDRESS.search(served.log)
        if found:
            served.address = found[0]
            return served
        if process.poll() is not None:
            raise AssertionError(f"the app ended with {process.returncode}:\n{served.log}")
        time.sleep(0.1)
    process.kill()
    raise AssertionError(f"the app did not start:\n{served.log}")


def _add_a_broken_screen() -> None:
    from kreislauf.visualization import frame, pages, texts, worlds
    from kreislauf.visualization.safe import safe

    @safe
    def Page(context):  # noqa: N802
        raise ZeroDivisionError(f"injected, for {context.language}")

    words = {"title": {"de": "Kaputt", "en": "Broken"}, "question": {"de": "Kaputt?", "en": "Broken?"}}
    known = texts.topic_texts
    texts.topic_texts = lambda topic: words if topic == "broken" else known(topic)
    pages.PAGES = frame.PAGES = worlds.PAGES = (*pages.PAGES, pages.Screen("broken", Page, needs_results=False))


if __name__ == "__main__":
    from kreislauf import cli
    from kreislauf.visualization import settings

    applied = settings.apply

    def apply(variables):
        applied(variables)  # the browser stack may only be imported after its settings
        _add_a_broken_screen()

    settings.apply = apply
    cli.main()
