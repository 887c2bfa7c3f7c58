"""Parses the filters of a request and checks their values.

Two requests that mean the same give equal ``Filters``; ``queries.selected_rows`` turns them into
SQL.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, Self

from queries.errors import FilterError
from queries.period import PRESETS, Period, default_period, parse_period, preset_period
from queries.time_axis import BUCKETS, Bucket, bucket_of, bucket_starts
from queries.vocabulary import DIRECTIONS, KINDS, STATUSES

#: How many values one filter may have.
MAX_VALUES: Final = 1_000


class Basis(StrEnum):
    """The date that must lie in the period: the message's (``sent``) or the case's opening."""

    SENT = "sent"
    OPENED = "opened"


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one request. An empty tuple means that the filter is not set.

    ``period`` is None where the request has neither start nor end; ``with_period`` fills it in.
    ``preset`` is one of ``queries.period.PRESETS`` where the request names one instead: its days
    depend on the day on which it is asked. ``basis`` is the date that must lie in the period.
    ``person`` to ``agent`` are filters of the case, ``direction`` to ``template`` filters of the
    message; ``parse`` sorts their values and drops repeated ones. ``bucket`` is the step of the
    time axis; None: the length of the period decides. With ``by_hour``, which no request sets,
    that of a single day goes by the hour: the page shows it so.

    ``case_keys`` are the keys of the cases that ``person`` and ``case`` select, where these were
    looked up beforehand (``with_cases``); else None.
    """

    period: Period | None = None
    preset: str | None = None
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
    by_hour: bool = False
    case_keys: tuple[int, ...] | None = None

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Self:
        """Return the filters of a request, from the query of its address or its JSON body.

        ``raw`` maps the name of a parameter to a text or a list of texts. Names that are not in
        ``NAMES`` are ignored; the caller checks them.

        Raises ``FilterError`` for a value that is no text or empty, a value that is not allowed for
        its filter, more than ``MAX_VALUES`` values of one filter, several values of ``period``,
        ``start``, ``end``, ``basis`` or ``bucket``, a period with only one end, with an unusable
        day or with its end before its start, a preset beside ``start`` or ``end``, and a time axis
        of more than ``MAX_BUCKETS`` steps.
        """
        lists: dict[str, Any] = {name: _values(name, raw[name]) for name in LISTS if name in raw}
        for name, allowed in VOCABULARIES.items():
            for value in lists.get(name, ()):
                one_of(name, value, allowed)
        basis = single(raw, "basis")
        bucket = single(raw, "bucket")
        start, end, preset = (single(raw, name) for name in ("start", "end", "period"))
        if preset is not None:
            one_of("period", preset, PRESETS)
            if start is not None or end is not None:
                raise FilterError("period_doubled")
        parsed = cls(
            period=parse_period(start, end),
            preset=preset,
            basis=Basis(one_of("basis", basis, tuple(Basis))) if basis is not None else Basis.SENT,
            bucket=Bucket(one_of("bucket", bucket, BUCKETS)) if bucket is not None else None,
            **lists,
        )
        if parsed.period and parsed.bucket:
            bucket_starts(parsed.period, parsed.bucket)
        return parsed

    def with_period(self, today: date, oldest: date | None, newest: date | None) -> "Filters":
        """Return these filters with a period.

        It is their own; else the days that their preset means on the day ``today``; else the last
        30 days. The preset ``all`` begins on ``oldest``; ``all`` and the last 30 days end on
        ``newest``, or on ``today`` where that is earlier. These are the first and the last day in
        the store, of messages with the basis ``sent``, of opened cases with the basis ``opened``;
        None in an empty store. ``today`` is the present day in the deployment's zone.
        """
        if self.period:
            return self
        if self.preset:
            return replace(self, period=preset_period(self.preset, today, oldest, newest))
        return replace(self, period=default_period(newest, today))

    @property
    def span(self) -> Period:
        """The period, never None. Raises ``LookupError`` where ``period`` is None."""
        if self.period is None:
            raise LookupError("with_period was not called")
        return self.period

    @property
    def message_filters(self) -> tuple[str, ...]:
        """The names of the filters of the message that are set, such as ``("status",)``."""
        return tuple(name for name in MESSAGE_LISTS if getattr(self, name))

    def without(self, name: str) -> "Filters":
        """Return these filters without the values of the filter ``name``, one of ``LISTS``.

        ``case_keys`` becomes None, because it may no longer fit.
        """
        empty: dict[str, Any] = {name: (), "case_keys": None}
        return replace(self, **empty)

    def with_cases(self, case_keys: Sequence[int]) -> "Filters":
        """Return these filters with ``case_keys``, used in place of ``person`` and ``case``.

        ``case_keys`` must be the keys of all cases that ``person`` and ``case`` select.
        """
        return replace(self, case_keys=tuple(case_keys))

    def buckets(self) -> list[date]:
        """Return the first day of each step of the time axis, ascending.

        The first step may begin before the period does. Raises ``LookupError`` where ``period`` is
        None, and ``FilterError("too_many_buckets")`` for more than ``MAX_BUCKETS`` steps.
        """
        return bucket_starts(self.span, self.effective_bucket)

    @property
    def effective_bucket(self) -> Bucket:
        """The step of the time axis: ``bucket``, or the one that suits the period's length.

        Raises ``LookupError`` where ``bucket`` and ``period`` are both None.
        """
        if self.goes_by_hour:
            return Bucket.HOUR
        return self.bucket or bucket_of(self.span)

    @property
    def goes_by_hour(self) -> bool:
        """Whether the time axis goes by the hour: with ``by_hour``, where the period is one day."""
        return self.by_hour and self.bucket is None and self.span.days == 1

    def to_query(self) -> list[tuple[str, str]]:
        """Return the filters as pairs of name and value for the query of an address.

        A filter with several values gives several pairs. Filters that are not set, the default
        basis (``sent``) and ``case_keys`` are left out; so are the days of a preset. ``parse``
        reads these names.
        """
        pairs: list[tuple[str, str]] = []
        if self.preset:
            pairs.append(("period", self.preset))
        elif self.period:
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
        """Return the filters as a dictionary for JSON, as the API's answers repeat them.

        Days are texts such as ``2026-12-31``; a preset (``period``) stands beside its days. Filters
        that are not set and ``case_keys`` are left out; ``basis`` is always there.
        """
        answer: dict[str, object] = {"basis": self.basis.value}
        if self.preset:
            answer["period"] = self.preset
        if self.period:
            answer |= {"start": self.period.start.isoformat(), "end": self.period.end.isoformat()}
        answer |= {name: list(values) for name in LISTS if (values := getattr(self, name))}
        if self.bucket:
            answer["bucket"] = self.bucket.value
        return answer


