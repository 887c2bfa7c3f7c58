"""What ``sync sql`` notes of itself in the store: how far it read each table, and how it went."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from sources.sql_sync.database import Position


@dataclass(frozen=True, slots=True)
class SqlState:
    """How far a sync came. Times are in ISO 8601, in UTC with an offset.

    ``positions``: by ``ImportFile.name`` the watermark and key of the last row that was stored.
    ``checked_at``: when the database was last asked; ``synced_until``: all that it had then is in
    the store. ``rows``: how many rows were handed in, ``rows_rejected`` how many of these were
    rejected. ``fault``: the sentence of the newest failure; None while all is well.
    """

    positions: Mapping[str, Any] = field(default_factory=dict)
    checked_at: str | None = None
    synced_until: str | None = None
    rows: int = 0
    rows_rejected: int = 0
    fault: str | None = None

    @classmethod
    def of(cls, noted: str | None) -> Self:
        """Return the state that was ``noted``; a new one where nothing was, or nothing of use."""
        try:
            return cls(**json.loads(noted or "{}"))
        except (ValueError, TypeError):
            return cls()

    def to_json(self) -> str:
        """Return the JSON that ``of`` reads."""
        return json.dumps(asdict(self))

    def position(self, name: str) -> Position | None:
        """Return how far the table was read; None if it never was."""
        content = self.positions.get(name)
        if content is None:
            return None
        watermark, key = content
        return Position(_read(watermark), _read(key))


def written_position(position: Position) -> list[list[str] | None]:
    """Return a position as ``SqlState.positions`` has it: the kind and the text of each value."""
    return [_written(position.watermark), _written(position.key)]


def _written(value: Any) -> list[str] | None:
    match value:
        case None:
            return None
        case datetime():
            return ["time", value.isoformat()]
        case date():
            return ["day", value.isoformat()]
        case int() | float() | Decimal():
            return ["number", str(value)]
        case bytes():
            return ["bytes", value.hex()]
        case _:
            return ["text", str(value)]


def _read(written: list[str] | None) -> Any:
    if written is None:
        return None
    kind, text = written
    match kind:
        case "time":
            return datetime.fromisoformat(text)
        case "day":
            return date.fromisoformat(text)
        case "bytes":
            return bytes.fromhex(text)
        case "number":
            return int(text) if text.lstrip("-").isdigit() else float(text)
        case _:
            return text


def before(position: Position, overlap_seconds: float) -> Position:
    """Return the position so long before ``position``, from which an increment begins.

    A number goes back by as many of its unit. A text goes back if it is a time in ISO 8601.
    """
    overlap = timedelta(seconds=overlap_seconds)
    match position.watermark:
        case datetime() as moment:
            return Position(moment - overlap)
        case date() as day:
            return Position(day - overlap)
        case int() | float() as number:
            return Position(number - int(overlap_seconds))
        case Decimal() as number:
            return Position(number - int(overlap_seconds))
        case str() as text:
            return Position(_text_before(text, overlap))
        case other:
            return Position(other)


def _text_before(text: str, overlap: timedelta) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    earlier = moment - overlap
    written = earlier.isoformat(sep="T" if "T" in text else " ")
    return written.replace("+00:00", "Z") if text.endswith("Z") else written


def now_text() -> str:
    """Return the present time as the state has it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
