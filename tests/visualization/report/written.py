"""The small ensemble that the annex is tested on, in a folder of its own."""

from __future__ import annotations

import numpy as np
from tiny import AHORN, SEEDS, A, B, Builder


def ensemble_in(folder, **more):
    """Write it; `more` is for its builder."""
    builder = Builder(folder, **more)
    draw = np.random.default_rng(5)
    for measure, level in (("operational_gap_share", 0.1), ("duplication_share", 0.2), ("total_cost", 3.2e6)):
        builder.summary(A, measure, level * draw.uniform(0.9, 1.1, SEEDS))
        builder.summary(B, measure, 0.8 * level * draw.uniform(0.9, 1.1, SEEDS))
    builder.series(A, "operational_gap_share", draw.uniform(0.10, 0.12, SEEDS))
    builder.series(B, "operational_gap_share", draw.uniform(0.05, 0.07, SEEDS))
    builder.place(B, "burden_with_levy", AHORN, draw.uniform(11.0, 13.0, SEEDS))
    builder.cell(A, "advice", AHORN, opened=9.0, open_mean=4.0, unheld_mean=2.0, hours=10.0)
    builder.cell(B, "advice", AHORN, opened=9.0, open_mean=4.0, hours=10.0, duplicated_hours=3.0)
    return builder.ensemble()
