"""Upgrades a store to layout 2: roll-ups (counts by day), the first and last day of each case."""

from typing import Final

import duckdb

_TABLES: Final = (
    """create table message_days (
        sent_day date, opened_day date, account varchar, channel varchar, case_type varchar,
        team varchar, direction direction_code, status status_code, kind kind_code,
        template_name varchar, messages integer, answered integer)""",
    """create table case_days (
        day date, account varchar, channel varchar, case_type varchar, team varchar,
        created integer, attended_by_now integer, attended integer)""",
    """create table active_days (
        day date, previous_day date, account varchar, channel varchar, case_type varchar,
        team varchar, cases integer)""",
)
_COUNTS: Final = (
    """insert into message_days by name
        select sent_day, opened_day, account, channel, case_type, team, direction, status, kind,
            template_name, count(*) as messages, count(*) filter (answered) as answered
        from messages group by all order by all""",
    """insert into case_days by name
        select day, account, channel, case_type, team, sum(created) as created,
            sum(attended_by_now) as attended_by_now, sum(attended) as attended
        from (
            select opened_day as day, account, channel, case_type, team, 1 as created,
                (first_attended_at is not null)::integer as attended_by_now, 0 as attended
            from cases where counted
            union all
            select attended_day, account, channel, case_type, team, 0, 0, 1
            from cases where counted and attended_day is not null
        ) group by day, account, channel, case_type, team
        order by day, account, channel, case_type, team""",
    """insert into active_days by name
        select day, previous_day, account, channel, case_type, team, count(*) as cases
        from (
            select case_key, day, lag(day) over (partition by case_key order by day) as previous_day
            from (
                select case_key, sent_day as day from messages
                union
                select case_key, opened_day from cases where counted)
        ) join cases using (case_key) group by all order by all""",
)


def migrate(connection: duckdb.DuckDBPyConnection, _time_zone: str) -> None:
    """Add and fill ``cases.first_day``, ``cases.last_day`` and the three roll-ups.

    ``connection`` is in the transaction of the upgrade; the time zone is not used.
    """
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
    for statement in (*_TABLES, *_COUNTS):
        connection.execute(statement)
