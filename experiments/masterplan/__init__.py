"""The search for master plans and what is said about them."""

from .asked import Asked, Effort
from .runs import Evaluations, Runner
from .search import Found, find_plans

__all__ = ["Asked", "Effort", "Evaluations", "Found", "Runner", "find_plans"]
