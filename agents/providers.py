"""Providers: welfare associations, state and federal offices, schools, course providers, chambers."""

from __future__ import annotations

from .actors import PlanningActor


class Provider(PlanningActor):
    """A body beside municipality and district. Welfare associations plan posts; the others follow their programmes."""

    level = "welfare"
