"""What newcomers change in municipal revenue, with the delays of the law: inhabitants and income tax.

An inhabitant counts in the equalisation two years later, and in a shrinking municipality only through the mean of ten
years. An employed resident raises the income-tax share only when a new three-year key counts the statistics of his
year. Published figures contain all of this already; these functions say how much of it newcomers make up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .changes import Changes

if TYPE_CHECKING:
    from .amounts import FloatArray
    from .start import TaxStart


def employment_income(
    employed: Mapping[int, FloatArray], year: int, *, start: TaxStart, eur_per_person: float
) -> FloatArray:
    """Return the income-tax share that employed newcomers bring in a year, EUR (M,) (GemFinRefG § 3).

    `employed` are persons by calendar year; the year's key rests on the statistics of one earlier year, so work begun
    in t counts three to six years later and stays for the three years of a key.
    """
    _, data_year = start.module.income_tax_key_years(year, law=start.laws(year))
    persons = employed.get(data_year)
    if persons is None:
        return np.zeros(len(start.region.keys))
    return eur_per_person * np.asarray(persons, np.float64)


def without_newcomers(
    years: tuple[int, ...], persons: Mapping[int, FloatArray], employed: Mapping[int, FloatArray], *, start: TaxStart
) -> Changes:
    """Return the changes that take newcomers out of a projection of `years`.

    `persons` and `employed` are newcomers living and regularly employed in each municipality on 31 December, by year.
    Other spending stays as it is: what newcomers cost is counted with the tasks of their field.
    """
    p = start.parameters
    inhabitants = {year: start.people(year) for year in range(years[0] - 1, years[-1] + 1)}
    share = np.stack([_share(persons.get(year), inhabitants[year]) for year in years])
    # Spending of a year follows the inhabitants of the year before; the neutral factor undoes their change.
    before = np.vstack([np.zeros((1, share.shape[1])), share[:-1]])
    income = np.stack(
        [employment_income(employed, year, start=start, eur_per_person=p.employed_tax_eur) for year in years]
    )
    return Changes(
        population=1.0 - share,
        spending=(1.0 - before) ** -p.spending_population_elasticity,
        extra_income=-income,
    )


def _share(persons: FloatArray | None, inhabitants: FloatArray) -> FloatArray:
    """Return newcomers in the inhabitants, below 1; 0 where nothing is known."""
    if persons is None:
        return np.zeros_like(inhabitants)
    return np.clip(np.asarray(persons, np.float64) / np.maximum(inhabitants, 1.0), 0.0, 0.9)
