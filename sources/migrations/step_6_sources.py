"""Upgrades a store to layout 6: what portals and webhooks tell, and how far they were read."""

from typing import Final

import duckdb

_NEW_COLUMNS: Final = (
    ("cases", "csat_rating smallint"),
    ("messages", "is_survey boolean default false"),
    ("messages", "pricing_type varchar"),
    ("messages", "country varchar"),
    ("messages", "business_account varchar"),
    ("messages", "bsuid varchar"),
    ("messages", "whatsapp_id varchar"),
    ("loads", "rows_kept bigint"),
)
_NEW_TABLES: Final = (
    """create table webhook_messages (
        account varchar, whatsapp_id varchar, business_number varchar, contact varchar,
        contact_name varchar, case_number varchar, edited_at timestamp)""",
    """create table kept_payloads (
        load_id bigint, account varchar, kind varchar, occurred_at timestamp, payload varchar)""",
    """create table missing_rows (
        source varchar, account varchar, kind varchar, row_id varchar, missed_at timestamp)""",
    "create table source_states (name varchar, state varchar, noted_at timestamp)",
)


def migrate(connection: duckdb.DuckDBPyConnection, _time_zone: str) -> None:
    """Add the columns and tables; there is nothing to fill them with.

    ``connection`` is in the transaction of the upgrade.
    """
    for table, column in _NEW_COLUMNS:
        connection.execute(f"alter table {table} add column {column}")
    connection.execute("alter table messages alter column is_survey drop default")
    for statement in _NEW_TABLES:
        connection.execute(statement)
