"""What is in ClickHouse: a database for each version, and one that says which of them readers see.

The database of the address holds the table ``publications`` and the leases of writers
(``leases``). A version is a database of its own, named after the publication that made it; it has
the tables of ``tables.PUBLISHED_KEYS`` and never changes once readers see it.

On a cluster (``?cluster=NAME`` in the address) tables are made on all of its servers, as
``ReplicatedMergeTree``; every server then holds all rows. The database of the address must be there
already, made with the engine ``Replicated``, so that a lease is given away once.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Column, Table
from sqlalchemy.types import String

from queries.engines.clickhouse.connections import Target
from queries.engines.clickhouse.dialect import literal, make_dialect, quoted
from queries.tables import PUBLISHED_KEYS, copy_order, messages

PUBLICATIONS: Final = "publications"
#: The table whose rows are kept apart by year: merging and deleting then leave older years alone.
#: By month, there were so many parts that deleting in each of them took 4.1 s instead of 0.2 s at
#: 1 M messages of 26 months.
_PARTITIONS: Final = {messages.name: "toYear(sent_at)"}
#: Texts with few different values, which are stored as numbers. A column that is not named here and
#: has few is only larger and slower.
_FEW_VALUES: Final = frozenset(
    {
        *("account", "channel", "case_type", "team", "last_agent", "agent", "reply_agent"),
        *("template_name", "template_category", "pricing_category", "pricing_type", "country"),
        *("business_account", "business_number", "error_code", "error_title"),
    }
)
_DIALECT: Final = make_dialect()


def version_name(target: Target, epoch: int, sequence: int) -> str:
    """Return the name of the database of the publication ``sequence`` of ``epoch``."""
    return f"{target.database}_v{epoch}_{sequence}"


def of_version(target: Target, name: str) -> tuple[int, int] | None:
    """Return epoch and sequence of the database ``name``, None where it is not a version."""
    rest = name.removeprefix(f"{target.database}_v")
    epoch, _, sequence = rest.partition("_")
    if rest == name or not (epoch.isdecimal() and sequence.isdecimal()):
        return None
    return int(epoch), int(sequence)


def control_statements(target: Target) -> Iterator[str]:
    """Yield the SQL statements that make what is there once for all versions."""
    if not target.cluster:
        yield f"CREATE DATABASE IF NOT EXISTS {quoted(target.database)}"
    yield f"""CREATE TABLE IF NOT EXISTS {quoted(target.database)}.{PUBLICATIONS} (
        epoch UInt64, sequence UInt64, version String, lineage String, data_version UInt64,
        noted_at Nullable(DateTime64(6, 'UTC')), published_at DateTime64(6, 'UTC'),
        schema_version String, time_zone String
        ) ENGINE = {_engine(target)} ORDER BY (epoch, sequence)"""


def database_statement(target: Target, version: str) -> str:
    """Return the SQL statement that makes the database of a version."""
    return f"CREATE DATABASE {quoted(version)}{on_cluster(target)}"


def table_statement(target: Target, version: str, table: Table) -> str:
    """Return the SQL statement that makes an empty ``table`` in the database ``version``."""
    columns = ", ".join(f"{quoted(column.name)} {_type(column)}" for column in table.columns)
    order = ", ".join(map(quoted, copy_order(table)))
    years = _PARTITIONS.get(table.name)
    partition = f" PARTITION BY {years}" if years else ""
    return (
        f"CREATE TABLE {quoted(version)}.{quoted(table.name)}{on_cluster(target)} ({columns}) "
        f"ENGINE = {_engine(target)}{partition} ORDER BY ({order}) "
        "SETTINGS allow_nullable_key = 1"
    )


def keys_statement(target: Target, version: str, table: Table, name: str) -> str:
    """Return the SQL statement that makes the table ``name`` for keys of rows of ``table``."""
    columns = ", ".join(
        f"{quoted(key)} {_type(table.columns[key])}" for key in PUBLISHED_KEYS[table]
    )
    return (
        f"CREATE TABLE {quoted(version)}.{quoted(name)}{on_cluster(target)} ({columns}) "
        f"ENGINE = {_engine(target)} ORDER BY tuple()"
    )


def on_cluster(target: Target) -> str:
    """Return what makes a statement take effect on all servers; "" where there is one alone."""
    return f" ON CLUSTER {literal(target.cluster)}" if target.cluster else ""


def _engine(target: Target) -> str:
    return "ReplicatedMergeTree" if target.cluster else "MergeTree"


def _type(column: Column[object]) -> str:
    """Return the type of a column, with what stores it in less space."""
    if type(column.type) is String and column.name in _FEW_VALUES:
        return "LowCardinality(Nullable(String))"
    return column.type.compile(dialect=_DIALECT)
