"""From filters and scope to conditions: the one place that says what is selected."""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, false, or_, select

from queries.filters import MESSAGE_LISTS, VOCABULARIES, Basis, Filters, Period
from queries.masking import is_shown_as
from queries.scope import Scope
from queries.sql_functions import Statement, is_one_of, is_one_of_keys
from queries.tables import cases, messages, people

#: The message's column behind each filter of the message.
MESSAGE_COLUMNS = {"template": "template_name"}

#: Up to here the cases of a selective filter are looked up once, for all panels.
MAX_NAMED_CASES: Final = 20_000


def in_period(column: ColumnElement[Any], period: Period) -> ColumnElement[bool]:
    return column.between(period.start, period.end)


def in_any_period(column: ColumnElement[Any], periods: tuple[Period, ...]) -> ColumnElement[bool]:
    return or_(*(in_period(column, period) for period in periods))


def message_day(table: Table, filters: Filters) -> ColumnElement[Any]:
    """The day that places a message on the time axis, on any table that has both days."""
    return table.c.opened_day if filters.basis is Basis.OPENED else table.c.sent_day


def selected_messages(
    filters: Filters, scope: Scope, table: Table = messages, *others: Period
) -> ColumnElement[bool]:
    """Which messages are selected, in the period or in one of ``others``; on messages by default.

    ``table`` may be any that carries the columns that the filters ask for.
    """
    return and_(
        in_any_period(message_day(table, filters), (filters.span, *others)),
        *conditions_of_case(table, filters, scope),
        *_message_conditions(table, filters, scope),
    )


def selected_cases(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Which cases are selected, as a condition on ``cases``."""
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
    """Selected cases whose ``day`` lies in the period (opening, first attendance or response).

    Each of these days makes its case a selected one by itself (a first attendance and a first
    response are messages of that day), so only filters of the message have to look at messages.
    With basis ``opened`` the day asked for must be the opening day. ``others`` are further
    periods: each has its own selection.
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
    """What scope and the filters of the case ask of a case, whatever its time."""
    return and_(cases.c.counted, *conditions_of_case(cases, filters, scope))


def conditions_of_case(table: Table, filters: Filters, scope: Scope) -> list[ColumnElement[bool]]:
    """The same on any table that carries the columns that they ask for."""
    return [*scope_conditions(table, scope), *_case_conditions(table, filters, scope)]


def with_such_message(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Cases that have a message as the filters of the message ask for, whenever it was."""
    such = select(messages.c.case_key).where(*_message_conditions(messages, filters, scope))
    return cases.c.case_key.in_(such)


def named_cases(filters: Filters, scope: Scope) -> Statement | None:
    """The ``case_key`` of each case that persons and case numbers leave, at most one more than
    ``MAX_NAMED_CASES``; None where neither is asked for.
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
    """What a reader may see of ``table``."""
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
    """Cases opened in the period or with a message in it.

    Where a case's first or last day lies in the period, that is known without its messages; only
    for those that go on from before to after have they to be looked at, and these are few.
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
    """The filters of the case on any table: all carry the same columns."""
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
    """The filters of the message, on any table that carries their columns."""
    return [
        _is_such(table.c[MESSAGE_COLUMNS.get(name, name)], name, filters, scope)
        for name in MESSAGE_LISTS
        if getattr(filters, name)
    ]


def _is_such(
    column: ColumnElement[Any], name: str, filters: Filters, scope: Scope
) -> ColumnElement[bool]:
    """The filter ``name`` of the message holds; codes of a vocabulary hold no phone."""
    values = getattr(filters, name)
    if name in VOCABULARIES:
        return is_one_of(column, values)
    return is_shown_as(column, values, scope)


def _people(filters: Filters, scope: Scope) -> Select[Any]:
    named = is_shown_as(people.c.person_name, filters.person, scope, people.c.masked_name)
    return select(people.c.person_id).where(named)


def _is_numbered(table: FromClause, filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Of ``cases`` or an alias of it: the case bears one of the numbers asked for."""
    number, masked = table.c.case_number, table.c.masked_number
    return is_shown_as(number, filters.case, scope, masked)
