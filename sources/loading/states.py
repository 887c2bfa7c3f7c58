"""Keeps what a source notes of itself, such as how far it was read, in the store."""

from datetime import datetime

import duckdb

from sources.loading.load_connection import LoadConnection


def note_state(load: LoadConnection, name: str, state: str | None, now: datetime) -> None:
    """Store ``state``, a JSON text, as what the source called ``name`` notes of itself.

    It takes the place of what the source noted before; None changes nothing. ``now`` is the present
    time, with a zone.
    """
    if state is None:
        return
    load.execute("delete from source_states where name = ?", [name])
    load.execute(
        "insert into source_states select ?, ?, ?::timestamptz::timestamp", [name, state, now]
    )


def note_refusal(load: LoadConnection, name: str, reason: str, now: datetime) -> None:
    """Count one more refused load of the source called ``name``, and keep why it was refused.

    ``reason`` is one of ``queries.vocabulary.REFUSALS``; ``now`` is the present time, with a zone.
    """
    load.execute(
        """create temp table refused_now as
        select $name as name, coalesce(max(refused), 0) + 1 as refused, $reason as reason,
            $now::timestamptz::timestamp as refused_at
        from refused_loads where name = $name""",
        {"name": name, "reason": reason, "now": now},
    )
    load.execute("delete from refused_loads where name = ?", [name])
    load.execute("insert into refused_loads by name select * from refused_now")


def noted_state(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """Return the newest state of the source called ``name``; None where there is none."""
    rows = connection.execute("select state from source_states where name = ?", [name]).fetchall()
    return str(rows[0][0]) if rows else None
