"""The questions to Chatwoot's tables. Each takes a connection of ``Portal.session``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    any_,
    exists,
    func,
    literal,
    select,
    text,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from sources.chatwoot.message_values import AUTOMATIC, INCOMING, OUTGOING
from sources.chatwoot.options import ChatwootOptions
from sources.chatwoot.portal import Moment, PortalError
from sources.chatwoot.rows import Conversation, Inbox, Message
from sources.chatwoot.tables import (
    accounts,
    channel_twilio_sms,
    channel_whatsapp,
    contact_inboxes,
    contacts,
    conversations,
    csat_survey_responses,
    inboxes,
    messages,
    reporting_events,
    teams,
    users,
)

_CLOUD: Final = "Channel::Whatsapp"
_TWILIO: Final = "Channel::TwilioSms"
_GATEWAY: Final = "Channel::Api"
#: ``channel_twilio_sms.medium`` of WhatsApp.
_TWILIO_WHATSAPP: Final = 1
_RESOLVED: Final = "conversation_resolved"
#: Rows that are fetched at a time where all of a select are read one after another.
_FETCHED_ROWS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Scope:
    """What is copied: the ids of the accounts, and their inboxes by id."""

    accounts: tuple[int, ...]
    inboxes: Mapping[int, Inbox]

    @property
    def whatsapp_inboxes(self) -> tuple[int, ...]:
        """The ids of the inboxes whose messages are WhatsApp messages."""
        return tuple(inbox.id for inbox in self.inboxes.values() if inbox.is_whatsapp)


def read_moment(connection: Connection) -> Moment:
    """Return what the session's view of the database is: when, and which transactions it sees."""
    row = connection.execute(
        text(
            """select clock_timestamp() at time zone 'UTC',
                txid_snapshot_xmin(txid_current_snapshot()),
                txid_snapshot_xmax(txid_current_snapshot())"""
        )
    ).one()
    return Moment(*row)


def missing_indexes(connection: Connection) -> list[str]:
    """Return the tables in which changes are looked for without an index on ``updated_at``."""
    has_index = text(
        """select exists (select 1 from pg_index i
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            where i.indrelid = to_regclass(:name) and a.attname = 'updated_at' and i.indisvalid)"""
    )
    return [
        name
        for name in ("messages", "conversations", "contacts")
        if not connection.execute(has_index, {"name": name}).scalar_one()
    ]


def read_scope(connection: Connection, options: ChatwootOptions) -> Scope:
    """Return what ``options`` select. Raises ``PortalError`` if they name what is not there."""
    there = set(connection.execute(select(accounts.c.id)).scalars())
    if absent := sorted(set(options.accounts) - there):
        raise PortalError(f"the portal has no account {absent[0]}")
    chosen = tuple(sorted(set(options.accounts) or there))
    return Scope(chosen, _inboxes(connection, chosen, options))


def _inboxes(
    connection: Connection, chosen: Sequence[int], options: ChatwootOptions
) -> Mapping[int, Inbox]:
    of_cloud = and_(inboxes.c.channel_type == _CLOUD, channel_whatsapp.c.id == inboxes.c.channel_id)
    of_twilio = and_(
        inboxes.c.channel_type == _TWILIO, channel_twilio_sms.c.id == inboxes.c.channel_id
    )
    number = func.coalesce(channel_whatsapp.c.phone_number, channel_twilio_sms.c.phone_number)
    rows = connection.execute(
        select(
            inboxes.c.id,
            inboxes.c.name,
            inboxes.c.channel_type,
            channel_twilio_sms.c.medium,
            number.label("number"),
        )
        .select_from(
            inboxes.outerjoin(channel_whatsapp, of_cloud).outerjoin(channel_twilio_sms, of_twilio)
        )
        .where(_is_in(inboxes.c.account_id, chosen))
    ).all()
    gateways = {row.id: {str(row.id), row.name} for row in rows if row.channel_type == _GATEWAY}
    named = set(options.api_inboxes)
    if absent := sorted(named.difference(*gateways.values())):
        raise PortalError(f"the portal has no inbox {absent[0]!r} of the channel API")
    found = {}
    for row in rows:
        is_whatsapp = (
            row.channel_type == _CLOUD
            or (row.channel_type == _TWILIO and row.medium == _TWILIO_WHATSAPP)
            or bool(named & gateways.get(row.id, set()))
        )
        found[row.id] = Inbox(row.id, row.channel_type, is_whatsapp, row.number)
    return found


