"""Turns filters and scope into SQL conditions: the one place that defines what is selected."""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, false, or_, select

from queries.filters import MESSAGE_LISTS, VOCABULARIES, Basis, Filters
from queries.period import Period
from queries.scope import Scope
from queries.sql_functions import Statement, is_one_of, is_one_of_keys
from queries.tables import cases, messages, people
from queries.visibility import is_shown_as

#: Filters of the message whose column has another name.
MESSAGE_COLUMNS = {"template": "template_name"}

#: Up to so many cases of the filters ``person`` and ``case`` are looked up once, for all panels.
MAX_NAMED_CASES: Final = 20_000


def in_period(column: ColumnElement[Any], period: Period) -> ColumnElement[bool]:
    return column.between(period.start, period.end)


def in_any_period(column: ColumnElement[Any], periods: tuple[Period, ...]) -> ColumnElement[bool]:
    return or_(*(in_period(column, period) for period in periods))


def message_day(table: Table, filters: Filters) -> ColumnElement[Any]:
    """Return the column with the day of messages on the time axis; ``table`` has both days."""
    return table.c.opened_day if filters.basis is Basis.OPENED else table.c.sent_day


def selected_messages(
    filters: Filters, scope: Scope, table: Table = messages, *others: Period
) -> ColumnElement[bool]:
    """Return the condition for selected messages, of the filters' period or of one of ``others``.

    ``table`` is ``messages`` or a roll-up that has all columns that the filters ask for.
    """
    return and_(
        in_any_period(message_day(table, filters), (filters.span, *others)),
        *conditions_of_case(table, filters, scope),
        *_message_conditions(table, filters, scope),
    )


def selected_cases(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Return the condition on ``cases`` for selected cases."""
    if filters.message_filters:
        by_time = _with_selected_message(filters, scope)
    elif filters.basis is Basis.OPENED:
        by_time = in_period(cases.c.opened_day, filters.span)
    else:
        by_time = _active_within(filters.span)
    return and_(case_conditions(filters, scope), by_time)


def cases_within(
    day: ColumnElement[Any], filters: Filters, scope: Scope, *others: Period
) -> ColumnElement[bool]:
    """Return the condition for selected cases whose ``day`` lies in the period.

    ``day`` is a column of ``cases``: the day of opening, of the first attendance or of the first
    response; with basis ``opened`` the day of opening. A case with such a day in the period is
    selected by that alone, because a first attendance and a first response are messages of that
    day. So messages are looked at only for filters of the message. ``others`` are further periods,
    each with a selection of its own.
    """
    periods = (filters.span, *others)
    within: ColumnElement[bool] = in_any_period(day, periods)
    if filters.message_filters:
        within = or_(
            *(
                and_(
                    in_period(day, period),
                    _with_selected_message(replace(filters, period=period), scope),
                )
                for period in periods
            )
        )
    return and_(case_conditions(filters, scope), within)


def case_conditions(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Return the condition that scope and filters of the case make, without the period."""
    return and_(cases.c.counted, *conditions_of_case(cases, filters, scope))


def conditions_of_case(table: Table, filters: Filters, scope: Scope) -> list[ColumnElement[bool]]:
    """Return the same for any ``table`` that has the columns, without ``cases.counted``."""
    return [*scope_conditions(table, scope), *_case_conditions(table, filters, scope)]


def with_such_message(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Return a condition: the case has a message, of any day, that meets the message filters."""
    such = select(messages.c.case_key).where(*_message_conditions(messages, filters, scope))
    return cases.c.case_key.in_(such)


def named_cases(filters: Filters, scope: Scope) -> Statement | None:
    """Return a select of the ``case_key`` that the filters ``person`` and ``case`` leave.

    It gives at most one row more than ``MAX_NAMED_CASES``. None where neither filter is set.
    """
    conditions: list[ColumnElement[bool]] = []
    if filters.person:
        conditions.append(cases.c.person_id.in_(_people(filters, scope)))
    if filters.case:
        conditions.append(_is_numbered(cases, filters, scope))
    if not conditions:
        return None
    return select(cases.c.case_key).where(*conditions).limit(MAX_NAMED_CASES + 1)


def scope_conditions(table: Table, scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions that limit ``table`` to what a reader of ``scope`` may see."""
    limits = {"account": scope.accounts, "team": scope.teams, "channel": scope.channels}
    return [
        is_one_of(table.c[name], allowed) if allowed else false()
        for name, allowed in limits.items()
        if allowed is not None
    ]


def _with_selected_message(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    return cases.c.case_key.in_(
        select(messages.c.case_key).where(selected_messages(filters, scope))
    )


def _active_within(period: Period) -> ColumnElement[bool]:
    """Return a condition: the case was opened in the period or has a message in it.

    Where a case's first or last day lies in the period, this is known without its messages. Only
    cases that begin before the period and end after it need a look at messages, and they are few.
    """
    goes_through = and_(cases.c.first_day < period.start, cases.c.last_day > period.end)
    long_ones = select(cases.c.case_key).where(goes_through)
    spoken = select(messages.c.case_key).where(
        in_period(messages.c.sent_day, period), messages.c.case_key.in_(long_ones)
    )
    return or_(
        in_period(cases.c.first_day, period),
        in_period(cases.c.last_day, period),
        and_(
            goes_through,
            or_(in_period(cases.c.opened_day, period), cases.c.case_key.in_(spoken)),
        ),
    )


def _case_conditions(table: Table, filters: Filters, scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters of the case; every table has their columns."""
    conditions: list[ColumnElement[bool]] = [
        is_shown_as(table.c[name], getattr(filters, name), scope)
        for name in ("channel", "case_type", "team")
        if getattr(filters, name)
    ]
    if filters.agent:
        conditions.append(is_shown_as(table.c.last_agent, filters.agent, scope))
    if filters.case_keys is not None:
        return [*conditions, is_one_of_keys(table.c.case_key, filters.case_keys)]
    if filters.person:
        conditions.append(table.c.person_id.in_(_people(filters, scope)))
    if filters.case:
        keys = cases.alias("numbered_cases")
        numbered = select(keys.c.case_key).where(_is_numbered(keys, filters, scope))
        conditions.append(table.c.case_key.in_(numbered))
    return conditions


def _message_conditions(table: Table, filters: Filters, scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters of the message, for a table that has their columns."""
    return [
        _is_such(table.c[MESSAGE_COLUMNS.get(name, name)], name, filters, scope)
        for name in MESSAGE_LISTS
        if getattr(filters, name)
    ]


def _is_such(
    column: ColumnElement[Any], name: str, filters: Filters, scope: Scope
) -> ColumnElement[bool]:
    """Return the condition of the filter ``name``; values of a vocabulary hold no phone to mask."""
    values = getattr(filters, name)
    if name in VOCABULARIES:
        return is_one_of(column, values)
    return is_shown_as(column, values, scope)


def _people(filters: Filters, scope: Scope) -> Select[Any]:
    named = is_shown_as(people.c.person_name, filters.person, scope, people.c.masked_name)
    return select(people.c.person_id).where(named)


def _is_numbered(table: FromClause, filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Return a condition on ``cases`` or an alias of it: the case has one of the numbers."""
    number, masked = table.c.case_number, table.c.masked_number
    return is_shown_as(number, filters.case, scope, masked)
