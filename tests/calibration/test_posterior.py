"""The sampler meets worked-out posteriors, the emulator knows its errors, intervals cover, ranks are flat."""

from dataclasses import replace

import numpy as np
import pytest
from kreislauf.calibration.alternatives import learned_rejection, rejection, second_opinion
from kreislauf.calibration.coverage import judged, repeat, tempered
from kreislauf.calibration.diagnostics import agreement, information
from kreislauf.calibration.emulator import complete, learn, learnable
from kreislauf.calibration.posterior import Discrepancy, Problem, sample
from kreislauf.calibration.reference import Reference
from kreislauf.model.errors import InputError
from scipy import stats

from . import toy_survey as toy


def test_the_sampler_meets_a_posterior_known_in_closed_form():
    """Normal prior and normal likelihood: mean, covariance and evidence have formulas."""
    design = np.array([[1.0, 0.5, 0.0], [0.0, 2.0, -1.0]])
    data, noise = np.array([1.5, -2.0]), 0.3
    covariance = np.linalg.inv(np.eye(3) + design.T @ design / noise**2)
    mean = covariance @ design.T @ data / noise**2
    evidence = stats.multivariate_normal(np.zeros(2), design @ design.T + noise**2 * np.eye(2)).logpdf(data)

    def log_likelihood(z):
        return stats.norm(0.0, noise).logpdf(z @ design.T - data).sum(axis=1)

    drawn = sample(log_likelihood, 3, draws=4000, seed=3)
    assert np.allclose(drawn.z.mean(axis=0), mean, atol=0.05)
    assert np.allclose(np.cov(drawn.z.T), covariance, atol=0.06)
    assert drawn.log_evidence == pytest.approx(evidence, abs=0.3)
    same = sample(log_likelihood, 3, draws=4000, seed=3)
    assert np.array_equal(drawn.z, same.z)


def test_the_sampler_finds_both_of_two_separate_peaks():
    def log_likelihood(z):
        peaks = [stats.norm(at, 0.2).logpdf(z).sum(axis=1) for at in (-1.0, 1.0)]
        return np.logaddexp(*peaks)

    drawn = sample(log_likelihood, 2, draws=1000, seed=1)
    assert 0.35 < (drawn.z[:, 0] > 0).mean() < 0.65
    assert set(np.sign(drawn.z).sum(axis=1)) == {-2.0, 2.0}


@pytest.fixture(scope="module")
def learned():
    reference = toy.table(500)
    return reference, learn(reference)


def test_the_emulator_explains_the_toy_and_states_its_error(learned):
    _, emulator = learned
    assert emulator.r2.min() > 0.9
    fresh = toy.table(500, seed=77)
    errors = (fresh.found - emulator.mean(fresh.places)) / emulator.sd(fresh.places)
    assert np.allclose(errors.std(axis=0), 1.0, atol=0.15)
    assert np.allclose(np.cov((errors @ emulator.whiten.T).T), np.eye(len(toy.ROWS)), atol=0.3)


def test_a_fold_is_judged_by_an_emulator_that_never_saw_it(learned):
    reference, emulator = learned
    changed, rows = reference.true.copy(), np.flatnonzero(emulator.fold_of == 2)
    changed[rows] = changed[rows[::-1]]  # the fold's runs get each other's figures: mean and spread stay the same
    other = learn(replace(reference, true=changed))
    places = reference.places[rows]
    assert np.allclose(emulator.fold(2).mean(places), other.fold(2).mean(places))
    assert not np.allclose(emulator.fold(1).mean(places), other.fold(1).mean(places), rtol=0.01)


def test_figures_that_nothing_moves_or_nobody_answers_are_named():
    reference = toy.table(60)
    true, found = reference.true.copy(), reference.found.copy()
    true[:, 0], true[:10, 1], true[0, 2], found[0, 2] = 0.5, np.nan, np.nan, np.nan
    told = learnable(Reference(reference.places, true, found, reference.ids))
    assert set(told) == {"early", "men"}
    assert "the same in all runs" in told["early"]
    assert "17 % of the runs" in told["men"]
    assert not np.isnan(complete(Reference(reference.places, true, found, reference.ids)).true[:, 2]).any()
    with pytest.raises(InputError, match="39 runs are too few to learn from"):
        learn(toy.table(39))


@pytest.fixture(scope="module")
def repeated(learned):
    reference, emulator = learned
    problem = Problem(emulator, None, 4)
    problem = tempered(problem, reference, range(100))
    return repeat(problem, reference, range(200, 400))


def test_ninety_percent_intervals_cover_on_two_hundred_simulated_surveys(repeated):
    assert 0.85 <= repeated.coverage <= 0.95
    low, high = repeated.interval()
    assert low <= 0.93
    assert high >= 0.87


def test_ranks_of_the_truth_are_uniform_by_chi_square_and_by_kolmogorov_and_smirnov(repeated):
    assert repeated.p_uniform > 0.01
    p = [stats.kstest(column, "uniform").pvalue for column in repeated.rank.T]
    assert min(p) * len(p) > 0.01


