"""Asks a PostgreSQL to which a store was published (``queries.engines.postgresql.publisher``).

All settings of a session are those of its transaction, so a pooler that lends a connection for one
transaction at a time (pgbouncer) may lie between this process and the server.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import psycopg
import pyarrow as pa
from sqlalchemy.engine import URL

from queries.engines.base import EngineLimits, Supply
from queries.engines.postgresql.connections import Connection, hang_up
from queries.engines.postgresql.dialect import make_dialect
from queries.engines.postgresql.pool import Pool
from queries.engines.query_timeout import QueryTimer
from queries.errors import StoreUnavailable
from queries.result import DAY, OTHER, TEXT, TIME, ResultSet
from queries.tables import SCHEMA_VERSION

_BATCH_ROWS: Final = 10_000
#: How much longer than its time limit a query may take before the connection is cut: the server
#: itself ends it at the limit, unless it has died.
_PATIENCE_SECONDS: Final = 5.0
#: How often a transaction is begun anew where its tables were dropped before it could use them.
_ATTEMPTS: Final = 3

#: What columns hold, by the number of PostgreSQL's type.
_KINDS: Final = {25: TEXT, 1043: TEXT, 1082: DAY, 1114: TIME}
_ARROW_TYPES: Final = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    25: pa.string(),
    701: pa.float64(),
    1022: pa.list_(pa.float64()),
    1043: pa.string(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
}

#: Begins a transaction with the tables of the version that readers see, in one journey to the
#: server. Reading ``store_facts`` also keeps these tables from being dropped meanwhile.
_BEGIN: Final = """
    begin isolation level repeatable read read only;
    set local statement_timeout = {milliseconds};
    set local work_mem = '32MB';
    set local jit = off;
    select lineage, version, published_at, set_config('search_path', tables_in, true)
    from consumo.publication;
    select name, value from store_facts"""

_NOTHING_PUBLISHED: Final = (
    "the database holds nothing that may be read: run the writer, and let the user of the address "
    "read its tables"
)


class PostgreSQLEngine:
    """The store that was published to the database of an address.

    A process has one of them, and all threads use it. Nothing is connected to before the first
    snapshot.
    """

    def __init__(
        self, address: URL, limits: EngineLimits, time_zone: str, connections: int
    ) -> None:
        """Make an engine with at most ``connections``.

        Of ``limits`` it keeps the time; memory and threads are the server's matter. ``time_zone``
        is the zone whose days the store must count.
        """
        self.dialect = make_dialect()
        self._begin_sql = _BEGIN.format(milliseconds=_milliseconds(limits.query_seconds))
        self._query_seconds = limits.query_seconds
        self._time_zone = time_zone
        self._pool = Pool(address, connections)
        self._timer = QueryTimer(limits.query_seconds + _PATIENCE_SECONDS)
        self._published_at: datetime | None = None

    @contextmanager
    def snapshot(self) -> Iterator["PostgreSQLSnapshot"]:
        """Give a snapshot in a transaction: what is published later does not change its rows.

        Raises ``StoreUnavailable`` where the database does not answer, holds no publication, one of
        another layout or of another time zone, or all connections are in use.
        """
        with self._pool.transaction(self._begin) as (connection, version):
            yield PostgreSQLSnapshot(
                connection, self._pool, self._timer, self._query_seconds, version
            )

    def optimistic_snapshot(self) -> AbstractContextManager["PostgreSQLSnapshot"]:
        """Return the same as ``snapshot``: nothing would cost less."""
        return self.snapshot()

    def supply(self) -> Supply:
        """Return for how long the database has been silent, and when what was read last came."""
        return Supply(self._pool.silent_seconds(), self._published_at)

    def close(self) -> None:
        """Close all connections. Questions that run are ended, with ``StoreUnavailable``."""
        self._pool.close()
        self._timer.close()

    def _begin(self, connection: Connection) -> tuple[str, int]:
        """Begin a transaction; return the lineage and the number of the version that it reads."""
        for _ in range(_ATTEMPTS):
            try:
                *_, publications, facts = _results(connection, self._begin_sql)
            except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
                connection.rollback()
                continue
            for lineage, version, published_at, _ in publications:
                self._check(dict(facts))
                self._published_at = published_at
                return lineage, version
        raise StoreUnavailable(_NOTHING_PUBLISHED)

    def _check(self, facts: dict[str, str]) -> None:
        layout, zone = facts.get("schema_version"), facts.get("time_zone")
        if layout != SCHEMA_VERSION:
            raise StoreUnavailable(
                f"the published store has layout {layout}, this version needs {SCHEMA_VERSION}: "
                "run writer and readers of one version"
            )
        if zone != self._time_zone:
            raise StoreUnavailable(
                f"the published store's days are those of {zone}, not of {self._time_zone}: "
                "give writer and readers the same time zone"
            )


def _results(connection: Connection, sql: str) -> list[list[tuple[Any, ...]]]:
    """Return the rows of each statement of ``sql``; statements without rows have none."""
    with connection.cursor() as cursor:
        cursor.execute(sql.encode())
        found = [cursor.fetchall() if cursor.description else []]
        while cursor.nextset():
            found.append(cursor.fetchall() if cursor.description else [])
        return found


class PostgreSQLSnapshot:
    """The store at one moment: the ``Snapshot`` of PostgreSQL, a transaction.

    ``version`` is its lineage and its data version then.
    """

    def __init__(
        self,
        connection: Connection,
        pool: Pool,
        timer: QueryTimer,
        query_seconds: float,
        version: tuple[str, int],
    ) -> None:
        self._connection = connection
        self._pool = pool
        self._timer = timer
        self._query_seconds = query_seconds
        self.lineage, self.data_version = version

    def fetch(self, sql: str, parameters: tuple[object, ...]) -> ResultSet:
        """Return all rows of ``sql``; ``parameters`` are for its placeholders, in order.

        Raises ``QueryTimeout`` when the query takes longer than ``EngineLimits.query_seconds``, and
        ``StoreUnavailable`` when the connection is lost.
        """
        with self._limited(), self._connection.cursor() as cursor:
            cursor.execute(sql.encode(), parameters)
            described = cursor.description or []
            names = tuple(column.name for column in described)
            kinds = tuple(_KINDS.get(column.type_code, OTHER) for column in described)
            return ResultSet(names, kinds, cursor.fetchall())

    def stream(self, sql: str, parameters: tuple[object, ...]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of ``sql``, at most 10,000 a batch.

        ``parameters`` are for its placeholders, in order. Raises ``QueryTimeout`` when the first
        rows take longer than ``EngineLimits.query_seconds``; later ones have no limit. Raises
        ``StoreUnavailable`` when the connection is lost. The server makes rows as they are read,
        and none once the generator is closed.
        """
        with self._answering(), self._connection.cursor(f"rows_{uuid4().hex}") as cursor:
            with self._limited():
                cursor.execute(sql.encode(), parameters)
                rows = cursor.fetchmany(_BATCH_ROWS)
            schema = _schema_of(cursor.description or [])
            self._limit_statements(0)
            while rows:
                yield _batch(rows, schema)
                rows = cursor.fetchmany(_BATCH_ROWS)
            self._limit_statements(self._query_seconds)

    def _answering(self) -> AbstractContextManager[None]:
        return self._pool.answering(self._connection)

    def _limit_statements(self, seconds: float) -> None:
        """Let the server end later statements of the transaction after ``seconds``; 0: never."""
        self._connection.execute(f"set local statement_timeout = {_milliseconds(seconds)}".encode())

    @contextmanager
    def _limited(self) -> Iterator[None]:
        with self._answering(), self._timer.limit(lambda: hang_up(self._connection)):
            yield


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1_000)


def _schema_of(described: Any) -> pa.Schema:
    return pa.schema(
        [(column.name, _ARROW_TYPES.get(column.type_code, pa.string())) for column in described]
    )


def _batch(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    return pa.record_batch(
        [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)],
        schema=schema,
    )