# --- conversations --------------------------------------------------------------------------------


def next_conversations(
    connection: Connection, scope: Scope, after: int, most: int
) -> tuple[list[int], int]:
    """Return the ids of the conversations that follow ``after``, and how far they go.

    At most ``most`` conversations of all accounts are looked at; the ids are those of ``scope``.
    The second value is the greatest id that was looked at: ``after`` where there are no more.
    """
    rows = connection.execute(
        select(conversations.c.id, conversations.c.account_id)
        .where(conversations.c.id > after)
        .order_by(conversations.c.id)
        .limit(most)
    ).all()
    chosen = set(scope.accounts)
    return [row.id for row in rows if row.account_id in chosen], rows[-1].id if rows else after


def read_conversations(
    connection: Connection, scope: Scope, ids: Iterable[int]
) -> list[Conversation]:
    """Return the conversations of ``scope`` that have these ids, by id."""
    own, c = contact_inboxes.alias("own"), conversations.c
    statement: Select[Any] = (
        select(
            c.id,
            c.account_id,
            c.inbox_id,
            c.display_id,
            c.status,
            c.cached_label_list,
            c.custom_attributes,
            c.created_at,
            teams.c.name.label("team_name"),
            contacts.c.name.label("contact_name"),
            contacts.c.phone_number.label("contact_phone"),
            own.c.source_id.label("source_id"),
            _source_ids().label("other_source_ids"),
            _resolved_at().label("resolved_at"),
            _newest_rating().label("rating"),
        )
        .select_from(
            conversations.outerjoin(teams, teams.c.id == c.team_id)
            .outerjoin(contacts, contacts.c.id == c.contact_id)
            .outerjoin(own, own.c.id == c.contact_inbox_id)
        )
        .where(_is_in(c.id, ids), _is_in(c.account_id, scope.accounts))
        .order_by(c.id)
    )
    return [Conversation(*row) for row in connection.execute(statement)]


def changed_conversations(connection: Connection, scope: Scope, since: datetime) -> list[int]:
    """Return the ids of the conversations that changed after ``since``, or what they refer to did.

    That is their customer, their being resolved, and their ratings.
    """
    c = conversations.c
    of_contacts = (
        select(c.id)
        .join_from(conversations, contacts, contacts.c.id == c.contact_id)
        .where(contacts.c.updated_at > since, _is_in(contacts.c.account_id, scope.accounts))
    )
    resolved = select(reporting_events.c.conversation_id).where(
        reporting_events.c.name == _RESOLVED,
        reporting_events.c.created_at > since,
        _is_in(reporting_events.c.account_id, scope.accounts),
    )
    rated = select(csat_survey_responses.c.conversation_id).where(
        csat_survey_responses.c.created_at > since
    )
    changed = select(c.id).where(c.updated_at > since, _is_in(c.account_id, scope.accounts))
    ids = connection.execute(union(changed, of_contacts, resolved, rated)).scalars()
    return sorted(id_ for id_ in ids if id_ is not None)


def changed_of(connection: Connection, ids: Iterable[int], since: datetime) -> list[int]:
    """Return those of the ids of conversations that changed themselves after ``since``."""
    c = conversations.c
    return list(
        connection.execute(select(c.id).where(_is_in(c.id, ids), c.updated_at > since)).scalars()
    )


def _source_ids() -> ColumnElement[Any]:
    """All ids of the conversation's customer in its inbox, in the order in which they were made."""
    ids = contact_inboxes.c
    return (
        select(func.array_agg(aggregate_order_by(ids.source_id, ids.id)))
        .where(
            ids.contact_id == conversations.c.contact_id, ids.inbox_id == conversations.c.inbox_id
        )
        .correlate(conversations)
        .scalar_subquery()
    )


