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
    ("loads", "name varchar"),
    ("loads", "seconds double"),
)
_NEW_TABLES: Final = (
    """create table webhook_messages (
        account varchar, whatsapp_id varchar, sent_at timestamp, is_out boolean,
        business_account varchar, business_number varchar, phone varchar, bsuid varchar,
        group_id varchar, country varchar, contact_name varchar, agent varchar, body varchar,
        body_at timestamp, edited_at timestamp, is_deleted boolean, is_template boolean,
        is_accepted boolean, template_name varchar, template_category varchar, error_code varchar,
        error_title varchar, billable boolean, pricing_category varchar, pricing_type varchar,
        case_number varchar)""",
    """create table kept_payloads (
        load_id bigint, account varchar, kind varchar, occurred_at timestamp, payload varchar)""",
    """create table missing_rows (
        source varchar, account varchar, kind varchar, row_id varchar, missed_at timestamp)""",
    "create table source_states (name varchar, state varchar, noted_at timestamp)",
    """create table refused_loads (
        name varchar, refused bigint, reason varchar, refused_at timestamp)""",
)


def migrate(connection: duckdb.DuckDBPyConnection, _time_zone: str) -> None:
    """Add the columns and tables; of these only the names of sources can be filled.

    ``connection`` is in the transaction of the upgrade.
    """
    for table, column in _NEW_COLUMNS:
        connection.execute(f"alter table {table} add column {column}")
    connection.execute("alter table messages alter column is_survey drop default")
    for statement in _NEW_TABLES:
        connection.execute(statement)
    connection.execute("update loads set name = source")
