"""National holidays of Brazil (Leis 662/1949, 6.802/1980, 9.093/1995 and 14.759/2023)."""

from datetime import date, timedelta
from functools import cache
from typing import Final

from components.texts import gettext_noop

_FIXED: Final = {
    (1, 1): gettext_noop("New Year's Day (holiday)"),
    (4, 21): gettext_noop("Tiradentes (holiday)"),
    (5, 1): gettext_noop("Labour Day (holiday)"),
    (9, 7): gettext_noop("Independence Day (holiday)"),
    (10, 12): gettext_noop("Our Lady of Aparecida (holiday)"),
    (11, 2): gettext_noop("All Souls' Day (holiday)"),
    (11, 15): gettext_noop("Proclamation of the Republic (holiday)"),
    (12, 25): gettext_noop("Christmas (holiday)"),
}
_GOOD_FRIDAY: Final = gettext_noop("Good Friday (holiday)")
_BLACK_AWARENESS: Final = gettext_noop("Black Awareness Day (holiday)")


def holiday(day: date) -> str | None:
    """The name of the holiday on ``day``, as a text of the catalogues, or None."""
    if (day.month, day.day) == (11, 20) and day.year >= 2024:
        return _BLACK_AWARENESS
    if day == _easter(day.year) - timedelta(days=2):
        return _GOOD_FRIDAY
    return _FIXED.get((day.month, day.day))


@cache
def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the computus of Meeus, Jones and Butcher)."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
