"""The observation model asks the simulated people like the real ones and errs like a sample."""

import tomllib
from dataclasses import replace

import numpy as np
import pytest
from kreislauf.agents.integration.codes import NO_WORK
from kreislauf.calibration.cell import Cell
from kreislauf.calibration.codebook import Codebook
from kreislauf.calibration.estimates import estimate
from kreislauf.calibration.observe import _jobs_begun, _sampling_error, observe, simulate
from kreislauf.calibration.people import see
from kreislauf.calibration.quantities import says_good
from kreislauf.calibration.sampling import SampleDesign
from kreislauf.calibration.survey import survey_of_rows
from kreislauf.calibration.synth import synthesise
from kreislauf.calibration.targets import Target, Targets
from kreislauf.model.calendar import month_index
from kreislauf.model.errors import InputError
from kreislauf.model.fields.integration.census import COLUMN
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.parameters import Parameters
from scipy import stats

WAVE = month_index("2016-10")


def model(**more):
    return IntegrationModel("coburg", months=24, rng=3, **more)


@pytest.fixture(scope="module")
def seen():
    return see(model(), [WAVE - 6, WAVE])


def one(quantity, cell="all", *, estimate=0.4, n=200.0, name="x", survey="s", wave=WAVE, panel=False):
    se = (estimate * (1 - estimate) / n) ** 0.5
    return Target(name, quantity, wave, Cell.parse(cell), estimate, se, n=n, survey=survey, panel=panel)


def test_without_noise_the_answer_is_the_share_of_the_eligible(seen):
    people = seen.at(WAVE).adults
    working_age = (people["age"] >= 18) & (people["age"] < 65)
    women = working_age & people["female"]
    found = observe(seen, Targets((one("employed"), one("employed", "sex=women"))), noise=False)
    assert found[0] == (people["work"] != NO_WORK)[working_age].mean()
    assert found[1] == (people["work"] != NO_WORK)[women].mean()


def test_people_are_those_of_the_census_of_that_month():
    m = model()
    people = see(m, [WAVE]).at(WAVE)
    census = m.recorder.by_place[-1].sum(axis=0)
    working_age = people.adults["age"] < 65
    assert working_age.sum() == census[COLUMN["adults"]]
    assert (people.adults["work"] != NO_WORK)[working_age].sum() == census[COLUMN["employed"]]
    assert people.adults["female"][working_age].sum() == census[COLUMN["women"]]
    assert people.counts["misplaced_persons"] == census[COLUMN["misplaced_persons"]]
    persons = people.adults["sgb2"].astype(int)
    assert 0 < persons.sum() <= census[COLUMN["sgb2_persons"]]


def test_looking_at_people_changes_nothing_in_the_run():
    looked = model()
    see(looked, [WAVE - 10, WAVE - 3, WAVE])
    assert looked.run().results().fingerprint() == model().run().results().fingerprint()


def test_the_same_seed_gives_the_same_numbers_and_another_gives_others(seen):
    targets = Targets((one("employed"), one("german_good", name="y")))
    first = observe(seen, targets, seed=5)
    assert first.tolist() == observe(seen, targets, seed=5).tolist()
    assert not np.allclose(first, observe(seen, targets, seed=6))


def test_the_noise_has_the_size_of_a_sample_of_the_effective_number_asked(seen):
    """Over 400 surveys: standard deviation within 12 % of sqrt(p (1 - p) / n), mean within 4 standard errors of p."""
    targets = Targets((one("employed", n=150.0),))
    p = observe(seen, targets, noise=False)[0]
    draws = np.array([observe(seen, targets, seed=seed)[0] for seed in range(400)])
    expected = (p * (1 - p) / 150.0) ** 0.5
    assert draws.std() == pytest.approx(expected, rel=0.12)
    assert draws.mean() == pytest.approx(p, abs=4 * expected / 20)