def test_the_data_inform_what_they_depend_on_and_nothing_else(repeated):
    widths = repeated.length.mean(axis=0)
    assert widths[0] < 0.5
    assert widths[3] == pytest.approx(0.9, abs=0.05)  # flat_help moves no figure: its posterior is its prior


def test_too_sure_a_likelihood_is_found_out(learned):
    """The same check refuses an emulator that claims half of its error."""
    reference, emulator = learned
    spread = emulator.spread.copy()
    spread[0] -= 2.0 * np.log(2.0)
    sure = repeat(Problem(replace(emulator, spread=spread), None, 4), reference, range(100))
    assert sure.coverage < 0.85
    assert sure.p_uniform < 0.05


def test_coverage_also_holds_with_discrepancy_drawn_from_its_prior(learned):
    reference, emulator = learned
    problem = Problem(emulator, Discrepancy.of(toy.targets()), 4)
    found = repeat(problem, reference, range(100))
    assert 0.84 <= found.coverage <= 0.96


def test_discrepancy_grows_where_the_model_cannot_follow(learned):
    _, emulator = learned
    data = toy.expected(np.full((1, 4), 0.5))[0]
    problem = Problem(emulator, Discrepancy.of(toy.targets()), 4)
    groups = problem.discrepancy.groups
    odd = data.copy()
    odd[toy_place("women")] += 0.3  # no parameters give this beside the men's figure
    relative = []
    for values in (data, odd):
        drawn = sample(problem.log_likelihood(values), problem.dimensions, draws=600, seed=2)
        relative.append(np.median(problem.discrepancy.relative(drawn.z[:, 4:]), axis=0))
    work = groups.index("work")
    assert relative[1][work] > 2.0 * relative[0][work]
    assert relative[1][groups.index("contacts")] < 2.0 * relative[0][groups.index("contacts")]


def toy_place(name):
    return [row[0] for row in toy.ROWS].index(name)


def test_leaving_targets_out_is_the_likelihood_of_the_others(learned):
    _, emulator = learned
    used = np.array([row[0] != "late" for row in toy.ROWS])
    data, z = toy.LEVEL, np.random.default_rng(0).standard_normal((5, 4))
    one = Problem(emulator, None, 4).log_likelihood(data, used)(z)
    two = Problem(emulator.only(used), None, 4).log_likelihood(data[used])(z)
    moved = data.copy()
    moved[toy_place("late")] += 1.0
    assert np.allclose(one, two)
    assert np.allclose(one, Problem(emulator, None, 4).log_likelihood(moved, used)(z))


def test_information_is_zero_for_the_prior_and_known_for_a_part_of_it():
    random = np.random.default_rng(1)
    assert information(random.random(4000)) < 0.01
    assert information(random.random(4000) / 4.0) == pytest.approx(np.log(4.0), abs=0.02)


def test_populations_that_disagree_are_told():
    z = np.random.default_rng(1).standard_normal((2000, 2))
    r_hat, effective = agreement(z)
    assert r_hat < 1.02
    assert effective > 200
    z[:500] += 3.0
    assert agreement(z)[0] > 1.2


def test_crps_is_that_of_the_formula_for_a_normal_forecast():
    """For N(0, s) and truth 0 it is s (sqrt 2 - 1) / sqrt pi (Gneiting and Raftery 2007)."""
    draws = np.random.default_rng(1).normal(0.0, 0.1, (20000, 1))
    crps = judged(draws, np.array([0.0]))[4]
    assert crps[0] == pytest.approx(0.1 * (np.sqrt(2.0) - 1.0) / np.sqrt(np.pi), abs=0.001)


def test_the_chosen_method_is_sharper_than_rejection_on_raw_summaries(learned):
    reference, emulator = learned
    fresh = toy.table(40, seed=9)
    methods = {
        "raw": rejection(reference),
        "learned": learned_rejection(reference),
        "chosen": lambda data: Problem(emulator, None, 4).places(
            sample(Problem(emulator, None, 4).log_likelihood(data), 4, draws=300, moves=4, last_moves=12).z
        ),
    }
    crps = {
        name: np.mean([judged(method(fresh.found[i]), fresh.places[i])[4] for i in range(40)])
        for name, method in methods.items()
    }
    assert crps["chosen"] < crps["learned"] < crps["raw"]


@pytest.mark.slow
def test_pyabc_agrees_with_the_sampler_on_the_toy(learned):
    _, emulator = learned
    problem, data = Problem(emulator, None, 4), toy.expected(np.array([[0.3, 0.6, 0.7, 0.5]]))[0]
    places, weights = second_opinion(problem, data, population=150, rounds=5)
    drawn = problem.places(sample(problem.log_likelihood(data), 4, draws=1000).z)
    mean = weights @ places
    assert np.abs(mean - drawn.mean(axis=0))[:3].max() < 0.1
