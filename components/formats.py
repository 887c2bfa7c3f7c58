"""Writes numbers, dates and durations as people of each language do; also cuts and escapes texts.

The examples are in Portuguese.
"""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, Final

import pandas as pd
from babel import Locale
from babel.dates import format_date, format_skeleton, get_timezone_name
from babel.numbers import (
    format_currency,
    get_currency_precision,
    get_decimal_symbol,
    get_group_symbol,
)

#: Stands for a value that is not known.
NOTHING: Final = "—"
MINUS: Final = "\u2212"
_NO_BREAK: Final = "\u00a0"
#: English means English as written outside the United States: 31/12/2026.
_LOCALES: Final = {"pt-BR": "pt_BR", "en": "en_GB", "es": "es"}
#: Invisible characters that make browsers show the text behind them from right to left.
_BACKWARDS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ALL: Final = 100  # percent
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def escape(text: str) -> str:
    """Return ``text`` for plotly, with ``&``, ``<`` and ``>`` as HTML entities.

    Plotly reads tags and entities in labels and hovers. Characters that reverse the direction of
    text become "\ufffd", as in ``visible``.
    """
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def visible(text: str) -> str:
    """Return ``text`` with "\ufffd" in place of characters that reverse the direction of text.

    Such characters are invisible and make a browser show one number as another.
    ``assets/scripts/text.js`` has the same function for the texts that scripts draw.
    """
    return _BACKWARDS.sub("\ufffd", text)


def shortened(text: str, limit: int) -> str:
    """Return ``text``, cut to ``limit`` characters (1 or more) where it is longer.

    A text that was cut ends in "…", which is one of these characters.
    """
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def shortened_inside(text: str, limit: int) -> str:
    """Return ``text``, cut to ``limit`` characters (1 or more) where it is longer.

    "…" then stands in place of the middle. The end stays because the names of templates often
    differ there: ``aviso_2026_v1`` and ``aviso_2026_v2``.
    """
    if len(text) <= limit:
        return text
    tail = (limit - 1) * 2 // 5
    return text[: limit - 1 - tail].rstrip() + "…" + text[-tail:].lstrip()


def known(value: Any) -> bool:
    """Return whether ``value``, a cell of a data frame, is other than None, NaN, NaT and NA."""
    # Most cells are texts, numbers or None; pandas takes ten times as long to tell.
    if value is None or isinstance(value, str | int):
        return value is not None
    return bool(pd.notna(value))


