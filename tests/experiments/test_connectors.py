"""Mesa's batch_run and the EMA Workbench run the same model and get the same numbers."""

import pytest
from kreislauf.experiments.connectors import ema_function, ema_model, mesa_parameters
from kreislauf.experiments.experiment import Experiment
from kreislauf.experiments.optional import optional
from kreislauf.experiments.plan import Plan
from kreislauf.experiments.runner import run_model
from kreislauf.model.integration_model import IntegrationModel

EXPERIMENT = Experiment(
    name="x", variants=("status_quo", "community"), seeds=1, months=2, uncertain={"overlap_loss": [0.1, 0.2]},
    design={"draws": 2},
)  # fmt: skip


def test_mesa_batch_run_takes_the_experiment():
    import mesa

    found = mesa.batch_run(IntegrationModel, mesa_parameters(EXPERIMENT), rng=[1], display_progress=False)
    assert {row["RunId"] for row in found} == {0, 1, 2, 3}


@pytest.mark.slow
def test_the_ema_workbench_gets_the_numbers_of_a_run():
    plan = Plan.of(EXPERIMENT)
    expected = run_model(plan.region, plan.spec(1)).summary
    values = plan.points.at(0)
    assert ema_function(EXPERIMENT)(variant="community", world="base", **values) == pytest.approx(expected, nan_ok=True)
    model = ema_model(EXPERIMENT, outcomes=("persons",))
    ema = optional("ema_workbench")
    _, outcomes = ema.perform_experiments(model, scenarios=2, policies=2)
    assert outcomes["persons"].shape == (4,)
