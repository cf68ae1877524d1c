"""Every screen in both languages and three sizes: without an error, offline, accessible."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from kreislauf.visualization.texts import text

B = "b=community-own_budget"


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("size", ["projector", "tablet", "laptop"])
def test_every_screen_opens_without_error_overflow_or_request_to_another_host(watched, size, language):
    page = watched(size)
    page.open(f"screen=start&lang={language}&{B}")
    found = {"start": page.trouble()}
    assert len(page.screens()) >= 4
    for screen in page.screens():
        page.go(screen)
        assert page.page.locator("main h1").inner_text() == text(language, f"{screen}.question")
        found[screen] = page.trouble()
    assert {screen: trouble for screen, trouble in found.items() if trouble} == {}


@pytest.mark.parametrize(("size", "language"), [("laptop", "de"), ("tablet", "en")])
def test_axe_finds_no_violation_on_any_screen(watched, size, language):
    page = watched(size)
    page.open(f"screen=start&lang={language}&{B}")
    found = {}
    for screen in page.screens():
        page.go(screen)
        violations = Axe().run(page.page).response["violations"]
        for violation in violations:
            places = [node["html"][:160] for node in violation["nodes"][:3]]
            found[f"{screen}: {violation['id']}"] = places
    assert found == {}


def test_the_page_says_its_language_and_may_be_zoomed(watched):
    page = watched()
    page.open("lang=en")
    assert page.page.locator("html").get_attribute("lang") == "en"
    assert page.page.title() == "Start – kreislauf"
    zoom = page.page.locator("meta[name=viewport]").get_attribute("content") or ""
    assert "user-scalable=no" not in zoom
    assert "maximum-scale" not in zoom
    page.page.get_by_role("button", name="Deutsch").click()
    page.page.wait_for_selector("html[lang=de]")


def test_type_is_large_enough_for_the_back_of_a_room(watched):
    page = watched("laptop")
    page.open("screen=overview&" + B)
    sizes = page.page.locator("main p, main td, main li").evaluate_all(
        "all => all.filter(e => e.offsetParent).map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 16, "notes"
    assert sorted(sizes)[len(sizes) // 2] >= 18, "most of the text"
    page.page.get_by_role("button", name="Vorführen").click()
    page.page.wait_for_selector(".kl-presenting")
    assert page.page.locator("main p").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 20


def test_no_label_of_a_chart_or_table_is_small_on_a_projector(watched):
    """In pixels of the screen, drawings scaled as they are shown."""
    page = watched("projector")
    page.open(f"screen=start&lang=de&{B}")
    small = {}
    for screen in page.screens():
        page.go(screen)
        found = page.page.locator("main :is(svg text, td, th, p, li, label, button)").evaluate_all(
            """all => all.filter(e => e.getBoundingClientRect().width > 0 && e.textContent.trim()).map(e => {
                const drawn = e.closest('svg');
                const size = parseFloat(getComputedStyle(e).fontSize) * (drawn ? drawn.getScreenCTM().a : 1);
                return [size, e.textContent.trim()]; }).filter(([size]) => size < 16)"""
        )
        if found and screen != "expert":  # Mesa's own controls
            small[screen] = found[:5]
    assert small == {}


def test_the_navigation_is_one_line_on_a_laptop(watched):
    for language in ("de", "en"):
        page = watched("laptop")
        page.open(f"screen=start&lang={language}")
        tops = page.page.locator(".kl-nav li").evaluate_all("all => all.map(e => e.getBoundingClientRect().top)")
        assert len(set(tops)) == 1
