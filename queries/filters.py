"""The filters of a request, parsed once into a frozen value with one form for each meaning."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, Self

from queries.errors import FilterError
from queries.period import Bucket, Period, default_period, parse_period
from queries.vocabulary import DIRECTIONS, KINDS, STATUSES

MAX_VALUES: Final = 1_000


class Basis(StrEnum):
    """The date that must lie in the period: that of the message, or of the case's opening."""

    SENT = "sent"
    OPENED = "opened"


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
            period=parse_period(single(raw, "start"), single(raw, "end")),
            basis=Basis(_one_of("basis", basis, tuple(Basis))) if basis is not None else Basis.SENT,
            bucket=Bucket(_one_of("bucket", bucket, tuple(Bucket))) if bucket is not None else None,
            **lists,
        )
        if parsed.period and parsed.bucket:
            parsed.period.bucket_starts(parsed.bucket)
        return parsed

    def with_default_period(self, newest: date | None, today: date) -> "Filters":
        """Return these filters with a period: their own, or else ``default_period``.

        ``newest`` is the newest day of the basis in the store, None in an empty store.
        """
        if self.period:
            return self
        return replace(self, period=default_period(newest, today))

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
