"""Asks Chatwoot for the ids of all that is copied, for the owner of the store to compare."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, FromClause

from sources.chatwoot.reading import Scope, greatest_id, ids_between
from sources.chatwoot.tables import conversations, messages
from sources.comparison import CASE_IDS, MESSAGE_IDS, Comparison, comparison_files

#: Ids are asked for by ranges of so many, so that each statement is short.
RANGE_IDS: Final = 100_000
_TABLES: Final = {CASE_IDS: conversations, MESSAGE_IDS: messages}
_SCHEMA: Final = pa.schema([("account", pa.string()), ("id", pa.int64())])


def write_ids(
    connection: Connection, scope: Scope, folder: Path, most_removed: float
) -> Mapping[str, Path]:
    """Write the ids of all that is copied into ``folder``; return the files of the hand-in.

    ``most_removed`` is as in ``Comparison``. Where one range cannot be read, nothing is compared.
    """
    comparison = Comparison(
        datetime.now(UTC).isoformat(), tuple(map(str, scope.accounts)), most_removed
    )
    paths = {}
    for name, table in _TABLES.items():
        paths[name] = folder / f"{name}.parquet"
        with pq.ParquetWriter(paths[name], _SCHEMA) as writer:
            _write_ranges(connection, scope, table, writer)
    return comparison_files(comparison, paths, folder)


def _write_ranges(
    connection: Connection, scope: Scope, table: FromClause, writer: pq.ParquetWriter
) -> None:
    for first in range(1, greatest_id(connection, table) + 1, RANGE_IDS):
        rows = ids_between(connection, scope, table, first, first + RANGE_IDS - 1)
        columns = [
            pa.array([str(account) for account, _ in rows], pa.string()),
            pa.array([id_ for _, id_ in rows], pa.int64()),
        ]
        writer.write_table(pa.table(columns, schema=_SCHEMA))
