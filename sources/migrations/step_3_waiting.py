"""Upgrades a store to layout 3: since when customers wait, HSMs sent in an open window.

Messages by day also get the category of their template.
"""

from typing import Final

import duckdb

from sources.loading.derive import sent_in_window

_MESSAGE_DAYS: Final = (
    "drop table message_days",
    """create table message_days (
        sent_day date, opened_day date, account varchar, channel varchar, case_type varchar,
        team varchar, direction direction_code, status status_code, kind kind_code,
        template_name varchar, template_category varchar, messages integer, answered integer,
        in_window integer)""",
    """insert into message_days by name
        select sent_day, opened_day, account, channel, case_type, team, direction, status, kind,
            template_name, template_category, count(*) as messages,
            count(*) filter (answered) as answered, count(*) filter (in_window) as in_window
        from messages group by all order by all""",
)


def migrate(connection: duckdb.DuckDBPyConnection, _time_zone: str) -> None:
    """Add and fill ``waiting_since``, ``last_customer_at`` and ``in_window``; count messages anew.

    ``connection`` is in the transaction of the upgrade; the time zone is not used.
    """
    _add_waiting(connection)
    _add_windows(connection)
    for statement in _MESSAGE_DAYS:
        connection.execute(statement)


def _add_waiting(connection: duckdb.DuckDBPyConnection) -> None:
    """Add and fill the two columns of cases; waiting begins with the first ``new`` message."""
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
    """Add and fill ``messages.in_window``."""
    connection.execute("alter table messages add column in_window boolean default false")
    connection.execute("alter table messages alter column in_window drop default")
    exchange = """(select rowid as stored_row, account, message_id, sent_at, direction,
            coalesce(contact_phone, 'case ' || case_key) as contact
        from messages where direction = 'in' or kind = 'hsm')"""
    in_window = sent_in_window(exchange, "sent_at, message_id")
    connection.execute(
        f"""update messages set in_window = true
        where rowid in (select stored_row from ({in_window}))"""
    )
