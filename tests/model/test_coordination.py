"""Cooperation is kept by district; a region of one district has the matrix of all its actors."""

from __future__ import annotations

import numpy as np
import pytest
from kreislauf.model.coordination import Coordination
from kreislauf.model.parameters import Parameters

P = Parameters()
ACTORS = ["municipality:a1", "district:a", "bund", "municipality:b1", "land", "district:b", "municipality:a2"]
DISTRICTS = {"a": 0, "a1": 0, "a2": 0, "b": 1, "b1": 1}


def made(step: int = len(ACTORS)) -> Coordination:
    """Let the actors of two districts, and two that work in both, appear in batches of `step`."""
    network = Coordination(ACTORS[:step], P, 1, DISTRICTS)
    for last in range(2 * step, len(ACTORS) + step, step):
        network.grow(ACTORS[:last])
    return network


def seated(*names: str) -> np.ndarray:
    return np.isin(ACTORS, names)


def test_in_one_district_it_is_the_matrix_of_all_actors() -> None:
    network = Coordination(ACTORS, P, 1)
    expected = np.full((7, 7), P.cooperation_start)
    np.fill_diagonal(expected, 1.0)
    np.testing.assert_array_equal(network.q, expected)


@pytest.mark.parametrize("step", [1, 2, 3])
def test_it_does_not_matter_when_actors_appear(step: int) -> None:
    one, other = made(), made(step)
    for a in range(len(ACTORS)):
        np.testing.assert_array_equal(one.between(a, np.arange(7)), other.between(a, np.arange(7)))
    assert one.mean() == other.mean() == pytest.approx(P.cooperation_start)


def test_bodies_of_different_districts_do_not_cooperate() -> None:
    network = made()
    assert network.between(0, np.array([1, 2, 3, 5])).tolist() == [P.cooperation_start, P.cooperation_start, 0.0, 0.0]


def test_cooperation_is_mutual_and_a_round_changes_only_who_sat_there() -> None:
    network = made()
    network.approach(seated("municipality:a1", "district:a", "bund", "land"), 0.5)
    network.lose(ACTORS.index("bund"), 1.0)
    numbers = np.arange(len(ACTORS))
    table = np.array([network.between(a, numbers) for a in numbers])
    np.testing.assert_array_equal(table, table.T)
    closer = P.cooperation_start + 0.5 * (1.0 - P.cooperation_start)
    kept = 1.0 - (1.0 - P.kept_after_change)
    assert table[0, 1] == closer
    assert table[2, 0] == table[2, 4] == closer * kept
    assert table[2, 3] == P.cooperation_start * kept
    assert table[3, 5] == P.cooperation_start
    assert (np.diag(table) == 1.0).all()


def test_the_network_shows_who_works_with_whom() -> None:
    graph = made().graph(least=0.0)
    assert graph.number_of_nodes() == 7
    assert made().graph(least=2.0).number_of_edges() == 0
    assert not graph.has_edge("district:a", "district:b") or graph["district:a"]["district:b"]["weight"] == 0.0
