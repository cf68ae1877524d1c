"""Results in the background, with a source that computes nothing but notes what it was asked for."""

import threading
import time

from kreislauf.model.errors import KreislaufError
from kreislauf.visualization import background as module
from kreislauf.visualization.background import Background
from kreislauf.visualization.choices import STATUS_QUO, Choice

COMMUNITY, LEAD, FUND = Choice("community"), Choice("lead_agency"), Choice(instrument="regional_fund")
ALL = (STATUS_QUO, COMMUNITY, LEAD)


class Finished:
    def __init__(self, choices):
        self.choices = tuple(choices)

    def __contains__(self, choice):
        return choice in self.choices


class Source:
    """Finishes one choice each time `more` is given; fails when `failure` is set."""

    def __init__(self, stored=()):
        self.stored: dict[tuple, list[Choice]] = {(): list(stored)}
        self.more = threading.Semaphore(0)
        self.failure: Exception | None = None
        self.asked: list[tuple] = []

    def ready(self, assumptions, choices):
        there = self.stored.get(tuple(sorted(assumptions.items())), [])
        return Finished(choice for choice in choices if choice in there)

    def compute(self, assumptions, choices, progress, cancelled):
        key = tuple(sorted(assumptions.items()))
        there = self.stored.setdefault(key, [])
        self.asked.append((key, tuple(choice for choice in choices if choice not in there)))
        for choice in choices:
            if choice in there:
                continue
            while not self.more.acquire(timeout=0.01):
                if cancelled():
                    raise KreislaufError("stopped")
                if self.failure is not None:
                    raise self.failure
            there.append(choice)
            progress(len(there), len(choices))


def until(condition):
    """Wait for something that happens in another thread."""
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within five seconds")


def test_finished_results_open_without_a_computation():
    source = Source(stored=ALL)
    background = Background(source, ALL)
    status = background.request({}, [STATUS_QUO, LEAD])
    assert status.has([STATUS_QUO, LEAD])
    assert not status.running
    assert source.asked == []


def test_at_the_start_the_source_looks_for_damage_although_everything_seems_to_be_there():
    source = Source(stored=ALL)
    background = Background(source, ALL)
    background.start({})
    assert source.asked == []
    background.start({}, check=True)
    assert background.request({}, [LEAD]).has([LEAD])  # meanwhile everything can be looked at
    until(lambda: source.asked == [((), ())] and not background.request({}).running)


def test_a_variant_can_be_looked_at_before_the_others_are_finished(monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.0)
    source = Source()
    background = Background(source, ALL)
    assert not background.request({}, [LEAD]).has([LEAD])
    source.more.release()
    until(lambda: background.request({}, [LEAD]).has([LEAD]))
    assert background.request({}, [LEAD]).running
    assert not background.request({}, [LEAD]).has(ALL)
    background.close()


def test_what_is_wanted_comes_first_and_nothing_finished_is_computed_twice(monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.0)
    source = Source()
    background = Background(source, ALL)
    background.start({})
    until(lambda: source.asked)
    background.request({}, [FUND])  # not among the usual ones
    until(lambda: len(source.asked) == 2)
    assert source.asked[1] == ((), (FUND, STATUS_QUO, COMMUNITY, LEAD))
    for _ in range(4):
        source.more.release()
    until(lambda: background.request({}, [FUND]).has([*ALL, FUND]))
    assert len(source.asked) == 2


def test_two_tables_that_wait_for_different_variants_do_not_push_each_other_back():
    source = Source()
    background = Background(source, ALL)
    background.start({})
    until(lambda: source.asked)
    for _ in range(20):
        background.request({}, [FUND])
        background.request({}, [LEAD])
        time.sleep(0.02)
    assert len(source.asked) <= 3
    for _ in range(4):
        source.more.release()
    until(lambda: background.request({}, [FUND]).has([FUND]))
    until(lambda: background.request({}, [LEAD]).has([LEAD]))
    background.close()


def test_new_assumptions_are_computed_at_once_and_the_others_afterwards():
    source = Source()
    background = Background(source, ALL)
    background.start({})
    until(lambda: source.asked)
    background.request({"overlap_loss": 0.1}, [STATUS_QUO])
    until(lambda: len(source.asked) == 2)
    assert source.asked[1][0] == (("overlap_loss", 0.1),)
    for _ in range(6):
        source.more.release()
    until(lambda: not background.request({}, ()).running)
    assert background.request({}, ALL).has(ALL)
    assert background.request({"overlap_loss": 0.1}, ALL).has(ALL)


def test_a_cancelled_computation_stays_so_until_it_is_started_again():
    source = Source()
    background = Background(source, ALL)
    background.request({}, ALL)
    until(lambda: source.asked)
    source.more.release()
    until(lambda: source.stored[()])
    background.cancel({})
    until(lambda: background.request({}, ALL).cancelled)
    assert len(source.asked) == 1
    background.start({})
    for _ in range(2):
        source.more.release()
    until(lambda: background.request({}, ALL).has(ALL))
    assert source.asked[1] == ((), (COMMUNITY, LEAD))


def test_an_error_is_a_sentence_or_a_number_and_others_go_on():
    source = Source()
    background = Background(source, ALL)
    source.failure = KreislaufError("the disk is full")
    background.request({}, ALL)
    until(lambda: background.request({}, ALL).error == "the disk is full")
    source.failure = ZeroDivisionError("unexpected")
    background.start({})
    until(lambda: background.request({}, ALL).number)
    assert background.request({}, ALL).error == ""
    source.failure = None
    for _ in range(3):
        source.more.release()
    background.start({})
    until(lambda: background.request({}, ALL).has(ALL))


def test_only_some_sets_of_assumptions_are_kept_in_memory():
    source = Source()
    background = Background(source, ())
    for number in range(30):
        background.request({"overlap_loss": number / 100}, ())
    assert len(background._jobs) <= module.KEPT + 1


def test_closing_ends_the_thread():
    source = Source()
    background = Background(source, ALL)
    background.request({}, ALL)
    until(lambda: source.asked)
    background.close()
    assert not any(thread.name == "ensembles" and thread.is_alive() for thread in threading.enumerate())
    assert not background.request({"overlap_loss": 0.3}, ALL).running
