"""What Mesa's DataCollector shows of a run: read from the recorder when somebody looks, not gathered month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

if TYPE_CHECKING:
    from .integration_model import IntegrationModel


class MonthlySeries(mesa.DataCollector):
    """The collector of a run: persons, and what the people of its fields name in `People.reporters`."""

    def __init__(self, model: IntegrationModel) -> None:
        """Take the model; a series is a count of the census, or one count divided by another."""
        self._model = model
        self._asked = {"persons": ("persons", "")}
        for people in model.people:
            self._asked |= people.reporters
        super().__init__()
        self.model_reporters = dict.fromkeys(self._asked)  # Mesa asks whether there are any

    def collect(self, model: Any) -> None:
        """Note that a month is over; its counts are with the recorder."""
        self._collection_steps.append(model.time)

    @property
    def model_vars(self) -> dict[str, list[float]]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The series by name, one value a month; NaN for a share of nothing."""
        return {
            name: (self._count(part) if not whole else _ratio(self._count(part), self._count(whole))).tolist()
            for name, (part, whole) in self._asked.items()
        }

    @model_vars.setter
    def model_vars(self, values: dict[str, list[float]]) -> None:
        """Mesa starts with an empty one."""

    def _count(self, name: str) -> np.ndarray:
        recorder = self._model.recorder
        counts = recorder.by_place[: len(self._collection_steps), :, recorder.columns[name]]
        each = int(np.prod(counts.shape[1:]))  # -1 would not do before the first month
        return np.ascontiguousarray(counts).reshape(len(counts), each).sum(axis=1)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole != 0)
