"""Runs the statements of a load in the store."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import duckdb

from sources.loading.load_order import Progress

_T = TypeVar("_T")


class LoadConnection:
    """The ``connection`` to the store in the transaction of one load, and the load's ``progress``.

    The steps of the load run their SQL through it, and call ``progress`` with how far they are. All
    methods raise ``duckdb.Error`` if the SQL fails.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, progress: Progress) -> None:
        self.connection = connection
        self.progress = progress

    def execute(self, sql: str, parameters: object = None) -> None:
        """Run one SQL statement to its end; its result is not used.

        ``parameters`` are those of DuckDB: a dict by name, or a list in order.
        """
        self.connection.execute(sql, parameters).fetchall()

    def value(self, sql: str) -> Any:
        """Return the first column of the first row of a query; None if there is no row."""
        rows = self.connection.execute(sql).fetchall()
        return rows[0][0] if rows else None

    def count(self, table: str) -> int:
        """Return the number of rows of ``table``."""
        return int(self.value(f"select count(*) from {table}"))


def drop_temporary_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop all temporary tables of ``connection``. Macros are not dropped."""
    names = connection.execute("select table_name from duckdb_tables() where temporary").fetchall()
    for (name,) in names:
        connection.execute(f'drop table if exists temp."{name}"')


def in_transaction(
    connection: duckdb.DuckDBPyConnection, run: Callable[[], _T], progress: Progress
) -> _T:
    """Return what ``run`` returns after committing it; undo everything where it raises an error.

    At the end all temporary tables of ``connection`` are dropped.
    """
    connection.execute("begin")
    try:
        result = run()
        progress("committing", 0)
        connection.execute("commit")
    except BaseException:
        # A commit that failed, as on a full disk, has ended the transaction by itself.
        with suppress(duckdb.TransactionException):
            connection.execute("rollback")
        raise
    finally:
        drop_temporary_tables(connection)
    return result
