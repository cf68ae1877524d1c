"""Many runs of the model, compared.

from kreislauf.experiments import compare
compare("coburg", ["status_quo", "lead_agency"], seeds=20).table

from kreislauf.experiments import Experiment, run
run(Experiment(name="mine", variants=("status_quo", "lead_agency"), seeds=50), "results/mine").runs
"""

from .batch import run
from .batch_folder import Batch, open_batch
from .compare import Comparison, Interrupted, compare, compare_runs
from .experiment import Experiment, load_experiment
from .merge import merge, rebuild, verify
from .plan import Plan
from .runner import RunSpec, run_all, run_model, specs_for

__all__ = [
    "Batch",
    "Comparison",
    "Experiment",
    "Interrupted",
    "Plan",
    "RunSpec",
    "compare",
    "compare_runs",
    "load_experiment",
    "merge",
    "open_batch",
    "rebuild",
    "run",
    "run_all",
    "run_model",
    "specs_for",
    "verify",
]