def test_answers_of_the_same_respondents_err_together_and_of_others_apart(seen):
    """All adults err with the women among them, women not with men, nor with another survey."""
    rows = (
        one("employed", name="all"), one("employed", "sex=women", name="women"),
        one("employed", "sex=men", name="men"), one("employed", name="other", survey="t"),
    )  # fmt: skip
    draws = np.array([observe(seen, Targets(rows), seed=seed) for seed in range(400)])
    r = np.corrcoef(draws.T)
    assert r[0, 1] > 0.15
    assert r[0, 2] > 0.5
    assert abs(r[1, 2]) < 0.2
    assert abs(r[0, 3]) < 0.2


def test_a_panel_errs_the_same_way_in_every_wave_and_fresh_samples_do_not(seen):
    def correlation(panel):
        rows = (one("private_housing", wave=WAVE - 6, panel=panel), one("private_housing", name="y", panel=panel))
        draws = np.array([observe(seen, Targets(rows), seed=seed) for seed in range(300)])
        return np.corrcoef(draws.T)[0, 1]

    assert correlation(panel=True) > 0.5
    assert abs(correlation(panel=False)) < 0.2


def test_self_rated_german_follows_its_parameters(seen):
    targets = Targets((one("german_good"),))
    strict, lenient = (
        observe(seen, targets, parameters=Parameters({"self_rating_level": level}), noise=False)[0]
        for level in (3.7, 2.3)
    )
    assert strict < lenient
    assert says_good(np.array([3.0]), 3.0, 0.4)[0] == 0.5
    assert says_good(np.array([3.4]), 3.0, 0.4)[0] == pytest.approx(1 / (1 + np.exp(-1)))


def test_rows_nobody_can_answer_are_nan_and_unknown_months_are_named(seen):
    rows = (one("employed", "arrived=1990-01..1991-12"), one("employed", name="y", wave=WAVE - 1))
    assert np.isnan(observe(seen, Targets(rows))).all()
    with pytest.raises(InputError, match="2016-09; months seen: 2016-04, 2016-10"):
        seen.at(WAVE - 1)


def test_a_month_the_model_has_passed_cannot_be_seen():
    m = IntegrationModel("coburg", months=3, rng=1).run()
    with pytest.raises(ValueError, match="past the wave of 2015-01"):
        see(m, [month_index("2015-01")])


def test_every_modelled_target_of_coburg_gets_a_number():
    """One run through all waves; the rows before the simulation starts stay NaN."""
    m = IntegrationModel("coburg", rng=1)
    targets = Targets.of_region("coburg")
    inside = targets.within(m.region.start_month, m.region.end_month)
    assert not np.isnan(simulate(m, inside)).any()
    assert {row.id for row in targets if row.modelled} - set(inside.ids) == {"N01", "N02"}


def test_a_local_survey_that_asks_everybody_does_not_err(seen):
    row = one("employed")
    people = seen.at(WAVE).adults
    everybody = float((people["age"] < 65).sum())
    census = replace(row, local=True, n=everybody)
    half = replace(row, local=True, n=everybody / 2)
    truth, all_asked = (
        observe(seen, Targets((r,)), seed=4, noise=noise)[0] for r, noise in ((row, False), (census, True))
    )
    assert all_asked == truth
    errors = [observe(seen, Targets((r,)), seed=4)[0] - truth for r in (half, row)]
    assert errors[0] == pytest.approx(errors[1] * 0.5**0.5)


def test_only_the_field_integration_is_surveyed_also_beside_another():
    with pytest.raises(InputError, match="surveys are of the field integration; this model acts in seniors"):
        see(IntegrationModel("coburg", months=2, rng=1, field="seniors"), [0])
    alone, beside = (
        see(IntegrationModel("coburg", months=6, rng=1, field=field), [5]).at(5).adults["unmet_needs"].mean()
        for field in ("integration", "integration,seniors")
    )
    assert beside == pytest.approx(alone, rel=0.25), "cases of seniors are not needs of newcomers"


