"""The ledger moves money and never makes any."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kreislauf.model.ledger import Ledger, split_cents, split_cents_many

NAMES = ["bund", "land", "district:1", "municipality:1", "staff"]
POSTINGS = st.lists(
    st.tuples(
        st.integers(-12, 24),
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.integers(0, 10**12),
        st.sampled_from(["levy", "rent"]),
        st.sampled_from(["own_budget", "crowdfunding"]),
    ).filter(lambda row: row[1] != row[2]),
    max_size=40,
)


@given(POSTINGS)
def test_the_sum_over_all_accounts_is_zero_after_any_postings(postings):
    ledger = Ledger()
    for month, payer, payee, cents, purpose, instrument in postings:
        ledger.post(month, payer, payee, cents, purpose, instrument)
        assert ledger.total() == 0
    assert int(ledger.balances.sum()) == 0


@given(POSTINGS)
def test_flows_are_the_postings_summed_by_their_keys(postings):
    expected: dict[tuple, int] = {}
    ledger = Ledger()
    for row in postings:
        month, payer, payee, cents, purpose, instrument = row
        ledger.post(month, payer, payee, cents, purpose, instrument)
        if cents:
            key = (month, payer, payee, purpose, instrument)
            expected[key] = expected.get(key, 0) + cents
    flows = ledger.flows()
    assert list(flows.columns) == ["month", "payer", "payee", "purpose", "instrument", "cents"]
    assert {tuple(row[:5]): row[5] for row in flows.itertuples(index=False)} == expected
    for name in ledger.names:
        net = flows.loc[flows["payee"] == name, "cents"].sum() - flows.loc[flows["payer"] == name, "cents"].sum()
        assert net == ledger.balance(name)


@settings(deadline=None)  # the first example loads the compiled posting
@given(POSTINGS)
def test_many_postings_at_once_equal_the_same_postings_one_by_one(postings):
    single, many = Ledger(), Ledger()
    numbers = {name: many.account(name) for name in NAMES}
    for month, payer, payee, cents, purpose, instrument in postings:
        single.post(month, payer, payee, cents, purpose, instrument)
        many.post_many(month, [numbers[payer]], [numbers[payee]], np.array([cents]), purpose, instrument)
    assert single.flows().equals(many.flows())


@pytest.mark.parametrize("amount", [1.0, 2.5, True, "3", np.float64(4)])
def test_an_amount_that_is_not_whole_cents_is_refused(amount):
    with pytest.raises(TypeError, match="whole number of cents"):
        Ledger().post(0, "bund", "land", amount, "levy")


def test_float_arrays_negative_amounts_unknown_accounts_and_self_payments_are_refused_and_leave_nothing_behind():
    ledger = Ledger()
    a, b = ledger.account("bund"), ledger.account("land")
    with pytest.raises(TypeError):
        ledger.post_many(0, a, b, np.array([1.0]), "levy")
    with pytest.raises(ValueError, match="between 0"):
        ledger.post_many(0, a, b, np.array([5, -1]), "levy")
    with pytest.raises(ValueError, match="between 0"):
        ledger.post(0, a, b, -1, "levy")
    with pytest.raises(ValueError, match="no account"):
        ledger.post_many(0, [a, 7], [b, b], np.array([1, 1]), "levy")
    with pytest.raises(ValueError, match="cannot pay itself"):
        ledger.post_many(0, [a, b], [b, b], np.array([1, 1]), "levy")
    with pytest.raises(ValueError, match="cannot pay itself"):
        ledger.post(0, a, a, 1, "levy")
    assert ledger.flows().empty
    assert not ledger.balances.any()


def test_zero_amounts_leave_no_posting():
    ledger = Ledger()
    a, b = ledger.account("bund"), ledger.account("land")
    ledger.post(0, a, b, 0, "levy")
    ledger.post_many(0, [a, a], [b, a], np.array([0, 0]), "levy")
    assert ledger.flows().empty


def test_later_changes_of_the_callers_array_do_not_rewrite_history():
    ledger = Ledger()
    amounts = np.array([5, 7])
    ledger.post_many(
        0, ledger.account("bund"), np.array([ledger.account("land"), ledger.account("staff")]), amounts, "x"
    )
    amounts[:] = 0
    assert int(ledger.flows()["cents"].sum()) == 12


def test_a_hundred_accounts_open_and_keep_their_balances():
    ledger = Ledger()
    for number in range(100):
        ledger.post(0, "bund", f"municipality:{number}", number + 1, "grant")
    assert ledger.balance("municipality:99") == 100
    assert ledger.total() == 0


def test_a_pickled_ledger_goes_on_where_it_stopped():
    ledger = Ledger()
    ledger.post(0, "bund", "land", 5, "levy", structure="advice")
    copy = pickle.loads(pickle.dumps(ledger))
    for book in (ledger, copy):
        book.post(1, "land", "staff", 3, "wages")
    assert copy.flows(structures=True).equals(ledger.flows(structures=True))
    assert copy.names == ledger.names


@given(st.integers(0, 10**15), st.lists(st.floats(0, 1e6), min_size=1, max_size=8).filter(lambda s: sum(s) > 0))
def test_a_split_is_exact_and_gives_nothing_to_a_zero_share(total, shares):
    parts = split_cents(total, shares)
    assert sum(parts) == total
    assert min(parts) >= 0
    assert all(part == 0 for part, share in zip(parts, shares, strict=True) if share == 0)


@given(st.integers(0, 10**10), st.lists(st.floats(0.001, 1), min_size=1, max_size=6))
def test_a_part_differs_from_its_quota_by_less_than_a_cent(total, shares):
    parts = split_cents(total, shares)
    assert all(abs(part - total * share / sum(shares)) < 1.01 for part, share in zip(parts, shares, strict=True))


def test_ties_go_to_the_earlier_share_and_wrong_shares_are_refused():
    assert split_cents(5, [0.25, 0.25, 0.25, 0.25]) == [2, 1, 1, 1]
    assert split_cents_many(np.array([7, 0]), np.array([[1.0, 0.0], [0.5, 0.5]])).tolist() == [[7, 0], [0, 0]]
    for shares in ([], [0.0], [-1.0, 2.0], [float("nan")]):
        with pytest.raises(ValueError, match="share"):
            split_cents(1, shares)
    with pytest.raises(TypeError):
        split_cents(1.5, [1.0])
