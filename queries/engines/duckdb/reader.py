"""Opens the DuckDB file of the store and runs SQL in it.

The process has one connection; each snapshot has a cursor of that connection.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from queries.engines.base import EngineLimits, Supply
from queries.engines.duckdb.dialect import make_dialect
from queries.engines.duckdb.literals import text_literal
from queries.engines.duckdb.parsed_statements import ParsedStatements
from queries.engines.duckdb.schema import open_schema
from queries.engines.open_snapshots import OpenSnapshots
from queries.engines.query_timeout import QueryTimer
from queries.errors import QueryTimeout, StoreChanged, StoreUnavailable
from queries.result import DAY, OTHER, TEXT, TIME, ResultSet

_BATCH_ROWS: Final = 10_000
#: What columns hold, by DuckDB's name of their type.
_KINDS: Final = {"VARCHAR": TEXT, "DATE": DAY, "TIMESTAMP": TIME}
#: What ``StoreUnavailable`` says when a snapshot was cut.
_CUT: Final = "the store's file is being exchanged or closed"
#: The beginning of DuckDB's message when another process has the file open.
_LOCKED: Final = "Could not set lock on file"
#: How long snapshots may go on before the file is exchanged without waiting for them.
_PATIENCE_SECONDS: Final = 2.0
#: How long to wait between two attempts to interrupt a query, which may just have begun.
_INTERRUPT_SECONDS: Final = 0.02


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
        self._time_zone = time_zone
        self._timer = QueryTimer(limits.query_seconds)
        self._snapshots = OpenSnapshots()
        self._parsed = ParsedStatements()
        #: Held for each call of ``_connection``: DuckDB refuses a call while another one runs.
        self._one_call = threading.Lock()
        self._connection = self._open()
        #: Counts beginnings and ends of ``changing``: odd while a load may be published.
        self._changes = 0
        self._version = _newest_load(self._connection)
        self._lineage = _lineage(self._connection)

    def _open(self) -> duckdb.DuckDBPyConnection:
        config: dict[str, Any] = {
            "memory_limit": self._limits.memory,
            "threads": self._limits.threads,
            "preserve_insertion_order": True,
            "temp_directory": f"{self.path}.tmp",
        }
        connection = connect(self.path, config)
        try:
            open_schema(connection, self._time_zone)
            lock_down(connection, self.path.parent)
        except BaseException:
            connection.close()
            raise
        return connection

    @property
    def is_open(self) -> bool:
        """Whether the file is open."""
        try:
            with self._one_call:
                self._connection.cursor().close()
        except duckdb.Error:
            return False
        return True

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a new connection to the open file. The caller uses it in one thread and closes it.

        Raises ``StoreUnavailable`` when the engine is closed.
        """
        try:
            with self._one_call:
                return self._connection.cursor()
        except duckdb.Error as error:
            raise StoreUnavailable("the store is closed") from error

    @contextmanager
    def snapshot(self) -> Iterator["DuckDBSnapshot"]:
        """Give a snapshot in a read-only transaction: loads published later do not change its rows.

        Raises ``StoreUnavailable`` when the engine is closed.
        """
        with self._cursor_of_snapshot() as cursor:
            try:
                cursor.rows("begin transaction read only")
                newest = int(cursor.rows(_NEWEST_LOAD)[0][0])
            except CursorCut as error:
                raise StoreUnavailable(_CUT) from error
            try:
                yield DuckDBSnapshot(cursor, self._timer, (self._lineage, newest))
            finally:
                with suppress(duckdb.Error, CursorCut):
                    cursor.rows("rollback")

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
        with self._cursor_of_snapshot() as cursor:
            yield DuckDBSnapshot(
                cursor, self._timer, (self._lineage, version), lambda: self._changes == before
            )

    @contextmanager
    def _cursor_of_snapshot(self) -> Iterator["CuttableCursor"]:
        with self._snapshots.one(self._cuttable_cursor) as cursor:
            try:
                yield cursor
            finally:
                cursor.close()

    def _cuttable_cursor(self) -> "CuttableCursor":
        return CuttableCursor(self.cursor(), self._parsed)

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
                self._lineage = _lineage(cursor)
            self._changes += 1

    def exchange_file(self, exchange: Callable[[], None]) -> None:
        """Close the file, call ``exchange``, which may replace it, and open what is there then.

        New snapshots wait meanwhile. Those that are open have two seconds to end; then their
        queries raise ``StoreChanged`` or ``StoreUnavailable``. No cursor may be open.

        Raises what ``exchange`` raises, after the file was opened again, and what opening raises;
        after that the engine is closed.
        """
        with self._snapshots.none(_PATIENCE_SECONDS), self._one_call:
            self._connection.close()
            try:
                exchange()
            finally:
                self._connection = self._open()

    def supply(self) -> Supply:
        """Return that the store is this process's own."""
        return Supply()

    def close(self) -> None:
        """Close the file and end the thread of the time limit.

        Snapshots that are open are cut: DuckDB does not close a connection while one of its cursors
        works. Their queries, and new snapshots, raise ``StoreUnavailable``.
        """
        with self._snapshots.none(0), self._one_call:
            self._connection.close()
        self._timer.close()


