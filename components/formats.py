"""Numbers, dates and durations as people of each language write them."""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

import pandas as pd
from babel import Locale
from babel.dates import format_date, format_skeleton, get_timezone_name
from babel.numbers import get_decimal_symbol, get_group_symbol

NOTHING: Final = "—"
MINUS: Final = "\u2212"
_NO_BREAK: Final = "\u00a0"
#: English means English as written outside the United States: 31/12/2026.
_LOCALES: Final = {"pt-BR": "pt_BR", "en": "en_GB", "es": "es"}
_BACKWARDS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ALL: Final = 100  # percent
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def escape(text: str) -> str:
    """``text`` for plotly, which reads tags and entities in labels, hovers and legends."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def visible(text: str) -> str:
    """``text``, with a visible sign in place of those that make browsers write backwards.

    With them one number could be read as another. ``assets/scripts/html_tree.js`` does the same
    to whatever it draws.
    """
    return _BACKWARDS.sub("\ufffd", text)


def shortened(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters, the last one an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def shortened_inside(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters, cut in the middle: its end tells versions apart."""
    if len(text) <= limit:
        return text
    tail = (limit - 1) * 2 // 5
    return text[: limit - 1 - tail].rstrip() + "…" + text[-tail:].lstrip()


def known(value: Any) -> bool:
    """Whether a cell of a frame holds something: not None, NaN or NaT."""
    return bool(pd.notna(value))


@dataclass(frozen=True, slots=True)
class Formats:
    """How one language writes values. Unknown ones (None, NaN) are "—" everywhere."""

    language: str

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    def count(self, number: float | None) -> str:
        """A whole number: 1.234.567."""
        return self.decimal(number, 0)

    def decimal(self, number: float | None, places: int = 1) -> str:
        """A number with exactly ``places`` decimals, ties to even: 1.234,5."""
        if number is None or math.isnan(number):
            return NOTHING
        # As it is written in decimals, so that 2.675 is a tie; binary it lies below.
        exact = number if isinstance(number, int) else Decimal(repr(float(number)))
        return f"{exact:,.{places}f}".translate(_signs(self.language))

    def share(self, share: float | None, places: int = 1) -> str:
        """A share from 0 to 1 as a percentage: 94,2%.

        Only an exact 0 and 1 are written as 0% and 100%: a share that would be rounded to one of
        them is "<0,1%" or ">99,9%".
        """
        if share is None or math.isnan(share):
            return NOTHING
        return self._within(share * 100, places) + "%"

    def signed_share(self, share: float | None) -> str:
        """A relative change with its sign: +8,4%; ±0% only where there is no change at all."""
        if share is None or math.isnan(share):
            return NOTHING
        # A fall by all of it is one to nothing; a rise by as much is a rise like others.
        text = self._within(abs(share) * 100) if share < 0 else self._above_zero(share * 100)
        return self._signed(share, text, "%")

    def points(self, difference: float | None) -> str:
        """A difference of two shares, in percentage points with its sign: +0,6 p.p.

        It is ±0 p.p. only where there is no difference at all.
        """
        if difference is None or math.isnan(difference):
            return NOTHING
        return self._signed(difference, self._within(abs(difference) * 100), f"{_NO_BREAK}p.p.")

    def ratio(self, ratio: float | None) -> str:
        """A quotient of two counts with one decimal: 1,2; <0,1 where it would be rounded to 0."""
        if ratio is None or math.isnan(ratio):
            return NOTHING
        return self._above_zero(ratio)

    def signed_duration(self, seconds: float | None) -> str:
        """A difference of two durations with its sign: +1 min."""
        if seconds is None or math.isnan(seconds):
            return NOTHING
        return self._signed(seconds, self.duration(abs(seconds)), "")

    def duration(self, seconds: float | None) -> str:
        """A duration in its two greatest units at most: 45 s, 6 min, 1 h 20 min, 2 d 3 h.

        Its spaces do not break. Less than half a second is <1 s, and 0 s only where it is 0.
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
        """31/12/2026."""
        return day.strftime("%d/%m/%Y") if known(day) and day else NOTHING

    def short_day(self, day: date) -> str:
        """31/12."""
        return day.strftime("%d/%m")

    def weekday(self, day: date) -> str:
        """qui., 31/12/2026."""
        return f"{_weekdays(self.language)[day.weekday()]}, {self.day(day)}"

    def month(self, day: date) -> str:
        """Dez. de 2026."""
        return _month(self.language, day.year, day.month)

    def moment(self, moment: datetime | None) -> str:
        """31/12/2026 15:40, in the zone that ``moment`` carries."""
        return moment.strftime("%d/%m/%Y %H:%M") if known(moment) and moment else NOTHING

    def recent(self, moment: datetime, now: datetime) -> str:
        """31/12 15:40, with its year where that is not the year of ``now``."""
        return moment.strftime("%d/%m %H:%M" if moment.year == now.year else "%d/%m/%Y %H:%M")

    def clock_time(self, moment: datetime, now: datetime) -> str:
        """15:42, with its day where that is not the day of ``now``."""
        same_day = moment.date() == now.date()
        return moment.strftime("%H:%M") if same_day else self.recent(moment, now)

    def zone(self, moment: datetime) -> str:
        """The name of the time zone of ``moment``: horário de Brasília."""
        name = get_timezone_name(
            moment.tzinfo, width="long", zone_variant="generic", locale=self.locale
        )
        return name if self.language == "en" else name[:1].lower() + name[1:]

    def _above_zero(self, number: float, places: int = 1) -> str:
        """``number``, which is not negative; "<0,1" where it would be rounded to 0."""
        text = self.decimal(number, places)
        if number > 0 and text == self.decimal(0, places):
            return "<" + self.decimal(10**-places, places)
        return text

    def _within(self, percent: float, places: int = 1) -> str:
        """``percent`` from 0 to 100; "<0,1" or ">99,9" where it would be rounded to 0 or 100."""
        text = self._above_zero(percent, places)
        if percent < _ALL and text == self.decimal(_ALL, places):
            return ">" + self.decimal(_ALL - 10**-places, places)
        return text

    def _signed(self, number: float, text: str, unit: str) -> str:
        if number == 0:
            return f"±0{unit}" if unit else "±0"
        return f"{'+' if number > 0 else MINUS}{text}{unit}"

    def _two(self, great: int, small: int, great_unit: str, small_unit: str) -> str:
        text = f"{great}{_NO_BREAK}{great_unit}"
        return f"{text}{_NO_BREAK}{small}{_NO_BREAK}{small_unit}" if small else text


# Babel parses its patterns at each call, so that its answers are kept where there are few.


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES[language])


@cache
def _signs(language: str) -> dict[int, str]:
    """Python's separators and minus, with those of ``language``."""
    locale = _locale(language)
    return {
        ord(","): get_group_symbol(locale),
        ord("."): get_decimal_symbol(locale),
        ord("-"): MINUS,
    }


@cache
def _weekdays(language: str) -> tuple[str, ...]:
    """Short names, Monday first."""
    monday = date(2024, 1, 1)
    return tuple(
        format_date(monday.replace(day=1 + place), "EEE", locale=_locale(language))
        for place in range(7)
    )


@cache
def _month(language: str, year: int, month: int) -> str:
    return format_skeleton("yMMM", date(year, month, 1), locale=_locale(language))
