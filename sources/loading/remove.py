"""Removes rows: those that a file of a load names, or those that somebody erases or purges.

For the latter it stands in place of the first two steps of a load, since no file is read.
The caller then says which rows by filling ``removed_cases``, ``removed_messages``,
``changed_cases``, and ``checked_messages`` with ``changed_messages``. Then ``derive`` and ``write``
do the rest, as for the rows of files: afterwards all derived values and roll-ups are as if the
removed rows had never been loaded.
"""

from sources.loading import outbox
from sources.loading.derive import derive, find_cases_to_derive
from sources.loading.load_connection import LoadConnection
from sources.loading.load_order import LoadOrder
from sources.loading.merge import MergedRows, merge_cases, merge_messages
from sources.loading.read import prepare, read_files
from sources.loading.write import write


def begin_without_files(load: LoadConnection, time_zone: str) -> None:
    """Make the temporary tables of ``read`` and ``merge``, all of them empty.

    ``time_zone`` decides on which day a moment counts. Raises ``duckdb.Error``.
    """
    quiet = LoadConnection(load.connection, lambda *_: None)
    prepare(quiet, time_zone)
    read_files(quiet, LoadOrder("", "", "", "", demo=False, files={}))
    merge_cases(quiet)
    merge_messages(quiet, joins_stored=True)
    take_removals(quiet)
    quiet.execute("drop table checked_events")


def remove(load: LoadConnection) -> None:
    """Remove and change the rows that the temporary tables name, and derive what depends on them.

    All messages of a removed case must be in ``removed_messages``. The events of removed messages
    go with them, and every person who has no case any more. Raises ``duckdb.Error``.
    """
    find_cases_to_derive(load)
    find_removed_ids(load)
    derive(load)
    write(load)
    forget_events(load)
    without_case = "person_id not in (select person_id from cases)"
    outbox.note(load, "people", f"select person_id from people where {without_case}")
    load.execute(f"delete from people where {without_case}")


def take_removals(load: LoadConnection) -> MergedRows:
    """Add what ``checked_removals`` names to ``removed_cases`` and ``removed_messages``; drop it.

    A case goes with all its messages. A row that names nothing stored, or what the same load
    brings, changes nothing; one without an id is rejected. Needs ``changed_messages``.
    """
    load.execute(
        """insert into rejected select 'removals', line, 'message_id', 'missing'
        from checked_removals where message_id is null and case_id is null"""
    )
    load.execute("delete from checked_removals where message_id is null and case_id is null")
    load.execute(
        """insert into removed_cases select distinct c.case_key
        from cases c join checked_removals r on r.account = c.account and r.case_id = c.case_id
        where r.message_id is null
            and c.case_key not in (select case_key from changed_messages)
            and c.case_key not in (select case_key from changed_cases)"""
    )
    load.execute(
        """insert into removed_messages select case_key, account, message_id from messages m
        where case_key in (select case_key from removed_cases) or (
            exists (select 1 from checked_removals r
                where r.account = m.account and r.message_id = m.message_id)
            and not exists (select 1 from checked_messages g
                where g.account = m.account and g.message_id = m.message_id))"""
    )
    taken = load.count("checked_removals")
    load.execute("drop table checked_removals")
    return MergedRows(taken, 0)


def find_removed_ids(load: LoadConnection) -> None:
    """Make ``removed_ids``: the ids under which events of the messages to remove are stored."""
    load.execute(
        """create temp table removed_ids as
        select account, coalesce(whatsapp_id, message_id) as message_id
        from messages m semi join removed_messages r
            on r.account = m.account and r.message_id = m.message_id"""
    )


def forget_events(load: LoadConnection) -> None:
    """Remove the events, and what webhooks told, of the removed messages.

    Those of a message that is stored under another id, or in another case, stay. Needs
    ``removed_ids``, and the rows must be written.
    """
    load.execute(
        """delete from removed_ids i using messages m
        where m.account = i.account and coalesce(m.whatsapp_id, m.message_id) = i.message_id"""
    )
    outbox.note(load, "events", "from removed_ids")
    for table, column in (("message_events", "message_id"), ("webhook_messages", "whatsapp_id")):
        load.execute(
            f"""delete from {table} e using removed_ids i
            where i.account = e.account and i.message_id = e.{column}"""
        )
