"""The state lives in the address: reload, link and the back button restore it."""

from kreislauf.visualization.texts import text
from playwright.sync_api import expect

STATE = "screen=overview&lang=en&b=community-own_budget&place=09473120&month=2016-12&set=overlap_loss:0.2"


def shown(page):
    """Return what a reader sees of the state."""
    return {
        "heading": page.page.locator("main h1").inner_text(),
        "place": page.page.get_by_label("My municipality").input_value(),
        "B": page.page.locator(".kl-variant-choice .kl-variant-label").inner_text(),
        "badge": page.page.locator(".kl-badge").all_inner_texts(),
    }


def test_a_link_restores_the_whole_state_and_a_reload_keeps_it(watched):
    page = watched()
    page.open(STATE)
    before = shown(page)
    assert before == {
        "heading": text("en", "overview.question"),
        "place": "09473120",
        "B": "Shared responsibility",
        "badge": [text("en", "frame.changed", n=1)],
    }
    page.page.reload()
    page.page.wait_for_selector("main h1")
    page.settle()
    assert shown(page) == before


def test_every_choice_changes_the_address_and_the_back_button_undoes_it(watched):
    page = watched()
    page.open("screen=start&lang=en")
    page.page.get_by_label("B: Who is responsible?").select_option("community")
    page.page.wait_for_url("**b=community-own_budget**")
    page.page.get_by_label("My municipality").select_option("09473120")
    page.page.wait_for_url("**place=09473120**")
    page.go("variants")
    page.page.go_back()
    expect(page.page.locator("main h1")).to_have_text(text("en", "start.question"))
    page.page.go_back()
    expect(page.page.get_by_label("My municipality")).to_have_value("")
    page.settle()
    assert shown(page)["place"] == ""
    assert shown(page)["B"] == "Shared responsibility"


def test_an_address_with_nonsense_is_answered_with_a_sentence(watched):
    page = watched()
    page.open("screen=nowhere&lang=de&b=gold-plated&month=2099-01&place=x&set=overlap_loss:9")
    words = page.page.locator("main").inner_text()
    assert "Der Link enthält Angaben, die es hier nicht gibt" in words
    assert "screen=nowhere" in words
    assert page.page.locator("main h1").inner_text() == text("de", "start.question")


def test_a_number_outside_its_range_is_refused_with_a_sentence_that_stays(watched):
    page = watched()
    page.open("screen=assumptions&lang=de&o.group=responsibility&o.name=overlap_loss")
    field = page.page.get_by_label("Genauer Wert")
    field.fill("99")
    field.press("Enter")
    expect(page.page.locator(".kl-wrong")).to_have_text(
        text("de", "assumptions.refused", low="0", high="0,6", value="0,35")
    )
    field.fill("0.2")
    field.press("Enter")
    expect(page.page.locator(".kl-wrong")).to_have_count(0)
    page.page.wait_for_selector(".kl-badge")
    assert page.trouble() == []


def test_a_long_piece_of_nonsense_in_the_address_does_not_widen_the_page(watched):
    page = watched("tablet")
    page.open("screen=overview&lang=de&set=" + "x" * 2000)
    assert page.trouble() == []


def test_a_changed_assumption_is_marked_on_every_screen_and_can_be_taken_back(watched):
    page = watched()
    page.open("screen=assumptions&lang=de&o.group=responsibility&o.name=overlap_loss")
    assert page.page.locator(".kl-badge").count() == 0
    page.page.get_by_label("Genauer Wert").fill("0.2")
    page.page.get_by_label("Genauer Wert").press("Enter")
    page.page.wait_for_selector(".kl-badge")
    assert "set=overlap_loss" in page.page.url
    for screen in page.screens():
        page.go(screen)
        assert page.page.locator(".kl-badge").inner_text() == text("de", "frame.changed", n=1)
    page.go("assumptions")
    page.page.get_by_role("button", name="Alle Änderungen zurücknehmen").click()
    page.page.wait_for_selector(".kl-badge", state="detached")
    assert "set=" not in page.page.url
