"""With which days figures are compared, in words."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from components.comparison_words import compared_with, working_days
from components.locale import Locale
from queries.period import Period, comparison

NOW = datetime(2026, 11, 26, 15, 42, tzinfo=ZoneInfo("America/Sao_Paulo"))


def said(start: date, end: date, language: str = "pt-BR") -> str:
    period = Period(start, end)
    before = comparison(period, NOW)
    return compared_with(period, before, "15:42", Locale.of(language))


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        # 22 weekdays without 12 October, 22 without 7 September
        (
            date(2026, 10, 1),
            date(2026, 10, 31),
            "out 2026, 21 dias úteis · set 2026, 21",
        ),
        # July has 23 weekdays, August 21, May 21 without the 1st, June 22
        (
            date(2026, 7, 1),
            date(2026, 8, 31),
            "jul 2026 a ago 2026, 44 dias úteis · mai 2026 a jun 2026, 42",
        ),
        (
            date(2026, 11, 18),
            date(2026, 11, 24),
            "Variação em relação a 11/11/2026 a 17/11/2026",
        ),
        (
            date(2026, 11, 20),
            date(2026, 11, 26),
            "Variação em relação a 13/11/2026 a 19/11/2026, até o mesmo horário, 15:42",
        ),
        (
            date(2026, 11, 26),
            date(2026, 11, 26),
            "Variação em relação a 19/11/2026, até o mesmo horário, 15:42",
        ),
        (
            date(2026, 11, 1),
            date(2026, 11, 26),
            "Variação em relação a 01/10/2026 a 26/10/2026, até o mesmo horário, 15:42",
        ),
    ],
)
def test_with_what_is_compared(start: date, end: date, words: str) -> None:
    assert said(start, end) == words


def test_in_other_languages() -> None:
    month = date(2026, 10, 1), date(2026, 10, 31)
    assert said(*month, "en") == "Oct 2026, 21 working days · Sept 2026, 21"
    assert said(*month, "es") == "oct 2026, 21 días hábiles · sept 2026, 21"
    today = date(2026, 11, 26), date(2026, 11, 26)
    assert said(*today, "en") == "Change vs. 19/11/2026, until the same time, 15:42"


def test_working_days_leave_out_weekends_and_national_holidays() -> None:
    """November 2026: 30 days, 9 of weekends; the 2nd and the 20th are holidays on weekdays."""
    assert working_days(Period(date(2026, 11, 1), date(2026, 11, 30))) == 19
    assert working_days(Period(date(2026, 11, 14), date(2026, 11, 15))) == 0
