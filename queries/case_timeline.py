"""The time line of one case: its messages in order, and how long the customer waited for each."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Double,
    Integer,
    String,
    and_,
    case,
    cast,
    extract,
    func,
    null,
    select,
)

from queries.panels.details import ERROR
from queries.result import ResultSet, local, utc
from queries.selected_rows import scope_conditions
from queries.sql_functions import Statement
from queries.tables import cases, messages, people
from queries.user_scope import Scope
from queries.visibility import selected_case_id, visible_body, visible_case_number

#: How many messages of a case a time line has at most; they are the newest.
MAX_SHOWN: Final = 1_000
#: The greatest number that a ``case_key`` can be.
_MAX_KEY: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a time line. ``sent_at`` is in the deployment's zone.

    ``direction``, ``status`` and ``kind`` are codes of ``queries.vocabulary``. ``error`` is code
    and title of a failure, None without any. ``body`` is None for a message without text, or where
    the scope hides texts.

    ``waited_seconds`` is the length of the wait that this message of a person ended; None where it
    ended none. A bot ends no wait. ``is_longest`` is True for the message that ended the longest
    wait of the case (of equal ones the first), unless the customer has by now waited longer.
    """

    sent_at: datetime
    direction: str
    status: str
    kind: str
    template_name: str | None
    agent: str | None
    is_bot: bool
    error: str | None
    body: str | None
    waited_seconds: float | None
    is_longest: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """A case and its messages. Times are in the deployment's zone.

    ``closed_at`` is None for an open case. ``phone`` is the newest known contact phone of
    ``entries``, masked where the scope hides phones; None without any. ``texts_hidden`` says
    whether the scope hides texts. ``messages`` is how many messages the case has; ``entries`` are
    the newest ``MAX_SHOWN`` of them, oldest first.

    ``waiting_since`` is when the wait of an open case began that nobody has ended; None without
    such a wait. ``waits_longest`` says whether
    this wait is by now longer than every wait that has ended.
    """

    case_id: str
    case_number: str
    person_name: str
    channel: str
    case_type: str
    team: str | None
    opened_at: datetime
    closed_at: datetime | None
    phone: str | None
    texts_hidden: bool
    messages: int
    entries: tuple[Entry, ...]
    waiting_since: datetime | None
    waits_longest: bool


def usable_key(value: object) -> int | None:
    """Return the ``case_key`` that a browser sent as a number, or None where it cannot be one.

    A key is a whole number from 0 to 2**63 - 1, or its digits as a text.
    """
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 19:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_KEY:
        return None
    return value


def case_query(case_key: int, scope: Scope) -> Statement:
    """Return a SELECT of one row: the case, with the first and last day on which it was active.

    These are ``first_day`` and ``last_day``; times are UTC. There is no row where no such case
    exists, ``scope`` excludes it, or it does not count as a case of WhatsApp (``cases.counted``).
    """
    return (
        select(
            selected_case_id(scope).label("case_id"),
            visible_case_number(scope).label("case_number"),
            people.c.person_name,
            cases.c.channel,
            cases.c.case_type,
            cases.c.team,
            cases.c.opened_at,
            cases.c.closed_at,
            cases.c.waiting_since,
            cases.c.first_day,
            cases.c.last_day,
        )
        .select_from(cases.join(people, people.c.person_id == cases.c.person_id))
        .where(cases.c.case_key == case_key, cases.c.counted, *scope_conditions(cases, scope))
    )


