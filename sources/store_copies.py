"""Writes whole, sorted copies of a store for back-ups and compaction; reading these is fastest.

A copy holds nothing of the rows that were removed or changed before. In the file of a store their
values stay in blocks that are free, until the file is replaced by a copy.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final
from uuid import uuid4

import duckdb

from queries.engines.duckdb.clean_files import CleanFiles, rows_folder
from queries.tables import OUTBOXES, metadata, store_facts
from queries.vocabulary import REMOVALS
from sources.durable_files import sync
from sources.store_file import write_ahead_log

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
    remove_copy(path)
    try:
        connection.execute("begin")
        try:
            with closing(CleanFiles()) as files:
                files.write(connection, path, dict(_rows(is_backup=is_backup)))
        finally:
            # Where the transaction has failed, too, this ends it.
            connection.execute("rollback")
        sync(path)
    except BaseException:
        # Where the disk is full, what was written takes the room that others need.
        remove_copy(path)
        raise


def remove_copy(path: Path) -> None:
    """Remove the copy at ``path``, and what a killed process left of it."""
    path.unlink(missing_ok=True)
    write_ahead_log(path).unlink(missing_ok=True)
    shutil.rmtree(rows_folder(path), ignore_errors=True)


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


def _rows(*, is_backup: bool) -> Iterator[tuple[str, str]]:
    """Yield the name of each table that is copied, and the SELECT of its rows."""
    for table in metadata.tables.values():
        if table is not store_facts and not (is_backup and table in OUTBOXES):
            yield table.name, f"from {table.name}"
    renewed = ["unsorted", _REWRITTEN, *(("lineage", "outbox_after") if is_backup else ())]
    names = ", ".join(f"'{name}'" for name in renewed)
    own = f"union all select 'lineage', '{uuid4().hex}'" if is_backup else ""
    yield (
        store_facts.name,
        f"""select name, value from store_facts where name not in ({names})
        union all select '{_REWRITTEN}', coalesce(max(load_id), 0)::varchar from loads {own}""",
    )
