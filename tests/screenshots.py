"""Take the pictures of README.md anew: `uv run python tests/screenshots.py`, some three minutes, into docs/images.

The app of Coburg with its twenty runs, German, 1920x1080, each screen scrolled to what the picture is about. Needs
/usr/bin/chromium, as the tests with a browser do. Look at the pictures before you commit them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "browser"), str(HERE.parent / "benchmarks")]

from conftest import wait_for_results  # noqa: E402
from serving import start  # noqa: E402

FOLDER = HERE.parent / "docs" / "images"
PICTURES = (  # name, what is asked of the screen, what stands at the top
    ("overview", "screen=overview&o.map=burden_with_levy", ".kl-figure-title"),
    ("comparison", "screen=comparison", ".kl-finding"),
    ("stress", "screen=stress", "legend:has-text('Art der Karte')"),
)


def take(address: str, folder: Path) -> None:
    """Write the pictures of an app whose results are computed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="de-DE")
        for name, query, top in PICTURES:
            page.goto(f"{address}?{query}&lang=de&b=community-own_budget")
            page.wait_for_selector(top, timeout=120_000)
            page.wait_for_function("() => !app.$data.kernelBusy", timeout=120_000)
            page.wait_for_timeout(1000)
            page.locator(top).first.evaluate("e => window.scrollTo(0, e.getBoundingClientRect().top + scrollY - 16)")
            page.wait_for_timeout(500)
            page.screenshot(path=folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        served = start(Path(scratch), "coburg", "--variants", "community")
        try:
            wait_for_results(served.address)
            take(served.address, FOLDER)
        finally:
            served.stop()