#: The filters that take several values: those of the message, and those of the case.
MESSAGE_LISTS: Final = ("direction", "status", "kind", "template")
CASE_LISTS: Final = ("person", "channel", "case_type", "case", "team", "agent")
LISTS: Final = CASE_LISTS + MESSAGE_LISTS
#: The filters that take values of a closed vocabulary only, and the vocabulary.
VOCABULARIES: Final = {"direction": DIRECTIONS, "status": STATUSES, "kind": KINDS}
#: Every name of a parameter that ``Filters.parse`` reads.
NAMES: Final = frozenset(
    {"start", "end", *(f.name for f in fields(Filters))} - {"preset", "by_hour", "case_keys"}
)


def single(raw: Mapping[str, object], name: str) -> str | None:
    """Return the only value that ``raw`` has for the parameter ``name``; None where it has none.

    Raises ``FilterError`` for several values, an empty list, or a value that is no text, is empty,
    or has characters that engines do not accept.
    """
    if name not in raw:
        return None
    values = texts(name, raw[name])
    if len(values) != 1:
        raise FilterError("repeated" if values else "empty_value", name=name)
    return values[0]


def usable_text(name: str, value: object) -> str:
    """Return ``value`` unchanged if it is a text that engines accept; ``name`` is its parameter.

    Raises ``FilterError`` where it is no text, is empty, or contains NUL or half a surrogate pair.
    """
    if not isinstance(value, str):
        raise FilterError("wrong_type", name=name)
    if not value:
        raise FilterError("empty_value", name=name)
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise FilterError("unusable_text", name=name)
    return value


def texts(name: str, value: object) -> list[str]:
    """Return ``value``, a text or a list of texts, as a list of texts; ``name`` is its parameter.

    Raises ``FilterError`` where an item is no text, is empty, or contains NUL or half a surrogate
    pair.
    """
    items: Iterable[object] = [value]
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = value
    return [usable_text(name, item) for item in items]


def _values(name: str, value: object) -> tuple[str, ...]:
    count = len(value) if isinstance(value, Sequence) and not isinstance(value, str) else 1
    if count > MAX_VALUES:
        raise FilterError("too_many_values", name=name, count=count, limit=MAX_VALUES)
    return tuple(sorted(set(texts(name, value))))


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """Return ``value``, the value of the parameter ``name``, if it is one of ``allowed``.

    Raises ``FilterError`` where it is not.
    """
    if value not in allowed:
        raise FilterError("bad_value", name=name, value=value, allowed=", ".join(allowed))
    return value
