"""Opens the DuckDB file of the store and runs SQL in it.

The process has one connection; each snapshot has a cursor of that connection.
"""

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
#: The beginning of DuckDB's message when another process has the file open.
_LOCKED: Final = "Could not set lock on file"


class EngineLocked(StoreUnavailable):
    """Another process has the store's file open."""


def connect(
    path: Path, config: dict[str, Any], *, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """Return a connection to the DuckDB file at ``path``, which is made where there is none.

    With ``read_only`` the file must be there, and neither it nor the files beside it change. Raises
    ``EngineLocked`` when another process has the file open (with ``read_only``: for writing), and
    ``duckdb.Error`` when DuckDB cannot open it for another reason.
    """
    try:
        return duckdb.connect(str(path), read_only=read_only, config=config)
    except duckdb.IOException as error:
        if _LOCKED in str(error):
            raise EngineLocked(f"{path.name} is held by another process") from error
        raise


class DuckDBEngine:
    """The store's DuckDB file, opened.

    A process has one of them for a file, and all threads use it. Queries use snapshots. Only the
    owner of the store (``sources.owner``) writes: with a connection from ``cursor``, inside ``with
    engine.changing():``.
    """

    def __init__(self, path: Path, limits: EngineLimits, time_zone: str) -> None:
        """Open the store at ``path``, or make an empty store where there is no file.

        ``time_zone`` is the zone whose days the store counts, such as ``America/Sao_Paulo``. SQL
        may read and write files in the folder of ``path``, and no other files.

        Raises ``EngineLocked`` when another process has the file open; ``OtherLayout`` when its
        tables have another layout than this program's; ``StoreUnavailable`` when it is a DuckDB
        file but no store, or was made for another time zone (its days would be wrong);
        ``duckdb.Error`` when DuckDB cannot open it for another reason.
        """
        self.path = path
        self.dialect = make_dialect()
        self._limits = limits
        self._timer = QueryTimer(limits.query_seconds)
        self._connection = self._open(time_zone)
        #: Counts beginnings and ends of ``changing``: odd while a load may be published.
        self._changes = 0
        self._version = _newest_load(self._connection)

    def _open(self, time_zone: str) -> duckdb.DuckDBPyConnection:
        config: dict[str, Any] = {
            "memory_limit": self._limits.memory,
            "threads": self._limits.threads,
            "preserve_insertion_order": True,
            "temp_directory": f"{self.path}.tmp",
        }
        connection = connect(self.path, config)
        try:
            open_schema(connection, time_zone)
            _lock_down(connection, self.path.parent)
        except BaseException:
            connection.close()
            raise
        return connection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a new connection to the open file. The caller uses it in one thread and closes it.

        Raises ``StoreUnavailable`` when the engine is closed.
        """
        try:
            return self._connection.cursor()
        except duckdb.Error as error:
            raise StoreUnavailable("the store is closed") from error

    @contextmanager
    def snapshot(self) -> Iterator["DuckDBSnapshot"]:
        """Give a snapshot in a read-only transaction: loads published later do not change its rows.

        Raises ``StoreUnavailable`` when the engine is closed.
        """
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
        """Give a snapshot without a transaction, which is faster.

        Instead, ``fetch`` checks ``_changes``: it raises ``StoreChanged`` when ``changing`` has
        begun since the snapshot did, because a load may have been published. Inside ``changing``
        the snapshot is one of ``snapshot``, and ``fetch`` does not raise it.

        Raises ``StoreUnavailable`` when the engine is closed.
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
        """Enclose, in a ``with``, what may publish a load. One thread at a time may use it.

        From its beginning on, ``fetch`` raises ``StoreChanged`` in optimistic snapshots that began
        before.
        """
        self._changes += 1
        try:
            yield
        finally:
            with closing(self.cursor()) as cursor:
                self._version = _newest_load(cursor)
            self._changes += 1

    def close(self) -> None:
        """Close the file and end the thread of the time limit.

        New snapshots raise ``StoreUnavailable``; queries in snapshots that are still open fail with
        ``duckdb.Error``.
        """
        self._connection.close()
        self._timer.close()


class DuckDBSnapshot:
    """The store at one moment: the ``Snapshot`` of DuckDB. ``fetch`` and ``stream`` run SQL.

    ``data_version`` is the number of the newest load at that moment. ``is_current`` is called after
    each ``fetch``; where it returns False a load may have been published, and ``fetch`` raises
    ``StoreChanged``. In a transaction it always returns True. ``stream`` does not call it.
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
        """Return all rows of ``sql``; ``parameters`` are for its placeholders, in order.

        Raises ``QueryTimeout`` when the query takes longer than ``EngineLimits.query_seconds``, and
        in an optimistic snapshot ``StoreChanged`` when a load may have been published since it
        began.
        """
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
        """Yield the rows of ``sql``, at most 10,000 a batch.

        ``parameters`` are for its placeholders, in order. Raises ``QueryTimeout`` when the first
        rows take longer than ``EngineLimits.query_seconds``. Reading the rows has no limit, because
        a slow client may take them slowly.
        """
        with self._time_limit():
            rows = self._cursor.sql(sql, params=parameters).to_arrow_reader(_BATCH_ROWS)
        yield from rows

    @contextmanager
    def _time_limit(self) -> Iterator[None]:
        """Interrupt this cursor's query when the body takes too long; raise ``QueryTimeout`` then.

        DuckDB has no time limit of its own.
        """
        try:
            with self._timer.limit(self._cursor.interrupt):
                yield
        except duckdb.InterruptException as error:
            raise QueryTimeout(f"over {self._timer.seconds:g} s") from error


def _newest_load(connection: duckdb.DuckDBPyConnection) -> int:
    rows = connection.execute("select coalesce(max(load_id), 0) from loads").fetchall()
    return int(rows[0][0])


def _lock_down(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Forbid all later SQL the network, files outside ``folder`` and changes of this setting.

    Also set the time zone to UTC, so that the engine itself converts no times.
    """
    quoted = str(folder).replace("'", "''")
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute(f"set allowed_directories = ['{quoted}']")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
