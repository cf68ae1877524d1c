"""Estimates follow the design: published examples, what weights do, whether intervals cover, and what is not shown."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from kreislauf.agents.integration.codes import NO_WORK
from kreislauf.calibration.cell import Cell
from kreislauf.calibration.codebook import Codebook
from kreislauf.calibration.estimates import Estimate, _interval, estimate, suppressed
from kreislauf.calibration.sampling import SampleDesign, draw_sample
from kreislauf.calibration.survey import Survey, read_survey, survey_of_rows
from kreislauf.calibration.synth import synthesise, write_synthetic
from kreislauf.calibration.targets import Targets
from kreislauf.cli import main
from kreislauf.model.calendar import month_index
from kreislauf.model.parameters import Parameters

MONTH = month_index("2018-10")

# Example of PROC SURVEYMEANS, SAS/STAT User's Guide, section "Stratified Sampling": grade and weekly spending.
ICE_CREAM = [
    (7, 7), (7, 7), (8, 12), (9, 10), (7, 1), (7, 10), (7, 3), (8, 20), (8, 19), (7, 2), (7, 2), (9, 15), (8, 16),
    (7, 6), (7, 6), (7, 6), (9, 15), (8, 17), (8, 14), (9, 8), (9, 8), (9, 7), (7, 3), (7, 12), (7, 4), (9, 14),
    (8, 18), (9, 9), (7, 2), (7, 1), (7, 4), (7, 11), (9, 8), (8, 10), (8, 13), (7, 2), (9, 6), (9, 11), (7, 2), (7, 9),
]  # fmt: skip
# The same, Example "Stratified Cluster Sample Design": grade, study group, spending.
STUDY_GROUPS = [
    (7, 34, 7), (7, 34, 7), (7, 412, 4), (9, 27, 14), (7, 34, 2), (9, 230, 15), (9, 27, 15), (7, 501, 2), (9, 230, 8),
    (9, 230, 7), (7, 501, 3), (8, 59, 20), (7, 403, 4), (7, 403, 11), (8, 59, 13), (8, 59, 17), (8, 143, 12),
    (8, 143, 16), (8, 59, 18), (9, 235, 9), (8, 143, 10), (9, 312, 8), (9, 235, 6), (9, 235, 11), (9, 312, 10),
    (7, 321, 6), (8, 156, 19), (8, 156, 14), (7, 321, 3), (7, 321, 12), (7, 489, 2), (7, 489, 9), (7, 78, 1),
    (7, 78, 10), (7, 489, 2), (7, 156, 1), (7, 78, 6), (7, 412, 6), (7, 156, 2), (9, 301, 8),
]  # fmt: skip
# Lohr, Sampling: Design and Analysis, example 5.2: grade point averages of the four students of five suites out of 100.
SUITES = [[3.08, 2.60, 3.44, 3.04], [2.36, 3.04, 3.28, 2.68], [2.00, 2.56, 2.52, 1.88], [3.00, 2.88, 3.44, 3.64],
          [2.68, 1.92, 3.28, 3.20]]  # fmt: skip


def survey_of(
    values, *, weight=None, stratum=(), cluster=(), size=(), replicates=None, dimensions=None, extra=""
) -> Survey:
    """Return a survey of one wave with the number of contacts as answer."""
    n = len(values)
    tables = "\n".join(f'{name} = {{ column = "{name}" }}' for name in dimensions or {})
    text = f'waves = {{ all = "2018-10" }}\nweight = "w"\n{extra}\n[dimensions]\n{tables}\n'
    text += '[quantities.contacts]\ncolumn = "y"\n'
    import tomllib

    book = Codebook.model_validate({"name": "textbook", **tomllib.loads(text)})
    values = np.asarray(values, np.float64)
    return Survey(
        book, np.full(n, MONTH), np.asarray(weight if weight is not None else np.ones(n), np.float64),
        np.asarray(stratum, str), np.asarray(cluster, str), np.zeros((n, 0)) if replicates is None else replicates,
        np.asarray(size, np.float64), dimensions or {}, {"contacts": values}, {"contacts": np.ones(n, np.bool_)},
    )  # fmt: skip


def only(survey, **more):
    (row,) = estimate(survey, **more).rows
    return row


def test_the_stratified_example_of_sas_surveymeans():
    """Published: mean 9.141298, standard error 0.531799."""
    grade, spending = zip(*ICE_CREAM, strict=True)
    total = {7: 1824, 8: 1025, 9: 1151}
    sizes = [total[g] for g in grade]
    weight = [total[g] / grade.count(g) for g in grade]
    row = only(survey_of(spending, weight=weight, stratum=grade, size=sizes))
    assert (round(row.estimate, 6), round(row.se, 6)) == (9.141298, 0.531799)


def test_the_stratified_cluster_example_of_sas_surveymeans():
    """Published: mean 8.923860, standard error 0.650859."""
    grade, group, spending = zip(*STUDY_GROUPS, strict=True)
    total, drawn = {7: 608, 8: 252, 9: 403}, {7: 8, 8: 3, 9: 5}
    weight = [total[g] / drawn[g] for g in grade]
    sizes = [total[g] for g in grade]
    row = only(survey_of(spending, weight=weight, stratum=grade, cluster=group, size=sizes))
    assert (round(row.estimate, 6), round(row.se, 6)) == (8.923860, 0.650859)
    assert row.clusters == 16


def test_the_cluster_example_of_lohr():
    """Published: mean of suite totals 11.304 with variance 2.25568, so SE = sqrt((1 - 5/100) 2.25568 / 5) / 4."""
    values = [value for suite in SUITES for value in suite]
    suite = np.repeat(range(5), 4)
    row = only(survey_of(values, weight=np.full(20, 20.0), cluster=suite, size=np.full(20, 100)))
    assert row.estimate == pytest.approx(11.304 / 4)
    assert row.se == pytest.approx(math.sqrt(0.95 * 2.25568 / 5) / 4, rel=1e-6)


def test_without_a_correction_the_error_is_that_of_cochrans_stratified_mean():
    """Cochran, Sampling Techniques, chapter 5: sum of W_h^2 s_h^2 / n_h."""
    grade, spending = (np.array(column) for column in zip(*ICE_CREAM, strict=True))
    total = {7: 1824, 8: 1025, 9: 1151}
    weight = [total[g] / (grade == g).sum() for g in grade]
    variance = sum(
        (total[g] / 4000) ** 2 * spending[grade == g].var(ddof=1) / (grade == g).sum() for g in (7, 8, 9)
    )  # fmt: skip
    assert only(survey_of(spending, weight=weight, stratum=grade)).se == pytest.approx(math.sqrt(variance))


def test_jackknife_replicates_of_equal_clusters_give_the_linearised_error_and_not_that_of_a_simple_sample():
    """Deleting one suite at a time: for clusters of one size the jackknife equals the textbook error exactly."""
    values = [value for suite in SUITES for value in suite]
    replicates = np.repeat(np.full((5, 5), 20 * 5 / 4.0) * (1 - np.eye(5)), 4, axis=0)
    extra = 'replicates = { prefix = "r", method = "jackknife" }'
    row = only(survey_of(values, weight=np.full(20, 20.0), replicates=replicates, extra=extra))
    assert row.se == pytest.approx(math.sqrt(2.25568 / 5) / 4, rel=1e-6)
    assert row.deff > 1.5


def test_replicates_of_half_samples_follow_their_formula():
    """Balanced repeated replication: mean squared deviation of the replicates; Fay: over (1 - f)^2."""
    values, stratum = np.array([1.0, 3.0, 2.0, 6.0]), [1, 1, 2, 2]
    signs = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    half = np.array([[1 + sign[h] * (1 if i % 2 else -1) for sign in signs] for i, h in enumerate([0, 0, 1, 1])])
    means = half.T @ values / 4.0
    expected = math.sqrt(((means - 3.0) ** 2).mean())
    extra = 'minimum_cell = 3\nreplicates = { prefix = "r", method = "brr" }'
    plain = survey_of(values, stratum=stratum, replicates=half, extra=extra)
    assert only(plain).se == pytest.approx(expected)
    extra = 'minimum_cell = 3\nreplicates = { prefix = "r", method = "brr", fay = 0.5 }'
    softened = survey_of(values, stratum=stratum, replicates=1 + 0.5 * (half - 1), extra=extra)
    assert only(softened).se == pytest.approx(expected)


def test_a_simple_sample_has_a_design_effect_of_one_and_equal_values_in_clusters_that_of_their_size():
    values = np.array([spending for _, spending in ICE_CREAM], np.float64)
    assert only(survey_of(values)).deff == pytest.approx(1.0)
    four_times = only(survey_of(np.repeat(values, 4), cluster=np.repeat(range(40), 4)))
    assert four_times.deff == pytest.approx(159 / 39)
    assert four_times.n_effective == pytest.approx(160 * 39 / 159)
    assert four_times.se == pytest.approx(only(survey_of(values)).se)


def test_those_who_did_not_answer_are_a_domain_and_their_share_is_named():
    values = np.array([spending for _, spending in ICE_CREAM], np.float64)
    some = values.copy()
    some[[0, 5, 9]] = np.nan
    row = only(survey_of(some))
    assert (row.n, row.asked, row.missing) == (37, 40, pytest.approx(0.075))
    assert row.estimate == pytest.approx(np.nanmean(some))


def test_the_scale_of_weights_and_the_order_of_rows_change_nothing():
    grade, group, spending = (np.array(column) for column in zip(*STUDY_GROUPS, strict=True))
    weight = np.where(grade == 7, 76.0, 84.0)
    first = only(survey_of(spending, weight=weight, stratum=grade, cluster=group))
    order = np.random.default_rng(1).permutation(len(grade))
    other = only(survey_of(spending[order], weight=1000 * weight[order], stratum=grade[order], cluster=group[order]))
    for name in ("estimate", "se", "deff", "low", "high", "n", "clusters", "sd"):
        assert getattr(other, name) == pytest.approx(getattr(first, name))


def test_only_adults_of_working_age_count_when_ages_are_known():
    values = np.arange(40.0)
    ages = np.where(np.arange(40) < 10, 70.0, 30.0)
    row = only(survey_of(values, dimensions={"age": ages}))
    assert (row.n, row.estimate) == (30, values[10:].mean())


# ---- what weights do, and whether intervals cover ----------------------------------------------------------------


def employment(large, design, seed, *, weighted=True):
    """Return the estimate of employment from one made-up survey of the large population."""
    random = np.random.default_rng(seed)
    adults = {name: column[ELIGIBLE(large)] for name, column in large.at(MONTH).adults.items()}
    sample = draw_sample(adults, design, random)
    works = (adults["work"] != NO_WORK)[sample.rows]
    survey = survey_of(
        works, weight=sample.weight, stratum=sample.stratum, cluster=sample.cluster if design.clustered else ()
    )
    return only(survey, weighted=weighted), float((adults["work"] != NO_WORK).mean())


def ELIGIBLE(seen):  # noqa: N802
    a = seen.at(MONTH).adults
    return (a["age"] >= 18) & (a["age"] < 65) & (a["origin"] == "asylum")


REPETITIONS = 200


@pytest.fixture(scope="module")
def repeated(large):
    """Return estimates of repeated surveys, weighted and not, and the true share."""
    design = SampleDesign(n=400)
    rows = [employment(large, design, seed) for seed in range(REPETITIONS)]
    naive = [employment(large, design, seed, weighted=False)[0] for seed in range(REPETITIONS)]
    return [row for row, _ in rows], naive, rows[0][1]


def test_on_an_informative_sample_unweighted_estimates_are_wrong_and_weighted_ones_right(repeated):
    """People at work answer less often. Weighted: within 3 standard errors of the mean over the repetitions."""
    weighted, naive, truth = repeated
    mean = np.mean([row.estimate for row in weighted])
    error = np.std([row.estimate for row in weighted]) / REPETITIONS**0.5
    assert abs(mean - truth) < 3 * error + 0.002
    bias = np.mean([row.estimate for row in naive]) - truth
    assert bias < -0.05, "people at work are missed"
    wrong = np.mean([not row.low <= truth <= row.high for row in naive])
    assert wrong > 0.3


def test_nominal_95_percent_intervals_cover_the_truth_in_90_to_99_percent(repeated):
    weighted, _, truth = repeated
    covered = np.mean([row.low <= truth <= row.high for row in weighted])
    assert 0.90 <= covered <= 0.99


def test_design_errors_are_those_of_repeated_surveys(repeated):
    """The mean standard error is within 15 % of the spread of the estimates."""
    weighted, _, _ = repeated
    spread = np.std([row.estimate for row in weighted], ddof=1)
    assert np.mean([row.se for row in weighted]) == pytest.approx(spread, rel=0.15)


def test_ignoring_clusters_and_weights_would_understate_the_error(repeated):
    weighted, naive, _ = repeated
    assert np.mean([row.deff for row in weighted]) > 1.2
    assert np.mean([row.se for row in naive]) < np.mean([row.se for row in weighted])


# ---- cells and what is not shown -----------------------------------------------------------------------------------


def test_cells_carry_the_population_and_the_use_of_their_wave(files):
    old = 'column = "german_level"'
    targets = estimate(files.replace(old, old + "\nvalidate_waves = [2]").read()).targets()
    row = targets["small:2018-10:german_level:sex=women"]
    assert row.cell.key == "sex=women;origin=asylum"
    assert row.use == "validate"
    assert targets["small:2016-10:german_level:all"].use == "calibrate"
    assert all(row.se > 0 for row in targets.fitted)
    assert {row.survey for row in targets} == {"small"}


def test_small_cells_are_not_shown_and_cannot_be_found_by_difference(files):
    """With one small cell by sex the other is hidden too, because the total is shown."""
    few = files.rows["sex"] == 2
    rows = files.rows
    keep = ~few | (rows.groupby(["wave", "sex"]).cumcount() < 3)
    files.rows = rows[keep].reset_index(drop=True)
    estimates = estimate(files.read())
    hidden = {row.cell.key: row.suppressed for row in estimates.rows if row.suppressed and row.quantity == "employed"}
    assert hidden["sex=women"] == "too few answers"
    assert hidden["sex=men"] == "would give another cell away"
    assert all(math.isnan(row.estimate) and row.n == 0 for row in estimates.rows if row.suppressed)
    assert all(row.n >= estimates.minimum_cell for row in estimates.shown)


BY_SEX_AND_TIME = Codebook(
    name="mine", weight="w", waves={"all": "2016-10"}, minimum_cell=5, cells=("all", "sex", "since", "sex*since"),
    dimensions={"sex": {"column": "sex"}, "since": {"column": "since", "bands": [0, 12, 24, 36]}},
    quantities={"employed": {"column": "work"}},
)  # fmt: skip


def by_sex_and_time(*cells):
    """Return the estimates of a survey with equal weights: cells of sex, months, respondents, respondents at work."""
    rows = [
        {"w": "1", "sex": sex, "since": str(since), "work": str(int(i < at_work))}
        for sex, since, n, at_work in cells
        for i in range(n)
    ]
    return estimate(survey_of_rows(pd.DataFrame(rows), BY_SEX_AND_TIME))


def test_a_single_woman_of_a_cross_table_cannot_be_found_from_all_women_less_the_other_women():
    found = by_sex_and_time(("women", 6, 1, 1), ("women", 18, 20, 8), ("men", 6, 20, 9), ("men", 18, 1, 0))
    assert {row.cell.key for row in found.shown} == {"all", "sex=men", "sex=women", "since=0..11", "since=12..23"}


def test_two_respondents_in_two_small_cells_cannot_be_found_from_the_total_less_the_large_cells():
    """One answer each: the total less the shown cells must hold the minimum of five, not these two."""
    found = by_sex_and_time(("women", 6, 1, 1), ("women", 18, 1, 1), ("women", 30, 30, 10), ("women", 40, 30, 12))
    total = next(row for row in found.shown if row.cell.key == "all")
    assert total.n - sum(row.n for row in found.shown if row.cell.key.startswith("since")) >= 5


@pytest.mark.parametrize("dimensions", [2, 3])
def test_no_hidden_cell_is_a_sum_or_a_difference_of_shown_ones(dimensions):
    """Linear algebra as the judge: a cell can be told when its row adds no rank to those of the shown ones."""
    random, told = np.random.default_rng(dimensions), 0
    words = {
        "sex": ("men", "women"),
        "status": ("procedure", "protected", "tolerated"),
        "origin": ("asylum", "ukraine"),
    }
    names = list(words)[:dimensions]
    parts = [dict(zip(names, values, strict=True)) for values in itertools.product(*(words[name] for name in names))]
    for _ in range(40):
        counts = random.choice([0, 1, 2, 3, 8, 12, 20, 40], len(parts))
        tables, member = {}, []
        for k in range(dimensions + 1):
            for scheme in itertools.combinations(names, k):
                tables[scheme] = []
                for values in itertools.product(*(words[name] for name in scheme)):
                    inside = [all(part[n] == v for n, v in zip(scheme, values, strict=True)) for part in parts]
                    if (n := int(counts[inside].sum())) > 0:
                        cell = Cell.of(**dict(zip(scheme, values, strict=True)))
                        tables[scheme].append(Estimate(MONTH, "employed", cell, 0.5, 0.1, 0.0, 1.0, 1.0, n, n, n))
                        member.append(np.array(inside, float)[counts > 0])
        rows = [row for table in tables.values() for row in table]
        after = suppressed(tables, 5)
        shown = np.array([m for m, row in zip(member, after, strict=True) if not row.suppressed]).reshape(
            -1, sum(counts > 0)
        )
        for one, row, left in zip(member, rows, after, strict=True):
            assert left.suppressed or row.n >= 5
            told += row.n < 5 and np.linalg.matrix_rank(np.vstack([shown, one])) == np.linalg.matrix_rank(shown)
    assert told == 0


def test_a_higher_minimum_hides_more(files):
    low = estimate(files.read()).shown
    high = estimate(files.replace("missing = [-9]", "missing = [-9]\nminimum_cell = 40").read()).shown
    assert len(high) < len(low)
    assert all(row.n >= 40 for row in high)


def test_no_answer_of_a_respondent_appears_in_any_file_that_is_written(files, tmp_path, capsys):
    """Every text that identifies somebody is marked; neither the targets nor the terminal hold a mark."""
    files.rows["id"] = [f"MARK{i}" for i in range(len(files.rows))]
    files.rows["weight"] = files.rows["weight"] + 0.00012345
    path, codebook = files.write()
    out = tmp_path / "cells.csv"
    with pytest.raises(SystemExit) as left:
        main(["survey", "check", str(path), "--codebook", str(codebook), "--out", str(out)])
    assert left.value.code == 0
    written = {file for file in tmp_path.rglob("*") if file.is_file()} - {path, codebook}
    assert written == {out}
    shown = out.read_text() + capsys.readouterr().out
    weights = {repr(weight) for weight in files.rows["weight"]}
    assert "MARK" not in shown
    assert not any(weight in shown for weight in weights)
    cells = Targets.read(out)
    assert all(row.n >= 5 for row in cells)


def test_non_response_is_named_by_cell(files):
    work = files.rows["work"].astype(object)
    work[files.rows["sex"] == 1] = -9
    work[(files.rows["sex"] == 1) & (files.rows.index % 2 == 0)] = 4
    files.rows["work"] = work
    rows = {row.cell.key: row for row in estimate(files.read()).rows if row.quantity == "employed_regular"}
    assert 0.3 < rows["sex=men"].missing < 0.7 or rows["sex=men"].suppressed


# ---- made-up surveys -------------------------------------------------------------------------------------------------


def test_a_made_up_survey_is_the_same_for_the_same_seed_and_its_truth_is_that_of_all_people(one_run):
    first, again, other = (
        synthesise(one_run, SampleDesign(n=200), parameters=Parameters.default(), seed=seed, name="x")
        for seed in (1, 1, 2)
    )
    assert first.rows.equals(again.rows)
    assert not first.rows.equals(other.rows)
    a = one_run.at(MONTH).adults
    eligible = (a["age"] >= 18) & (a["age"] < 65) & (a["origin"] == "asylum")
    truth = first.truth.set_index(["wave", "quantity", "cell"])["value"]
    assert truth["2018-10", "employed", "all"] == (a["work"] != NO_WORK)[eligible].mean()


def test_a_panel_asks_the_same_persons_again_and_some_fall_out(one_run):
    rows = synthesise(one_run, SampleDesign(panel=True), parameters=Parameters.default(), seed=1, name="x").rows
    first, second = (set(rows.loc[rows["wave"] == wave, "id"]) for wave in (1, 2))
    assert second < first
    assert len(second) > 20
    assert not rows.duplicated(["id", "wave"]).any()


@pytest.mark.parametrize("words", ["simple", "stratified", "clustered", "panel"])
def test_every_design_gives_a_file_that_its_codebook_reads(one_run, tmp_path, words):
    design = SampleDesign(
        n=200, stratified=words == "stratified", clustered=words == "clustered", panel=words == "panel"
    )
    made = synthesise(one_run, design, parameters=Parameters.default(), seed=3, name="x")
    codebook, _ = write_synthetic(made, tmp_path / "x.csv")
    survey = read_survey(tmp_path / "x.csv", Codebook.read(codebook))
    assert len(survey) == len(made.rows)
    assert {row.quantity for row in estimate(survey).shown} >= {"employed", "german_good", "contacts"}


def test_targets_of_a_panels_later_waves_are_about_those_who_had_arrived_by_the_first():
    book = Codebook(name="mine", weight="w", wave="wave", person="id", panel=True, minimum_cell=3,
                    waves={"1": "2016-10", "2": "2018-10"}, quantities={"employed": {"column": "work"}})  # fmt: skip
    rows = pd.DataFrame({"id": list("abcdabcd"), "wave": list("11112222"), "w": ["1"] * 8, "work": list("10011101")})
    first, second = estimate(survey_of_rows(rows, book)).targets().rows
    assert first.cell.get("arrived") is None
    assert "arrived=1990-01..2016-10" in second.cell.key
    fresh = estimate(survey_of_rows(rows.drop(columns="id"), book.model_copy(update={"panel": False, "person": ""})))
    assert all(row.cell.get("arrived") is None for row in fresh.targets().rows)


def test_the_interval_of_a_share_is_symmetric_in_its_log_odds():
    """A fifth with standard error 0.05: log-odds -1.386 and 1.96 * 0.05 / (0.2 * 0.8) = 0.6125 on both sides of it."""
    one = SimpleNamespace(est=0.2, se=0.05, lci=0.2 - 1.96 * 0.05, uci=0.2 + 1.96 * 0.05)
    assert _interval(one, is_share=True) == pytest.approx((0.11932, 0.31565), abs=1e-4)
    assert _interval(one, is_share=False) == (one.lci, one.uci)
