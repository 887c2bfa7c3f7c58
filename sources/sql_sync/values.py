"""Makes texts, as files have them, of the values that a database gives."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa

from sources.contract import Holds, ImportColumn, ImportFile
from sources.files.time_formats import instant, iso_time
from sources.row_batches import Batch, batch_of
from sources.sql_sync.mapping import SyncMapping

#: How MySQL writes a time that is not set, where its settings allow that.
_NO_DAY: Final = "0000-00-00"


def batch_of_rows(rows: Sequence[dict[str, Any]], file: ImportFile, mapping: SyncMapping) -> Batch:
    """Return rows of a database as a batch of texts; ``line`` is the number of the row, from 1."""
    columns: dict[str, Any] = {"line": pa.array(range(1, len(rows) + 1), pa.int64())}
    for column in file.columns:
        texts = [_cell(row.get(column.name), column, mapping) for row in rows]
        columns[column.name] = pa.array(texts, pa.string())
    return batch_of(pa.table(columns), [], file)


def _cell(value: Any, column: ImportColumn, mapping: SyncMapping) -> str | None:
    if column.name == "account" and value is None:
        return mapping.account or None
    if isinstance(value, bytes) and column.name.endswith("_id"):
        return _id_text(value)
    text = _text(value, mapping.zone)
    if text is None or column.holds is not Holds.TIME:
        return text
    if text.startswith(_NO_DAY):
        return None
    iso = iso_time(text, mapping.formats)
    moment = instant(iso, mapping.zone)
    return iso if moment is None else moment.astimezone(UTC).isoformat()


def _id_text(value: bytes) -> str:
    """Return the text that the bytes are; where they are none, as a binary UUID, in hexadecimal."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return value.hex()
    return text if text.isprintable() else value.hex()


def _text(value: Any, zone: ZoneInfo) -> str | None:
    """Return a value as a file has it: whole numbers without a fraction, JSON as its text."""
    match value:
        case None:
            text = None
        case bool():
            text = str(value).lower()
        case datetime():
            moment = value if value.tzinfo else value.replace(tzinfo=zone, fold=1)
            text = moment.astimezone(UTC).isoformat()
        case Decimal() | float() if isfinite(value) and value == int(value):
            text = str(int(value))
        case bytes():
            text = value.decode(errors="replace")
        case dict() | list():
            text = json.dumps(value, ensure_ascii=False)
        case _:
            text = _without_surrogates(str(value))
    return text


def _without_surrogates(text: str) -> str:
    return text.encode(errors="replace").decode()
