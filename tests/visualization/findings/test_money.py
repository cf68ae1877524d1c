"""Money to the cent: shares of a cent, payments back and forth, and sums that must agree."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from kreislauf.visualization.charts.sankey import Flow, columns_of
from kreislauf.visualization.findings.money import (
    GOALS,
    LEVELS,
    borne,
    drawn,
    group_of,
    mean_flows,
    money,
    run_costs,
    set_off,
    shared_out,
    total_cost,
)

sys.path.insert(0, str(Path(__file__).parent))
from tiny import A, B, Builder

pairs = st.tuples(st.sampled_from(LEVELS), st.sampled_from([*LEVELS, *GOALS])).filter(lambda pair: pair[0] != pair[1])
flows = st.dictionaries(pairs, st.integers(1, 10**12), max_size=20)


@given(flows, st.integers(1, 40))
def test_sharing_out_loses_no_cent(totals, runs):
    shares = shared_out(totals, runs)
    assert abs(sum(shares.values()) * runs - sum(totals.values())) * 2 <= runs
    assert all(abs(shares[pair] * runs - totals[pair]) < runs for pair in totals)


@given(flows)
def test_setting_off_changes_no_balance_and_leaves_one_direction(found):
    def balances(one):
        sums = defaultdict(int)
        for (source, target), amount in one.items():
            sums[source] -= amount
            sums[target] += amount
        return {name: value for name, value in sums.items() if value}

    net = set_off(found)
    assert balances(net) == balances(found)
    assert not {(target, source) for source, target in net} & set(net)


@given(flows)
def test_what_the_levels_bear_is_what_reaches_its_goals(found):
    assert sum(borne(found).values()) == total_cost(found)


@given(flows)
def test_a_box_in_the_middle_gives_what_it_receives(found):
    into, out = defaultdict(int), defaultdict(int)
    for (source, target), amount in drawn(set_off(found)).items():
        assert amount > 0
        out[source] += amount
        into[target] += amount
    assert all(into[name] == out[name] for name in into.keys() & out.keys())


def test_accounts_belong_to_groups():
    names = ["bund", "municipality:09473112", "district:09473", "carrier:awo", "fund:pot", "landlords", "schools"]
    expected = ["bund", "municipality", "district", "carrier", "fund", "housing", "kita_school"]
    assert [group_of(name) for name in names] == expected
    assert group_of("something new") == "other"


def test_a_mean_over_runs_is_exact_and_a_year_is_a_part_of_it(tmp_path):
    builder = Builder(tmp_path)
    for run in range(10):
        builder.flows(B, run, [
            (2015, "land", "district:09473", "refund", "law", 100 + run),  # mean 104.5
            (2015, "district:09473", "land", "back", "law", 4),
            (2016, "district:09473", "staff", "structures", "own_budget", 333),
        ])  # fmt: skip
    ensemble = builder.ensemble()
    # Sums over runs 1045, 40 and 3330; their means add up to 441.5 cents, rounded 442, the odd cent goes to 104.5.
    assert mean_flows(ensemble, B, None) == {("land", "district"): 105 - 4, ("district", "staff"): 333}
    assert mean_flows(ensemble, B, 2016) == {("district", "staff"): 333}


def test_tables_and_sentence_agree_to_the_cent(tmp_path):
    ensemble = Builder(tmp_path).ensemble()  # 10.00 from the Land to the district, 15.00 to households
    found = money(ensemble, A, B, None, language="de")
    assert found.flows.rows[-1] == ("Summe", "", 15.0, 15.0, 0.0)
    assert found.levels.rows == (("Land", 10.0, 10.0, 0.0), ("Landkreis", 5.0, 5.0, 0.0), ("Summe", 15.0, 15.0, 0.0))
    assert "15\u00a0€" in found.finding
    assert "Land (67\u00a0%)" in found.finding
    sources = [row for row in found.sankey_b.table.rows if "eigenes Geld" in str(row[0])]
    assert [row[2] for row in sources] == [5.0]


def test_money_in_a_circle_is_drawn_as_payers_and_goals(tmp_path):
    builder = Builder(tmp_path)
    rows = [(2015, "land", "district:09473", "a", "law", 500), (2015, "district:09473", "fund:x", "b", "law", 500),
            (2015, "fund:x", "land", "c", "law", 500), (2015, "land", "staff", "d", "law", 800)]  # fmt: skip
    for run in range(10):
        builder.flows(B, run, rows)
    found = money(builder.ensemble(), B, B, None, language="de")
    assert [(row[0], row[2]) for row in found.sankey_b.table.rows if "Personal" in str(row[1])] == [("Land", 8.0)]
    columns = columns_of([Flow("Land", "Personal", 8.0)])
    assert columns == [["Land"], ["Personal"]]


def test_a_difference_of_money_says_between_which_amounts_the_runs_lie(tmp_path):
    builder = Builder(tmp_path)
    for run in range(10):  # the district pays 100,000 to 1,000,000 euros more
        builder.flows(B, run, [
            (2015, "land", "district:09473", "asylum_refund", "law", 1000),
            (2015, "district:09473", "households", "asylum_benefits", "law", 1500 + (run + 1) * 10_000_000),
        ])  # fmt: skip
    builder.fails(B, 10)
    words = money(builder.ensemble(), A, B, None, language="de").finding.replace("\u00a0", " ")
    # Nine runs: 100,000 to 900,000, mean 500,000; 8 of 10 between 180,000 and 820,000.
    assert "beim Landkreis +500.000 € (+180.000 € bis +820.000 €)" in words
    assert "bei den Gemeinden ±0 € (±0 € bis ±0 €)" in words


def test_costs_of_single_runs_have_the_mean_of_the_flows(tmp_path):
    builder = Builder(tmp_path)
    for run in range(10):
        builder.flows(B, run, [
            (2015, "land", "staff", "structures", "law", 70 + 10 * run),
            (2016, "municipality:09473112", "schools", "x", "law", 1000 * run),
            (2016, "schools", "municipality:09473112", "back", "law", 300),
        ])  # fmt: skip
    ensemble = builder.ensemble()
    for year in (None, 2015, 2016):
        costs, flows = run_costs(ensemble, B, year), mean_flows(ensemble, B, year)
        assert costs["total"].mean() == total_cost(flows)
        assert costs["municipality"].mean() == borne(flows).get("municipality", 0)
