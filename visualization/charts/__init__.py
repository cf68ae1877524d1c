"""Charts as SVG text: pure functions from numbers and translated labels to a drawing, a sentence and a table."""

from .bars import Series, bars
from .calendar import Ending, calendar
from .chart import Chart, Table
from .dot_plot import dot_plot
from .fan_chart import Fan, fan_chart
from .hex_map import hex_map
from .interval_bars import Intervals, interval_bars
from .matrix import State, matrix
from .places import Place, places_of
from .sankey import Flow, sankey
from .seat_map import seat_map

__all__ = [
    "Chart", "Ending", "Fan", "Flow", "Intervals", "Place", "Series", "State", "Table", "bars", "calendar", "dot_plot",
    "fan_chart", "hex_map", "interval_bars", "matrix", "places_of", "sankey", "seat_map",
]  # fmt: skip
