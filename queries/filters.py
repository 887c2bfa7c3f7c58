"""The filters of a request, parsed once into a frozen value with one form for each meaning."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from queries.errors import FilterError
from queries.vocabulary import DIRECTIONS, KINDS, STATUSES

MAX_VALUES: Final = 1_000
MAX_BUCKETS: Final = 4_000
MIN_YEAR, MAX_YEAR = 1900, 2100
DEFAULT_DAYS: Final = 30

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Basis(StrEnum):
    """The date that must lie in the period: that of the message, or of the case's opening."""

    SENT = "sent"
    OPENED = "opened"


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
        if self.days <= 62:
            return Bucket.DAY
        return Bucket.WEEK if self.days <= 366 else Bucket.MONTH

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


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one request. Lists are sorted and without repeats; an empty list means all.

    ``period`` is None where neither end was given; ``with_default_period`` fills it in.
    ``bucket`` is None where the length of the period decides. ``case_keys`` are the cases that
    ``person`` and ``case`` leave, once they have been looked up (``with_cases``), else None.
    """

    period: Period | None = None
    basis: Basis = Basis.SENT
    person: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    case_type: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()
    direction: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    template: tuple[str, ...] = ()
    bucket: Bucket | None = None
    case_keys: tuple[int, ...] | None = None

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Self:
        """Return the filters of an address or a JSON body.

        ``raw`` maps a name to a text or a list of texts. Names that are no filters are ignored; the
        caller checks them. Raises ``FilterError`` for a value that is not exactly a valid one.
        """
        lists: dict[str, Any] = {name: _values(name, raw[name]) for name in LISTS if name in raw}
        for name, allowed in VOCABULARIES.items():
            for value in lists.get(name, ()):
                _one_of(name, value, allowed)
        basis = single(raw, "basis")
        bucket = single(raw, "bucket")
        parsed = cls(
            period=_period(single(raw, "start"), single(raw, "end")),
            basis=Basis(_one_of("basis", basis, tuple(Basis))) if basis is not None else Basis.SENT,
            bucket=Bucket(_one_of("bucket", bucket, tuple(Bucket))) if bucket is not None else None,
            **lists,
        )
        if parsed.period and parsed.bucket:
            parsed.period.bucket_starts(parsed.bucket)
        return parsed

    def with_default_period(self, newest: date | None, today: date) -> "Filters":
        """Return these filters with a period; the default are the 30 days that end on ``newest``.

        ``newest`` is the newest day of the basis in the store, None in an empty store. The default
        period ends on ``today`` where ``newest`` is later or None.
        """
        if self.period:
            return self
        end = min(newest or today, today)
        return replace(self, period=Period(end - timedelta(days=DEFAULT_DAYS - 1), end))

    @property
    def span(self) -> Period:
        """The period. Raises ``LookupError`` where it was not given and not filled in."""
        if self.period is None:
            raise LookupError("with_default_period was not called")
        return self.period

    @property
    def message_filters(self) -> tuple[str, ...]:
        """The names of the filters of the message that are set."""
        return tuple(name for name in MESSAGE_LISTS if getattr(self, name))

    def without(self, name: str) -> "Filters":
        """Return these filters with the list ``name`` empty and the cases not looked up."""
        empty: dict[str, Any] = {name: (), "case_keys": None}
        return replace(self, **empty)

    def with_cases(self, case_keys: Sequence[int]) -> "Filters":
        """Return these filters with the cases that ``person`` and ``case`` leave."""
        return replace(self, case_keys=tuple(case_keys))

    def buckets(self) -> list[date]:
        """Return the first days of the buckets of the time axis, ascending."""
        return self.span.bucket_starts(self.effective_bucket)

    @property
    def effective_bucket(self) -> Bucket:
        return self.bucket or self.span.bucket()

    def to_query(self) -> list[tuple[str, str]]:
        """Return pairs of name and value for an address; filters at their default are left out."""
        pairs: list[tuple[str, str]] = []
        if self.period:
            pairs += [
                ("start", self.period.start.isoformat()),
                ("end", self.period.end.isoformat()),
            ]
        if self.basis is not Basis.SENT:
            pairs.append(("basis", self.basis.value))
        pairs += [(name, value) for name in LISTS for value in getattr(self, name)]
        if self.bucket:
            pairs.append(("bucket", self.bucket.value))
        return pairs

    def to_json(self) -> dict[str, object]:
        """Return the filters as answers of the API repeat them, without empty lists."""
        answer: dict[str, object] = {"basis": self.basis.value}
        if self.period:
            answer |= {"start": self.period.start.isoformat(), "end": self.period.end.isoformat()}
        answer |= {name: list(values) for name in LISTS if (values := getattr(self, name))}
        if self.bucket:
            answer["bucket"] = self.bucket.value
        return answer


MESSAGE_LISTS: Final = ("direction", "status", "kind", "template")
CASE_LISTS: Final = ("person", "channel", "case_type", "case", "team", "agent")
LISTS: Final = CASE_LISTS + MESSAGE_LISTS
VOCABULARIES: Final = {"direction": DIRECTIONS, "status": STATUSES, "kind": KINDS}
#: Every name that ``Filters.parse`` reads.
NAMES: Final = frozenset(
    {"start", "end", *(f.name for f in fields(Filters))} - {"period", "case_keys"}
)


def single(raw: Mapping[str, object], name: str) -> str | None:
    """Return the only text given for ``name``, or None. Raises ``FilterError`` for several."""
    if name not in raw:
        return None
    given = texts(name, raw[name])
    if len(given) != 1:
        raise FilterError("repeated" if given else "empty_value", name=name)
    return given[0]


def usable_text(name: str, value: object) -> str:
    """Return ``value`` if it is a text that every engine accepts. Raises ``FilterError`` otherwise.

    It may not be empty, nor hold a NUL or half a surrogate pair.
    """
    if not isinstance(value, str):
        raise FilterError("wrong_type", name=name)
    if not value:
        raise FilterError("empty_value", name=name)
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise FilterError("unusable_text", name=name)
    return value


def texts(name: str, value: object) -> list[str]:
    """Return the texts given for ``name``, one or several. Raises ``FilterError``."""
    given: Iterable[object] = [value]
    if isinstance(value, Sequence) and not isinstance(value, str):
        given = value
    return [usable_text(name, item) for item in given]


def _values(name: str, value: object) -> tuple[str, ...]:
    count = len(value) if isinstance(value, Sequence) and not isinstance(value, str) else 1
    if count > MAX_VALUES:
        raise FilterError("too_many_values", name=name, count=count, limit=MAX_VALUES)
    return tuple(sorted(set(texts(name, value))))


def _one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise FilterError("bad_value", name=name, value=value, allowed=", ".join(allowed))
    return value


def _period(start: str | None, end: str | None) -> Period | None:
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
