"""Help with a delay: when job placement acts, however often and for whomever it is served."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from kreislauf.agents.integration.codes import COMPLETED, JOB_PLACEMENT, MAX_ADULTS, NO_WORK, RECOGNISED, REGULAR
from kreislauf.agents.integration.household import ADULT, HOUSEHOLD

from .rows import P, adult, household, live_adult, nobody, rules

DELAY, LENGTH = int(P.placement_delay_months), int(P.placement_months)
END = 80
MONTHS = st.lists(st.integers(0, 40), max_size=8).map(sorted)


def jobless(**values):
    return adult(40, course=COMPLETED, level=2.5, **values)


def helped(a, h, month) -> bool:
    """Return whether job placement acts on the adult, as seen by the chance of a job alone."""
    plain = rules.job_hazard(0, 40.0, 1, 2.5, RECOGNISED, 0, *[False] * 8, 1.0, 1.0, P)
    a, h = a.copy(), h.copy()
    a.born = month - 40 * 12
    return live_adult(a, h, month=month, start=plain * (1.0 + P.job_placement) / 2).work != NO_WORK


def months_helped(services, *, a=None, h=None) -> set[int]:
    """Return the months in which placement acts when the case is served in `services`, after life as in a month."""
    a, h = a or jobless(), h or household(status=RECOGNISED)
    found = set()
    for month in range(END):
        if helped(a, h, month):
            found.add(month)
        for _ in range(services.count(month)):
            rules.receive_service(h, a, nobody(), JOB_PLACEMENT, month, P, 0.5)
    return found


def after(month: int) -> set[int]:
    return set(range(month + DELAY + 1, month + DELAY + LENGTH + 1))


def test_a_placement_acts_after_its_delay_for_its_time():
    assert months_helped([10]) == after(10)
    assert len(after(10)) == P.placement_months
    assert months_helped([]) == set()


@given(MONTHS)
def test_no_service_takes_away_what_another_has_brought(services):
    """Served every five months, or once more by a second body: every service keeps its own months."""
    found = months_helped(services)
    due = set().union(*map(after, services))
    assert due <= found
    gaps = found - due
    assert all(any(month - DELAY <= other <= month for other in due) for month in gaps), "only gaps within a delay"


def test_a_partner_s_service_neither_cancels_nor_starts_an_adult_s_own():
    h, first, second = household(status=RECOGNISED, n_adults=2), jobless(), jobless(work=REGULAR, wage_cents=1)
    rules.receive_service(h, first, second, JOB_PLACEMENT, 12, P, 0.5)
    first.work, second.work = REGULAR, NO_WORK
    rules.receive_service(h, first, second, JOB_PLACEMENT, 16, P, 0.5)
    first.work = NO_WORK
    assert {month for month in range(END) if helped(first, h, month)} == after(12)
    assert {month for month in range(END) if helped(second, h, month)} == after(16)


def test_a_household_s_rows_take_at_most_200_bytes():
    assert HOUSEHOLD.itemsize + MAX_ADULTS * ADULT.itemsize <= 200
