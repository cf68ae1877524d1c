"""A master plan: read from a file, checked against a region, and run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kreislauf.model.calendar import month_index
from kreislauf.model.errors import InputError
from kreislauf.model.integration_model import IntegrationModel
from kreislauf.model.plan import Lead, Plan, Post, load_plan, truncated
from kreislauf.model.plan_check import check_plan, months_by_year, phases_of, programme_room
from kreislauf.model.region import load_region
from kreislauf.model.variant import load_variant

from ..worlds import AHORN, EBERSDORF, small

MONTHS = 24
BEGINS = "2016-01"


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return small().load(tmp_path_factory.mktemp("small"))


def plan(**more: Any) -> Plan:
    return Plan.model_validate({"name": "mine", "from": BEGINS, **more})


def post(**more: Any) -> Post:
    return Post.model_validate({"tasks": ("advice",), "owner": "district", "fte": 1.0, **more})


def run(region: Any, decided: Plan | None = None, *, seed: int = 1, months: int = MONTHS, **more: Any) -> Any:
    return IntegrationModel(region, rng=seed, months=months, plan=decided, **more).run()


FULL = plan(
    rounds_per_year=6, shared_register=True, funding={"own_budget": 0.5, "regional_budget": 0.5},
    lead=(Lead(task="advice", owner="caritas", place=("all",)), Lead(task="advice", owner="district", place=(AHORN,))),
    post=(post(fte=0.5, end="2016-08"), post(tasks=("interpreting",), owner="municipality")),
)  # fmt: skip


class TestFile:
    def test_what_is_written_is_read_back_as_the_same_plan_and_gives_the_same_run(self, region: Any, tmp_path: Path):
        file = tmp_path / "mine.toml"
        later = FULL.model_copy(update={"start": "2016-06", "earlier": FULL})
        file.write_text(later.toml(), encoding="utf-8")
        again = load_plan(file, region)
        assert again == later
        assert again.fingerprint() == later.fingerprint()
        assert run(region, again).results().fingerprint() == run(region, later).results().fingerprint()

    def test_every_problem_of_a_file_is_named_with_its_line_and_the_nearest_name(self, tmp_path: Path):
        file = tmp_path / "bad.toml"
        file.write_text('from = "2018-13"\nruel = "parallel"\n\n[[post]]\ntasks = "advice"\nowner = "x"\nfte = -1\n')
        with pytest.raises(InputError) as wrong:
            load_plan(file)
        text = str(wrong.value)
        assert "line 1" in text
        assert "'2018-13' is not a month" in text
        assert "line 2" in text
        assert "did you mean 'rule'?" in text
        assert "line 7" in text
        assert "more than 0" in text

    def test_names_the_region_does_not_have_are_refused_all_at_once(self, region: Any, tmp_path: Path):
        file = tmp_path / "bad.toml"
        file.write_text(
            f'from = "{BEGINS}"\nregion = "elsewhere"\n[[lead]]\ntask = "advise"\nowner = "caritass"\nplace = "Ahorm"\n'
            '[[post]]\ntasks = "advice"\nowner = "distrikt"\nfte = 1\nstart = "2015-01"\npayers = { lnad = 1.0 }\n'
        )
        with pytest.raises(InputError) as wrong:
            load_plan(file, region)
        found = {(problem.line, problem.message.split(",")[0]) for problem in wrong.value.problems}
        assert found == {
            (2, "made for another region"), (4, "unknown task 'advise'"), (5, "unknown owner 'caritass'"),
            (6, "unknown place 'Ahorm'"), (9, "unknown owner 'distrikt'"), (11, "begins before the plan"),
            (12, "unknown payer 'lnad'"),
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ({"rule": "parallel", "lead": (Lead(task="advice", owner="caritas", place=("all",)),)}, "asks for none"),
            ({"post": (post(), post(start="2016-06"))}, "overlap"),
            ({"post": (post(start="2016-06", end="2016-02"),)}, "ends before it begins"),
            ({"post": (post(),), "budget_eur_per_year": 70_000.0}, "cost 79,000 EUR"),
            ({"post": (post(programme="mbe", owner="district"),)}, "does not pay posts of level district"),
            ({"post": (post(programme="mbe", owner="caritas", tasks=("mobility",)),)}, "does not pay for mobility"),
            ({"post": (post(programme="mbe", owner="caritas", fte=5.0),)}, "EUR left in 2016"),
            ({"post": (post(programme="mbee", owner="caritas"),)}, "did you mean 'mbe'?"),
            ({"earlier": plan(**{"from": "2016-02"})}, "does not come before"),
        ],
    )
    def test_what_cannot_be_is_refused(self, region: Any, more: dict[str, Any], message: str):
        assert any(message in str(problem) for problem in check_plan(plan(**more), region))

    def test_payers_and_a_programme_at_once_are_refused(self):
        with pytest.raises(ValueError, match="not both"):
            post(payers={"land": 1.0}, programme="mbe")

    def test_costs_count_the_months_of_a_year(self):
        half_a_year = plan(post=(post(fte=0.5, start="2016-07", end="2017-06"),))
        assert half_a_year.cost_by_year(80_000.0, last=month_index("2025-12")) == {2016: 20_000.0, 2017: 20_000.0}

    def test_of_a_decided_plan_the_posts_that_have_begun_stay(self):
        decided = plan(post=(post(), post(name="later", start="2017-01")))
        assert [entry.title for entry in truncated(decided, month_index("2017-01")).post] == ["district-advice"]


class TestRun:
    def test_a_plan_that_decides_nothing_changes_nothing_bit_for_bit(self, region: Any):
        assert run(region, plan()).results().fingerprint() == run(region).results().fingerprint()

    def test_before_its_month_nothing_knows_of_the_plan(self, region: Any):
        before = month_index(BEGINS)
        with_plan, without = (model.results().monthly for model in (run(region, FULL), run(region)))
        past = with_plan[with_plan["month"] < before].reset_index(drop=True)
        assert past.equals(without[without["month"] < before].reset_index(drop=True))
        assert not with_plan.equals(without)

    def test_money_stays_whole_under_a_plan(self, region: Any):
        assert run(region, FULL).ledger.total() == 0

    def test_posts_cost_their_payers_what_the_plan_says(self, region: Any):
        decided = plan(post=(post(payers={"land": 0.75, "district": 0.25}, fte=0.5, end="2016-12"),))
        (added,) = [s for s in run(region, decided).register.structures if s.id.startswith("plan/")]
        assert added.cost_cents * 12 == pytest.approx(0.5 * 79_000 * 100, abs=12)
        assert dict(added.payers) == {"land": 0.75, "district:09473": 0.25}
        assert (added.start, added.end) == (month_index("2016-01"), month_index("2017-01"))

    def test_the_district_pays_more_when_a_post_is_its_own(self, region: Any):
        def paid(decided: Plan | None) -> int:
            flows = run(region, decided, months=24).results().flows
            mine = flows[(flows["payer"] == "district:09473") & (flows["payee"] == "staff")]
            return int(mine["cents"].sum())

        own = plan(post=(post(tasks=("steering",)),))
        assert paid(own) - paid(plan(post=(post(tasks=("steering",), payers={"land": 1.0}),))) == pytest.approx(
            79_000 * 100, abs=12
        )

    def test_a_post_of_the_municipalities_is_split_by_inhabitants(self, region: Any):
        decided = plan(post=(post(owner="municipality", tasks=("interpreting",), fte=1.5),))
        parts = [s for s in run(region, decided, months=13).register.structures if s.id.startswith("plan/")]
        assert sum(part.fte for part in parts) == pytest.approx(1.5)
        people = region.population[2014]
        for part in parts:
            assert part.fte == pytest.approx(1.5 * people[part.catchment[0]] / people.sum())

    def test_a_lead_holds_where_it_is_named_and_nowhere_else(self, region: Any):
        model = run(region, FULL, months=14)
        assignment, cells = model.casework.assignment, model.cells
        lead = assignment._leads()
        advice = model.field.task_ids.index("advice")
        owners = {}
        for pair in lead.nonzero()[0]:
            if cells.task[pair] == advice:
                actor = model.register.actors[model.register.columns["actor"][cells.structure[pair]]]
                owners.setdefault(region.keys[cells.municipality[pair]], set()).add(actor.partition(":")[0])
        assert owners[AHORN] == {"district"}
        assert owners[EBERSDORF] == {"caritas"}

    def test_the_mix_pays_from_its_month_on(self, region: Any):
        model = run(region, FULL, months=24)
        assert set(model.politics.instruments) == {"own_budget", "regional_budget"}
        assert model.politics.instruments["own_budget"].weight == 0.5

    def test_when_a_programme_stops_the_post_ends_or_its_owner_goes_on(self, region: Any):
        def phases(afterwards: str, seed: int) -> list[Any]:
            decided = plan(post=(post(owner="caritas", programme="mbe", fte=0.25, afterwards=afterwards),))
            model = run(region, decided, seed=seed, months=13)
            return [s for s in model.register.structures if s.id.startswith("plan/")]

        lengths = set()
        for seed in range(1, 9):
            (ends,) = phases("ends", seed)
            assert dict(ends.payers) == {"bund": 0.65, "carrier:caritas": pytest.approx(0.35)}
            paid, *own = phases("own", seed)
            assert (paid.start, paid.end) == (ends.start, ends.end)
            lengths.add(ends.end - ends.start)
            if own:
                assert own[0].start == paid.end
                assert dict(own[0].payers) == {"carrier:caritas": 1.0}
        assert len(lengths) > 1  # renewals are drawn, not taken for granted

    def test_what_a_plan_takes_of_a_programme_is_not_there_for_others(self, region: Any):
        decided = plan(post=(post(owner="caritas", programme="mbe", fte=0.5),))
        room = programme_room(region, "mbe", 2016) / 12 * 100
        model = run(region, decided, months=13)
        left = model.politics.programme_room("mbe", model.month)
        assert left <= room - 0.5 * 79_000 / 12 * 100 * 0.65 + 1

    def test_a_plan_that_follows_a_decided_one_takes_over_in_its_month(self, region: Any):
        first = plan(rule="community", post=(post(),))
        second = plan(**{"from": "2016-07"}, rule="district_lead", earlier=first)
        model = run(region, second, months=20)
        assert model.variant.rule == "district_lead"
        assert [s.start for s in model.register.structures if s.id.startswith("plan/")] == [month_index(BEGINS)]
        assert load_variant("status_quo").rule == "parallel"


@pytest.mark.parametrize("afterwards", ["ends", "own"])
def test_a_programme_that_ends_during_the_plan_is_asked_for_nothing_afterwards(afterwards: str):
    """moro pays steering posts of the district in full from 2016-08 to 2020-07."""
    coburg = load_region("coburg")
    mine = post(tasks=("steering",), fte=0.25, programme="moro", afterwards=afterwards)
    decided = plan(**{"from": "2019-01"}, until="2025-12", post=(mine,))
    assert check_plan(decided, coburg) == []
    paid, *rest = phases_of(decided, mine, coburg, month_index("2025-12"))
    assert paid == (month_index("2019-01"), month_index("2020-07"), {"bund": 1.0})
    alone = (month_index("2020-08"), month_index("2025-12"), {"district": 1.0})
    assert rest == ([alone] if afterwards == "own" else [])
    assert sum(months_by_year(paid[0], paid[1]).values()) == 19
