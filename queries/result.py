"""``ResultSet``, the rows of a SELECT, and the conversions of stored times (UTC) to local ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any, Final, Self

import orjson

#: The kinds of columns of a ``ResultSet`` that are told apart.
TEXT: Final = "text"
DAY: Final = "day"
TIME: Final = "time"
OTHER: Final = "other"
#: How days and times are read back from JSON, by the kind of the column.
_READERS = {DAY: date.fromisoformat, TIME: datetime.fromisoformat}

#: The last year in which a time zone had an offset with seconds (Liberia).
_LAST_YEAR_OF_SECONDS: Final = 1972

#: The values of each column, in the order of the rows.
Columns = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class ResultSet:
    """The rows of a SELECT, all in memory, as tuples in the order of ``names``.

    ``names`` are the names of the columns, ``kinds`` what they hold: ``TEXT``, ``DAY``, ``TIME`` or
    ``OTHER``. Days are ``date`` objects, times ``datetime`` objects in UTC without an offset.
    ``len()`` gives the number of rows.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        """Return the values of the column ``name``, in the order of the rows.

        Raises ``ValueError`` where there is no such column.
        """
        index = self.names.index(name)
        return [row[index] for row in self.rows]

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield each row, in order, as a dictionary from column name to value."""
        for row in self.rows:
            yield dict(zip(self.names, row, strict=True))

    def columns(self) -> Columns:
        """Return a dictionary with the list of values of each column, by column name."""
        return {name: self.column(name) for name in self.names}

    def to_bytes(self) -> bytes:
        """Return names, kinds and rows as JSON, for the cache. ``from_bytes`` reads it back."""
        return orjson.dumps([self.names, self.kinds, self.rows])

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Return the result set that ``to_bytes`` wrote as ``content``, equal to the original."""
        names, kinds, rows = orjson.loads(content)
        columns: list[Sequence[Any]] = [*zip(*rows, strict=True)]
        for index, kind in enumerate(kinds if columns else ()):
            if (read := _READERS.get(kind)) is not None:
                columns[index] = [value and read(value) for value in columns[index]]
        return cls(tuple(names), tuple(kinds), [*zip(*columns, strict=True)])


def local(at: datetime, zone: tzinfo) -> datetime:
    """Return a stored time (UTC without an offset) as a time in ``zone``.

    Its offset from UTC is rounded to whole minutes, because ISO 8601 and RFC 3339 have no seconds
    in an offset, and old ones had (São Paulo was 3:06:28 behind UTC until 1914). The moment is the
    same.
    """
    moment = utc(at).astimezone(zone)
    if at.year > _LAST_YEAR_OF_SECONDS:
        return moment
    offset = moment.utcoffset() or timedelta()
    minutes = timedelta(minutes=round(offset / timedelta(minutes=1)))
    return moment if minutes == offset else moment.astimezone(timezone(minutes))


def stored_minute(now: datetime) -> datetime:
    """Return ``now`` without seconds and as times are stored: UTC without an offset.

    ``now`` must have a time zone. All requests of one minute get the same value, so they run the
    same statement, and the cache answers all but the first.
    """
    return now.astimezone(UTC).replace(tzinfo=None, second=0, microsecond=0)


def utc(at: datetime) -> datetime:
    """Return ``at``, a stored time (UTC without an offset), with its offset of zero."""
    return at.replace(tzinfo=UTC)
