"""Answers questions from the version in ClickHouse that was published last.

A snapshot is the pointer as it was at the snapshot's beginning: all its questions name the database
of that version, which never changes. The publisher keeps a version for a while after it was
replaced; a question that finds its database gone is asked again of the newest.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from sqlalchemy.engine import URL

from queries.engines.base import EngineLimits, Supply
from queries.engines.clickhouse.connections import STOPPED, Clients, StoreLost, Target, code_of
from queries.engines.clickhouse.dialect import VERSION, literal, make_dialect, with_values
from queries.engines.clickhouse.pointer import Pointer, check_layout, newest_pointer
from queries.engines.clickhouse.schema import on_cluster
from queries.engines.query_timeout import QueryTimer
from queries.errors import QueryTimeout, StoreChanged, StoreUnavailable
from queries.result import DAY, OTHER, TEXT, TIME, ResultSet

#: How long after its time limit a query is stopped that ClickHouse has not stopped by itself.
_GRACE_SECONDS: Final = 1.0
#: How long to wait between two attempts to stop a query, which may just have begun.
_KILL_SECONDS: Final = 0.5
#: ClickHouse's numbers of errors: no such table or database, so that the version is gone.
_GONE: Final = (60, 81)
#: How long an answer may take to begin after the time limit of a query.
ANSWER_SECONDS: Final = 10.0
_BATCH_ROWS: Final = 10_000
_FORMAT: Final = "ArrowStream"
_TIME: Final = pa.timestamp("us")


class ClickHouseEngine:
    """The published store in ClickHouse. All threads of a process use one of them."""

    def __init__(
        self, address: URL, limits: EngineLimits, time_zone: str, connections: int
    ) -> None:
        """Prepare to read what is published to ``address``; nothing is connected to yet.

        ``time_zone`` is the zone whose days the store must count. At most ``connections`` questions
        are asked at the same time.
        """
        self.dialect = make_dialect()
        self._time_zone = time_zone
        self._target = target = Target.of(address)
        settings: dict[str, Any] = {"max_execution_time": limits.query_seconds}
        if target.path:  # A server's own settings say how much of it a query may have.
            settings["max_threads"] = limits.threads
        receive_seconds = limits.query_seconds + ANSWER_SECONDS
        self._clients = Clients(target, connections, receive_seconds, settings)
        # One of its own, so that queries can be stopped while all others wait for them.
        self._stopping = Clients(target, 1, ANSWER_SECONDS)
        self._timer = QueryTimer(limits.query_seconds + _GRACE_SECONDS)
        self._silent_since: float | None = None
        self._published_at: datetime | None = None

    @contextmanager
    def snapshot(self) -> Iterator["ClickHouseSnapshot"]:
        """Give a snapshot of what is published now.

        Raises ``StoreUnavailable`` when ClickHouse does not answer, nothing was published yet, or
        what was published is of another layout or time zone.
        """
        yield self._snapshot(_unavailable)

    @contextmanager
    def optimistic_snapshot(self) -> Iterator["ClickHouseSnapshot"]:
        """Give a snapshot as ``snapshot`` does. Its ``fetch`` raises ``StoreChanged`` when the
        version is gone meanwhile.
        """
        yield self._snapshot(StoreChanged)

    def supply(self) -> Supply:
        """Return since when ClickHouse has not answered, and when what it last said was true."""
        since = self._silent_since
        silent_seconds = 0.0 if since is None else time.monotonic() - since
        return Supply(silent_seconds, self._published_at)

    def close(self) -> None:
        """Close all connections and end the thread of the time limit."""
        self._clients.close()
        self._stopping.close()
        self._timer.close()

    @contextmanager
    def asking(self) -> Iterator[Client]:
        """Give a client, and note whether ClickHouse answers. Raises ``StoreUnavailable``."""
        try:
            with self._clients.one() as client:
                yield client
        except StoreLost as error:
            if self._silent_since is None:
                self._silent_since = time.monotonic()
            raise StoreUnavailable(str(error)) from error
        self._silent_since = None

    @contextmanager
    def limited(self, mark: str) -> Iterator[None]:
        """Stop the query whose text begins with ``mark`` when the body takes too long.

        ClickHouse itself stops queries that are over their time; this is for those that it does not
        look at. Raises ``QueryTimeout``.
        """
        is_late, has_ended = threading.Event(), threading.Event()

        def stop() -> None:
            is_late.set()
            # In a thread of its own: that of the timer must not wait for an answer.
            arguments = (mark, has_ended)
            threading.Thread(target=self._stop, args=arguments, name="stop", daemon=True).start()

        try:
            with self._timer.limit(stop):
                yield
        except StoreUnavailable:
            raise
        except Exception as error:
            if is_late.is_set() or _is_stopped(error):
                raise QueryTimeout("a query was over its time limit") from error
            raise
        finally:
            has_ended.set()

    def _stop(self, mark: str, has_ended: threading.Event) -> None:
        sql = f"KILL QUERY{on_cluster(self._target)} WHERE startsWith(query, {literal(mark)}) ASYNC"
        while not has_ended.is_set():
            try:
                with self._stopping.one() as client:
                    client.command(sql)
            except (StoreLost, ClickHouseError):
                pass  # The next attempt may succeed, and the query's own connection has a limit.
            has_ended.wait(_KILL_SECONDS)

    def _snapshot(self, gone: Callable[[], RuntimeError]) -> "ClickHouseSnapshot":
        try:
            with self.asking() as client:
                pointer = newest_pointer(client, self._target)
        except ClickHouseError as error:
            if code_of(error) in _GONE:
                raise StoreUnavailable("nothing was published yet") from error
            raise StoreUnavailable("ClickHouse refuses to say what was published") from error
        if pointer is None:
            raise StoreUnavailable("nothing was published yet")
        check_layout(pointer, self._time_zone)
        self._published_at = pointer.publication.published_at
        return ClickHouseSnapshot(self, pointer, gone)


class ClickHouseSnapshot:
    """One version: the ``Snapshot`` of ClickHouse. ``gone`` makes the error that it is gone."""

    def __init__(
        self, engine: ClickHouseEngine, pointer: Pointer, gone: Callable[[], RuntimeError]
    ) -> None:
        self._engine = engine
        self._version = {VERSION: pointer.version}
        self._gone = gone
        self.data_version = pointer.publication.version
        self.lineage = pointer.publication.lineage

    def fetch(self, sql: str, parameters: tuple[object, ...]) -> ResultSet:
        """Return all rows of ``sql``; ``parameters`` are for its placeholders, in order.

        Raises ``QueryTimeout`` when the query takes longer than ``EngineLimits.query_seconds``,
        ``StoreUnavailable`` when ClickHouse does not answer, and when the version is gone this or,
        in an optimistic snapshot, ``StoreChanged``.
        """
        mark = _mark()
        with self._there(), self._engine.limited(mark), self._engine.asking() as client:
            content = client.raw_query(
                mark + with_values(sql, parameters), parameters=self._named(sql), fmt=_FORMAT
            )
        return result_set(pa.ipc.open_stream(content).read_all())

    def stream(self, sql: str, parameters: tuple[object, ...]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of ``sql``, at most 10,000 a batch.

        Raises as ``fetch`` does; reading the rows after the first has no time limit, because a slow
        client may take them slowly. The engine inside this process gives the first rows when it has
        all of them.
        """
        mark = _mark()
        text = f"{mark}{with_values(sql, parameters)} SETTINGS max_execution_time = 0"
        with self._there(), self._engine.asking() as client, ExitStack() as at_end:
            with self._engine.limited(mark):
                content: Any = client.raw_stream(text, parameters=self._named(sql), fmt=_FORMAT)
                at_end.callback(content.close)  # Else an unread answer would keep its connection.
                reader = pa.ipc.open_stream(content)
                batch = next(reader, None)
            while batch is not None:
                for first in range(0, len(batch), _BATCH_ROWS):
                    yield _without_offsets(batch.slice(first, _BATCH_ROWS))
                batch = next(reader, None)

    def _named(self, sql: str) -> dict[str, str] | None:
        """Return the name of the database, for SQL that asks for it."""
        return self._version if f"{{{VERSION}:" in sql else None

    @contextmanager
    def _there(self) -> Iterator[None]:
        try:
            yield
        except ClickHouseError as error:
            if code_of(error) in _GONE:
                raise self._gone() from error
            raise
        except pa.ArrowException as error:
            raise StoreUnavailable("ClickHouse ended an answer before its end") from error


def result_set(table: pa.Table) -> ResultSet:
    """Return the rows of ``table`` as plain Python values: times without offset, an empty array as
    None, because ClickHouse has no null for arrays.
    """
    columns = [_values(column) for column in table.columns]
    kinds = tuple(_kind(column.type) for column in table.columns)
    names = tuple(name.rpartition(".")[2] for name in table.column_names)
    return ResultSet(names, kinds, list(zip(*columns, strict=True)))


def _values(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(_TIME)
    values: list[Any] = column.to_pylist()
    return [value or None for value in values] if pa.types.is_list(column.type) else values


def _kind(type_: pa.DataType) -> str:
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return TEXT
    if pa.types.is_date(type_):
        return DAY
    return TIME if pa.types.is_timestamp(type_) else OTHER


def _without_offsets(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        column.cast(_TIME) if pa.types.is_timestamp(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _mark() -> str:
    """Return the beginning of a query's text, by which it is found when it has to be stopped."""
    return f"/* {uuid.uuid4().hex} */ "


def _is_stopped(error: Exception) -> bool:
    return isinstance(error, ClickHouseError) and code_of(error) in STOPPED


def _unavailable() -> RuntimeError:
    return StoreUnavailable("the version that was being read is gone")
