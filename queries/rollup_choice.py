"""Chooses the tables from which counts are read: roll-ups, or ``messages`` and ``cases``.

Roll-ups hold exact counts by day and are much faster. They can be used where they have the columns
of all filters that are set: not for persons, single cases and agents, and for counts of cases not
for filters of the message. The numbers are the same either way. No other module chooses.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, and_, func, literal, select, union_all

from queries.filters import Basis, Filters
from queries.period import Period
from queries.scope import Scope
from queries.selection import (
    cases_within,
    conditions_of_case,
    in_any_period,
    in_period,
    message_day,
    selected_cases,
    selected_messages,
)
from queries.sql_functions import whole_sum
from queries.tables import active_days, case_days, cases, message_days, messages
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

    ``table`` is ``messages`` or the roll-up ``message_days``; ``selected`` is the WHERE condition
    for its rows. ``day`` is its column for the time axis: the day of the message, or with the basis
    ``opened`` that of the case's opening. The SELECT may group by any column that both tables have;
    the methods return what it counts.
    """

    table: Table
    selected: ColumnElement[bool]
    day: ColumnElement[Any]

    def messages(self) -> ColumnElement[int]:
        """Return the SQL expression for the number of messages in a group."""
        return func.count() if self.table is messages else whole_sum(self.table.c.messages)

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


def message_counts(filters: Filters, scope: Scope, *others: Period) -> MessageCounts:
    """Return what a SELECT needs to count the messages that filters and scope select.

    The messages of the periods ``others`` are counted as well as those of the filters' period.
    Raises ``LookupError`` where the filters have no period.
    """
    table = message_days if roll_ups_hold_messages(filters) else messages
    selected = selected_messages(filters, scope, table, *others)
    return MessageCounts(table, selected, message_day(table, filters))


def case_counts(filters: Filters, scope: Scope, *others: Period) -> FromClause:
    """Return a subquery of ``day, created, attended``: the cases that filters and scope select.

    The cases of the periods ``others`` are there as well as those of the filters' period. Several
    rows may have the same day: add them up. ``created`` counts the cases opened on ``day``.
    ``attended`` counts, with the basis ``opened``, those of them that are attended by now; with the
    basis ``sent``, the cases first attended on ``day``.
    """
    by_opening = filters.basis is Basis.OPENED
    if roll_ups_hold_cases(filters):
        attended = case_days.c.attended_by_now if by_opening else case_days.c.attended
        return (
            select(case_days.c.day, case_days.c.created, attended.label("attended"))
            .where(
                in_any_period(case_days.c.day, (filters.span, *others)),
                *conditions_of_case(case_days, filters, scope),
            )
            .subquery("case_counts")
        )
    opened, attended_day = cases.c.opened_day, cases.c.attended_day
    attended_by_now: ColumnElement[int] = func.count(attended_day) if by_opening else literal(0)
    created = (
        select(
            opened.label("day"), func.count().label("created"), attended_by_now.label("attended")
        )
        .where(cases_within(opened, filters, scope, *others))
        .group_by(opened)
    )
    if by_opening:
        return created.subquery("case_counts")
    attended_cases = (
        select(attended_day, literal(0), func.count())
        .where(cases_within(attended_day, filters, scope, *others))
        .group_by(attended_day)
    )
    return union_all(created, attended_cases).subquery("case_counts")


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
