"""Makes the tables of ``queries.tables`` in a DuckDB file, or checks that a file has them."""

from collections.abc import Iterator
from uuid import uuid4

import duckdb
from sqlalchemy.schema import CreateTable

from queries.engines.duckdb.dialect import make_dialect
from queries.errors import StoreUnavailable
from queries.tables import CODES, SCHEMA_VERSION, Code, metadata


class OtherLayout(StoreUnavailable):
    """The store's tables have another layout than this program's (``SCHEMA_VERSION``).

    ``layout`` is the ``schema_version`` of the store, such as ``3``; None where it has none.
    """

    def __init__(self, layout: str | None) -> None:
        super().__init__(
            f"the store has layout {layout}, this version needs {SCHEMA_VERSION}: "
            "import the data into a new store"
        )
        self.layout = layout


def create_statements(database: str = "") -> Iterator[str]:
    """Yield the SQL statements that make the types, then the tables of a store.

    ``database`` is the name under which the store's file is attached, or "" for the connection's
    own file. Each closed vocabulary becomes an enum, of which DuckDB stores a value in one byte.
    """
    prefix = f"{database}." if database else ""
    for code in CODES:
        yield f"create type {prefix}{code.name} as enum ({_literals(code)})"
    dialect = make_dialect()
    for table in metadata.tables.values():
        statement = str(CreateTable(table).compile(dialect=dialect)).strip()
        yield statement.replace("CREATE TABLE ", f"CREATE TABLE {prefix}", 1)


def open_schema(connection: duckdb.DuckDBPyConnection, time_zone: str) -> None:
    """Make the tables if the file has none; else check that they are those of a usable store.

    ``time_zone`` is the zone whose days the store counts; a new store keeps its name. Raises
    ``OtherLayout`` for a store of another layout than ``SCHEMA_VERSION``, and ``StoreUnavailable``
    for a store of another time zone or a DuckDB file that is no store.
    """
    tables = _tables(connection)
    if "store_facts" in tables:
        _check_facts(connection, time_zone)
    elif tables:
        raise StoreUnavailable("the file is a DuckDB database of something else")
    else:
        _create(connection, time_zone)


def check_schema(connection: duckdb.DuckDBPyConnection, time_zone: str) -> None:
    """Check that the file has the tables of a usable store, as ``open_schema`` does."""
    if "store_facts" not in _tables(connection):
        raise StoreUnavailable("the file is a DuckDB database of something else")
    _check_facts(connection, time_zone)


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute("select table_name from duckdb_tables()").fetchall()
    return {row[0] for row in rows}


def _check_facts(connection: duckdb.DuckDBPyConnection, time_zone: str) -> None:
    facts = dict(connection.execute("select name, value from store_facts").fetchall())
    if facts.get("schema_version") != SCHEMA_VERSION:
        raise OtherLayout(facts.get("schema_version"))
    if facts.get("time_zone") != time_zone:
        raise StoreUnavailable(
            f"the store's days are those of {facts.get('time_zone')}, not of {time_zone}: "
            "import the data into a new store or change the setting back"
        )


def _create(connection: duckdb.DuckDBPyConnection, time_zone: str) -> None:
    connection.execute("begin")
    for statement in create_statements():
        connection.execute(statement)
    connection.execute(
        "insert into store_facts values ('schema_version', ?), ('time_zone', ?), ('lineage', ?)",
        [SCHEMA_VERSION, time_zone, uuid4().hex],
    )
    connection.execute("commit")


def _literals(code: Code) -> str:
    return ", ".join(f"'{value}'" for value in code.values)
