"""The period of a request: reading it, the default where none is given, its time axis.

Also the period before, with which figures are compared.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from queries.errors import FilterError

#: How many days the period has where a request names none.
DEFAULT_DAYS: Final = 30
#: The longest period in days whose time axis goes by day, and by week; longer ones go by month.
MAX_DAYS_BY_DAY: Final = 62
MAX_DAYS_BY_WEEK: Final = 366
#: How many steps a time axis may have.
MAX_BUCKETS: Final = 4_000
#: The years, both included, in which a period may begin and end.
MIN_YEAR, MAX_YEAR = 1900, 2100

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Bucket(StrEnum):
    """The length of the steps of a time axis: day, ISO week or calendar month."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def first_day(self, day: date) -> date:
        """Return the first day of the step in which ``day`` lies: of a week, its Monday."""
        match self:
            case Bucket.DAY:
                return day
            case Bucket.WEEK:
                return day - timedelta(days=day.weekday())
            case Bucket.MONTH:
                return day.replace(day=1)

    def next_first_day(self, first: date) -> date:
        """Return the first day of the next step; ``first`` is the first day of a step."""
        match self:
            case Bucket.DAY:
                return first + timedelta(days=1)
            case Bucket.WEEK:
                return first + timedelta(days=7)
            case Bucket.MONTH:
                return (first + timedelta(days=31)).replace(day=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A range of calendar days of the deployment's time zone, ``start`` and ``end`` included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.end - self.start).days + 1

    def previous(self) -> "Period":
        """Return the period before, of equal length, with which figures are compared.

        It is shifted back by the smallest multiple of 7 days that is at least the length, so that
        weekdays match.
        """
        shift = timedelta(days=-(-self.days // 7) * 7)
        return Period(self.start - shift, self.end - shift)

    def bucket(self) -> Bucket:
        """Return the usual step: a day up to 62 days, an ISO week up to 366 days, else a month."""
        if self.days <= MAX_DAYS_BY_DAY:
            return Bucket.DAY
        return Bucket.WEEK if self.days <= MAX_DAYS_BY_WEEK else Bucket.MONTH

    def bucket_starts(self, bucket: Bucket) -> list[date]:
        """Return the first day of each step of the period's time axis, ascending.

        The first step may begin before the period. Raises ``FilterError("too_many_buckets")`` for
        more than ``MAX_BUCKETS`` steps.
        """
        at_most = {Bucket.DAY: self.days, Bucket.WEEK: self.days // 7 + 2, Bucket.MONTH: 0}[bucket]
        if at_most > MAX_BUCKETS + 2:
            raise FilterError("too_many_buckets", count=at_most, limit=MAX_BUCKETS)
        starts = [bucket.first_day(self.start)]
        while (following := bucket.next_first_day(starts[-1])) <= self.end:
            starts.append(following)
        if len(starts) > MAX_BUCKETS:
            raise FilterError("too_many_buckets", count=len(starts), limit=MAX_BUCKETS)
        return starts


def default_period(newest: date | None, today: date) -> Period:
    """Return the period of a request that names none: ``DEFAULT_DAYS`` days that end on ``newest``.

    ``newest`` is the newest day in the store. The period ends on ``today`` where ``newest`` is
    later, or is None because the store is empty.
    """
    end = min(newest or today, today)
    return Period(end - timedelta(days=DEFAULT_DAYS - 1), end)


def parse_period(start: str | None, end: str | None) -> Period | None:
    """Return the period from ``start`` to ``end``, days as ``2026-12-31``, or None without both.

    Raises ``FilterError`` where only one is given, one is no day or of a year outside ``MIN_YEAR``
    to ``MAX_YEAR``, or the end is before the start.
    """
    if start is None and end is None:
        return None
    first = None if start is None else _day("start", start)
    last = None if end is None else _day("end", end)
    if first is None or last is None:
        raise FilterError("period_incomplete")
    period = Period(first, last)
    if period.end < period.start:
        raise FilterError("period_reversed", start=start, end=end)
    return period


def _day(name: str, value: str) -> date:
    if not _DATE.fullmatch(value):
        raise FilterError("bad_date", name=name, value=value)
    year = int(value[:4])
    if not MIN_YEAR <= year <= MAX_YEAR:
        raise FilterError(
            "year_out_of_range", name=name, value=value, minimum=MIN_YEAR, maximum=MAX_YEAR
        )
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise FilterError("bad_date", name=name, value=value) from None
