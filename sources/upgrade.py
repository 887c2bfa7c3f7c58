"""Brings a store of an older layout up to date, in one transaction."""

from pathlib import Path
from typing import Final

import duckdb

from queries.engines.duckdb import SCHEMA, SCHEMA_VERSION
from sources.derived_texts import masked_name, masked_numbers, number_order
from sources.loading import read_phones_again
from sources.rollups import ROLLUPS, count_all
from sources.windows import sent_while_open

#: The layout without roll-ups and without the cases' first and last days.
WITHOUT_ROLLUPS: Final = "1"
#: The layout that knows neither who waits nor which HSMs found a window open.
WITHOUT_WAITING: Final = "2"
#: The layout that puts case numbers in order as texts, holds no masked names and numbers, and does
#: not tell how many rows of a load were superseded.
WITHOUT_MASKS: Final = "3"
#: The log that tells of upgrades, which cannot be turned back: commands say it too.
UPGRADES: Final = "sources.upgrades"
OLDER_LAYOUTS: Final = (WITHOUT_ROLLUPS, WITHOUT_WAITING, WITHOUT_MASKS)


def upgrade(path: Path, layout: str) -> None:
    """Give the store at ``path``, which nobody may have open, this version's layout.

    ``layout`` is the one it has, one of ``OLDER_LAYOUTS``.
    """
    with duckdb.connect(str(path)) as connection:
        connection.execute("begin")
        if layout == WITHOUT_ROLLUPS:
            _add_days(connection)
        if layout in (WITHOUT_ROLLUPS, WITHOUT_WAITING):
            _add_waiting(connection)
            _add_windows(connection)
            _make_rollups(connection)
        _add_columns(connection)
        read_phones_again(connection, _time_zone(connection))
        _add_masks(connection)
        connection.execute(
            "update store_facts set value = ? where name = 'schema_version'", [SCHEMA_VERSION]
        )
        connection.execute("commit")


def _add_days(connection: duckdb.DuckDBPyConnection) -> None:
    for name in ("first_day", "last_day"):
        connection.execute(f"alter table cases add column {name} date")
    connection.execute(
        """update cases set
            first_day = least(opened_day, m.first_day),
            last_day = greatest(opened_day, m.last_day)
        from (
            select c.case_key, min(m.sent_day) as first_day, max(m.sent_day) as last_day
            from cases c left join messages m using (case_key) group by c.case_key
        ) m where m.case_key = cases.case_key"""
    )


def _add_waiting(connection: duckdb.DuckDBPyConnection) -> None:
    """What a load derives of the same messages; incoming ones that wait are ``new``."""
    for name in ("waiting_since", "last_customer_at"):
        connection.execute(f"alter table cases add column {name} timestamp")
    connection.execute(
        """update cases set waiting_since = m.since, last_customer_at = m.last_at
        from (
            select case_key, min(sent_at) filter (status = 'new') as since, max(sent_at) as last_at
            from messages where direction = 'in' group by case_key
        ) m where m.case_key = cases.case_key"""
    )


def _add_windows(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("alter table messages add column in_window boolean default false")
    connection.execute("alter table messages alter column in_window drop default")
    exchange = """(select rowid as stored_row, account, message_id, sent_at, direction,
            coalesce(contact_phone, 'case ' || case_key) as contact
        from messages where direction = 'in' or kind = 'hsm')"""
    opened = sent_while_open(exchange, "sent_at, message_id")
    connection.execute(
        f"update messages set in_window = true where rowid in (select stored_row from ({opened}))"
    )


def _add_columns(connection: duckdb.DuckDBPyConnection) -> None:
    for table, column in (
        ("people", "masked_name varchar"),
        ("people", "masked_folded varchar"),
        ("cases", "number_order varchar"),
        ("cases", "masked_number varchar"),
        # Null of older loads: nobody counted.
        ("loads", "rows_superseded bigint"),
    ):
        connection.execute(f"alter table {table} add column {column}")


def _time_zone(connection: duckdb.DuckDBPyConnection) -> str:
    [(zone,)] = connection.execute(
        "select value from store_facts where name = 'time_zone'"
    ).fetchall()
    return str(zone)


def _add_masks(connection: duckdb.DuckDBPyConnection) -> None:
    """The order of case numbers, and names and numbers with their phones masked."""
    connection.execute(f"update people set masked_name = {masked_name('person_name')}")
    connection.execute("update people set masked_folded = strip_accents(lower(masked_name))")
    connection.execute(f"update cases set number_order = {number_order('case_number')}")
    connection.execute(
        f"""update cases set masked_number = m.masked_number
        from ({masked_numbers("cases", "messages")}) m where m.case_key = cases.case_key"""
    )


def _make_rollups(connection: duckdb.DuckDBPyConnection) -> None:
    """All anew: a load counts by days, so old ones cannot be mended by it."""
    for rollup in ROLLUPS:
        connection.execute(f"drop table if exists {rollup.table}")
    for statement in SCHEMA:
        if statement.startswith(tuple(f"create table {rollup.table} " for rollup in ROLLUPS)):
            connection.execute(statement)
    count_all(connection.execute)