@dataclass(frozen=True, slots=True)
class Formats:
    """Writes numbers, days and times as texts in one ``language``: "pt-BR", "en" or "es".

    Methods that take None return "—" for None, NaN and NaT. The methods raise ``KeyError`` for
    another language. The examples are in Portuguese.
    """

    language: str

    @property
    def locale(self) -> Locale:
        """The locale of the language in the library Babel; English is that of Great Britain."""
        return _locale(self.language)

    def count(self, number: float | None) -> str:
        """Return a number rounded to a whole one, with separators between thousands: 1.234.567."""
        return self.decimal(number, 0)

    def decimal(self, number: float | None, places: int = 1) -> str:
        """Return a number with exactly ``places`` decimals: 1.234,5.

        A number halfway between two results becomes the one whose last digit is even: 0.25 is 0,2
        and 0.35 is 0,4.
        """
        if number is None or math.isnan(number):
            return NOTHING
        # Rounds the decimal text: the binary float of 2.675 is a little less than 2.675.
        exact = number if isinstance(number, int) else Decimal(repr(float(number)))
        text = f"{exact:,.{places}f}"
        return text if text.isdigit() else text.translate(_signs(self.language))

    def amount(self, millionths: int | None) -> str:
        """Return an amount in millionths of a currency, without the currency: 1.234,50.

        It has as many decimals as it needs, two at least: no price is rounded.
        """
        if millionths is None or math.isnan(millionths):
            return NOTHING
        exact = Decimal(int(millionths)).scaleb(-6)
        places = max(2, -int(exact.normalize().as_tuple().exponent)) if exact else 2
        return f"{exact:,.{places}f}".translate(_signs(self.language))

    def money(self, millionths: int, currency: str) -> str:
        """Return an amount in millionths as a sum of ``currency``: R$ 1.234,50.

        It is rounded to the smallest unit that the currency has, half up: 0,005 is 0,01.
        """
        exact = Decimal(self.rounded(millionths, currency)).scaleb(-6)
        return str(format_currency(exact, currency, locale=self.locale))

    @staticmethod
    def rounded(millionths: int, currency: str) -> int:
        """Return an amount in millionths rounded to the smallest unit of ``currency``, half up."""
        unit = Decimal(1).scaleb(-get_currency_precision(currency))
        exact = Decimal(millionths).scaleb(-6).quantize(unit, ROUND_HALF_UP)
        return int(exact.scaleb(6))

    def share(self, share: float | None, places: int = 1) -> str:
        """Return a share from 0 to 1 as a percentage with ``places`` decimals: 94,2%.

        Only an exact 0 is "0,0%" and only an exact 1 is "100,0%". Other shares that rounding would
        make 0 or 1 are "<0,1%" and ">99,9%" (without decimals "<1%" and ">99%").
        """
        if share is None or math.isnan(share):
            return NOTHING
        return self._within(share * 100, places) + "%"

    def signed_share(self, share: float | None) -> str:
        """Return a relative change, such as 0.084, as a percentage with its sign: +8,4%.

        Only an exact 0 is "±0%"; a rise that rounding would make 0 is "+<0,1%". Only an exact -1,
        when nothing is left, is a fall of 100,0%; a fall of nearly all is one of ">99,9%". A fall
        has the minus sign U+2212 before its number.
        """
        if share is None or math.isnan(share):
            return NOTHING
        # -100% means that nothing is left: only an exact -1 is written so. A rise has no limit.
        text = self._within(abs(share) * 100) if share < 0 else self._above_zero(share * 100)
        return self._signed(share, text, "%")

    def points(self, difference: float | None) -> str:
        """Return a difference of two shares, such as 0.006, in percentage points: +0,6 p.p.

        The difference is from -1 to 1. Only an exact 0 is "±0 p.p."; another difference that
        rounding would make 0 is "+<0,1 p.p.". Only an exact 1 is "+100,0 p.p."; one a little less
        is "+>99,9 p.p.". Negative differences are written alike, after the minus sign U+2212.
        """
        if difference is None or math.isnan(difference):
            return NOTHING
        return self._signed(difference, self._within(abs(difference) * 100), f"{_NO_BREAK}p.p.")

    def ratio(self, ratio: float | None) -> str:
        """Return a quotient of two counts, 0 or more, with one decimal: 1,2 (in English 1.2).

        Only an exact 0 is "0,0"; a greater quotient that rounding would make 0 is "<0,1".
        """
        if ratio is None or math.isnan(ratio):
            return NOTHING
        return self._above_zero(ratio)

    def signed_duration(self, seconds: float | None) -> str:
        """Return a difference of two durations, in seconds, with its sign: +1 min.

        Only an exact 0 is "±0"; the size of the difference is written as in ``duration``.
        """
        if seconds is None or math.isnan(seconds):
            return NOTHING
        return self._signed(seconds, self.duration(abs(seconds)), "")

    def duration(self, seconds: float | None) -> str:
        """Return a duration of ``seconds``, 0 or more, rounded to one or two units.

        Examples: 45 s, 6 min, 1 h 20 min, 2 d 3 h. Half a second or less is "<1 s"; only an exact 0
        is "0 s". The spaces are no-break spaces.
        """
        if seconds is None or math.isnan(seconds):
            return NOTHING
        if seconds > 0 and round(seconds) == 0:
            return f"<1{_NO_BREAK}s"
        if round(seconds) < _MINUTE:
            return f"{round(seconds)}{_NO_BREAK}s"
        if (minutes := round(seconds / _MINUTE)) < 60:
            return f"{minutes}{_NO_BREAK}min"
        if seconds < _DAY and minutes < 24 * 60:
            return self._two(*divmod(minutes, 60), "h", "min")
        return self._two(*divmod(round(seconds / _HOUR), 24), "d", "h")

    def day(self, day: date | None) -> str:
        """Return a day as 31/12/2026, in every language."""
        return day.strftime("%d/%m/%Y") if known(day) and day else NOTHING

    def short_day(self, day: date) -> str:
        """Return a day without its year as 31/12, in every language."""
        return day.strftime("%d/%m")

    def weekday_name(self, number: int, *, short: bool = False) -> str:
        """Return the name of a weekday, 1 for Monday: "segunda-feira", or ``short`` "seg."."""
        width = "abbreviated" if short else "wide"
        names = Locale.parse(_LOCALES[self.language]).days["stand-alone"][width]
        return str(names[number - 1])

    def weekday(self, day: date) -> str:
        """Return the short name of the weekday and the day, as "qui., 31/12/2026"."""
        return f"{_weekdays(self.language)[day.weekday()]}, {self.day(day)}"

    def month(self, day: date) -> str:
        """Return the short name of the month of ``day``, and its year, as "dez. de 2026"."""
        return _month(self.language, day.year, day.month)

    def month_and_year(self, day: date) -> str:
        """Return the month of ``day`` and its year, as "out 2026"."""
        return _month_and_year(self.language, day.year, day.month)

    def moment(self, moment: datetime | None) -> str:
        """Return day and time of ``moment`` as "31/12/2026 15:40", in the time zone that it has."""
        return moment.strftime("%d/%m/%Y %H:%M") if known(moment) and moment else NOTHING

    def recent(self, moment: datetime, now: datetime) -> str:
        """Return day and time of ``moment`` as "31/12 15:40", or as "31/12/2025 15:40".

        The year is written where it is not the year of ``now``. Both must be in the same time zone.
        """
        return moment.strftime("%d/%m %H:%M" if moment.year == now.year else "%d/%m/%Y %H:%M")

    def clock_time(self, moment: datetime, now: datetime) -> str:
        """Return the time of ``moment`` as "15:42", or as "31/12 15:42" where its day is not today.

        Today is the day of ``now``. The year is written as well where it is not the year of
        ``now``. Both must be in the same time zone.
        """
        same_day = moment.date() == now.date()
        return moment.strftime("%H:%M") if same_day else self.recent(moment, now)

    def zone(self, moment: datetime) -> str:
        """Return the name of the time zone of ``moment``, as "horário de Brasília".

        ``moment`` must be a ``datetime`` with a time zone.
        """
        name = get_timezone_name(
            moment.tzinfo, width="long", zone_variant="generic", locale=self.locale
        )
        return name if self.language == "en" else name[:1].lower() + name[1:]

    def _above_zero(self, number: float, places: int = 1) -> str:
        """Return ``number``, which is not negative; "<0,1" where it would be rounded to 0."""
        text = self.decimal(number, places)
        if 0 < number < 1 and text == self.decimal(0, places):
            return "<" + self.decimal(10**-places, places)
        return text

    def _within(self, percent: float, places: int = 1) -> str:
        """Return ``percent``, from 0 to 100; "<0,1" or ">99,9" for one rounded to 0 or 100."""
        text = self._above_zero(percent, places)
        if _ALL - 1 < percent < _ALL and text == self.decimal(_ALL, places):
            return ">" + self.decimal(_ALL - 10**-places, places)
        return text

    def _signed(self, number: float, text: str, unit: str) -> str:
        """Return ``text``, the size of ``number``, between its sign and ``unit``."""
        if number == 0:
            return f"±0{unit}" if unit else "±0"
        return f"{'+' if number > 0 else MINUS}{text}{unit}"

    def _two(self, great: int, small: int, great_unit: str, small_unit: str) -> str:
        text = f"{great}{_NO_BREAK}{great_unit}"
        return f"{text}{_NO_BREAK}{small}{_NO_BREAK}{small_unit}" if small else text


# Babel parses its patterns at each call. The functions below have few different results and are
# cached.


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES[language])


@cache
def _signs(language: str) -> dict[int, str]:
    """Return the translation table from Python's separators and minus to those of ``language``."""
    locale = _locale(language)
    return {
        ord(","): get_group_symbol(locale),
        ord("."): get_decimal_symbol(locale),
        ord("-"): MINUS,
    }


@cache
def _weekdays(language: str) -> tuple[str, ...]:
    """Return the short names of the days of the week, Monday first."""
    monday = date(2024, 1, 1)
    return tuple(
        format_date(monday.replace(day=1 + place), "EEE", locale=_locale(language))
        for place in range(7)
    )


@cache
def _month_and_year(language: str, year: int, month: int) -> str:
    return (
        format_date(date(year, month, 1), "LLL", locale=_locale(language)).rstrip(".") + f" {year}"
    )


@cache
def _month(language: str, year: int, month: int) -> str:
    return format_skeleton("yMMM", date(year, month, 1), locale=_locale(language))