def messages_query(case_key: int, first_day: date, last_day: date, scope: Scope) -> Statement:
    """Return a SELECT of the newest ``MAX_SHOWN`` messages of a case, newest first; times are UTC.

    ``first_day`` and ``last_day``, from ``case_query``, limit the days that have to be read. Each
    row also has ``waited_seconds`` (the wait that the message ended, else null), ``wait_rank`` (1
    for the longest wait of the case), ``longest_seconds`` (that wait) and ``messages`` (how many
    the case has).
    """
    chosen = and_(
        messages.c.case_key == case_key,
        messages.c.sent_day.between(first_day, last_day),
        *scope_conditions(messages, scope),
    )
    in_order = (
        select(
            *_message_columns(scope),
            messages.c.seq,
            messages.c.contact_phone,
            case((messages.c.begins_wait, messages.c.sent_at)).label("begun_at"),
            _is_human().label("is_human"),
            # Of the messages up to the next one of a person, that one included, at most one begins
            # a wait, and the last ends it.
            func.coalesce(
                func.sum(case((_is_human(), 1), else_=0)).over(
                    order_by=messages.c.seq, rows=(None, -1)
                ),
                0,
            ).label("humans_before"),
        )
        .where(chosen)
        .cte("in_order")
    )
    begun_at = func.max(in_order.c.begun_at).over(partition_by=in_order.c.humans_before)
    waited: ColumnElement[float] = cast(extract("epoch", in_order.c.sent_at - begun_at), Double())
    ended = select(in_order, case((in_order.c.is_human, waited)).label("waited_seconds")).cte(
        "ended"
    )
    by_wait = (ended.c.waited_seconds.desc().nulls_last(), ended.c.seq)
    wait_rank = func.row_number().over(order_by=by_wait)
    return (
        select(
            ended,
            func.count().over().label("messages"),
            cast(wait_rank, Integer()).label("wait_rank"),
            func.max(ended.c.waited_seconds).over().label("longest_seconds"),
        )
        .order_by(ended.c.seq.desc())
        .limit(MAX_SHOWN)
    )


def timeline(case_row: dict[str, Any], result: ResultSet, scope: Scope, now: datetime) -> Timeline:
    """Return the time line of a case.

    ``case_row`` is the row of ``case_query``, ``result`` has the rows of ``messages_query``.
    ``now`` is the present time in the deployment's zone; all times of the time line are in that
    zone.
    """
    newest_first = list(result.records())
    last = newest_first[0] if newest_first else None
    since = None if case_row["waiting_since"] is None else utc(case_row["waiting_since"])
    longest = (last["longest_seconds"] if last else None) or 0.0
    waits_longest = since is not None and (now - since).total_seconds() > longest
    phone = next((row["contact_phone"] for row in newest_first if row["contact_phone"]), None)

    zone = now.tzinfo or UTC
    times = {
        name: None if case_row[name] is None else local(case_row[name], zone)
        for name in ("opened_at", "closed_at")
    }
    return Timeline(
        **{name: case_row[name] for name in _CASE_FIELDS},
        **times,  # type: ignore[arg-type] # every case was opened
        phone=phone,
        texts_hidden=not scope.see_texts,
        messages=last["messages"] if last else 0,
        entries=tuple(
            Entry(
                **{name: row[name] for name in _ENTRY_FIELDS},
                sent_at=local(row["sent_at"], zone),
                is_longest=(
                    row["wait_rank"] == 1
                    and row["waited_seconds"] is not None
                    and not waits_longest
                ),
            )
            for row in reversed(newest_first)
        ),
        waiting_since=None if since is None else since.astimezone(zone),
        waits_longest=waits_longest,
    )


_CASE_FIELDS: Final = ("case_id", "case_number", "person_name", "channel", "case_type", "team")
_ENTRY_FIELDS: Final = (
    *("direction", "status", "kind", "template_name", "agent", "is_bot", "error", "body"),
    "waited_seconds",
)


def _is_human() -> ColumnElement[bool]:
    """Return the SQL condition for messages that a person of the company sent, and no bot."""
    by_somebody = and_(messages.c.direction == "out", messages.c.agent.is_not(None))
    return and_(by_somebody, messages.c.is_bot.is_(False))


def _message_columns(scope: Scope) -> list[ColumnElement[Any]]:
    """Return the columns of a message; the text is null where the reader may not see texts."""
    return [
        *(messages.c[name] for name in ("sent_at", "direction", "status", "kind")),
        *(messages.c[name] for name in ("template_name", "agent", "is_bot")),
        ERROR.label("error"),
        (visible_body(scope) if scope.see_texts else cast(null(), String())).label("body"),
    ]
