"""Joins messages of portals and webhooks with what the store knows of the same messages.

Such a source tells a message several times, each time with what it knows then, and two sources may
tell the same message: a portal by an id of its own, and webhooks by the id at WhatsApp. So, where a
load *updates*:

- what a row lacks is kept from the stored message; it is an HSM if either says so;
- a row with the ``whatsapp_id`` of a stored message that webhooks told (``message_id`` and
  ``whatsapp_id`` are equal) takes the place of that message;
- a row that webhooks told, and a portal before them, is joined to the portal's message, whose
  values hold;
- a message of which a row tells another case moves to that case, and a case that was made of a
  customer's messages only (``SESSION_CASE``) goes when none is left.

Files of an import do not update: there, a later row replaces an earlier one as a whole.
"""

from typing import Final

from sources.contract import SESSION_CASE
from sources.loading.load_connection import LoadConnection
from sources.loading.merge import MESSAGE_COLUMNS

#: Columns whose value is never missing: they are not filled from another row.
_NEVER_MISSING: Final = (
    "account",
    "message_id",
    "direction",
    "status",
    "kind",
    "sent_at",
    "is_bot",
    "is_survey",
)
_FILLED: Final = tuple(name for name in MESSAGE_COLUMNS if name not in _NEVER_MISSING)
#: The greater of two statuses of an outgoing message.
_GREATER_STATUS: Final = (
    "case when status_rank({0}) > status_rank({1}) then {0} else coalesce({1}, {0}) end"
)


def join_known_messages(load: LoadConnection) -> None:
    """Complete ``checked_messages`` from the stored messages of the same ids.

    Stored messages whose place another id takes are added to ``removed_messages``.
    """
    _yield_to_portals(load)
    _take_places(load)
    _fill_from_stored(load)


def remove_empty_sessions(load: LoadConnection) -> None:
    """Add cases that were made of messages, and have none any more, to ``removed_cases``."""
    load.execute(
        """insert into removed_cases
        select case_key from cases c
        where starts_with(c.case_id, $session_case)
            and c.case_key in (select case_key from removed_messages)
            and c.case_key not in (select case_key from changed_messages)
            and c.case_key not in (select case_key from removed_cases)
            and c.case_key not in (select case_key from changed_cases)
            and not exists (select 1 from messages m where m.case_key = c.case_key
                and not exists (select 1 from removed_messages r
                    where r.account = m.account and r.message_id = m.message_id))""",
        {"session_case": SESSION_CASE},
    )


def _yield_to_portals(load: LoadConnection) -> None:
    """Give rows of webhooks the id, the case and the values of the portal's stored message."""
    load.execute(
        """create temp table portal_messages as
        select g.line, c.case_id, s.* from checked_messages g
        join messages s on s.account = g.account and s.whatsapp_id = g.whatsapp_id
        join cases c on c.case_key = s.case_key
        where g.message_id = g.whatsapp_id and s.message_id <> s.whatsapp_id"""
    )
    kept = ", ".join(f"{name} = coalesce(s.{name}, g.{name})" for name in _FILLED)
    load.execute(
        f"""update checked_messages g set message_id = s.message_id, case_id = s.case_id,
            direction = s.direction, sent_at = s.sent_at, is_bot = s.is_bot,
            is_survey = s.is_survey, {kept}
        from portal_messages s where s.line = g.line"""
    )
    load.execute("drop table portal_messages")


def _take_places(load: LoadConnection) -> None:
    """Let rows of a portal take the places of the stored messages that webhooks told.

    The row gets what it lacks, the greater status, and the kind HSM where the old message had it.
    """
    load.execute(
        """create temp table replaced_messages as
        select g.line, s.* from checked_messages g
        join messages s on s.account = g.account and s.message_id = g.whatsapp_id
        where g.message_id <> g.whatsapp_id and s.whatsapp_id = s.message_id"""
    )
    load.execute(
        """insert into removed_messages
        select distinct case_key, account, message_id from replaced_messages"""
    )
    _fill(load, "replaced_messages")
    load.execute("drop table replaced_messages")


def _fill_from_stored(load: LoadConnection) -> None:
    """Fill rows from the stored messages that have their ids."""
    load.execute(
        """create temp table known_messages as
        select g.line, s.* from checked_messages g
        join messages s on s.account = g.account and s.message_id = g.message_id"""
    )
    _fill(load, "known_messages")
    load.execute("drop table known_messages")


def _fill(load: LoadConnection, table: str) -> None:
    """Fill rows of ``checked_messages`` from the rows of ``table`` with the same ``line``."""
    filled = ", ".join(f"{name} = coalesce(g.{name}, s.{name})" for name in _FILLED)
    load.execute(
        f"""update checked_messages g set {filled},
            kind = case when 'hsm' in (g.kind, s.kind) then 'hsm' else g.kind end,
            is_bot = g.is_bot or s.is_bot, is_survey = g.is_survey or s.is_survey,
            status = case when g.direction = 'out' and s.direction = 'out'
                then {_GREATER_STATUS.format("s.status", "g.status")} else g.status end
        from {table} s where s.line = g.line"""
    )