@pytest.mark.slow
def test_simulated_answers_are_spread_like_those_of_surveys_with_strata_clusters_weights_and_non_response():
    """Eighty runs, each surveyed twice: respondent by respondent (synth, file rules, svy) and by `observe`.

    Means agree within 4 standard errors of their paired difference, and standard deviations of the sampling errors
    (figure found less the truth of the run) within 30 %. Every run is observed with the effective number of
    respondents that its own survey says: that of a single survey with few clusters is itself far off.
    """
    months, design = [month_index("2016-10")], SampleDesign(n=250)
    found, simulated, truth = [], [], []
    for seed in range(1, 81):
        m = IntegrationModel("coburg", months=22, rng=seed)
        world = see(m, months)
        made = synthesise(world, design, parameters=m.parameters, seed=seed, name="s")
        book = Codebook.model_validate({"name": "s", **tomllib.loads(made.codebook)})
        estimated = estimate(survey_of_rows(made.rows, book)).targets()
        rows = {row.quantity: row for row in estimated if row.cell.key == "origin=asylum"}
        chosen = Targets(tuple(rows[name] for name in ("employed", "german_level", "private_housing", "unmet_needs")))
        found.append(chosen.estimates)
        simulated.append(observe(world, chosen, parameters=m.parameters, seed=seed))
        truth.append(observe(world, chosen, parameters=m.parameters, noise=False))
    found, simulated, truth = map(np.array, (found, simulated, truth))
    difference = found - simulated
    assert (np.abs(difference.mean(axis=0)) < 4 * difference.std(axis=0) / 80**0.5).all()
    ratio = (simulated - truth).std(axis=0) / (found - truth).std(axis=0)
    assert ratio == pytest.approx(np.ones(4), abs=0.3), ratio


def test_the_wait_for_a_course_runs_from_entitlement_to_start(seen):
    """Only courses begun within twelve months count, and a wait is never longer than the stay and never negative."""
    people = seen.at(WAVE).adults
    targets = Targets((Target("x", "course_wait", WAVE, Cell(), 5.0, 1.0),))
    mean = observe(seen, targets, noise=False)[0]
    begun = people["federal"] & (people["course_started"] < 12) & (people["course_wait"] >= 0) & (people["age"] < 65)
    assert begun.any()
    assert (people["course_wait"][begun] + people["course_started"][begun] <= people["since"][begun]).all()
    assert mean == pytest.approx(people["course_wait"][begun].mean())


def test_the_obligated_wait_from_protection_and_who_began_before_it_is_not_among_them(seen):
    people = seen.at(WAVE).adults
    targets = Targets((Target("x", "course_wait_obligated", WAVE, Cell(), 5.0, 1.0),))
    mean = observe(seen, targets, noise=False)[0]
    adult = (people["age"] >= 18) & (people["age"] < 65)
    begun = (people["course"] != "none") & (people["course_started"] < 12) & adult
    waits = (people["recognised"] - people["course_started"])[begun & (people["status"] == "protected")]
    assert (waits < 0).any(), "some began in the procedure"
    assert mean == pytest.approx(waits[waits >= 0].mean())
    assert (people["recognised"][people["status"] != "protected"] < 0).all()


def test_registers_err_by_a_normal_number_of_their_standard_error(seen):
    row = replace(one("asylum_persons"), estimate=400.0, se=20.0)
    exact = observe(seen, Targets((row,)), noise=False)[0]
    errors = np.array([observe(seen, Targets((row,)), seed=seed)[0] - exact for seed in range(1000)]) / 20.0
    assert stats.kstest(errors, "norm").pvalue > 0.001


def test_who_says_yes_too_often_says_no_too_rarely():
    """A sample's error of a share and that of its opposite are the same but for the sign."""
    row, random = one("employed"), np.random.default_rng(1)
    yes, weights = (random.random(300) < 0.3).astype(float), random.normal(size=300)
    assert _sampling_error(row, yes, weights) == pytest.approx(-_sampling_error(row, 1.0 - yes, weights))
    assert _sampling_error(row, yes, weights) != 0.0


def test_jobs_of_the_protected_that_began_within_the_months_are_counted():
    adults = {
        "work": np.array([NO_WORK, NO_WORK + 1, NO_WORK + 1, NO_WORK + 1, NO_WORK + 1]),
        "job_months": np.array([3, 3, 14, 13, 0]),
        "status": np.array(["protected", "protected", "protected", "protected", "asylum"]),
    }
    assert _jobs_begun(adults, 14) == 2.0  # the second and the fourth
