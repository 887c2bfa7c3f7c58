"""Merges the history of statuses, and raises the statuses of the messages that it is about."""

from sources.loading import outbox
from sources.loading.load_connection import LoadConnection
from sources.loading.merge import MESSAGE_COLUMNS, MergedRows


def merge_events(load: LoadConnection, *, joins_stored: bool) -> MergedRows:
    """Store the rows of ``checked_events`` that are new, and drop the table.

    An event belongs to the message whose ``whatsapp_id`` or, without one, ``message_id`` it names:
    one of this load, or with ``joins_stored`` a stored one. Events of no known message, and of a
    received one, are rejected. Messages whose status rises are added to ``changed_messages``.
    """
    events = load.count("checked_events")
    if not events:
        load.execute("drop table checked_events")
        return MergedRows(0, 0)
    load.progress("merging events", 0)
    _find_messages(load, joins_stored=joins_stored)
    superseded = _reject_and_count_repeated(load)
    _raise_statuses(load)
    before = load.count("message_events")
    load.execute(
        """insert into message_events by name
        select distinct account, message_id, status, occurred_at, error_code from known_events e
        where not exists (select 1 from message_events o where o.account = e.account
            and o.message_id = e.message_id and o.status = e.status
            and o.occurred_at = e.occurred_at)"""
    )
    known, new = load.count("known_events"), load.count("message_events") - before
    outbox.note(load, "events", "select account, message_id from known_events")
    for table in ("checked_events", "event_messages", "known_events"):
        load.execute(f"drop table {table}")
    return MergedRows(known - superseded, superseded, new)


def _find_messages(load: LoadConnection, *, joins_stored: bool) -> None:
    """Make ``event_messages``: the messages that events name, and under which name.

    ``line`` is the message's line in ``checked_messages``, or null if only the store has it.
    """
    load.execute(
        """create temp table event_messages as
        with named as (select distinct account, message_id as name from checked_events),
        given as (
            select m.account, m.message_id, m.whatsapp_id, m.direction, t.case_key, m.line,
                coalesce(t.best_status, m.status) as status, null::bigint as stored_row
            from checked_messages m join changed_messages t using (line)
        ), stored as (
            select account, message_id, whatsapp_id, direction, case_key, null::bigint as line,
                status, rowid as stored_row
            from messages s
            where $joins_stored
                and not exists (select 1 from given g
                    where g.account = s.account and g.message_id = s.message_id)
                and not exists (select 1 from removed_messages r
                    where r.account = s.account and r.message_id = s.message_id)
        ), known as (from given union all from stored)
        select n.name, k.* from named n join known k
            on k.account = n.account and n.name = coalesce(k.whatsapp_id, k.message_id)
        union
        select n.name, k.* from named n join known k
            on k.account = n.account and n.name = k.message_id""",
        {"joins_stored": joins_stored},
    )


def _reject_and_count_repeated(load: LoadConnection) -> int:
    """Make ``known_events``, reject the other events; return how many are there more than once."""
    load.execute(
        """create temp table known_events as
        select e.line, e.account, coalesce(m.whatsapp_id, m.message_id) as message_id, e.status,
            e.occurred_at, e.error_code, m.direction, m.line as message_line, m.stored_row
        from checked_events e
        left join event_messages m on m.account = e.account and m.name = e.message_id"""
    )
    load.execute(
        """insert into rejected
        select 'events', line, 'message_id', case when direction is null then 'unknown message'
            else 'the status of a received message' end
        from known_events where direction is distinct from 'out'"""
    )
    load.execute("delete from known_events where direction is distinct from 'out'")
    repeated = """select count(*) - count(distinct (account, message_id, status, occurred_at))
        from known_events"""
    return int(load.value(repeated))


def _raise_statuses(load: LoadConnection) -> None:
    """Raise the statuses of messages to the greatest of their events.

    A stored message that this load does not bring is added to ``checked_messages``, under a line
    below all others, and to ``changed_messages``.
    """
    load.execute(
        """create temp table raised as
        select m.line, m.stored_row, m.case_key, e.status,
            e.error_code
        from (
            select account, message_id, arg_max(status, status_rank(status)) as status,
                arg_max(error_code, occurred_at) filter (status = 'failed') as error_code
            from known_events group by all
        ) e join (select distinct * exclude (name) from event_messages) m
            on m.account = e.account and coalesce(m.whatsapp_id, m.message_id) = e.message_id
        where status_rank(e.status) > status_rank(m.status)"""
    )
    load.execute(
        """update changed_messages t set best_status = r.status
        from raised r where r.line = t.line"""
    )
    load.execute(
        """update checked_messages m set error_code = coalesce(m.error_code, r.error_code)
        from raised r where r.line = m.line and r.status = 'failed'"""
    )
    columns = ", ".join(
        f"m.{name}" for name in MESSAGE_COLUMNS if name not in ("status", "error_code")
    )
    load.execute(
        f"""create temp table raised_rows as
        select least(0, (select min(line) from checked_messages)) - row_number() over () as line,
            m.case_key, r.status, {columns}, case when r.status = 'failed'
                then coalesce(m.error_code, r.error_code) else m.error_code end as error_code
        from raised r join messages m on m.rowid = r.stored_row"""
    )
    load.execute(
        "insert into checked_messages by name select * exclude (case_key) from raised_rows"
    )
    load.execute("insert into changed_messages select line, case_key, null from raised_rows")
    load.execute("drop table raised_rows")
    load.execute("drop table raised")
