"""Upgrades a store to layout 5: with which messages a wait begins and how it ended, local hours.

A case now waits until a person of the company answers; before, the message of a bot ended a wait.
"""

from typing import Final

import duckdb

from sources.loading import value_parsing

_NEW_COLUMNS: Final = (
    ("messages", "sent_hour smallint"),
    ("messages", "begins_wait boolean default false"),
    ("messages", "reply_seconds double"),
    ("messages", "reply_agent varchar"),
    ("cases", "opened_hour smallint"),
    ("cases", "attended_hour smallint"),
    ("cases", "responded_at timestamp"),
    ("cases", "response_hour smallint"),
)
#: Messages with which a wait begins, and the time and the agent of the message that ended it.
_WAITS: Final = """create temp table old_waits as
    with turns as (
        select rowid as stored_row, case_key, sent_at, message_id, direction,
            case when direction = 'out' then agent end as human
        from messages where direction = 'in' or (agent is not null and not is_bot)
        qualify direction is distinct from
            lag(direction) over (partition by case_key order by sent_at, message_id)
    )
    select stored_row, case_key, sent_at as began_at, lead(sent_at) over in_case as ended_at,
        lead(human) over in_case as reply_agent
    from turns
    window in_case as (partition by case_key order by sent_at, message_id)
    qualify direction = 'in'"""
_FILL: Final = (
    "update messages set sent_hour = hour(local_at(sent_at))",
    """update messages set begins_wait = true, reply_agent = w.reply_agent,
        reply_seconds = epoch_us(w.ended_at - w.began_at) / 1e6
    from old_waits w where w.stored_row = messages.rowid""",
    # The first response is the end of the case's first wait.
    """update cases set responded_at = w.ended_at, waiting_since = w.since
    from (
        select c.case_key, min(w.ended_at) as ended_at,
            max(w.began_at) filter (w.ended_at is null and c.closed_at is null) as since
        from cases c left join old_waits w using (case_key) group by c.case_key
    ) w where w.case_key = cases.case_key""",
    """update cases set opened_hour = hour(local_at(opened_at)),
        attended_hour = hour(local_at(first_attended_at)),
        response_hour = hour(local_at(responded_at))""",
    "drop table old_waits",
)


def migrate(connection: duckdb.DuckDBPyConnection, time_zone: str) -> None:
    """Add and fill the columns of ``_NEW_COLUMNS``, and write ``cases.waiting_since`` anew.

    ``connection`` is in the transaction of the upgrade; ``time_zone`` is that of the store.
    """
    for macro in value_parsing.macros(time_zone):
        connection.execute(macro)
    for table, column in _NEW_COLUMNS:
        connection.execute(f"alter table {table} add column {column}")
    connection.execute("alter table messages alter column begins_wait drop default")
    for statement in (_WAITS, *_FILL):
        connection.execute(statement)
