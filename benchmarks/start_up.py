"""Start-up time: `uv run python benchmarks/start_up.py`.

Wall clock of fresh processes, best of several: `kreislauf --help`, imports, the first run ever (everything is
compiled) and later starts (compiled code comes from the cache).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time

from measuring import show

RUN = "from kreislauf.model.integration_model import IntegrationModel as M; M('coburg', months=1).run()"
HEAVY = ("numba", "pandas", "mesa", "pyarrow", "networkx", "scipy")


def started(command: list[str], repeat: int, environment: dict[str, str]) -> float:
    """Return the seconds of the fastest of several fresh processes."""
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print the start-up times."""
    cache = tempfile.mkdtemp(prefix="kreislauf-cache-")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["KREISLAUF_CACHE"] = cache
    python = [sys.executable, "-c"]
    command = [sys.executable, "-m", "kreislauf"]
    try:
        loaded = f"import sys; import kreislauf.cli; print([m for m in {HEAVY} if m in sys.modules])"
        heavy = subprocess.run([*python, loaded], check=True, capture_output=True, text=True, env=environment)
        first = started([*python, RUN], 1, environment)
        rows = [
            ("python -c pass", started([*python, "pass"], 5, environment), "the interpreter itself"),
            ("kreislauf --help", started([*command, "--help"], 5, environment), "target 0.5"),
            ("kreislauf variants", started([*command, "variants"], 3, environment), ""),
            ("import numba", started([*python, "import numba"], 3, environment), ""),
            ("import pandas, mesa", started([*python, "import pandas, mesa"], 3, environment), ""),
            ("import the model", started([*python, RUN.partition(";")[0]], 3, environment), ""),
            ("first start of a run, everything compiled", first, ""),
            ("cached start of a run of one month", started([*python, RUN], 5, environment), "target 3"),
        ]
        lines = [(what, f"{taken:.2f} s", remark) for what, taken, remark in rows]
        lines.append(("heavy imports of `import kreislauf.cli`", heavy.stdout.strip(), "target none"))
        show("Start-up", lines)
    finally:
        shutil.rmtree(cache, ignore_errors=True)


if __name__ == "__main__":
    main()
