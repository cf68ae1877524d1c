"""A toy model for batches that worker processes can import; names of variants ask for trouble."""

import os
import random
import time
from pathlib import Path

import numpy as np
import pandas as pd
from kreislauf.model.errors import KreislaufError
from kreislauf.model.results import RunTables


def toy(region, spec):
    key, place = spec.key, Path(region.folder)
    if key.variant == "broken" and key.seed == 2:
        raise ZeroDivisionError("nothing to divide by")
    if key.variant == "refused":
        raise KreislaufError("this world does not allow it")
    if key.variant == "deadly" and key.seed == 2:
        os._exit(9)
    if key.variant == "interrupted" and key.seed == 3 and not (place / "again").exists():
        raise KeyboardInterrupt
    time.sleep(0.01)
    common = random.Random(key.seed).gauss(0.0, 5.0)
    own = random.Random(f"{key.variant} {key.seed}").gauss(0.0, 1.0)
    draw = common + own + len(key.variant) + 10.0 * spec.parameters.get("overlap_loss", 0.0)
    months = np.arange(40)
    frame = pd.DataFrame({"month": months, "scope": "region", "indicator": "x", "value": draw + months})
    return RunTables({"waiting_months": draw, f"only.{key.variant}": 1.0}, frame, frame, frame, frame)
