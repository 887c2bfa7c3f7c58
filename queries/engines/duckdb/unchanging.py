"""What stores that never change have in common: ``UnchangingStore``."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from queries.engines.duckdb.parsed_statements import ParsedStatements
from queries.engines.duckdb.reader import CuttableCursor, DuckDBSnapshot
from queries.engines.open_snapshots import OpenSnapshots
from queries.engines.query_timeout import QueryTimer
from queries.errors import StoreUnavailable


class UnchangingStore:
    """An open store that never changes. Several threads may use it.

    ``connection`` is to the store; ``version`` is its lineage and its data version. ``timer``
    interrupts its queries.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, version: tuple[str, int], timer: QueryTimer
    ) -> None:
        self._connection = connection
        self._version = version
        self._timer = timer
        self._snapshots = OpenSnapshots()
        self._parsed = ParsedStatements()
        #: Held for each call of ``_connection``: DuckDB refuses a call while another one runs.
        self._one_call = threading.Lock()

    @contextmanager
    def snapshot(self) -> Iterator[DuckDBSnapshot]:
        """Give a snapshot. Raises ``StoreUnavailable`` when the store is closed."""
        with self._snapshots.one(self._cursor) as cursor:
            try:
                # The store never changes, so no transaction is needed.
                yield DuckDBSnapshot(cursor, self._timer, self._version)
            finally:
                cursor.close()

    def close(self) -> None:
        """Close the store. Snapshots that are open are cut: their queries raise
        ``StoreUnavailable``.
        """
        with self._snapshots.none(0), self._one_call:
            self._connection.close()

    def _cursor(self) -> CuttableCursor:
        try:
            with self._one_call:
                return CuttableCursor(self._connection.cursor(), self._parsed)
        except duckdb.Error as error:
            raise StoreUnavailable("the store is closed") from error
