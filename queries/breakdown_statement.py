"""The SELECT of the panel ``breakdown``: what is counted of each value, in two periods.

It is a UNION ALL of one SELECT for each sort of things that are counted (messages, cases, first
responses, waits), which engines plan faster than joins.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.types import TypeEngine

from queries.compared import By
from queries.filters import Basis
from queries.panel import PanelRequest
from queries.period import Comparison
from queries.rollup_choice import HOUR, case_counts, message_counts
from queries.selected_rows import (
    ATTENDED,
    OPENED,
    RESPONDED,
    SENT,
    Moment,
    case_conditions,
    cases_within,
    conditions_of_case,
    happened_within,
    message_day,
    selected_messages,
)
from queries.sql_functions import Statement, column_at, iso_weekday, percentiles, whole_sum
from queries.tables import cases, messages
from queries.visibility import visible_text
from queries.vocabulary import ARRIVED, NOT_SENT_OUT
from queries.waits import selected_waits, wait_counts

#: The columns that tell a row: which SELECT it is of, which period it is about, and its value.
KEY: Final = ("part", "is_previous", "value")
#: What is counted; each SELECT fills some of them, the others are null.
COUNTS: Final = (
    "messages",
    "sent_messages",
    "sent_out",
    "arrived",
    "read",
    "failed",
    "created",
    "attended",
    "responses",
    "waits",
    "replies",
    "judged_waits",
    "replies_in_time",
    "waiting",
)
#: Medians and 90th percentiles of times in seconds, as arrays.
TIMES: Final = ("response_times", "reply_times")

_TYPES: Final[Mapping[str, TypeEngine[Any]]] = {
    **dict.fromkeys(COUNTS, BigInteger()),
    **dict.fromkeys(TIMES, ARRAY(Double())),
}
#: The column of the value of a case and of each of its messages.
_CASE_COLUMNS: Final = {
    By.CHANNEL: "channel",
    By.CASE_TYPE: "case_type",
    By.TEAM: "team",
    By.AGENT: "last_agent",
}
_MESSAGE_COLUMNS: Final = {**_CASE_COLUMNS, By.TEMPLATE: "template_name"}


def statement(request: PanelRequest, *, as_seen: bool = False) -> Statement:
    """Return a SELECT of ``KEY``, ``COUNTS`` and ``TIMES``, unordered.

    ``is_previous`` is true in rows about the days before (``PanelRequest.before``). ``value`` is a
    text or null; a weekday from 1; an hour from 0; or, for both together, 24 times the weekday plus
    the hour. Null and 0 mean the same in ``COUNTS``. With ``as_seen`` phones in values are masked
    unless the scope sees phones, and values that are then the same text are one row.
    """
    question = _Question(request, as_seen=as_seen)
    return select(union_all(*_parts(question)).subquery("parts"))


def _parts(question: "_Question") -> Iterator[Statement]:
    yield _of_messages(question)
    yield _of_waits(question)
    if question.by is By.TEMPLATE:
        yield _of_cases_by_template(question)
    else:
        yield _of_cases(question)
        yield _of_responses(question)
    if question.by.is_of_case:
        yield _of_waiting(question)


class _Question:
    """What is asked, and expressions that several SELECTs share."""

    def __init__(self, request: PanelRequest, *, as_seen: bool) -> None:
        self.request = request
        self.by = request.table.by
        self.filters = request.filters
        self.scope = request.scope
        self.before = request.before
        self._as_seen = as_seen

    @property
    def by_opening(self) -> bool:
        return self.filters.basis is Basis.OPENED

    def seen(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        return visible_text(text, self.scope) if self._as_seen else text

    def own(self, moment: Moment) -> Moment:
        """Return the moment by which a thing that happened at ``moment`` is counted."""
        return OPENED if self.by_opening else moment

    def time(self, day: ColumnElement[Any], hour: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the weekday, the hour, or both in one number."""
        if self.by is By.HOUR:
            return cast(hour, Integer)
        weekday = iso_weekday(day)
        return weekday if self.by is By.WEEKDAY else weekday * 24 + cast(hour, Integer)

    def is_previous(self, day: ColumnElement[Any]) -> ColumnElement[bool]:
        return day < self.filters.span.start


def _part(
    name: str,
    is_previous: ColumnElement[bool],
    value: ColumnElement[Any],
    counted: Mapping[str, ColumnElement[Any]],
) -> Statement:
    """Return a SELECT of all columns, grouped by period and value; what is not counted is null."""
    keys = literal(name).label("part"), is_previous.label("is_previous"), value.label("value")
    others = (
        counted.get(column, cast(null(), type_)).label(column) for column, type_ in _TYPES.items()
    )
    return select(*keys, *others).group_by(column_at(2), column_at(3))


# --- messages -----------------------------------------------------------------------------------


def _of_messages(question: _Question) -> Statement:
    column = _message_column(question)
    counts = message_counts(question.filters, question.scope, question.before, column=column)
    table, number = counts.table, counts.messages
    out, status = table.c.direction == "out", table.c.status
    return (
        _part(
            "messages",
            question.is_previous(counts.day),
            _value_of_message(table, question),
            {
                "messages": number(),
                "sent_messages": number(out),
                "sent_out": number(and_(out, status.not_in(NOT_SENT_OUT))),
                "arrived": number(and_(out, status.in_(ARRIVED))),
                "read": number(and_(out, status == "read")),
                "failed": number(and_(out, status == "failed")),
            },
        )
        .select_from(_with_hours(table, question))
        .where(counts.selected, *_of_kind(table, question))
    )


