"""What a select found: a few hundred rows as they came from the engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Self

import orjson

#: How a column's values come back from JSON, by what the engine calls its type.
_READERS = {"DATE": date.fromisoformat, "TIMESTAMP": datetime.fromisoformat}


#: Values by the name of their column.
Columns = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """Rows with the names and the engine's types of their columns; days and times are Python's."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        """The values of one column, in order."""
        place = self.names.index(name)
        return [row[place] for row in self.rows]

    def records(self) -> Iterator[dict[str, Any]]:
        """Each row with its names."""
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
        """What ``to_bytes`` wrote."""
        names, types, rows = orjson.loads(content)
        readers = [(place, _READERS[t]) for place, t in enumerate(types) if t in _READERS]
        for row in rows:
            for place, read in readers:
                if row[place] is not None:
                    row[place] = read(row[place])
        return cls(tuple(names), tuple(types), [tuple(row) for row in rows])


def utc(at: datetime) -> datetime:
    """A stored time, which is UTC without an offset, as an aware one."""
    return at.replace(tzinfo=UTC)
