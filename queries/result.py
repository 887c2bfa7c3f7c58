"""What a SELECT found: a few hundred rows as they came from the engine; and stored times."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any, Final, Self

import orjson

#: How a column's values come back from JSON, by what the engine calls its type.
_READERS = {"DATE": date.fromisoformat, "TIMESTAMP": datetime.fromisoformat}


#: The year in which the last zone gave up seconds in its offset (Liberia).
_LAST_YEAR_OF_SECONDS: Final = 1972

#: Values by the name of their column.
Columns = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class ResultSet:
    """Rows with the names and the engine's types of their columns; days and times are Python's."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        """The values of one column, in order."""
        index = self.names.index(name)
        return [row[index] for row in self.rows]

    def records(self) -> Iterator[dict[str, Any]]:
        """Each row as a dictionary by column name."""
        for row in self.rows:
            yield dict(zip(self.names, row, strict=True))

    def columns(self) -> Columns:
        """The values of all columns, in order."""
        return {name: self.column(name) for name in self.names}

    def to_bytes(self) -> bytes:
        """The rows as JSON, for the cache."""
        return orjson.dumps([self.names, self.types, self.rows])

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The result set that ``to_bytes`` wrote."""
        names, types, rows = orjson.loads(content)
        readers = [(index, _READERS[t]) for index, t in enumerate(types) if t in _READERS]
        for row in rows:
            for index, read in readers:
                if row[index] is not None:
                    row[index] = read(row[index])
        return cls(tuple(names), tuple(types), [tuple(row) for row in rows])


def local(at: datetime, zone: tzinfo) -> datetime:
    """A stored time in ``zone``, with an offset of whole minutes.

    Before zones were agreed upon, towns kept their own time: São Paulo's was 3:06:28 behind UTC
    until 1914. ISO 8601 and RFC 3339 have no seconds in an offset, so that it is rounded; the
    moment stays the same.
    """
    moment = utc(at).astimezone(zone)
    if at.year > _LAST_YEAR_OF_SECONDS:
        return moment
    offset = moment.utcoffset() or timedelta()
    minutes = timedelta(minutes=round(offset / timedelta(minutes=1)))
    return moment if minutes == offset else moment.astimezone(timezone(minutes))


def stored_minute(now: datetime) -> datetime:
    """``now`` as stored times are, UTC without an offset, cut to the minute.

    So all questions within a minute are the same statement, which the cache answers.
    """
    return now.astimezone(UTC).replace(tzinfo=None, second=0, microsecond=0)


def utc(at: datetime) -> datetime:
    """A stored time, which is UTC without an offset, as an aware one."""
    return at.replace(tzinfo=UTC)
