"""Amounts in the fiscal law: floats in euros inside, integer cents at the edge, and the checks every formula shares.

Inside the law every amount is a float in euros, so that a chain of formulas loses nothing to intermediate rounding.
What leaves the law for an account goes through `to_cents` (integer cents) or, for a key allocation,
`round_to_instalments` (whole euros that four quarterly instalments divide). All functions take one municipality (float)
or many (NumPy array).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError, Problem

type FloatArray = npt.NDArray[np.float64]
type Numbers = float | FloatArray


def to_cents(euros: Numbers) -> Any:
    """Return euros as integer cents, half a cent away from zero; an int for one amount, int64 for an array.

    >>> to_cents(14_231_537.759)
    1423153776
    """
    values = np.asarray(euros, dtype=np.float64) * 100.0
    # The nudge keeps 1.005 EUR, whose float is a hair below, on the side it was written on.
    cents = np.sign(values) * np.floor(np.abs(values) + 0.5 + 1e-6)
    return int(cents) if cents.ndim == 0 else cents.astype(np.int64)


def to_euros(cents: Any) -> Any:
    """Return integer cents as euros.

    >>> to_euros(1423153776)
    14231537.76
    """
    values = np.asarray(cents, dtype=np.float64) / 100.0
    return float(values) if values.ndim == 0 else values


def round_to_instalments(euros: Numbers) -> Numbers:
    """Return euros rounded to the nearest multiple of 4, so that four equal quarterly instalments are whole euros.

    Every published Schlüsselzuweisung is divisible by 4; the text of FAGDV § 6 was not seen. The direction of rounding
    is not published; the nearest multiple is an assumption worth at most 2 EUR a year.

    >>> round_to_instalments(199_375.0)
    199376.0
    """
    return plain(4.0 * np.floor(np.asarray(euros, dtype=np.float64) / 4.0 + 0.5))


def plain(values: Any) -> Numbers:
    """Return a zero-dimensional result as a plain float and everything else as a float array."""
    array = np.asarray(values, dtype=np.float64)
    return float(array) if array.ndim == 0 else array


def require_not_negative(values: Numbers, what: str, article: str) -> FloatArray:
    """Return values as an array, or refuse negative and missing ones, naming the article that counts them."""
    array = np.asarray(values, dtype=np.float64)
    wrong = ~(array >= 0.0) | ~np.isfinite(array)
    if wrong.any():
        value = array[wrong].flat[0]
        message = f"{article}: {what} cannot be negative or missing"
        raise InputError(Problem(message, value=f"{value:g}", expected="a number of at least 0"))
    return array


def require_finite(values: Numbers, what: str, article: str) -> FloatArray:
    """Return values as an array, or refuse missing and infinite ones; negative amounts (refunds) are allowed."""
    array = np.asarray(values, dtype=np.float64)
    wrong = ~np.isfinite(array)
    if wrong.any():
        value = array[wrong].flat[0]
        raise InputError(Problem(f"{article}: {what} is missing", value=f"{value:g}", expected="an amount in euros"))
    return array


def require_percent(values: Numbers, what: str, article: str, *, low: float, high: float) -> FloatArray:
    """Return percentages as an array, or refuse those outside low..high, naming the article that sets the limit."""
    array = np.asarray(values, dtype=np.float64)
    wrong = ~((array >= low) & (array <= high))
    if wrong.any():
        value = array[wrong].flat[0]
        message = f"{article}: {what} of {value:g} % is not allowed"
        raise InputError(Problem(message, value=f"{value:g}", expected=f"{low:g} to {high:g} percent"))
    return array
