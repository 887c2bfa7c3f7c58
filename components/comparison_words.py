"""Says in words with which days figures are compared, and why they are not."""

from collections.abc import Iterable
from datetime import date, timedelta

from components.holidays import holiday
from components.locale import Locale
from queries.period import Comparison, Period

_SATURDAY = 5


def compared_with(period: Period, before: Comparison, now_text: str, locale: Locale) -> str:
    """Return the sentence that says with which days the figures of ``period`` are compared.

    Whole months are named with their working days, because a month with more of them has more
    messages: "out. 2026, 22 dias úteis · set. 2026, 21". Of other days the sentence names the first
    and the last, and the time of day at which the last one was cut: ``now_text``, as "15:42".
    """
    earlier = before.period
    if before.until is None and _is_months(period) and _is_months(earlier):
        return locale.texts.ngettext(
            "{months}, {count} working day · {months_before}, {count_before}",
            "{months}, {count} working days · {months_before}, {count_before}",
            working_days(period),
            months=_months(period, locale),
            count=working_days(period),
            months_before=_months(earlier, locale),
            count_before=working_days(earlier),
        )
    return locale.texts.gettext("Change vs. {days}", days=_days(earlier, locale)) + (
        ", " + locale.texts.gettext("until the same time, {time}", time=now_text)
        if before.until
        else ""
    )


def slower(seconds: float, locale: Locale) -> str:
    """Return a difference of two response times, in seconds and not 0, in words: 4 s mais lenta."""
    duration = locale.formats.duration(abs(seconds))
    if seconds > 0:
        return locale.texts.gettext("{duration} slower", duration=duration)
    return locale.texts.gettext("{duration} faster", duration=duration)


def working_days(period: Period) -> int:
    """Return how many days of ``period`` are Monday to Friday and no national holiday of Brazil."""
    return sum(1 for day in _each(period) if day.weekday() < _SATURDAY and not holiday(day))


def _each(period: Period) -> Iterable[date]:
    return (period.start + timedelta(days=number) for number in range(period.days))


def _is_months(period: Period) -> bool:
    return period.start.day == 1 and (period.end + timedelta(days=1)).day == 1


def _months(period: Period, locale: Locale) -> str:
    """Return the names of the first and the last month of ``period``: "set. 2026 a out. 2026"."""
    first, last = (locale.formats.month_and_year(day) for day in (period.start, period.end))
    return _range(first, last, locale)


def _days(period: Period, locale: Locale) -> str:
    return _range(locale.formats.day(period.start), locale.formats.day(period.end), locale)


def _range(first: str, last: str, locale: Locale) -> str:
    if first == last:
        return first
    return locale.texts.gettext("{start} to {end}", start=first, end=last)
