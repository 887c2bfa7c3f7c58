"""Reads a DuckDB store: one connection for the process, a cursor of it for each snapshot."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from queries.engines.base import EngineLimits
from queries.engines.duckdb.dialect import make_dialect
from queries.engines.duckdb.schema import open_schema
from queries.engines.query_timeout import QueryTimer
from queries.errors import QueryTimeout, StoreChanged, StoreUnavailable
from queries.result import ResultSet

_BATCH_ROWS: Final = 10_000
#: How DuckDB begins to say that another process has a file open.
_LOCKED: Final = "Could not set lock on file"


class EngineLocked(StoreUnavailable):
    """Another process has the file open."""


class DuckDBEngine:
    """The open store. One per process and file; each thread takes cursors of it.

    The owner of the store writes through ``cursor`` as well, while ``changing``.
    """

    def __init__(self, path: Path, limits: EngineLimits, time_zone: str) -> None:
        """Open the store at ``path``; make it where there is no file.

        Files in the folder of ``path`` may be read and written by statements, others may not.

        Raises ``EngineLocked`` when another process holds the file, ``StoreUnavailable`` when it
        is not a store or was made for another time zone (its days would be wrong), and
        ``duckdb.Error`` when it is damaged.
        """
        self.path = path
        self.dialect = make_dialect()
        self._limits = limits
        self._timer = QueryTimer(limits.query_seconds)
        self._connection = self._open(time_zone)
        #: Odd while a load may be published; raised once more when it is done.
        self._changes = 0
        self._version = _newest_load(self._connection)

    def _open(self, time_zone: str) -> duckdb.DuckDBPyConnection:
        config: dict[str, Any] = {
            "memory_limit": self._limits.memory,
            "threads": self._limits.threads,
            "preserve_insertion_order": True,
            "temp_directory": f"{self.path}.tmp",
        }
        try:
            connection = duckdb.connect(str(self.path), config=config)
        except duckdb.IOException as error:
            if _LOCKED in str(error):
                raise EngineLocked(f"{self.path.name} is held by another process") from error
            raise
        try:
            open_schema(connection, time_zone)
            _lock_down(connection, self.path.parent)
        except BaseException:
            connection.close()
            raise
        return connection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own for one thread."""
        try:
            return self._connection.cursor()
        except duckdb.Error as error:
            raise StoreUnavailable("the store is closed") from error

    @contextmanager
    def snapshot(self) -> Iterator["DuckDBSnapshot"]:
        """Give a view of the store in a read-only transaction: later loads are not seen."""
        cursor = self.cursor()
        try:
            cursor.execute("begin transaction read only")
            yield DuckDBSnapshot(cursor, self._timer, _newest_load(cursor))
        finally:
            with suppress(duckdb.Error):
                cursor.execute("rollback")
            cursor.close()

    @contextmanager
    def optimistic_snapshot(self) -> Iterator["DuckDBSnapshot"]:
        """Give a view without a transaction and without a query for the version.

        Both take longer than most answers. Only this process writes, and only while ``changing``:
        where the count of changes is the same after an answer as before, no load was published
        meanwhile.
        """
        before, version = self._changes, self._version
        if before % 2:
            with self.snapshot() as snapshot:
                yield snapshot
            return
        cursor = self.cursor()
        try:
            yield DuckDBSnapshot(cursor, self._timer, version, lambda: self._changes == before)
        finally:
            cursor.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Mark the time in which loads may be published; for one thread at a time."""
        self._changes += 1
        try:
            yield
        finally:
            with closing(self.cursor()) as cursor:
                self._version = _newest_load(cursor)
            self._changes += 1

    def close(self) -> None:
        self._connection.close()
        self._timer.close()


class DuckDBSnapshot:
    """The store at one ``data_version``.

    ``is_current`` returns whether the store still has that version; a snapshot in a transaction
    always does.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        timer: QueryTimer,
        data_version: int,
        is_current: Callable[[], bool] = lambda: True,
    ) -> None:
        self._cursor = cursor
        self._timer = timer
        self._is_current = is_current
        self.data_version = data_version

    def fetch(self, sql: str, parameters: tuple[object, ...]) -> ResultSet:
        # Python's own rows: for a few hundred of them, Arrow would cost more than the counting.
        with self._time_limit():
            rows = self._cursor.execute(sql, parameters).fetchall()
        if not self._is_current():
            raise StoreChanged
        columns = self._cursor.description or ()
        return ResultSet(
            tuple(column[0] for column in columns),
            tuple(str(column[1]) for column in columns),
            rows,
        )

    def stream(self, sql: str, parameters: tuple[object, ...]) -> Iterator[pa.RecordBatch]:
        with self._time_limit():
            rows = self._cursor.sql(sql, params=parameters).to_arrow_reader(_BATCH_ROWS)
        yield from rows

    @contextmanager
    def _time_limit(self) -> Iterator[None]:
        """Interrupt this cursor, and no other, past the limit: DuckDB has no statement timeout."""
        try:
            with self._timer.limit(self._cursor.interrupt):
                yield
        except duckdb.InterruptException as error:
            raise QueryTimeout(f"over {self._timer.seconds:g} s") from error


def _newest_load(connection: duckdb.DuckDBPyConnection) -> int:
    rows = connection.execute("select coalesce(max(load_id), 0) from loads").fetchall()
    return int(rows[0][0])


def _lock_down(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Keep all later statements from the network and from files outside the store's folder."""
    quoted = str(folder).replace("'", "''")
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute(f"set allowed_directories = ['{quoted}']")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
