"""The national holidays of Brazil (Leis 662/1949, 6.802/1980, 9.093/1995 and 14.759/2023).

Graphs over time mark them with a dotted line.
"""

from datetime import date, timedelta
from functools import cache
from typing import Final

from dateutil.easter import easter

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
    """Return the English name of the national holiday on ``day``, or None on other days.

    The name is a key for ``Texts.gettext``. Black Awareness Day counts from 2024 on; all other
    holidays count in every year, also in years before the law that made them holidays. Good Friday
    is right for the years 1583 to 4099, those for which the rule of Easter holds.
    """
    if (day.month, day.day) == (11, 20) and day.year >= 2024:
        return _BLACK_AWARENESS
    if day == _good_friday(day.year):
        return _GOOD_FRIDAY
    return _FIXED.get((day.month, day.day))


@cache
def _good_friday(year: int) -> date:
    sunday: date = easter(year)
    return sunday - timedelta(days=2)
