"""Chooses the tables from which counts are read: roll-ups, or ``messages`` and ``cases``.

Roll-ups hold exact counts by day and are much faster. They can be used where they have the columns
of all filters that are set: not for persons, single cases and agents, and for counts of cases not
for filters of the message. Where the days before stop at a time of their last day, roll-ups give
the whole days, and only what lies on that last day is read from ``messages`` and ``cases``. The
numbers are the same either way. No other module chooses.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Table,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from queries.filters import Basis, Filters
from queries.period import Comparison, Period
from queries.selected_rows import (
    ATTENDED,
    OPENED,
    SENT,
    Moment,
    case_conditions,
    cases_within,
    conditions_of_case,
    conditions_of_message,
    in_period,
    message_day,
    opened_in_time,
    selected_cases,
    selected_messages,
)
from queries.sql_functions import Statement, column_at, whole_sum
from queries.tables import active_days, case_days, cases, message_days, messages
from queries.user_scope import Scope
from queries.visibility import visible_text


def roll_ups_hold_messages(filters: Filters) -> bool:
    """Return whether counts of messages can be read from ``message_days`` with these filters.

    They cannot where a person, a case or an agent is chosen: the roll-up has no such columns. Where
    a test makes this return False, all counts are read from ``messages`` and ``cases``.
    """
    named = filters.person or filters.case or filters.case_keys is not None
    return not (named or filters.agent)


def roll_ups_hold_cases(filters: Filters) -> bool:
    """Return whether counts of cases can be read from ``case_days`` and ``active_days``.

    They cannot where a person, a case, an agent or any filter of the message is set: the roll-ups
    have no such columns.
    """
    return roll_ups_hold_messages(filters) and not filters.message_filters


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """What a SELECT needs to count messages that filters and scope select.

    ``table`` is ``messages``, the roll-up ``message_days``, or a subquery with the columns of the
    roll-up; ``selected`` is the WHERE condition for its rows. ``day`` is its column for the time
    axis: the day of the message, or with the basis ``opened`` that of the case's opening. The
    SELECT may group by any column that both tables have; the methods return what it counts.
    """

    table: FromClause
    selected: ColumnElement[bool]
    day: ColumnElement[Any]

    def messages(self, where: ColumnElement[bool] | None = None) -> ColumnElement[int]:
        """Return the SQL expression for the number of messages in a group.

        With ``where``, only messages that meet this condition are counted; null then stands for 0.
        """
        if self.table is messages:
            return func.count() if where is None else func.count().filter(where)
        number: ColumnElement[int] = self.table.c.messages
        return whole_sum(number if where is None else case((where, number)))

    def answered(self) -> ColumnElement[int]:
        """Return the SQL expression for the number of answered HSMs in a group."""
        if self.table is messages:
            return func.count().filter(messages.c.answered)
        return whole_sum(self.table.c.answered)

    def in_window(self) -> ColumnElement[int]:
        """Return the SQL expression for the number of HSMs in a group sent in an open window."""
        if self.table is messages:
            return func.count().filter(messages.c.in_window)
        return whole_sum(self.table.c.in_window)


def message_counts(
    filters: Filters, scope: Scope, before: Comparison | None = None, *, column: str | None = None
) -> MessageCounts:
    """Return what a SELECT needs to count the messages that filters and scope select.

    Where ``before`` is given, its messages are counted as well as those of the filters' period. The
    table also has ``column``, the name of a column of ``messages``, where that is given. Raises
    ``LookupError`` where the filters have no period.
    """
    holds = roll_ups_hold_messages(filters) and (column is None or column in message_days.c)
    if holds and before and before.until is not None:
        mixed = _whole_days_and_the_last(filters, scope, before)
        return MessageCounts(mixed, true(), message_day(mixed, filters))
    table = message_days if holds else messages
    selected = selected_messages(filters, scope, table, before)
    return MessageCounts(table, selected, message_day(table, filters))


def _whole_days_and_the_last(filters: Filters, scope: Scope, before: Comparison) -> FromClause:
    """Return a subquery of rows like those of ``message_days``: of the period and of ``before``.

    With the basis ``sent`` the last day of ``before`` is read from ``messages``. With the basis
    ``opened`` so are all messages that were sent on this day, whenever their case was opened, and
    those of cases that were opened on it.
    """
    last = before.period.end
    days = message_days.c
    day = message_day(message_days, filters)
    whole = in_period(day, _without_last_day(before))
    part = in_period(message_day(messages, filters), before.period)
    if filters.basis is Basis.OPENED:
        whole = and_(whole, days.sent_day < last)
        on_last = or_(messages.c.sent_day >= last, messages.c.opened_day == last)
        part = and_(part, on_last, opened_in_time(before))
    else:
        part = and_(part, messages.c.sent_day == last)
    of_days = select(*days).where(
        or_(in_period(day, filters.span), whole),
        *conditions_of_message(message_days, filters, scope),
    )
    counted: dict[str, ColumnElement[Any]] = {
        "messages": literal(1, Integer),
        "answered": cast(messages.c.answered, Integer),
        "in_window": cast(messages.c.in_window, Integer),
    }
    columns = [counted[c.name] if c.name in counted else messages.c[c.name] for c in days]
    of_rows = select(*columns).where(
        part, *SENT.is_in_time(before), *conditions_of_message(messages, filters, scope)
    )
    return union_all(of_days, of_rows).subquery("message_counts")


def _without_last_day(before: Comparison) -> Period:
    """Return the days of ``before`` that count as a whole; its end is before its start if none."""
    return Period(before.period.start, before.period.end - timedelta(days=1))


def case_counts(
    filters: Filters, scope: Scope, before: Comparison | None = None, *, column: str | None = None
) -> FromClause:
    """Return a subquery of ``day, value, created, attended``: cases that filters and scope select.

    Where ``before`` is given, its cases are there as well as those of the filters' period. Several
    rows may have the same day and value: add them up. ``created`` counts the cases opened on
    ``day``. ``attended`` counts, with the basis ``opened``, those of them that are attended by now
    (of ``before``, where that stops at a time: that were attended by then); with the basis
    ``sent``, the cases first attended on ``day``.

    ``value`` is that of the column ``column`` of ``cases``, or with ``HOUR`` the hour at which the
    cases were opened or attended. It is null where ``column`` is None.
    """
    value = _CaseValue(column)
    if not (roll_ups_hold_cases(filters) and value.is_in_roll_up):
        parts = _cases_of_rows(filters, scope, before, value)
    elif before is None or before.until is None:
        windows = [filters.span, *([before.period] if before else [])]
        parts = [_cases_of_days(filters, scope, windows, value)]
    else:
        parts = _cases_of_days_and_rows(filters, scope, before, value)
    return union_all(*parts).subquery("case_counts")


#: In place of a column: the hour of the moment by which a case is counted.
HOUR: Final = "hour"


@dataclass(frozen=True, slots=True)
class _CaseValue:
    """What cases are counted by beside the day: a column, the hour (``HOUR``), or nothing."""

    column: str | None

    @property
    def is_in_roll_up(self) -> bool:
        return self.column is None or self.column in case_days.c

    def of_days(self) -> ColumnElement[Any]:
        """Return the value of a row of the roll-up ``case_days``."""
        return null() if self.column is None else case_days.c[self.column]

    def of_cases(self, moment: Moment) -> ColumnElement[Any]:
        """Return the value of a row of ``cases`` that is counted by ``moment``."""
        if self.column is None:
            return null()
        return moment.hour if self.column == HOUR else cases.c[self.column]


def _cases_of_days(
    filters: Filters, scope: Scope, periods: list[Period], value: _CaseValue
) -> Statement:
    days = case_days.c
    attended = days.attended_by_now if filters.basis is Basis.OPENED else days.attended
    return select(
        days.day, value.of_days().label("value"), days.created, attended.label("attended")
    ).where(
        or_(*(in_period(days.day, period) for period in periods)),
        *conditions_of_case(case_days, filters, scope),
    )


def _cases_of_rows(
    filters: Filters, scope: Scope, before: Comparison | None, value: _CaseValue
) -> list[Statement]:
    by_opening = filters.basis is Basis.OPENED
    created = _created(_attended_in_time(filters, before) if by_opening else None, value).where(
        cases_within(OPENED, filters, scope, before)
    )
    if by_opening:
        return [created]
    return [created, _attended(value).where(cases_within(ATTENDED, filters, scope, before))]


def _cases_of_days_and_rows(
    filters: Filters, scope: Scope, before: Comparison, value: _CaseValue
) -> list[Statement]:
    """Return the SELECTs of ``case_counts`` where ``before`` stops at a time.

    With the basis ``opened`` all its cases are read from ``cases``: those of each of its days may
    have been attended later than it stops.
    """
    such = case_conditions(filters, scope)
    if filters.basis is Basis.OPENED:
        created = _created(_attended_in_time(filters, before), value)
        return [
            _cases_of_days(filters, scope, [filters.span], value),
            created.where(OPENED.is_within(before), such),
        ]
    on_last_day = Comparison(Period(before.period.end, before.period.end), before.until)
    return [
        _cases_of_days(filters, scope, [filters.span, _without_last_day(before)], value),
        _created(None, value).where(OPENED.is_within(on_last_day), such),
        _attended(value).where(ATTENDED.is_within(on_last_day), such),
    ]


def _created(attended: ColumnElement[bool] | None, value: _CaseValue) -> Statement:
    """Return a SELECT of cases by opening day, without WHERE; ``attended`` says which are."""
    number = literal(0) if attended is None else func.count().filter(attended)
    day, of_case = OPENED.day, value.of_cases(OPENED)
    return select(
        day.label("day"),
        of_case.label("value"),
        func.count().label("created"),
        number.label("attended"),
    ).group_by(column_at(1), column_at(2))


def _attended(value: _CaseValue) -> Statement:
    """Return a SELECT of cases by the day on which they were attended, without WHERE."""
    day, of_case = ATTENDED.day, value.of_cases(ATTENDED)
    return select(
        day.label("day"),
        of_case.label("value"),
        literal(0).label("created"),
        func.count().label("attended"),
    ).group_by(column_at(1), column_at(2))


def _attended_in_time(filters: Filters, before: Comparison | None) -> ColumnElement[bool]:
    """Return the condition that a case is attended by now, or where ``before`` has it, by then."""
    attended = ATTENDED.day.is_not(None)
    if before is None or before.until is None:
        return attended
    is_now = in_period(OPENED.day, filters.span)
    return and_(attended, or_(is_now, *ATTENDED.is_in_time(before)))


def cases_by(name: str, filters: Filters, scope: Scope, *, as_seen: bool = False) -> FromClause:
    """Return a subquery of ``value, cases``: how many selected cases have each value of a column.

    The column is ``cases.<name>``; ``name`` is ``channel``, ``case_type``, ``team``, ``account`` or
    ``last_agent``. Nulls and values of no selected case have no row.

    With ``as_seen`` phones in values are masked unless ``scope.see_phones``, and values that are
    then the same text are one row.
    """
    if name == "last_agent" or not roll_ups_hold_cases(filters):
        value: ColumnElement[Any] = cases.c[name]
        selected = selected_cases(filters, scope)
        number: ColumnElement[int] = func.count()
    else:
        table = _selected_days(filters)
        value, selected = table.c[name], _within(table, filters, scope)
        number = _distinct(table)
    if as_seen:
        value = visible_text(value, scope)
    return (
        select(value.label("value"), number.label("cases"))
        .where(selected, value.is_not(None))
        .group_by(value)
        .having(number > 0)
        .subquery("cases_by")
    )


def case_total(filters: Filters, scope: Scope) -> ColumnElement[int]:
    """Return a scalar subquery: how many cases filters and scope select."""
    if not roll_ups_hold_cases(filters):
        total = select(func.count()).select_from(cases).where(selected_cases(filters, scope))
    else:
        table = _selected_days(filters)
        total = select(_distinct(table)).where(_within(table, filters, scope))
    return total.scalar_subquery()


def _selected_days(filters: Filters) -> Table:
    """Return the roll-up on which selected cases are counted with the basis of ``filters``."""
    return case_days if filters.basis is Basis.OPENED else active_days


def _distinct(table: Table) -> ColumnElement[int]:
    """Return the number of cases that the selected rows of a roll-up of cases count."""
    number = table.c.created if table is case_days else table.c.cases
    return func.coalesce(whole_sum(number), 0)


def _within(table: Table, filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Return the condition for rows of a roll-up of cases that count each selected case once.

    In ``active_days`` these are the rows of a case's first active day in the period: the active
    day before it lies before the period, or there is none.
    """
    conditions = [
        in_period(table.c.day, filters.span),
        *conditions_of_case(table, filters, scope),
    ]
    if table is active_days:
        previous = active_days.c.previous_day
        conditions.append(previous.is_(None) | (previous < filters.span.start))
    return and_(*conditions)
