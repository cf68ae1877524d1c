"""The formulas of the measures that only the field `integration` has; their words stand in model/measures.csv."""

from __future__ import annotations

from ...formulas import Compute, cost_per, count, months_of, share

MEASURES: dict[str, Compute] = {
    "asylum_persons": count("asylum_persons"),
    "misplaced_persons": count("misplaced_persons"),
    "employment_rate": share("employed", "adults"),
    "employment_rate_women": share("women_employed", "women"),
    "regular_employment_rate": share("employed_regular", "adults"),
    "german_share": share("good_german", "adults"),
    "course_share": share("ever_in_course", "adults"),
    "private_housing_share": share("protected_private_persons", "protected_persons"),
    "kita_share": share("kita_3plus", "children_3plus"),
    "self_sufficient_share": share("self_sufficient", "households"),
    "cost_per_self_sufficient": cost_per(months_of("self_sufficient")),
}
