"""The observation model asks the simulated people like the real ones and errs like a sample."""

import numpy as np
import pytest
from kreislauf.agents.codes import NO_WORK
from kreislauf.calibration.cell import Cell
from kreislauf.calibration.observe import observe, simulate
from kreislauf.calibration.people import see
from kreislauf.calibration.quantities import says_good
from kreislauf.calibration.targets import Target, Targets
from kreislauf.model.calendar import month_index
from kreislauf.model.census import COLUMN
from kreislauf.model.errors import InputError
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.parameters import Parameters

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
