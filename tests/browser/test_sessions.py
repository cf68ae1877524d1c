"""Many people at once: twenty readers click through the screens, and everybody gets an own answer."""

import threading

import pytest
from app_client import Reader
from kreislauf.visualization.texts import text

SCREENS = ("overview", "comparison", "variants", "start")


def test_twenty_sessions_all_get_their_own_answers_and_none_a_traceback(app):
    trouble: list[str] = []
    together = threading.Barrier(20)

    def read(number: int) -> None:
        language = ("de", "en")[number % 2]
        try:
            reader = Reader(app.address)
            reader.open(f"/?screen=start&lang={language}&b=community-own_budget")
            together.wait(timeout=60)
            for screen in SCREENS:
                reader.click("run_number", "set", {"screen": screen})
                if text(language, f"{screen}.question") not in reader.text():
                    trouble.append(f"{number}: no answer on {screen}")
            everything = "".join(reader.seen)
            trouble.extend(f"{number}: {bad}" for bad in ("Traceback", "kl-error") if bad in everything)
            reader.close()
        except Exception as error:
            trouble.append(f"{number}: {type(error).__name__} {error}")

    threads = [threading.Thread(target=read, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert trouble == []
    assert "Traceback" not in app.log


@pytest.mark.parametrize("screen", ["overview", "comparison", "responsibilities", "money", "inventory", "start"])
def test_a_click_sends_few_messages_and_what_is_there_already_is_not_sent_again(app, screen):
    reader = Reader(app.address)
    reader.open("/?screen=variants&b=community-own_budget")
    before = len(reader.seen)
    reader.click("run_number", "set", {"screen": screen})
    sent = reader.seen[before:]
    assert len(sent) < 150  # two for every control that comes or goes
    assert sum(map(len, sent)) < 800_000
    before = len(reader.seen)
    reader.click("beat", "tick", True)  # how far is the computation? nothing on the page is drawn again for that
    assert len(reader.seen) - before <= 6
    assert sum(map(len, reader.seen[before:])) < 10_000
    reader.close()