def _message_column(question: _Question) -> str | None:
    """Return the column that must be there to count messages; None where the days are enough."""
    if question.by.is_of_time:
        return "sent_hour" if question.by.has_hours else None
    return _MESSAGE_COLUMNS[question.by]


def _value_of_message(table: FromClause, question: _Question) -> ColumnElement[Any]:
    if not question.by.is_of_time:
        return question.seen(table.c[_MESSAGE_COLUMNS[question.by]])
    day = table.c.opened_day if question.by_opening else table.c.sent_day
    return question.time(day, question.own(SENT).hour)


def _with_hours(table: FromClause, question: _Question) -> FromClause:
    """Return ``table``, joined with ``cases`` where only these have the hour that is asked for."""
    if question.by.has_hours and question.by_opening:
        return table.join(cases, cases.c.case_key == table.c.case_key)
    return table


def _of_kind(table: FromClause, question: _Question) -> list[ColumnElement[bool]]:
    return [table.c.kind == "hsm"] if question.by is By.TEMPLATE else []


def _of_waits(question: _Question) -> Statement:
    return (
        _part(
            "waits",
            question.is_previous(message_day(messages, question.filters)),
            _value_of_wait(question),
            wait_counts(question.request),
        )
        .select_from(_with_hours(messages, question))
        .where(selected_waits(question.request), *_of_kind(messages, question))
    )


def _value_of_wait(question: _Question) -> ColumnElement[Any]:
    """Return the value of a message that begins a wait: of agents, who ended it."""
    if question.by is not By.AGENT:
        return _value_of_message(messages, question)
    ended = messages.c.reply_seconds.is_not(None)
    agent = case((ended, messages.c.reply_agent), else_=messages.c.last_agent)
    return question.seen(agent)


# --- cases --------------------------------------------------------------------------------------


def _of_cases(question: _Question) -> Statement:
    column = HOUR if question.by.has_hours else _CASE_COLUMNS.get(question.by)
    counts = case_counts(question.filters, question.scope, question.before, column=column)
    if question.by.is_of_time:
        value = question.time(counts.c.day, counts.c.value)
    else:
        value = question.seen(counts.c.value)
    return _part(
        "cases",
        question.is_previous(counts.c.day),
        value,
        {name: whole_sum(counts.c[name]) for name in ("created", "attended")},
    )


def _of_responses(question: _Question) -> Statement:
    moment, seconds = question.own(RESPONDED), cases.c.first_response_seconds
    return _part(
        "responses",
        question.is_previous(moment.day),
        _value_of_case(moment, question),
        {"responses": func.count(), "response_times": percentiles(seconds)},
    ).where(
        cases_within(RESPONDED, question.filters, question.scope, question.before),
        seconds.is_not(None),
    )


def _value_of_case(moment: Moment, question: _Question) -> ColumnElement[Any]:
    """Return the value of a row of ``cases`` that is counted by ``moment``."""
    if question.by.is_of_time:
        return question.time(moment.day, moment.hour)
    return question.seen(cases.c[_CASE_COLUMNS[question.by]])


def _of_waiting(question: _Question) -> Statement:
    """Return the SELECT of the cases that the panel ``waiting`` has."""
    return _part(
        "waiting", false(), _value_of_case(OPENED, question), {"waiting": func.count()}
    ).where(
        cases.c.waiting_since.is_not(None),
        *conditions_of_case(cases, question.filters, question.scope),
    )


def _of_cases_by_template(question: _Question) -> Statement:
    """Return the SELECT of the cases opened, attended and first answered, by template.

    A case counts for each template of which it has a selected HSM in the same period.
    """
    uses, seconds = _uses_of_templates(question), cases.c.first_response_seconds
    periods = (
        (Comparison(question.filters.span), not_(uses.c.is_previous)),
        (question.before, uses.c.is_previous),
    )

    def happened(moment: Moment) -> ColumnElement[bool]:
        within = (
            and_(is_of_period, happened_within(moment, question.filters, period))
            for period, is_of_period in periods
        )
        return and_(moment.day.is_not(None), or_(*within))

    return (
        _part(
            "cases",
            uses.c.is_previous,
            uses.c.value,
            {
                "created": func.count().filter(happened(OPENED)),
                "attended": func.count().filter(happened(ATTENDED)),
                "responses": func.count(seconds).filter(happened(RESPONDED)),
                "response_times": percentiles(case((happened(RESPONDED), seconds))),
            },
        )
        .select_from(cases.join(uses, uses.c.case_key == cases.c.case_key))
        .where(case_conditions(question.filters, question.scope))
    )


def _uses_of_templates(question: _Question) -> FromClause:
    """Return a subquery of ``case_key, value, is_previous``: the templates of each case, once."""
    day = messages.c.opened_day if question.by_opening else messages.c.sent_day
    return (
        select(
            messages.c.case_key,
            question.seen(messages.c.template_name).label("value"),
            question.is_previous(day).label("is_previous"),
        )
        .where(
            selected_messages(question.filters, question.scope, messages, question.before),
            *_of_kind(messages, question),
        )
        .distinct()
        .subquery("uses")
    )
