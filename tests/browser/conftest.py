"""One real server for all browser tests: the shipped region, few runs; and a hostile one with a broken screen."""

from __future__ import annotations

import re
import shutil
import sys
import time
from pathlib import Path

import pytest
from kreislauf.model.region import region_folder
from playwright.sync_api import Browser, Page  # noqa: TC002 - pytest reads the annotations

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "benchmarks")]

from app_client import Reader  # noqa: E402
from serving import BAD_NAME, Served, start  # noqa: E402

SIZES = {"projector": (1920, 1080), "tablet": (820, 1180), "laptop": (1280, 800)}


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in Path(item.fspath).parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {
        "executable_path": "/usr/bin/chromium",
        "args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    }


def wait_for_results(address: str) -> None:
    """Wait until all runs are computed."""
    reader = Reader(address)
    reader.open("/?screen=start")
    end = time.monotonic() + 240
    while time.monotonic() < end:
        time.sleep(1)
        reader.click("beat", "tick", True)
        if not reader.widgets[reader.find("beat")]["running"]:
            reader.close()
            return
    raise AssertionError("the runs were not finished in time")


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The app of the shipped region: three variants, three runs of three years each, all computed."""
    served = start(
        tmp_path_factory.mktemp("app"),
        *("coburg", "--seeds", "3", "--months", "36", "--variants", "community,regional_budget", "--workers", "2"),
    )
    wait_for_results(served.address)
    yield served
    served.stop()


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """The app with a municipality that is called like a script, and a screen that always fails."""
    folder = tmp_path_factory.mktemp("hostile")
    region = folder / "coburg"
    shutil.copytree(region_folder("coburg"), region)
    table = region / "municipalities.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",Ahorn,", f",{BAD_NAME},"), encoding="utf-8")
    served = start(folder, str(region), "--seeds", "2", "--months", "12", "--variants", "community", broken=True)
    wait_for_results(served.address)
    yield served
    served.stop()


class Watched:
    """A page of the browser that notes everything that should not happen."""

    def __init__(self, page: Page, served: Served) -> None:
        self.page, self.served = page, served
        self.problems: list[str] = []
        page.on("console", lambda m: m.type == "error" and self.problems.append(f"console: {m.text}"))
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("requestfailed", lambda r: self._failed(r.url, r.failure))
        page.on("response", lambda r: r.status >= 400 and self.problems.append(f"{r.status}: {r.url}"))
        page.on("request", lambda r: self._request(r.url))
        page.on("websocket", lambda socket: self._request(socket.url.replace("ws://", "http://", 1)))

    def _failed(self, url: str, why: object) -> None:
        if "/_solara/api/close/" not in url:  # the browser cuts the good-bye of a page that is reloaded
            self.problems.append(f"failed: {url} {why}")

    def _request(self, url: str) -> None:
        if not url.startswith((self.served.address, "data:", "blob:")):
            self.problems.append(f"request to another host: {url}")

    def open(self, query: str = "") -> None:
        """Go to an address of the app and wait for its screen."""
        self.page.goto(f"{self.served.address}?{query}")
        self.page.wait_for_selector("main h1", timeout=60_000)
        self.settle()

    def settle(self) -> None:
        """Wait until the server has answered and the page stands still."""
        self.page.wait_for_timeout(60)
        self.page.wait_for_function("() => !app.$data.kernelBusy", timeout=30_000)
        self.page.wait_for_timeout(60)

    def go(self, screen: str) -> None:
        """Change the screen as a reader does."""
        self.page.locator(f'.kl-nav a[href*="screen={screen}&"]').click()
        self.page.wait_for_selector(f'.kl-nav a[href*="screen={screen}&"][aria-current="page"]')
        self.settle()

    def screens(self) -> list[str]:
        """Return the names of all screens."""
        links = self.page.locator(".kl-nav a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        return [re.search(r"screen=(\w+)", link)[1] for link in links]  # pyright: ignore[reportOptionalSubscript]

    def trouble(self) -> list[str]:
        """Return what is wrong with what the page shows now, and what went wrong so far."""
        found = [*self.problems]
        self.problems.clear()
        words = self.page.locator("body").inner_text()
        shown = set(words.split())
        found += [f"the page shows {bad!r}" for bad in ("Traceback", "KeyError:", "nan", "None") if bad in shown]
        found += self.page.locator(".kl-error").all_inner_texts()
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return [*found, *([f"{wide} px too wide"] if wide > 0 else [])]


@pytest.fixture
def watched(browser: Browser, app: Served):
    """Return a function that opens a page of a size."""
    opened = []

    def make(size: str = "laptop", served: Served = app) -> Watched:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, locale="de-DE")
        opened.append(context)
        return Watched(context.new_page(), served)

    yield make
    for context in opened:
        context.close()
