"""Writes whole, sorted copies of a store for back-ups and compaction; reading these is fastest.

A copy holds nothing of the rows that were removed or changed before. In the file of a store their
values stay in blocks that are free, until the file is replaced by a copy.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import duckdb

from queries.engines.duckdb.schema import create_statements
from queries.tables import OUTBOXES, copy_order, metadata
from queries.vocabulary import REMOVALS
from sources.durable_files import sync
from sources.store_file import write_ahead_log

#: The name under which the copy is attached while it is written.
_COPY: Final = "copied"
#: Compaction pays when so many messages, and such a share of all, lie out of order.
MIN_UNSORTED: Final = 100_000
MIN_UNSORTED_SHARE: Final = 0.2
#: The store's fact of the newest load at the time when the file was written as a whole.
_REWRITTEN: Final = "rewritten"


def write_copy(connection: duckdb.DuckDBPyConnection, path: Path, *, is_backup: bool) -> None:
    """Copy the store of ``connection``, as it is now, to ``path``; a file there is replaced.

    A back-up gets a lineage of its own and empty outboxes: what is published later is not in it, so
    the next publication of it is a whole one.

    The copy is complete and on the disk when this returns. Raises ``duckdb.Error`` or ``OSError``
    if it cannot be written; then no part of it is left.
    """
    _remove(path)
    quoted = str(path).replace("'", "''")
    connection.execute(f"attach '{quoted}' as {_COPY}")
    try:
        try:
            _fill(connection, is_backup=is_backup)
        finally:
            connection.execute(f"detach {_COPY}")
        sync(path)
    except BaseException:
        # Where the disk is full, what was written takes the room that others need.
        _remove(path)
        raise


def needs_compaction(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the store of ``connection`` is to be compacted.

    That is so if it is badly sorted: at least 100,000 messages, and a fifth of all, are not in
    their sorted place. It is also so if the file may hold values that were erased or purged.
    """
    removals = ", ".join(f"'{source}'" for source in REMOVALS)
    if _has_loads_since_rewritten(connection, f"source in ({removals})"):
        return True
    ((unsorted, messages),) = connection.execute(
        """select coalesce((select value::bigint from store_facts where name = 'unsorted'), 0),
            (select count(*) from messages)"""
    ).fetchall()
    return bool(unsorted >= max(MIN_UNSORTED, messages * MIN_UNSORTED_SHARE))


def holds_removed_values(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the file may hold values of rows that were changed or removed.

    That is so where anything was loaded, erased or purged since the file was written as a whole.
    """
    return _has_loads_since_rewritten(connection, "true")


def _has_loads_since_rewritten(connection: duckdb.DuckDBPyConnection, condition: str) -> bool:
    """Return whether there are loads with ``condition`` since the file was written as a whole."""
    [(found,)] = connection.execute(
        f"""select exists (from loads where {condition} and load_id > coalesce(
            (select value::bigint from store_facts where name = '{_REWRITTEN}'), 0))"""
    ).fetchall()
    return bool(found)


def put_in_place(copy: Path, path: Path) -> None:
    """Replace the store at ``path`` by the file ``copy``. Nobody may have the store open.

    Raises ``FileExistsError`` if the store was not closed cleanly: DuckDB would apply its log of
    changes, which is still there, to the copy. Raises ``OSError`` if the file cannot be replaced.
    """
    if write_ahead_log(path).exists():
        raise FileExistsError(
            f"{path.name} was not closed cleanly: its log {path.name}.wal is there"
        )
    copy.replace(path)
    sync(path.parent)


def _fill(connection: duckdb.DuckDBPyConnection, *, is_backup: bool) -> None:
    try:
        connection.execute("begin")
        for statement in create_statements(_COPY):
            connection.execute(statement)
        for table in metadata.tables.values():
            if is_backup and table in OUTBOXES:
                continue
            order = ", ".join(copy_order(table))
            connection.execute(
                f"insert into {_COPY}.{table.name} by name from {table.name} order by {order}"
            )
        connection.execute(
            f"delete from {_COPY}.store_facts where name in ('unsorted', '{_REWRITTEN}')"
        )
        connection.execute(
            f"""insert into {_COPY}.store_facts
            select '{_REWRITTEN}', coalesce(max(load_id), 0)::varchar from loads"""
        )
        if is_backup:
            connection.execute(
                f"delete from {_COPY}.store_facts where name in ('lineage', 'outbox_after')"
            )
            connection.execute(
                f"insert into {_COPY}.store_facts values ('lineage', ?)", [uuid4().hex]
            )
        connection.execute("commit")
        connection.execute(f"checkpoint {_COPY}")
    except BaseException:
        # Until it is rolled back, a failed transaction refuses even to detach the copy.
        with suppress(duckdb.Error):
            connection.execute("rollback")
        raise


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    write_ahead_log(path).unlink(missing_ok=True)
