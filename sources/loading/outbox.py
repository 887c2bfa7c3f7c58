"""The outboxes: what a load changes, so that a publisher can carry over this and nothing else.

The fact ``outbox_after`` says after which load they hold all changes. Without it they hold nothing:
then nobody publishes the store, or the next publication has to be a whole one. ``keep_after`` is
called when a version was published, ``drop`` where changes cannot be told by rows.
"""

from typing import Final, Literal

import duckdb

from sources.loading.load_connection import LoadConnection

_FACT: Final = "outbox_after"
#: The columns of each outbox beside the load.
_COLUMNS: Final = {
    "cases": "case_key",
    "costs": "day",
    "days": "day",
    "events": "account, message_id",
    "people": "person_id",
}
#: When the outboxes together hold so many rows, publishing all is the shorter way.
MOST_ROWS: Final = 20_000_000

Outbox = Literal["cases", "costs", "days", "events", "people"]


def note(load: LoadConnection, outbox: Outbox, rows: str) -> None:
    """Add ``rows`` to an outbox, for the load that is under way. Do nothing where nobody publishes.

    ``rows`` is a SELECT of the outbox's columns beside the load, whose number is the next one.
    """
    if changes_since(load.connection) is None:
        return
    columns = _COLUMNS[outbox]
    load.execute(
        f"""insert into outbox_{outbox} by name
        select distinct (select coalesce(max(load_id), 0) + 1 from loads) as load_id, {columns}
        from ({rows})"""
    )


def changes_since(connection: duckdb.DuckDBPyConnection) -> int | None:
    """Return the load after which the outboxes hold all changes; None where they hold nothing."""
    rows = connection.execute(f"select value from store_facts where name = '{_FACT}'").fetchall()
    return int(rows[0][0]) if rows else None


def drop(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty the outboxes: the next publication is a whole one."""
    connection.execute(f"delete from store_facts where name = '{_FACT}'")
    for outbox in _COLUMNS:
        connection.execute(f"delete from outbox_{outbox}")


def keep_after(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    """Let the outboxes hold all changes after the load ``version``, which was published.

    Nothing may have been loaded since, unless the outboxes hold it. One transaction.
    """
    connection.execute("begin")
    for outbox in _COLUMNS:
        connection.execute(f"delete from outbox_{outbox} where load_id <= ?", [version])
    connection.execute(f"delete from store_facts where name = '{_FACT}'")
    connection.execute(f"insert into store_facts values ('{_FACT}', ?)", [str(version)])
    connection.execute("commit")


def drop_if_too_long(load: LoadConnection) -> None:
    """Empty the outboxes if they hold more than ``MOST_ROWS`` rows, as when nobody publishes."""
    if changes_since(load.connection) is None:
        return
    if sum(load.count(f"outbox_{outbox}") for outbox in _COLUMNS) > MOST_ROWS:
        drop(load.connection)
