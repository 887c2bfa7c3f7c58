"""Whole copies of a store, sorted as it is best read: for back-ups and for compaction."""

from contextlib import suppress
from pathlib import Path
from typing import Final

import duckdb

from queries.engines.duckdb import SCHEMA
from sources.disk import sync

#: Tables with the order in which a copy holds them.
_ORDERS: Final = {
    "people": "person_id",
    "cases": "case_key",
    "messages": "sent_at, message_id, account",
    "message_days": "sent_day, opened_day, channel, case_type",
    "case_days": "day, channel, case_type",
    "active_days": "day, previous_day, channel, case_type",
    "message_events": "occurred_at, message_id",
    "loads": "load_id",
    "rejects": "load_id, file, line",
    "store_facts": "name",
}
#: Compaction pays when so many messages, and such a share of them, lie out of order.
_MIN_UNSORTED: Final = 100_000
_MIN_UNSORTED_SHARE: Final = 0.2


def write_copy(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Copy the store of ``connection``, as it is now, to ``path``; a half-written file there goes.

    The copy is complete and on disk when this returns; where it fails nothing is left of it.
    """
    _remove(path)
    quoted = str(path).replace("'", "''")
    connection.execute(f"attach '{quoted}' as copied")
    try:
        try:
            _fill(connection)
        finally:
            connection.execute("detach copied")
        sync(path)
    except BaseException:
        # Where the disk is full, it needs the room.
        _remove(path)
        raise


def _fill(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.execute("begin")
        for statement in SCHEMA:
            kind = "table" if statement.startswith("create table") else "type"
            connection.execute(statement.replace(f"create {kind} ", f"create {kind} copied.", 1))
        for table, order in _ORDERS.items():
            connection.execute(f"insert into copied.{table} by name from {table} order by {order}")
        connection.execute("delete from copied.store_facts where name = 'unsorted'")
        connection.execute("commit")
        connection.execute("checkpoint copied")
    except BaseException:
        # A failed transaction refuses even to let go of the copy.
        with suppress(duckdb.Error):
            connection.execute("rollback")
        raise


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def needs_compaction(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether so much of the store lies out of order that reading suffers."""
    ((unsorted, messages),) = connection.execute(
        """select coalesce((select value::bigint from store_facts where name = 'unsorted'), 0),
            (select count(*) from messages)"""
    ).fetchall()
    return bool(unsorted >= max(_MIN_UNSORTED, messages * _MIN_UNSORTED_SHARE))


def put_in_place(copy: Path, path: Path) -> None:
    """Let ``copy`` be the store at ``path``, which nobody may have open; all or nothing.

    Raises ``OSError`` where the store was not closed cleanly: its log must not meet another file.
    """
    if path.with_name(f"{path.name}.wal").exists():
        raise FileExistsError(
            f"{path.name} was not closed cleanly: its log {path.name}.wal is there"
        )
    copy.replace(path)
    sync(path.parent)
