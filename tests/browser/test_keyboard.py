"""Everything can be done without a mouse, and one always sees where one is."""

from kreislauf.visualization.texts import text


def focused(page):
    """Return the name or text of the focused element, and whether its focus can be seen."""
    return page.page.evaluate(
        """() => { const e = document.activeElement, s = getComputedStyle(e);
        return [e.getAttribute('aria-label') || e.innerText || e.tagName,
                s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]; }"""
    )


def test_the_first_tab_offers_to_skip_to_the_content(watched):
    page = watched()
    page.open("screen=variants&lang=de")
    page.page.keyboard.press("Tab")
    assert focused(page)[0] == text("de", "frame.skip")
    page.page.keyboard.press("Enter")
    assert page.page.evaluate("document.activeElement.id") == "main"


def test_every_control_on_the_way_shows_its_focus(watched):
    page = watched()
    page.open("screen=variants&lang=de")
    names, hidden = [], []
    for _ in range(30):
        page.page.keyboard.press("Tab")
        name, visible = focused(page)
        names.append(name)
        if not visible:
            hidden.append(name)
    assert hidden == []
    assert len(set(names)) > 15


def test_a_variant_is_chosen_and_a_screen_opened_with_the_keyboard_alone(watched):
    page = watched()
    page.open("screen=start&lang=en")
    for _ in range(60):
        page.page.keyboard.press("Tab")
        if focused(page)[0] == "B: Who is responsible?":
            break
    page.page.keyboard.press("ArrowDown")
    page.page.wait_for_url("**b=community-own_budget**")
    for _ in range(60):
        page.page.keyboard.press("Shift+Tab")
        if focused(page)[0] == text("en", "overview.title"):
            break
    page.page.keyboard.press("Enter")
    page.page.wait_for_url("**screen=overview**")
    page.settle()
    assert page.page.evaluate("document.activeElement.tagName") == "H1", "the focus follows to the new screen"


def test_a_municipality_on_the_map_answers_to_enter(watched):
    page = watched()
    page.open("screen=overview&lang=en&b=community-own_budget")
    shape = page.page.locator("svg [data-key][tabindex='0']").first
    key = shape.get_attribute("data-key")
    shape.focus()
    assert focused(page)[1], "the focus on a shape can be seen"
    page.page.keyboard.press("Enter")
    page.page.wait_for_url(f"**place={key}**")


def test_the_presenter_turns_screens_with_arrow_keys_and_leaves_with_escape(watched):
    page = watched()
    page.open("screen=start&lang=de&presenter=1")
    assert not page.page.locator(".kl-nav").is_visible()
    page.page.keyboard.press("ArrowRight")
    page.page.wait_for_url("**screen=variants**")
    page.settle()
    page.page.keyboard.press("ArrowLeft")
    page.page.wait_for_url("**screen=start**")
    page.settle()
    page.page.keyboard.press("Escape")
    page.page.wait_for_selector(".kl-presenting", state="detached")
    assert page.page.locator(".kl-nav").is_visible()


SEEN = """() => { const e = document.activeElement, again = !!e.dataset.seen; e.dataset.seen = "1";
    const s = getComputedStyle(e), field = e.closest(".v-field"), f = field ? getComputedStyle(field) : s;
    const shown = [s, f].some(c => c.outlineStyle !== "none" && parseFloat(c.outlineWidth) >= 2);
    return [again, e === document.body || shown, e.getAttribute("aria-label") || e.innerText || e.tagName]; }"""
LEFT = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")].filter(e =>
    !e.disabled && e.tabIndex >= 0 && e.getBoundingClientRect().width > 0 && !e.dataset.seen && e.type !== "radio" &&
    (e.matches("summary") || !e.closest("details:not([open])"))).map(e => e.outerHTML.slice(0, 120))"""


def walk(page, most=250):
    """Go once round a screen with Tab and return what has no visible focus and what was never reached."""
    page.page.evaluate("document.querySelectorAll('[data-seen]').forEach(e => delete e.dataset.seen)")
    hidden = []
    for _ in range(most):
        page.page.keyboard.press("Tab")
        again, shown, name = page.page.evaluate(SEEN)
        if again:
            break
        if not shown:
            hidden.append(name)
    return hidden, page.page.evaluate(LEFT)


def test_tab_reaches_everything_on_every_screen_and_shows_where_it_is(watched):
    page = watched()
    page.open("screen=start&lang=de&b=community-own_budget&place=09473112")
    found = {}
    for screen in page.screens():
        page.go(screen)
        page.page.wait_for_timeout(300)
        found[screen] = walk(page)
    assert {screen: trouble for screen, trouble in found.items() if trouble != ([], [])} == {}


def test_a_run_of_the_expert_view_begins_and_goes_on_by_keyboard(watched):
    page = watched()
    page.open("screen=expert&lang=de")
    page.page.get_by_role("button", name=text("de", "expert.begin")).focus()
    page.page.keyboard.press("Enter")
    page.page.wait_for_selector("main table", timeout=60_000)
    page.settle()
    assert walk(page) == ([], [])
    page.page.get_by_role("button", name="Step").focus()
    page.page.keyboard.press("Enter")
    page.page.get_by_text("Januar 2015").first.wait_for(timeout=30_000)
    assert page.trouble() == []
