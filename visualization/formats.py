"""Numbers, money, months and counts of runs as people write them, in German and in English."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from ..model.calendar import month_of_year, year_of
from .texts import has_text, text

LOCALES = {"de": "de_DE", "en": "en_GB"}
MINUS = "\u2212"
GAP = "\u00a0"  # a space at which no line breaks
_MILLION, _BILLION = 1e6, 1e9
# How many decimals a value of a unit has; sums of money and counts of people have none.
_DIGITS = {"0..1": 2, "nats": 3, "months": 1, "bodies": 1, "FTE": 1, "hand-overs": 2, "points": 1, "ratio": 2}


def _rough(value: float | None, unit: str) -> float | None:
    """Return an amount from 1,000 euros on with three significant figures: no difference of runs is surer than that.

    >>> _rough(-496795.2, "EUR"), _rough(12.34, "EUR"), _rough(1234.0, "hours")
    (-497000.0, 12.34, 1234.0)
    """
    if value is None or not unit.startswith("EUR") or not math.isfinite(value) or abs(value) < 1000.0:
        return value
    return float(f"{value:.3g}")


@dataclass(frozen=True, slots=True)
class Formats:
    """Write values in one language, "de" or "en"; a missing value (None, nan) becomes an en dash.

    >>> Formats("de").euro(1234567.0)
    '1,23\\xa0Mio.\\xa0€'
    >>> Formats("en").percent(0.125)
    '12.5%'
    """

    language: str

    def __post_init__(self) -> None:
        """Refuse a language there are no formats for."""
        if self.language not in LOCALES:
            raise ValueError(f"language {self.language!r}: there are {', '.join(LOCALES)}")

    @property
    def locale(self) -> str:
        """Return the name of the locale as Babel knows it."""
        return LOCALES[self.language]

    def say(self, key: str, /, **values: object) -> str:
        """Return a text of texts/charts.toml."""
        return text(self.language, f"charts.{key}", **values)

    def number(self, value: float | None, digits: int | None = None, *, signed: bool = False) -> str:
        """Return a number with decimal comma or point and groups of three.

        Without `digits`: three significant figures, and no decimals from 100 on.

        >>> Formats("de").number(12345.6), Formats("de").number(-1.5, 1)
        ('12.346', '−1,5')
        """
        if value is None or not math.isfinite(value):
            return "–"
        if digits is None:
            digits = 0 if float(value).is_integer() else max(0, 2 - math.floor(math.log10(abs(value)) + 1e-12))
            digits = min(digits, 4)
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        written = format_decimal(abs(value), pattern, locale=self.locale)
        zero = not any(letter in "123456789" for letter in written)
        sign = "" if zero else MINUS if value < 0 else "+" if signed else ""
        return ("±" if zero and signed else sign) + written

    def signed(self, value: float | None, digits: int | None = None) -> str:
        """Return a number with its sign, ±0 for nothing."""
        return self.number(value, digits, signed=True)

    def percent(self, value: float | None, digits: int | None = None, *, signed: bool = False) -> str:
        """Return a share as percent; without `digits` one decimal when the share is not whole percents."""
        if value is None or not math.isfinite(value):
            return "–"
        hundred = 100.0 * value
        if digits is None:
            digits = 0 if abs(hundred - round(hundred)) < 1e-9 else 1
        return self.number(hundred, digits, signed=signed) + (f"{GAP}%" if self.language == "de" else "%")

    def euro(self, value: float | None, digits: int | None = None, *, signed: bool = False) -> str:
        """Return an amount: cents below 100 EUR, whole euros below a million, then millions or billions.

        >>> Formats("en").euro(-12.5), Formats("de").euro(98765.4)
        ('−€12.50', '98.765\\xa0€')
        """
        if value is None or not math.isfinite(value):
            return "–"
        size = abs(value)
        if size >= _BILLION * 0.9995:
            return self._money(value / _BILLION, 2 if digits is None else digits, self.say("billion"), signed)
        if size >= _MILLION * 0.9995:
            return self._money(value / _MILLION, 2 if digits is None else digits, self.say("million"), signed)
        if digits is None:
            digits = 2 if size < 100.0 and not float(value).is_integer() else 0
        return self._money(value, digits, "", signed)

    def money_in(self, value: float, factor: float, digits: int, *, signed: bool = False) -> str:
        """Return an amount times `factor`, 1e-6 for millions or 1e-9 for billions, as the ticks of one axis need it."""
        return self._money(value * factor, digits, self.say("million" if factor == 1e-6 else "billion"), signed)

    def _money(self, value: float, digits: int, power: str, signed: bool) -> str:
        written = self.number(value, digits, signed=signed)
        if self.language == "de":
            return GAP.join(part for part in (written, power, "€") if part)
        sign = written[0] if written[0] in "+±" + MINUS else ""
        return f"{sign}€{written[len(sign) :]}" + (f"{GAP}{power}" if power else "")

    def value(self, value: float | None, unit: str = "", digits: int | None = None, *, signed: bool = False) -> str:
        """Return a value in its shortest form, with % or € where the unit has them.

        >>> Formats("de").value(12.5, "EUR per inhabitant and year"), Formats("de").value(3.456, "months")
        ('12,50\\xa0€', '3,5')
        """
        if unit == "share":
            return self.percent(value, digits, signed=signed)
        if unit.startswith("EUR"):
            return self.euro(value, digits, signed=signed)
        if digits is None:
            digits = _DIGITS.get(unit, None if unit in ("", "number") else 0)
        return self.number(value, digits, signed=signed)

    def full(self, value: float | None, unit: str = "", digits: int | None = None, *, signed: bool = False) -> str:
        """Return a value with its unit in words.

        >>> Formats("de").full(12.5, "EUR per inhabitant and year")
        '12,50\\xa0€ je Einwohner und Jahr'
        """
        short = self.value(value, unit, digits, signed=signed)
        if short == "–" or unit in ("", "share", "EUR", "0..1", "number", "ratio", "nats"):
            return short
        one = f"units_of_one.{unit}"
        words = text(self.language, one) if short.lstrip("+−") == "1" and has_text(one) else self.unit(unit)
        if unit.startswith("EUR"):
            words = words.partition(" ")[2]
            return f"{short} {words}"
        return f"{short}{GAP}{words}"

    def rest(self, value: float | None, unit: str = "") -> str:
        """Return what `full` adds to `value`: the unit in words, for a place below or beside a large number.

        >>> Formats("de").rest(12.5, "EUR per inhabitant and year")
        'je Einwohner und Jahr'
        """
        return self.full(value, unit).removeprefix(self.value(value, unit)).strip()

    def difference(self, value: float | None, unit: str = "", digits: int | None = None) -> str:
        """Return a difference of two values with its sign and unit; shares differ by percentage points.

        >>> Formats("de").difference(0.031, "share")
        '+3,1\\xa0Prozentpunkte'
        """
        if unit == "share":
            if value is None or not math.isfinite(value):
                return "–"
            points = self.number(100.0 * value, 1 if digits is None else digits, signed=True)
            return f"{points}{GAP}{self.say('percentage_points')}"
        return self.full(_rough(value, unit), unit, digits, signed=True)

    def change(self, value: float | None, unit: str = "", digits: int | None = None) -> str:
        """Return a difference in its shortest form, for a place with a caption: shares as percentage points, bare.

        >>> Formats("de").change(0.031, "share"), Formats("de").change(-12.5, "EUR")
        ('+3,1', '−12,50\xa0€')
        """
        if unit == "share":
            return self.number(None if value is None else 100.0 * value, 1 if digits is None else digits, signed=True)
        return self.value(_rough(value, unit), unit, digits, signed=True)

    def change_unit(self, unit: str) -> str:
        """Return the unit of a difference in words."""
        return self.say("percentage_points") if unit == "share" else self.unit(unit)

    def unit(self, unit: str) -> str:
        """Return a unit in words, the unit itself when it has none."""
        key = f"units.{unit}"
        return text(self.language, key) if unit and has_text(key) else unit

    def between(self, low: float | None, high: float | None, unit: str = "", digits: int | None = None) -> str:
        """Return a range in words: "zwischen 3 und 5"."""
        return self.say("between", low=self.value(low, unit, digits), high=self.full(high, unit, digits))

    def month(self, index: int, *, short: bool = False) -> str:
        """Return a month by its number (0 is January 2015): "März 2015", short "Mär 15"."""
        date = datetime.date(year_of(index), month_of_year(index), 1)
        if short:
            return f"{format_date(date, 'LLL', locale=self.locale).rstrip('.')[:3]} {date.year % 100:02d}"
        return format_date(date, "LLLL yyyy", locale=self.locale)

    def date(self, day: datetime.date) -> str:
        """Return a day: "3. März 2025", "3 March 2025"."""
        return format_date(day, "long", locale=self.locale)

    def of_runs(self, n: int, total: int) -> str:
        """Return "8 von 10 Läufen"."""
        return self.say("of_one_run" if total == 1 else "of_runs", n=self.number(n, 0), N=self.number(total, 0))

    def listing(self, names: Sequence[str]) -> str:
        """Return names with commas and an "and" before the last."""
        return format_list(list(names), locale=self.locale) if names else ""
