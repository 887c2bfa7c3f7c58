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
        """Return the first day of the step that contains ``day``.

        That is ``day`` itself, the Monday of its week, or the first of its month.
        """
        match self:
            case Bucket.DAY:
                return day
            case Bucket.WEEK:
                return day - timedelta(days=day.weekday())
            case Bucket.MONTH:
                return day.replace(day=1)

    def next_first_day(self, first: date) -> date:
        """Return the first day of the step after the one that begins on ``first``.

        ``first`` must be the first day of a step.
        """
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
        """How many days the period has, ``start`` and ``end`` included."""
        return (self.end - self.start).days + 1

    def previous(self) -> "Period":
        """Return the earlier period of the same length with which figures are compared.

        It begins 7 days earlier, or the smallest multiple of 7 days that is not less than the
        length: so the two do not overlap, and their weekdays match.
        """
        shift = timedelta(days=-(-self.days // 7) * 7)
        return Period(self.start - shift, self.end - shift)

    def bucket(self) -> Bucket:
        """Return the step of a time axis that suits the length of the period.

        It is a day up to 62 days, an ISO week up to 366 days, a calendar month beyond.
        """
        if self.days <= MAX_DAYS_BY_DAY:
            return Bucket.DAY
        return Bucket.WEEK if self.days <= MAX_DAYS_BY_WEEK else Bucket.MONTH

    def bucket_starts(self, bucket: Bucket) -> list[date]:
        """Return the first day of each step of the period's time axis, ascending.

        ``bucket`` is the length of the steps. The first step may begin before the period does.
        Raises ``FilterError("too_many_buckets")`` for more than ``MAX_BUCKETS`` steps.
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
    """Return the period to use where a request names none: the last 30 days (``DEFAULT_DAYS``).

    It ends on ``newest``, the newest day with data, or on ``today`` where ``newest`` is later than
    ``today`` or None (no data).
    """
    end = min(newest or today, today)
    return Period(end - timedelta(days=DEFAULT_DAYS - 1), end)


def parse_period(start: str | None, end: str | None) -> Period | None:
    """Return the period from ``start`` to ``end``, or None where both are None.

    Both are written as ``2026-12-31``.

    Raises ``FilterError`` where only one of them is given, one is not a calendar day or not from
    ``MIN_YEAR`` to ``MAX_YEAR``, or ``end`` is before ``start``.
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
