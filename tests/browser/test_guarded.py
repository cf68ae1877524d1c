"""The running server refuses what does not come from its own pages, and hides what went wrong inside."""

import http.client
import os
import re
from urllib.parse import urlsplit

import pytest
from app_client import Reader
from kreislauf.visualization.texts import text
from serving import BAD_NAME
from websockets.exceptions import InvalidStatus


def ask(served, path="/", **headers):
    place = urlsplit(served.address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer, body


def test_a_websocket_of_a_foreign_page_gets_403(app):
    with pytest.raises(InvalidStatus) as refused:
        Reader(app.address, origin="http://evil.example")
    assert refused.value.response.status_code == 403


def test_foreign_hosts_and_origins_get_403(app):
    assert ask(app)[0].status == 200
    assert ask(app, Host="evil.example")[0].status == 403
    assert ask(app, Origin="http://evil.example")[0].status == 403


def test_forged_proxy_headers_change_no_address_in_the_page(app):
    _, body = ask(app, X_Script_Name="//evil.example", X_Forwarded_Host="evil.example", Script_Name="/evil")
    assert "evil" not in body
    assert "evil" not in ask(app)[1]


def test_the_page_names_no_other_host_and_has_the_security_headers(app):
    answer, body = ask(app)
    named = re.findall(r"""(?:src|href)=["']([^"']*)""", body)
    assert len(named) > 5
    assert [address for address in named if not address.startswith("/") or address.startswith("//")] == []
    assert "frame-ancestors 'none'" in (answer.getheader("content-security-policy") or "")
    assert answer.getheader("server") is None
    assert "httponly" in (answer.getheader("set-cookie") or "").lower()


@pytest.mark.parametrize(
    "path", ["/resourcez", "/resourcez?verbose", "/static/public/x", "/_solara/cdn/nothing@1/x.js"]
)
def test_what_nobody_needs_is_not_there(app, path):
    assert ask(app, path)[0].status == 404


@pytest.mark.parametrize(
    "path",
    ["/static/../../pyproject.toml", "/static/assets/..%2f..%2fapp.py", "/_solara/cdn/..%2f..%2f..%2fetc/passwd"],
)
def test_files_outside_are_not_served(app, path):
    answer, body = ask(app, path)
    assert answer.status in (403, 404) or "kreislauf" not in body.lower()
    assert "root:" not in body
    assert "import " not in body


def test_an_error_in_one_screen_is_a_sentence_with_a_number_and_the_others_live_on(watched, hostile):
    page = watched(served=hostile)
    page.open("screen=broken&lang=de")
    words = page.page.locator(".kl-error").inner_text()
    number = words.rpartition("Fehlernummer ")[2].rstrip(")")
    assert words == text("de", "frame.error", id=number)
    assert "Traceback" not in page.page.locator("body").inner_text()
    assert "ZeroDivisionError" not in page.page.content()
    page.page.get_by_role("button", name="English").click()
    page.page.wait_for_selector("text=Broken?")
    page.go("variants")
    assert page.page.locator(".kl-choice").count() == 3, "two rules and one way of paying"
    assert page.page.locator(".kl-error").count() == 0
    assert f"error {number} in Page" in hostile.log
    assert "ZeroDivisionError: injected" in hostile.log


def test_a_name_that_is_a_script_is_shown_as_text(watched, hostile):
    page = watched(served=hostile)
    alerts = []
    page.page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    page.open("screen=start&lang=de&place=09473112&b=community-own_budget")
    for screen in page.screens():
        page.go(screen)
    assert alerts == []
    assert BAD_NAME in page.page.locator(".kl-place select").inner_text()
    assert page.page.locator("script", has_text="alert(1)").count() == 0


def test_nothing_is_written_outside_the_chosen_folder(hostile):
    """The home of the server's user is empty, although pages were open and runs were computed."""
    written = [os.path.join(place, name) for place, _, names in os.walk(hostile.home) for name in names]
    assert written == []
    assert any(hostile.cache.rglob("*.npz"))
