"""The period of a request and the steps of its time axis; the period where a request has none."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from queries.errors import FilterError

#: How many days the period has where a request names none.
DEFAULT_DAYS: Final = 30
#: Up to so many days the time axis has a step a day, and up to so many a step a week; then a month.
MAX_DAYS_BY_DAY: Final = 62
MAX_DAYS_BY_WEEK: Final = 366
MAX_BUCKETS: Final = 4_000
MIN_YEAR, MAX_YEAR = 1900, 2100

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Bucket(StrEnum):
    """The width of one step of a time axis."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def first_day(self, day: date) -> date:
        """Return the first day of the bucket of ``day``; a week begins on Monday (ISO 8601)."""
        match self:
            case Bucket.DAY:
                return day
            case Bucket.WEEK:
                return day - timedelta(days=day.weekday())
            case Bucket.MONTH:
                return day.replace(day=1)

    def next_first_day(self, first: date) -> date:
        """Return the first day of the bucket after the one that begins on ``first``."""
        match self:
            case Bucket.DAY:
                return first + timedelta(days=1)
            case Bucket.WEEK:
                return first + timedelta(days=7)
            case Bucket.MONTH:
                return (first + timedelta(days=31)).replace(day=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Local calendar days, both inclusive."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def previous(self) -> "Period":
        """Return the period to compare with: shifted back by whole weeks, so that weekdays match.

        The shift is the smallest multiple of 7 days that is at least the period's length.
        """
        shift = timedelta(days=-(-self.days // 7) * 7)
        return Period(self.start - shift, self.end - shift)

    def bucket(self) -> Bucket:
        """Return the width for this period: day up to 62 days, ISO week up to 366, then month."""
        if self.days <= MAX_DAYS_BY_DAY:
            return Bucket.DAY
        return Bucket.WEEK if self.days <= MAX_DAYS_BY_WEEK else Bucket.MONTH

    def bucket_starts(self, bucket: Bucket) -> list[date]:
        """Return the first days of all buckets that overlap the period, ascending.

        Raises ``FilterError("too_many_buckets")`` past ``MAX_BUCKETS``.
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
    """Return the ``DEFAULT_DAYS`` days that end on ``newest``, the newest day of the data.

    They end on ``today`` where ``newest`` is later, or None in an empty store.
    """
    end = min(newest or today, today)
    return Period(end - timedelta(days=DEFAULT_DAYS - 1), end)


def parse_period(start: str | None, end: str | None) -> Period | None:
    """Return the period from ``start`` to ``end`` (ISO 8601 days), or None where both are None.

    Raises ``FilterError`` where one is missing, is no day, or the end is before the start.
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
