"""Asks Chatwoot for the ids of all that is copied, for the owner of the store to compare.

The ids are asked for by ranges. A range about which there is no whole answer is left out, so that
nothing in it counts as missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, FromClause

from sources.chatwoot.reading import Scope, greatest_id, ids_between
from sources.chatwoot.tables import conversations, messages
from sources.comparison import (
    CASE_IDS,
    MESSAGE_IDS,
    NO_END,
    Comparison,
    IdRange,
    comparison_files,
)

#: How many ids a range has.
RANGE_IDS: Final = 100_000
_TABLES: Final = {CASE_IDS: conversations, MESSAGE_IDS: messages}
_SCHEMA: Final = pa.schema([("account", pa.string()), ("id", pa.int64())])


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of all that is copied: what is to be compared, and the ``files`` of the hand-in.

    ``skipped_ranges``: about how many ranges there was no whole answer.
    """

    comparison: Comparison
    files: Mapping[str, Path]
    skipped_ranges: int


def write_ids(connection: Connection, scope: Scope, folder: Path, most_removed: float) -> Ids:
    """Write the ids of all that is copied, and what is to be compared, into files in ``folder``.

    ``most_removed`` is as in ``Comparison``.
    """
    asked_at = datetime.now(UTC).isoformat()
    ranges: dict[str, list[IdRange]] = {}
    paths: dict[str, Path] = {}
    skipped = 0
    for name, table in _TABLES.items():
        paths[name] = folder / f"{name}.parquet"
        with pq.ParquetWriter(paths[name], _SCHEMA) as writer:
            answers = list(_write_ranges(connection, scope, table, writer))
        ranges[name] = [answer for answer in answers if answer]
        skipped += answers.count(None)
    comparison = Comparison(
        asked_at,
        tuple(map(str, scope.accounts)),
        tuple(ranges[CASE_IDS]),
        tuple(ranges[MESSAGE_IDS]),
        most_removed,
    )
    return Ids(comparison, comparison_files(comparison, paths, folder), skipped)


def _write_ranges(
    connection: Connection, scope: Scope, table: FromClause, writer: pq.ParquetWriter
) -> Iterator[IdRange | None]:
    """Write the ids of ``table``; yield each range, or None where its answer is not whole."""
    greatest = greatest_id(connection, table)
    for first in range(1, max(greatest, 1) + 1, RANGE_IDS):
        last = first + RANGE_IDS - 1
        found = ids_between(connection, scope, table, first, last)
        if found is None:
            yield None
            continue
        accounts, ids = found
        columns = [pa.array(list(map(str, accounts)), pa.string()), pa.array(ids, pa.int64())]
        writer.write_table(pa.table(columns, schema=_SCHEMA))
        # Behind the greatest id the portal has nothing; what the store has there is missing.
        yield IdRange(first, NO_END if last >= greatest else last)
