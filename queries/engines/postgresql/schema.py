"""Where PostgreSQL keeps what is published, and the SQL that makes and reads its tables.

The schema ``consumo`` has the one row of the table ``publication``, which says what readers see.
Each publication of all rows makes a schema of its own with the tables of ``tables.PUBLISHED_KEYS``,
such as ``consumo_3``, and moves that row to it. So nobody waits for anybody: a reader that has
begun goes on with the tables that it began with, which are dropped once nobody reads them. (Were
tables renamed instead, a reader in mid-transaction would find the new ones and none of their rows.)
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Column, String, Table
from sqlalchemy.schema import CreateTable

from queries.engines.postgresql.dialect import COLLATION, make_dialect
from queries.tables import (
    PUBLISHED_KEYS,
    active_days,
    case_days,
    cases,
    loads,
    message_days,
    message_events,
    messages,
    people,
)

#: The schemas of versions are called like this, with a number behind it.
_VERSIONS: Final = "consumo_"

#: Makes the table with the one row of the publication, and the schema that it is in.
CREATE_PUBLICATION: Final = """
    create schema if not exists consumo;
    create table if not exists consumo.publication (
        one boolean primary key check (one),
        number bigint not null,
        tables_in text not null,
        lineage text not null,
        version bigint not null,
        noted_at timestamp,
        published_at timestamp not null)"""

#: The names of the schemas of versions.
SCHEMAS_OF_VERSIONS: Final = rf"""
    select nspname from pg_catalog.pg_namespace where nspname ~ '^{_VERSIONS}[0-9]+$'"""

_OF_WAITS: Final = (
    "(sent_at, reply_seconds, channel, case_type, team, last_agent, reply_agent) where begins_wait"
)
#: What each index is on, by table. Those that include further columns answer by themselves, without
#: the rows of messages, which are long.
_INDEXES: Final[dict[Table, tuple[str, ...]]] = {
    people: ("(person_id)", "(person_name)"),
    cases: (
        "(case_key)",
        "(person_id)",
        "(case_number)",
        "(opened_day)",
        "(response_day)",
        "(attended_day)",
        "(last_day, first_day)",
        "(waiting_since) where waiting_since is not null",
    ),
    messages: (
        # Pages of the table and downloads.
        "(sent_at, message_id, account)",
        # Persons, cases, the time line, and what a publication replaces.
        "(case_key, sent_day)",
        # Values of filters of the message: in how many cases they are.
        "(sent_day) include (case_key, direction, status, kind, template_name)",
        "(opened_day, case_key)",
        # Waits, and their values in the panel breakdown.
        f"(sent_day) include {_OF_WAITS}",
        f"(opened_day) include {_OF_WAITS}",
        "(sent_day) where status = 'failed'",
    ),
    message_days: ("(sent_day)", "(opened_day)"),
    case_days: ("(day)",),
    active_days: ("(day)",),
    message_events: ("(account, message_id)",),
    loads: ("(load_id)",),
}
#: Tables change little at a time: at a fifth of the rows, which is the default, old rows would stay
#: for long, those of erased persons among them.
_STORAGE: Final = """(
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"""


def schema_of(number: int) -> str:
    """Return the name of the schema of the version that is the publication with this number."""
    return f"{_VERSIONS}{number}"


def table_statements(schema: str) -> Iterator[str]:
    """Yield the SQL statements that make the schema and its tables, without their indexes."""
    yield f"create schema {schema}"
    for table in PUBLISHED_KEYS:
        made = Table(
            table.name, type(table.metadata)(), *map(_column, table.columns), schema=schema
        )
        text = str(CreateTable(made).compile(dialect=make_dialect())).strip()
        yield f"{text} with {_STORAGE}"


def _column(column: Column[Any]) -> Column[Any]:
    """Return a column as PostgreSQL has it: it sorts and compares texts by their bytes."""
    is_text = isinstance(column.type, String)
    return Column(column.name, _Text() if is_text else column.type)


class _Text(String):
    """The type of stored texts."""

    def __init__(self) -> None:
        super().__init__(collation=COLLATION.strip('"'))


def index_statements(schema: str) -> Iterator[tuple[str, str]]:
    """Yield the name of a table, and an SQL statement that makes one of its indexes."""
    for table, indexes in _INDEXES.items():
        for columns in indexes:
            yield table.name, f"create index on {schema}.{table.name} {columns}"
