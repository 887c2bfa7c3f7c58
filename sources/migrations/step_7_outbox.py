"""Upgrades a store to layout 7: outboxes of what is to be published, and the store's lineage."""

from typing import Final
from uuid import uuid4

import duckdb

_NEW_TABLES: Final = (
    "create table outbox_cases (load_id bigint, case_key bigint)",
    "create table outbox_days (load_id bigint, day date)",
    "create table outbox_events (load_id bigint, account varchar, message_id varchar)",
    "create table outbox_people (load_id bigint, person_id integer)",
)


def migrate(connection: duckdb.DuckDBPyConnection, _time_zone: str) -> None:
    """Add the empty outboxes and the lineage. ``connection`` is in the upgrade's transaction."""
    for statement in _NEW_TABLES:
        connection.execute(statement)
    connection.execute("insert into store_facts values ('lineage', ?)", [uuid4().hex])
