"""The formulas of the measures that only the field `seniors` has; their words stand in model/measures.csv."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...formulas import Compute, cost_per, count, ratio, share

if TYPE_CHECKING:
    import numpy as np

    from ...record import RunRecord


def _grade_at_home(r: RunRecord) -> np.ndarray:
    """Persons with a care grade who live at home."""
    return count("grade_home")(r) + count("high_grade_home")(r)


def _at_home_share(r: RunRecord) -> np.ndarray:
    home = _grade_at_home(r)
    return ratio(home, home + count("grade_care_home")(r) + count("high_grade_care_home")(r))


MEASURES: dict[str, Compute] = {
    "seniors": count("seniors"),
    "at_home_share": _at_home_share,
    "care_home_moves": count("moved"),
    "hospital_stays": count("hospital"),
    "helped_share": share("helped", "in_need"),
    "carer_strain": share("strain", "carers"),
    "strained_carers_share": share("strained", "carers"),
    "lonely_share": share("alone_without_contacts", "alone"),
    "cost_per_month_at_home": cost_per(lambda r: _grade_at_home(r)[:, -1]),
}
