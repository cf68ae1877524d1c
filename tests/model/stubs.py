"""Small regions for tests of the money side: only what the modules under test read."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from kreislauf.model.rng import identity_of


def small_region(
    *, municipalities=3, districts=1, law="bavaria", population=3000, growth=0.0, finances=None, programmes=None
):
    """Return a stand-in region: `municipalities` per district with the same number of inhabitants."""
    keys, index, places = [], [], []
    for d in range(districts):
        places.append(
            SimpleNamespace(
                key=f"{d + 1:05d}", name=f"District {d + 1}", lat=50.0, lon=11.0, identity=identity_of(f"{d + 1:05d}")
            )
        )
        keys += [f"{d + 1:05d}{m + 1:03d}" for m in range(municipalities)]
        index += [d] * municipalities
    count = len(keys)
    inhabitants = {
        year: np.full(count, round(population * (1 + growth) ** (year - 2013)), dtype=np.int64)
        for year in range(2000, 2026)
    }
    columns = ["level", "key", "year", "indicator", "value", "unit", "confidence", "source"]
    offers = ["id", "name_de", "payer", "kind", "tasks", "eligible_levels", "max_eur_per_year", "funded_share"]
    offers += ["start", "end", "term_months", "renewal_probability"]
    return SimpleNamespace(
        name="small",
        fiscal_law=law,
        start_month=0,
        end_month=131,
        history_start_month=-12,
        districts=tuple(places),
        keys=tuple(keys),
        municipalities=pd.DataFrame(
            {"key": keys, "name": keys, "district_index": index, "identity": [identity_of(key) for key in keys]}
        ),
        population=inhabitants,
        finances=pd.DataFrame(finances or [], columns=pd.Index(columns)),
        programmes=pd.DataFrame(programmes or [], columns=pd.Index(offers)),
    )
