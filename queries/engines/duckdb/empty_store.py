"""An empty store in memory, for questions that concern no rows: ``EmptyStore``."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from queries.engines.base import Snapshot
from queries.engines.duckdb.reader import CuttableCursor, DuckDBSnapshot
from queries.engines.duckdb.schema import create_statements
from queries.engines.open_snapshots import OpenSnapshots
from queries.engines.query_timeout import QueryTimer
from queries.errors import StoreUnavailable

_MEMORY = "100MB"


class EmptyStore:
    """A store without a row. Several threads may use it."""

    def __init__(self, timer: QueryTimer) -> None:
        self._timer = timer
        self._snapshots = OpenSnapshots()
        self._one_call = threading.Lock()
        self._connection = duckdb.connect(
            ":memory:", config={"memory_limit": _MEMORY, "threads": 1}
        )
        for statement in create_statements():
            self._connection.execute(statement)
        self._connection.execute("set global TimeZone = 'UTC'")
        self._connection.execute("set enable_external_access = false")
        self._connection.execute("set lock_configuration = true")

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give a snapshot of version 0. Raises ``StoreUnavailable`` when the store is closed."""
        with self._snapshots.one(self._cursor) as cursor:
            try:
                yield DuckDBSnapshot(cursor, self._timer, ("", 0))
            finally:
                cursor.close()

    def close(self) -> None:
        """Let go of the memory. Snapshots that are open are cut."""
        with self._snapshots.none(0), self._one_call:
            self._connection.close()

    def _cursor(self) -> CuttableCursor:
        try:
            with self._one_call:
                return CuttableCursor(self._connection.cursor())
        except duckdb.Error as error:
            raise StoreUnavailable("the store is closed") from error
