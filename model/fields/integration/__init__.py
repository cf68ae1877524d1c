"""The field of action `integration`: what refugees and immigrants need help with."""

from .households import Households

PEOPLE = Households

__all__ = ["PEOPLE"]
