"""The period of a request: reading it, presets by name, and the default where none is given.

Also the earlier days with which its figures are compared.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from queries.errors import FilterError
from queries.result import local

#: How many days the period has where a request names none.
DEFAULT_DAYS: Final = 30
#: The years, both included, in which a period may begin and end.
MIN_YEAR, MAX_YEAR = 1900, 2100

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A range of calendar days of the deployment's time zone, ``start`` and ``end`` included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days the period has, ``start`` and ``end`` included."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """The earlier days with whose figures those of a period are compared.

    ``period`` are these days. On the last of them counts only what happened at ``until`` or before
    it: a time in UTC without an offset, to the minute. Where ``until`` is None the day counts as a
    whole.
    """

    period: Period
    until: datetime | None = None

    def to_json(self, time_zone: tzinfo) -> dict[str, str | None]:
        """Return ``start``, ``end`` and ``until`` for JSON; ``until`` is in ``time_zone``."""
        until = local(self.until, time_zone).isoformat(timespec="minutes") if self.until else None
        start, end = self.period.start.isoformat(), self.period.end.isoformat()
        return {"start": start, "end": end, "until": until}


def comparison(period: Period, now: datetime) -> Comparison:
    """Return the days before ``period`` with which its figures are compared.

    ``now`` is the present minute in the deployment's zone. Raises ``ValueError`` where it has no
    zone.

    Whole calendar months are compared with as many whole months right before. The month so far,
    from its first day to today, is compared with the same days of the month before. Any other
    period goes back by 7 days, or by the smallest multiple of 7 days that is not less than its
    length: so the two do not overlap, and their weekdays match.

    Where today lies in ``period``, the earlier days end on the day that corresponds to today, and
    ``until`` is the same local time of that day. The day that corresponds is as many months or days
    earlier as the period is; in a shorter month it is the month's last day. A local time that the
    clocks skip or repeat on that day is read with the offset from UTC before they change.
    """
    if now.tzinfo is None:
        raise ValueError("now must have a time zone")
    today = now.date()
    is_running = period.start <= today <= period.end
    if months := _months(period, today):
        start = _months_before(period.start, months)
        end = period.start - timedelta(days=1)
        stop = _months_before(today, months)
    else:
        shift = timedelta(days=-(-period.days // 7) * 7)
        start, end, stop = period.start - shift, period.end - shift, today - shift
    if not is_running:
        return Comparison(Period(start, end))
    # datetime.time() keeps fold, which is about the offset of today.
    at = datetime.combine(stop, now.time().replace(second=0, microsecond=0, fold=0), now.tzinfo)
    return Comparison(Period(start, stop), at.astimezone(UTC).replace(tzinfo=None))


def _months(period: Period, today: date) -> int:
    """Return by how many months the period before is earlier; 0 where it is earlier by weeks."""
    first, last = period.start, period.end
    ends_month = (last + timedelta(days=1)).day == 1
    is_month_so_far = last == today and (first.year, first.month) == (last.year, last.month)
    if first.day == 1 and (ends_month or is_month_so_far):
        return (last.year - first.year) * 12 + last.month - first.month + 1
    return 0


def _months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier, or the last day of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


#: The presets of the period by name, with what each means on the day ``today``. ``all`` is not
#: here: it needs the days of the store.
_PRESETS: Final[Mapping[str, Callable[[date], Period]]] = {
    "today": lambda today: Period(today, today),
    "yesterday": lambda today: _ended(1, today - timedelta(days=1)),
    "last7": lambda today: _ended(7, today),
    "last30": lambda today: _ended(30, today),
    "last90": lambda today: _ended(90, today),
    "this_week": lambda today: Period(_monday(today), today),
    "last_week": lambda today: _ended(7, _monday(today) - timedelta(days=1)),
    "this_month": lambda today: Period(today.replace(day=1), today),
    "last_month": lambda today: _month_of(today.replace(day=1) - timedelta(days=1)),
}
#: The names of all presets, in the order of the page's menu.
PRESETS: Final = (*_PRESETS, "all")


def preset_period(
    name: str, today: date, oldest: date | None = None, newest: date | None = None
) -> Period:
    """Return the days that the preset ``name``, one of ``PRESETS``, means on the day ``today``.

    ``oldest`` and ``newest`` are the first and the last day with data; only ``all`` needs them. It
    ends today at the latest; without data it is today alone.
    """
    if name in _PRESETS:
        return _PRESETS[name](today)
    end = min(newest or today, today)
    return Period(min(oldest or end, end), end)


def _ended(days: int, end: date) -> Period:
    return Period(end - timedelta(days=days - 1), end)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _month_of(last: date) -> Period:
    return Period(last.replace(day=1), last)


def default_period(newest: date | None, today: date) -> Period:
    """Return the period to use where a request names none: the last 30 days (``DEFAULT_DAYS``).

    It ends on ``newest``, the newest day with data, or on ``today`` where ``newest`` is later than
    ``today`` or None (no data).
    """
    return _ended(DEFAULT_DAYS, min(newest or today, today))


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
