"""National holidays of Brazil, as the law and the calendar have them."""

from datetime import date

import pytest

from components.holidays import holiday


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),
        date(2024, 3, 29),  # Good Friday
        date(2025, 4, 18),
        date(2026, 4, 3),
        date(2027, 3, 26),
        date(2038, 4, 23),  # Good Friday at its latest date
        date(2026, 9, 7),
        date(2026, 11, 20),
    ],
)
def test_holidays(day: date) -> None:
    assert holiday(day)


@pytest.mark.parametrize(
    "day",
    [
        date(2023, 11, 20),  # not national before 2024
        date(2026, 2, 17),  # carnival is none by law
        date(2026, 4, 5),
        date(2026, 11, 22),
    ],
)
def test_working_days(day: date) -> None:
    assert holiday(day) is None
