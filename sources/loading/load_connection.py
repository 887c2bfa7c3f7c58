"""Runs the statements of a load in the store."""

from typing import Any

import duckdb

from sources.loading.order import Progress


class LoadConnection:
    """A connection to the store, inside the transaction of one load.

    The steps of the load run their SQL through it, and call ``progress`` with how far they are. All
    methods raise ``duckdb.Error`` where the SQL fails.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, progress: Progress) -> None:
        self.connection = connection
        self.progress = progress

    def execute(self, sql: str, parameters: object = None) -> None:
        """Run a statement to its end; ``parameters`` are those of DuckDB: by name or in order."""
        self.connection.execute(sql, parameters).fetchall()

    def value(self, sql: str) -> Any:
        """Return the first value of the first row; None where there is no row."""
        rows = self.connection.execute(sql).fetchall()
        return rows[0][0] if rows else None

    def count(self, table: str) -> int:
        """Return how many rows ``table`` has."""
        return int(self.value(f"select count(*) from {table}"))


def drop_temporary_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop every temporary table of ``connection``; macros stay."""
    names = connection.execute("select table_name from duckdb_tables() where temporary").fetchall()
    for (name,) in names:
        connection.execute(f'drop table if exists temp."{name}"')
