"""The steps of a time axis: by day up to 62 days, by ISO week up to 366, then by month.

The page goes by the hour where the period is one day.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from queries.errors import FilterError
from queries.period import Period

#: The longest period in days whose time axis goes by day, and by week; longer ones go by month.
MAX_DAYS_BY_DAY: Final = 62
MAX_DAYS_BY_WEEK: Final = 366
#: How many steps a time axis may have.
MAX_BUCKETS: Final = 4_000


class Bucket(StrEnum):
    """The length of the steps of a time axis: hour, day, ISO week or calendar month."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def first_day(self, day: date) -> date:
        """Return the first day of the step that contains ``day``.

        That is ``day`` itself, the Monday of its week, or the first of its month.
        """
        match self:
            case Bucket.HOUR | Bucket.DAY:
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
            case Bucket.HOUR | Bucket.DAY:
                return first + timedelta(days=1)
            case Bucket.WEEK:
                return first + timedelta(days=7)
            case Bucket.MONTH:
                return (first + timedelta(days=31)).replace(day=1)


#: The steps that an address can ask for.
BUCKETS: Final = (Bucket.DAY, Bucket.WEEK, Bucket.MONTH)


def hours_of(day: date) -> list[datetime]:
    """Return the beginning of each of the 24 hours of ``day``, without a time zone, ascending."""
    return [datetime.combine(day, time(hour)) for hour in range(24)]


def bucket_of(period: Period) -> Bucket:
    """Return the step of a time axis that suits the length of ``period``.

    It is a day up to 62 days, an ISO week up to 366 days, a calendar month beyond.
    """
    if period.days <= MAX_DAYS_BY_DAY:
        return Bucket.DAY
    return Bucket.WEEK if period.days <= MAX_DAYS_BY_WEEK else Bucket.MONTH


def bucket_starts(period: Period, bucket: Bucket) -> list[date]:
    """Return the first day of each step of the time axis of ``period``, ascending.

    ``bucket`` is the length of the steps. The first step may begin before the period does. The
    steps of ``HOUR`` are the hours of the period's first day (``hours_of``).
    Raises ``FilterError("too_many_buckets")`` for more than ``MAX_BUCKETS`` steps.
    """
    if bucket is Bucket.HOUR:
        return [*hours_of(period.start)]
    at_most = {Bucket.DAY: period.days, Bucket.WEEK: period.days // 7 + 2, Bucket.MONTH: 0}[bucket]
    if at_most > MAX_BUCKETS + 2:
        raise FilterError("too_many_buckets", count=at_most, limit=MAX_BUCKETS)
    starts = [bucket.first_day(period.start)]
    while (following := bucket.next_first_day(starts[-1])) <= period.end:
        starts.append(following)
    if len(starts) > MAX_BUCKETS:
        raise FilterError("too_many_buckets", count=len(starts), limit=MAX_BUCKETS)
    return starts
