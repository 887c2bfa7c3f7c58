"""Opens a DuckDB file that never changes, as one version of a store: ``ReadOnlyStore``."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from queries.engines.base import EngineLimits
from queries.engines.duckdb.reader import (
    CuttableCursor,
    DuckDBSnapshot,
    connect,
    lock_down,
    stored_version,
)
from queries.engines.duckdb.schema import check_schema
from queries.engines.open_snapshots import OpenSnapshots
from queries.engines.query_timeout import QueryTimer
from queries.errors import StoreUnavailable


class ReadOnlyStore:
    """A store's file, opened for reading. Several threads may use it, and several processes.

    The file may lose its name while it is open. SQL can read no other file, and write only what
    does not fit in memory, in ``spill``.
    """

    def __init__(
        self, path: Path, spill: Path, limits: EngineLimits, time_zone: str, timer: QueryTimer
    ) -> None:
        """Open the store at ``path``. ``timer`` interrupts its queries.

        Raises ``OtherLayout`` when its tables have another layout than this program's, and
        ``StoreUnavailable`` when it was made for another time zone than ``time_zone``, or cannot be
        opened.
        """
        self._timer = timer
        self._snapshots = OpenSnapshots()
        #: Held for each call of ``_connection``: DuckDB refuses a call while another one runs.
        self._one_call = threading.Lock()
        config: dict[str, Any] = {
            "memory_limit": limits.memory,
            "threads": limits.threads,
            "preserve_insertion_order": True,
            "temp_directory": str(spill),
        }
        try:
            self._connection = connect(path, config, read_only=True)
            self._version = self._checked(spill, time_zone)
        except duckdb.Error as error:
            raise StoreUnavailable("the version's file cannot be opened") from error

    def _checked(self, spill: Path, time_zone: str) -> tuple[str, int]:
        try:
            check_schema(self._connection, time_zone)
            lock_down(self._connection, spill)
            return stored_version(self._connection)
        except BaseException:
            self._connection.close()
            raise

    @contextmanager
    def snapshot(self) -> Iterator[DuckDBSnapshot]:
        """Give a snapshot. Raises ``StoreUnavailable`` when the file is closed."""
        with self._snapshots.one(self._cursor) as cursor:
            try:
                # The file never changes, so no transaction is needed.
                yield DuckDBSnapshot(cursor, self._timer, self._version)
            finally:
                cursor.close()

    def close(self) -> None:
        """Close the file. Snapshots that are open are cut: their queries raise
        ``StoreUnavailable``.
        """
        with self._snapshots.none(0), self._one_call:
            self._connection.close()

    def _cursor(self) -> CuttableCursor:
        try:
            with self._one_call:
                return CuttableCursor(self._connection.cursor())
        except duckdb.Error as error:
            raise StoreUnavailable("the store is closed") from error