def _resolved_at() -> ColumnElement[Any]:
    events = reporting_events.c
    return (
        select(func.max(events.created_at))
        .where(events.conversation_id == conversations.c.id, events.name == _RESOLVED)
        .correlate(conversations)
        .scalar_subquery()
    )


def _newest_rating() -> ColumnElement[Any]:
    ratings = csat_survey_responses.c
    return (
        select(ratings.rating)
        .where(ratings.conversation_id == conversations.c.id)
        .order_by(ratings.created_at.desc(), ratings.message_id.desc())
        .limit(1)
        .correlate(conversations)
        .scalar_subquery()
    )


# --- messages -------------------------------------------------------------------------------------


def messages_of(
    connection: Connection, scope: Scope, conversation_ids: Iterable[int], most: int | None = None
) -> list[Message]:
    """Return messages of these conversations, by conversation and id; at most ``most``."""
    statement = (
        _messages(scope)
        .where(_is_in(messages.c.conversation_id, conversation_ids))
        .order_by(messages.c.conversation_id, messages.c.id)
        .limit(most)
    )
    return list(_read_messages(connection, statement))


def messages_with(
    connection: Connection, scope: Scope, ids: Iterable[int], since: datetime
) -> list[Message]:
    """Return those of the messages with these ids that changed after ``since``."""
    statement = _messages(scope).where(_is_in(messages.c.id, ids), messages.c.updated_at > since)
    return list(_read_messages(connection, statement))


def changed_messages(connection: Connection, scope: Scope, since: datetime) -> Iterator[Message]:
    """Yield the messages that changed after ``since``; only some of them are in memory."""
    streaming = connection.execution_options(yield_per=_FETCHED_ROWS)
    yield from _read_messages(streaming, _messages(scope).where(messages.c.updated_at > since))


def is_copied(scope: Scope) -> ColumnElement[bool]:
    """Return the condition of messages that are copied: all of WhatsApp but notes and activity."""
    return and_(
        _is_in(messages.c.inbox_id, scope.whatsapp_inboxes),
        messages.c.message_type.in_([INCOMING, OUTGOING, AUTOMATIC]),
        messages.c.private.is_not(True),
    )


def _messages(scope: Scope) -> Select[Any]:
    m = messages.c
    is_author = and_(m.sender_type == "User", users.c.id == m.sender_id)
    rated_id = csat_survey_responses.c.message_id
    is_rated = exists(select(rated_id).where(rated_id == m.id))
    return (
        select(
            m.id,
            m.account_id,
            m.inbox_id,
            m.conversation_id,
            m.message_type,
            m.status,
            m.content,
            m.content_type,
            m.content_attributes,
            m.additional_attributes,
            m.source_id,
            m.sender_type,
            m.sender_id,
            m.created_at,
            users.c.name.label("sender_name"),
            is_rated.label("is_rated"),
        )
        .select_from(messages.outerjoin(users, is_author))
        .where(is_copied(scope))
    )


def _read_messages(connection: Connection, statement: Select[Any]) -> Iterator[Message]:
    for row in connection.execute(statement):
        yield Message(*row)


# --- ids ------------------------------------------------------------------------------------------


def greatest_id(connection: Connection, table: FromClause) -> int:
    """Return the greatest id of ``table``; 0 where it has no rows."""
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one())


def ids_between(
    connection: Connection, scope: Scope, table: FromClause, first: int, last: int
) -> list[tuple[int, int]]:
    """Return account and id of the rows of ``scope`` from ``first`` to ``last``, both included.

    ``table`` is ``conversations`` or ``messages``.
    """
    condition = and_(
        table.c.id.between(first, last),
        _is_in(table.c.account_id, scope.accounts),
        *([is_copied(scope)] if table is messages else ()),
    )
    rows = connection.execute(select(table.c.account_id, table.c.id).where(condition))
    return [(account, id_) for account, id_ in rows]


def _is_in(column: ColumnElement[Any], values: Iterable[int]) -> ColumnElement[bool]:
    """Return the condition: the column's value is one of ``values``, which travel as one array."""
    return column == any_(literal(list(values), ARRAY(BigInteger)))
