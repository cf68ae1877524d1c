"""The integer codes that the people of every field of action share; each field adds its own.

Integers, because compiled rules compare them.
"""

from __future__ import annotations

from typing import Final

# Where the household is in its stay: only those that are here have needs.
NOT_YET: Final = 0
HERE: Final = 1
LEFT: Final = 2

NEVER: Final = -999  # a month that has not happened