class CursorCut(Exception):
    """A cursor was cut, because the file is being exchanged or closed."""


class CuttableCursor:
    """A cursor of the store's connection that another thread can cut.

    One thread reads with it; ``interrupt`` and ``cut`` are for others. All cursors of a store share
    ``parsed``.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, parsed: ParsedStatements) -> None:
        self._cursor = cursor
        self._parsed = parsed
        #: Held while the engine works for this cursor.
        self._at_work = threading.Lock()
        self._is_cut = False
        self._reader: pa.RecordBatchReader | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns of what ``rows`` returned last."""
        return tuple(column[0] for column in self._cursor.description or ())

    @property
    def kinds(self) -> tuple[str, ...]:
        """What these columns hold, as ``ResultSet.kinds`` says it."""
        described = self._cursor.description or ()
        return tuple(_KINDS.get(str(column[1]), OTHER) for column in described)

    def rows(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of ``sql``. Raises ``CursorCut``, and ``duckdb.Error``."""
        # Python's own rows: for a few hundred of them, Arrow would cost more than the counting.
        with self._working():
            statement = self._parsed.parsed(sql, self._cursor)
            return self._cursor.execute(statement, parameters).fetchall()

    def begin(self, sql: str, parameters: tuple[object, ...]) -> None:
        """Run ``sql``; ``batches`` then gives its rows. Raises ``CursorCut``, ``duckdb.Error``."""
        with self._working():
            self._reader = self._cursor.sql(sql, params=parameters).to_arrow_reader(_BATCH_ROWS)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows of ``begin`` in batches. Raises ``CursorCut``, and ``duckdb.Error``."""
        while True:
            with self._working():
                batch = next(self._reader, None) if self._reader else None
            if batch is None:
                return
            yield batch

    def interrupt(self) -> None:
        """Make the query that runs now raise ``duckdb.InterruptException``."""
        self._cursor.interrupt()

    def cut(self) -> None:
        """Interrupt the query that runs, and make all later calls raise ``CursorCut``."""
        self._is_cut = True
        # A query that has just begun may miss one interruption.
        while not self._at_work.acquire(timeout=_INTERRUPT_SECONDS):
            self._cursor.interrupt()
        try:
            self._close()
        finally:
            self._at_work.release()

    def close(self) -> None:
        """Close the cursor. Rows that ``batches`` has not given yet are lost."""
        with self._at_work:
            self._close()

    def _close(self) -> None:
        # The engine does not let go of a file while a reader of its rows is open.
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        self._cursor.close()

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._at_work:
            if self._is_cut:
                raise CursorCut
            try:
                yield
            except Exception as error:
                # DuckDB's own error, or what Arrow makes of it.
                if self._is_cut:
                    raise CursorCut from error
                raise


class DuckDBSnapshot:
    """The store at one moment: the ``Snapshot`` of DuckDB. ``fetch`` and ``stream`` run SQL.

    ``version`` is the store's lineage and its data version then. ``is_current`` is called after
    each ``fetch``; where it returns False a load may have been published, and ``fetch`` raises
    ``StoreChanged``. None stands for a transaction, in which rows are always current. ``stream``
    does not call it.
    """

    def __init__(
        self,
        cursor: CuttableCursor,
        timer: QueryTimer,
        version: tuple[str, int],
        is_current: Callable[[], bool] | None = None,
    ) -> None:
        self._cursor = cursor
        self._timer = timer
        self._is_current = is_current
        self.lineage, self.data_version = version

    def fetch(self, sql: str, parameters: tuple[object, ...]) -> ResultSet:
        """Return all rows of ``sql``; ``parameters`` are for its placeholders, in order.

        Raises ``QueryTimeout`` when the query takes longer than ``EngineLimits.query_seconds``, and
        in an optimistic snapshot ``StoreChanged`` when a load may have been published since it
        began. When the file is exchanged meanwhile, it raises ``StoreChanged`` in an optimistic
        snapshot and ``StoreUnavailable`` in any other.
        """
        with self._limited():
            rows = self._cursor.rows(sql, parameters)
        if self._is_current and not self._is_current():
            raise StoreChanged
        return ResultSet(self._cursor.names, self._cursor.kinds, rows)

    def stream(self, sql: str, parameters: tuple[object, ...]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of ``sql``, at most 10,000 a batch.

        ``parameters`` are for its placeholders, in order. Raises ``QueryTimeout`` when the first
        rows take longer than ``EngineLimits.query_seconds``. Reading the rows has no limit, because
        a slow client may take them slowly. Raises ``StoreUnavailable`` when the file is exchanged
        meanwhile.
        """
        with self._limited():
            self._cursor.begin(sql, parameters)
        with self._uncut():
            yield from self._cursor.batches()

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """Interrupt this cursor's query when the body takes too long; raise ``QueryTimeout`` then.

        DuckDB has no time limit of its own.
        """
        try:
            with self._uncut(), self._timer.limit(self._cursor.interrupt):
                yield
        except duckdb.InterruptException as error:
            raise QueryTimeout(f"over {self._timer.seconds:g} s") from error

    @contextmanager
    def _uncut(self) -> Iterator[None]:
        """Raise the error that says that the file was exchanged where the cursor is cut."""
        try:
            yield
        except CursorCut as error:
            if self._is_current:
                raise StoreChanged from error
            raise StoreUnavailable(_CUT) from error


#: The number of the newest load, 0 in an empty store.
_NEWEST_LOAD: Final = "select coalesce(max(load_id), 0) from loads"


def _newest_load(connection: duckdb.DuckDBPyConnection) -> int:
    return int(connection.execute(_NEWEST_LOAD).fetchall()[0][0])


def _lineage(connection: duckdb.DuckDBPyConnection) -> str:
    sql = "select value from store_facts where name = 'lineage'"
    return str(connection.execute(sql).fetchall()[0][0])


def stored_version(connection: duckdb.DuckDBPyConnection) -> tuple[str, int]:
    """Return the lineage and the data version of the store of ``connection``."""
    return _lineage(connection), _newest_load(connection)


def lock_down(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Forbid all later SQL the network, files outside ``folder`` and changes of this setting.

    Also set the time zone to UTC, so that the engine itself converts no times. Do nothing where
    that was done: connections of one process to one file share these settings.
    """
    if connection.execute("select current_setting('lock_configuration')").fetchall()[0][0]:
        return
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute(f"set allowed_directories = [{text_literal(folder)}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
