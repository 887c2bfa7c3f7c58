"""Turns filters and scope into SQL conditions for selected messages and selected cases.

No other module defines what is selected: with basis ``opened`` the cases opened in the period and
all their messages, with basis ``sent`` the messages of the period and the cases that have one of
them or were opened in it.
"""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, false, or_, select

from queries.filters import MESSAGE_LISTS, VOCABULARIES, Basis, Filters
from queries.period import Period
from queries.sql_functions import Statement, is_one_of, is_one_of_keys
from queries.tables import cases, messages, people
from queries.user_scope import Scope
from queries.visibility import is_shown_as

#: The column of each filter of the message that is not called as the filter.
MESSAGE_COLUMNS = {"template": "template_name"}

#: The most cases named by the filters ``person`` and ``case`` that are looked up once for all
#: SELECTs of a request; of more, each SELECT looks them up itself.
MAX_NAMED_CASES: Final = 20_000


def in_period(column: ColumnElement[Any], period: Period) -> ColumnElement[bool]:
    """Return the SQL condition that ``column``, a column of days, lies in ``period``.

    Its first and last day are included.
    """
    return column.between(period.start, period.end)


def in_any_period(column: ColumnElement[Any], periods: tuple[Period, ...]) -> ColumnElement[bool]:
    """Return the SQL condition that ``column``, a column of days, lies in one of ``periods``."""
    return or_(*(in_period(column, period) for period in periods))


def message_day(table: Table, filters: Filters) -> ColumnElement[Any]:
    """Return the column of ``table`` whose day must lie in the period.

    The time axis goes by the same column. It is the opening day of the message's case with the
    basis ``opened``, the day of the message with the basis ``sent``. ``table`` is ``messages`` or
    ``message_days``.
    """
    return table.c.opened_day if filters.basis is Basis.OPENED else table.c.sent_day


def selected_messages(
    filters: Filters, scope: Scope, table: Table = messages, *others: Period
) -> ColumnElement[bool]:
    """Return the SQL condition for rows of ``table`` that filters and scope select.

    Their day (``message_day``) lies in the filters' period or in one of ``others``. ``table`` is
    ``messages``; it may be ``message_days`` where that has the columns of all filters that are set.
    Raises ``LookupError`` where the filters have no period.
    """
    return and_(
        in_any_period(message_day(table, filters), (filters.span, *others)),
        *conditions_of_case(table, filters, scope),
        *_message_conditions(table, filters, scope),
    )


def selected_cases(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Return the SQL condition for rows of ``cases`` that filters and scope select.

    With filters of the message, these are the cases with a selected message. Without, they are the
    cases opened in the period (basis ``opened``), or opened in it or with a message in it (basis
    ``sent``). Raises ``LookupError`` where the filters have no period.
    """
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
    """Return the SQL condition for rows of ``cases`` that are selected, with ``day`` in a period.

    The periods are the filters' own and ``others``; a case must be selected for the same period in
    which its ``day`` lies. ``day`` is a column of ``cases``: with the basis ``opened`` always
    ``opened_day``, else ``opened_day``, ``attended_day`` or ``response_day``. Raises
    ``LookupError`` where the filters have no period.

    Messages are read only where filters of the message are set. Without these a ``day`` in the
    period means that the case is selected: on that day it was opened or had a message.
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
    """Return the SQL condition for rows of ``cases`` that scope and filters of the case select.

    Period and filters of the message are ignored. Cases that do not count as cases of WhatsApp
    (``cases.counted``) do not meet it.
    """
    return and_(cases.c.counted, *conditions_of_case(cases, filters, scope))


def conditions_of_case(table: Table, filters: Filters, scope: Scope) -> list[ColumnElement[bool]]:
    """Return the SQL conditions of scope and filters of the case for rows of ``table``.

    ``table`` is any table with the columns of the filters that are set (``last_agent`` for agents,
    ``person_id`` for persons, ``case_key`` for cases), and with ``account``, ``team`` and
    ``channel`` where the scope limits them. ``filters.case_keys`` takes the place of the filters of
    persons and cases. Period, filters of the message and ``cases.counted`` are not checked.
    """
    return [*scope_conditions(table, scope), *_case_conditions(table, filters, scope)]


def with_such_message(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Return the SQL condition for rows of ``cases`` with a message that message filters select.

    One message must meet all of them, on any day. Of ``scope`` only ``see_phones`` is used.
    """
    such = select(messages.c.case_key).where(*_message_conditions(messages, filters, scope))
    return cases.c.case_key.in_(such)


def named_cases(filters: Filters, scope: Scope) -> Statement | None:
    """Return a SELECT of the ``case_key`` of cases that the filters ``person`` and ``case`` name.

    None where neither filter is set. Other filters, the period and the scope's lists are not
    checked. The SELECT has at most ``MAX_NAMED_CASES`` + 1 rows: that many mean that there are too
    many.
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
    """Return the SQL conditions that limit ``table`` to the scope's accounts, teams and channels.

    The list is empty where ``scope`` allows all of them. ``table`` must have the columns
    ``account``, ``team`` and ``channel`` where ``scope`` limits them.
    """
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
    """Return the condition that a case was opened in the period or has a message in it.

    This is certain where the case's first or last day lies in the period. Messages are read only of
    cases that begin before the period and end after it, and these are few.
    """
    goes_through = and_(cases.c.first_day < period.start, cases.c.last_day > period.end)
    long_cases = select(cases.c.case_key).where(goes_through)
    with_message = select(messages.c.case_key).where(
        in_period(messages.c.sent_day, period), messages.c.case_key.in_(long_cases)
    )
    return or_(
        in_period(cases.c.first_day, period),
        in_period(cases.c.last_day, period),
        and_(
            goes_through,
            or_(in_period(cases.c.opened_day, period), cases.c.case_key.in_(with_message)),
        ),
    )


def _case_conditions(table: Table, filters: Filters, scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters of the case, for a table that has their columns."""
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
    """Return the condition that ``column`` has one of the values of the message filter ``name``."""
    values = getattr(filters, name)
    if name in VOCABULARIES:
        return is_one_of(column, values)
    return is_shown_as(column, values, scope)


def _people(filters: Filters, scope: Scope) -> Select[Any]:
    named = is_shown_as(people.c.person_name, filters.person, scope, people.c.masked_name)
    return select(people.c.person_id).where(named)


def _is_numbered(table: FromClause, filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a row of ``cases``, or an alias, has a number of the filter."""
    number, masked = table.c.case_number, table.c.masked_number
    return is_shown_as(number, filters.case, scope, masked)
