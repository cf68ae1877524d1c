"""Many runs of the model, compared.

from kreislauf.experiments import compare
compare("coburg", ["status_quo", "lead_agency"], seeds=20).table
"""

from .compare import Comparison, Interrupted, compare, compare_runs
from .runner import RunSpec, run_all, run_model, specs_for

__all__ = ["Comparison", "Interrupted", "RunSpec", "compare", "compare_runs", "run_all", "run_model", "specs_for"]
