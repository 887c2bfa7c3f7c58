"""Reads from the writer's store what is published: all rows, or what the outboxes name."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
from sqlalchemy import Column, Table

from queries.engines.publishing import Publication
from queries.tables import (
    PUBLISHED_KEYS,
    Code,
    active_days,
    case_days,
    cases,
    copy_order,
    cost_days,
    cost_lines,
    kept_payloads,
    loads,
    message_days,
    message_events,
    messages,
    people,
)

_BATCH_ROWS: Final = 50_000
#: The keys of rows that changed after the load ``$after``, by table.
_CHANGED: Final = {
    cases: "select distinct case_key from outbox_cases where load_id > $after",
    messages: "select distinct case_key from outbox_cases where load_id > $after",
    message_days: "select distinct day as sent_day from outbox_days where load_id > $after",
    case_days: "select distinct day from outbox_days where load_id > $after",
    active_days: "select distinct day from outbox_days where load_id > $after",
    cost_lines: "select distinct day as sent_day from outbox_costs where load_id > $after",
    cost_days: "select distinct day as sent_day from outbox_costs where load_id > $after",
    people: "select distinct person_id from outbox_people where load_id > $after",
    message_events: """select distinct account, message_id from outbox_events
        where load_id > $after""",
    loads: "select load_id from loads where load_id > $after",
    kept_payloads: "select distinct load_id from kept_payloads where load_id > $after",
}


@dataclass(frozen=True, slots=True)
class StoreRows:
    """The ``RowsToPublish`` of the open store that ``cursor`` gives connections to.

    ``whole_file`` gives its file as ``RowsToPublish.file`` says.
    """

    publication: Publication
    after: int | None
    cursor: Callable[[], duckdb.DuckDBPyConnection]
    whole_file: Callable[[], AbstractContextManager[Path]]

    def all_rows(self, table: Table) -> Iterator[pa.RecordBatch]:
        """Yield all rows of ``table``."""
        order = ", ".join(copy_order(table))
        yield from self._batches(f"select {_columns(table)} from {table.name} order by {order}")

    def changed_rows(self, table: Table) -> Iterator[pa.RecordBatch]:
        """Yield the rows of ``table`` that are new or may differ since ``after``."""
        keys = ", ".join(PUBLISHED_KEYS[table])
        if not keys:
            yield from self.all_rows(table)
            return
        order = ", ".join(copy_order(table))
        yield from self._batches(
            f"""select {_columns(table)} from {table.name}
            where ({keys}) in ({_CHANGED[table]}) order by {order}"""
        )

    def changed_keys(self, table: Table) -> Iterator[pa.RecordBatch]:
        """Yield the keys of rows of ``table`` that are new, changed or gone since ``after``."""
        yield from self._batches(_CHANGED[table])

    def file(self) -> AbstractContextManager[Path]:
        """Give the path of the store's file."""
        return self.whole_file()

    def _batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        parameters = {"after": self.after} if "$after" in sql else None
        with (
            closing(self.cursor()) as cursor,
            closing(cursor.sql(sql, params=parameters).to_arrow_reader(_BATCH_ROWS)) as reader,
        ):
            yield from reader


def present_version(connection: duckdb.DuckDBPyConnection) -> Publication:
    """Return the version that the store of ``connection`` holds now, published at this moment."""
    [(lineage, version, noted_at)] = connection.execute(
        """select (select value from store_facts where name = 'lineage'),
            (select coalesce(max(load_id), 0) from loads),
            (select max(noted_at) from (
                select noted_at from source_states
                union all select refused_at from refused_loads))"""
    ).fetchall()
    published_at = datetime.now(UTC).replace(tzinfo=None)
    return Publication(lineage, version, noted_at, published_at)


def _columns(table: Table) -> str:
    """Return the columns of a SELECT: enums as texts, and no text of what was kept aside."""
    return ", ".join(_expression(column) for column in table.columns)


def _expression(column: Column[Any]) -> str:
    if column is kept_payloads.c.payload:
        return "null::varchar as payload"
    if isinstance(column.type, Code):
        return f'"{column.name}"::varchar as "{column.name}"'
    return f'"{column.name}"'
