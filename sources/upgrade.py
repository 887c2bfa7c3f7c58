"""Brings a store of the layout before this one up to date, in one transaction."""

from pathlib import Path
from typing import Final

import duckdb

from queries.engines.duckdb import SCHEMA, SCHEMA_VERSION
from sources.rollups import ROLLUPS, count_all

#: The layout without roll-ups and without the cases' first and last days.
WITHOUT_ROLLUPS: Final = "1"


def upgrade(path: Path) -> None:
    """Give the store at ``path``, which nobody may have open, this version's layout."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("begin")
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
        for statement in SCHEMA:
            if statement.startswith(tuple(f"create table {rollup.table} " for rollup in ROLLUPS)):
                connection.execute(statement)
        count_all(connection.execute)
        connection.execute(
            "update store_facts set value = ? where name = 'schema_version'", [SCHEMA_VERSION]
        )
        connection.execute("commit")
