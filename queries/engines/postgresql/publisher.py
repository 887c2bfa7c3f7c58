"""Publishes a store to PostgreSQL: ``PostgreSQLPublisher``.

The writer's lock and its transactions belong to one and the same session of the server. So a writer
that has lost its lock, because the server or the network ended the session, can commit nothing any
more. A pooler that lends sessions by the transaction (pgbouncer in transaction mode) cannot do
this: the writer's address must be that of the server itself; readers may go through a pooler.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg
import pyarrow as pa
from pyarrow import csv
from sqlalchemy import Table
from sqlalchemy.engine import URL

from queries.engines.postgresql.connections import SILENT_SECONDS, Connection, connect
from queries.engines.postgresql.schema import (
    CREATE_PUBLICATION,
    SCHEMAS_OF_VERSIONS,
    index_statements,
    schema_of,
    table_statements,
)
from queries.engines.publishing import (
    LockLost,
    Progress,
    Publication,
    RowsToPublish,
    TargetLost,
)
from queries.tables import PUBLISHED_KEYS

log = logging.getLogger(__name__)

#: The number of the writer's lock: "consumo" in ASCII. PostgreSQL keeps locks apart by database.
_LOCK: Final = int.from_bytes(b"consumo")
#: Seconds between two publications of changes. They cost little, so readers need not wait.
_PAUSE_SECONDS: Final = 5.0
#: How long old tables may hold up their readers while they are dropped; then they stay for later.
_DROP_MILLISECONDS: Final = 200

#: The session of the writer. The server must notice soon that the writer is gone, whether its
#: process was killed, in mid-statement too, or its machine; then it gives up the lock.
_SESSION: Final = f"""
    set tcp_keepalives_idle = 2;
    set tcp_keepalives_interval = 1;
    set tcp_keepalives_count = 4;
    set tcp_user_timeout = {1_000 * SILENT_SECONDS};
    set client_connection_check_interval = 1000;
    set statement_timeout = 0;
    set idle_in_transaction_session_timeout = 0;
    set client_min_messages = warning;
    set maintenance_work_mem = '256MB'"""

_READ: Final = """
    select lineage, version, noted_at, published_at from consumo.publication"""
_WRITE: Final = """
    insert into consumo.publication
        (one, number, tables_in, lineage, version, noted_at, published_at)
    values (true, %s, %s, %s, %s, %s, %s)
    on conflict (one) do update set number = excluded.number, tables_in = excluded.tables_in,
        lineage = excluded.lineage, version = excluded.version, noted_at = excluded.noted_at,
        published_at = excluded.published_at"""
_CONFIRM: Final = """
    update consumo.publication set published_at = %s where lineage = %s and version = %s"""

#: Every value in quotes, and nothing for null: so an empty text is not null.
_AS_CSV: Final = csv.WriteOptions(include_header=False, quoting_style="all_valid")


class PostgreSQLPublisher:
    """Publishes to the database of an address, where it makes the schemas that it needs.

    The server must be PostgreSQL 14 or newer on Linux, the database's encoding UTF-8. Readers with
    a user of their own need ``usage`` on these schemas and ``select`` on their tables, which
    ``alter default privileges`` of the writer's user gives beforehand.
    """

    pause_seconds = _PAUSE_SECONDS

    def __init__(self, address: URL) -> None:
        """Make a publisher; it connects when the lock is wanted."""
        self._address = address
        self._connection: Connection | None = None
        self._is_locked = False

    def lock(self) -> bool:
        """Become the database's only writer, or check that this is still so."""
        with self._answered():
            if self._is_locked:
                self._open().execute(b"select 1")
            else:
                row = self._open().execute(b"select pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
                self._is_locked = bool(row and row[0])
        return self._is_locked

    def published(self) -> Publication | None:
        """Return what readers see now."""
        with self._answered():
            connection = self._locked()
            connection.execute(CREATE_PUBLICATION.encode())
            row = connection.execute(_READ.encode()).fetchone()
            return Publication(*row) if row else None

    def publish_all(self, rows: RowsToPublish, progress: Progress) -> None:
        """Make new tables with all rows, and let readers see them in place of the old ones.

        The old tables are dropped as soon as nobody reads them.
        """
        with self._answered():
            connection = self._locked()
            with connection.transaction():
                number = _greatest_number(connection) + 1
                schema = schema_of(number)
                connection.execute(CREATE_PUBLICATION.encode())
                for statement in table_statements(schema):
                    connection.execute(statement.encode())
                for table in PUBLISHED_KEYS:
                    # These tables are nobody else's yet, so their rows need no later work.
                    copied = _copied(
                        connection, f"{schema}.{table.name}", rows.all_rows(table), "freeze, "
                    )
                    for count in copied:
                        progress(table.name, count)
                for name, statement in index_statements(schema):
                    progress(f"{name}: index", 0)
                    connection.execute(statement.encode())
                for table in PUBLISHED_KEYS:
                    connection.execute(f"analyze {schema}.{table.name}".encode())
                _write(connection, number, rows.publication)
            self._drop_old_tables()

    def publish_changes(self, rows: RowsToPublish, progress: Progress) -> None:
        """Replace the rows that changed, in the tables that readers see.

        Old rows are invisible at once; their space, and with it their values, are overwritten after
        a vacuum, which the tables ask of the server when one row in fifty has changed.
        """
        with self._answered():
            connection = self._locked()
            with connection.transaction():
                number = _current_number(connection)
                schema = schema_of(number)
                for table, keys in PUBLISHED_KEYS.items():
                    if keys:
                        _delete(connection, schema, table, keys, rows.changed_keys(table))
                    else:
                        connection.execute(f"delete from {schema}.{table.name}".encode())
                    name = f"{schema}.{table.name}"
                    for count in _copied(connection, name, rows.changed_rows(table)):
                        progress(table.name, count)
                _write(connection, number, rows.publication)
            self._drop_old_tables()

    def confirm(self, publication: Publication) -> None:
        """Note when the version that readers see was confirmed last."""
        with self._answered():
            known = publication.published_at, publication.lineage, publication.version
            self._locked().execute(_CONFIRM.encode(), known)
            self._drop_old_tables()

    def close(self) -> None:
        """End the session, and with it the lock."""
        self._forget()

    # --- the session ------------------------------------------------------------------------------

    def _open(self) -> Connection:
        if self._connection is None:
            connection = self._connection = connect(self._address)
            connection.execute(_SESSION.encode())
            encoding = connection.info.parameter_status("server_encoding")
            if encoding != "UTF8":
                raise TargetLost("the database's encoding is not UTF-8")
        return self._connection

    def _locked(self) -> Connection:
        if self._connection is None or not self._is_locked:
            raise LockLost("this process is not the writer")
        return self._connection

    def _forget(self) -> None:
        connection, self._connection, self._is_locked = self._connection, None, False
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    @contextmanager
    def _answered(self) -> Iterator[None]:
        """Make ``TargetLost`` of the database's errors, whose texts may hold values."""
        try:
            yield
        except psycopg.Error as error:
            is_lost = self._connection is None or self._connection.closed
            self._forget()
            what = "does not answer" if is_lost else "refuses what is published"
            raise TargetLost(f"the database {what} ({type(error).__name__})") from None
        except TargetLost:
            self._forget()
            raise

    def _drop_old_tables(self) -> None:
        """Drop the tables of versions before that nobody reads any more."""
        connection = self._locked()
        current = schema_of(_current_number(connection))
        for (schema,) in connection.execute(SCHEMAS_OF_VERSIONS.encode()).fetchall():
            if schema == current:
                continue
            with suppress(psycopg.errors.LockNotAvailable), connection.transaction():
                connection.execute(f"set local lock_timeout = {_DROP_MILLISECONDS}".encode())
                connection.execute(f"drop schema {schema} cascade".encode())


def _current_number(connection: Connection) -> int:
    row = connection.execute(b"select number from consumo.publication").fetchone()
    return int(row[0]) if row else 0


def _greatest_number(connection: Connection) -> int:
    """Return the greatest number that a schema of a version has or had last."""
    names = connection.execute(SCHEMAS_OF_VERSIONS.encode()).fetchall()
    return max((int(name.rpartition("_")[2]) for (name,) in names), default=0)


def _write(connection: Connection, number: int, publication: Publication) -> None:
    """Let readers see a version, from the end of the transaction on."""
    values = (
        number,
        schema_of(number),
        publication.lineage,
        publication.version,
        publication.noted_at,
        publication.published_at,
    )
    connection.execute(_WRITE.encode(), values)


def _delete(
    connection: Connection,
    schema: str,
    table: Table,
    keys: Sequence[str],
    batches: Iterator[pa.RecordBatch],
) -> None:
    """Delete the rows of ``table`` with the keys of ``batches``."""
    listed, columns = f"changed_{table.name}", ", ".join(keys)
    name = f"{schema}.{table.name}"
    copy_of = f"select {columns} from {name} limit 0"
    connection.execute(f"create temp table {listed} on commit drop as {copy_of}".encode())
    for _ in _copied(connection, listed, batches):
        pass
    connection.execute(f"analyze {listed}".encode())
    same = " and ".join(f"{listed}.{key} = {name}.{key}" for key in keys)
    connection.execute(f"delete from {name} using {listed} where {same}".encode())


def _copied(
    connection: Connection, table: str, batches: Iterator[pa.RecordBatch], options: str = ""
) -> Iterator[int]:
    """Copy rows into a table; yield how many of them are there, after each batch."""
    count = 0
    for batch in batches:
        _copy(connection, table, batch, options)
        count += batch.num_rows
        yield count


def _copy(connection: Connection, table: str, batch: pa.RecordBatch, options: str) -> None:
    statement = f"copy {table} from stdin ({options}format csv)"
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        csv.write_csv(batch, _Written(copy), _AS_CSV)


class _Written:
    """A file for Arrow to write to, whose content goes to the server."""

    closed = False

    def __init__(self, copy: psycopg.Copy) -> None:
        self._copy = copy

    def write(self, content: Any) -> int:
        self._copy.write(bytes(content))
        return len(content)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass
