"""From filters and scope to conditions: the one place that says what is selected."""

from typing import Any

from sqlalchemy import ColumnElement, Table, and_, false, or_, select

from queries.constructs import is_one_of
from queries.filters import MESSAGE_LISTS, Basis, Filters, Period
from queries.scope import Scope
from queries.tables import cases, messages, people

#: The message's column behind each filter of the message.
MESSAGE_COLUMNS = {"template": "template_name"}


def in_period(column: ColumnElement[Any], period: Period) -> ColumnElement[bool]:
    return column.between(period.start, period.end)


def selected_messages(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Which messages are selected, as a condition on ``messages``."""
    day = messages.c.opened_day if filters.basis is Basis.OPENED else messages.c.sent_day
    return and_(
        in_period(day, filters.span),
        *_scope_conditions(messages, scope),
        *_case_conditions(messages, filters),
        *(
            is_one_of(messages.c[MESSAGE_COLUMNS.get(name, name)], getattr(filters, name))
            for name in MESSAGE_LISTS
            if getattr(filters, name)
        ),
    )


def selected_cases(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Which cases are selected, as a condition on ``cases``."""
    with_selected_message = cases.c.case_key.in_(
        select(messages.c.case_key).where(selected_messages(filters, scope))
    )
    opened = in_period(cases.c.opened_day, filters.span)
    if filters.message_filters:
        by_time: ColumnElement[bool] = with_selected_message
    elif filters.basis is Basis.OPENED:
        by_time = opened
    else:
        by_time = or_(opened, with_selected_message)
    return and_(case_conditions(filters, scope), by_time)


def cases_within(day: ColumnElement[Any], filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Selected cases whose ``day`` lies in the period: opening, first attendance or response.

    Each of these days makes its case a selected one by itself (a first attendance and a first
    response are messages of that day), so only filters of the message have to look at messages.
    With basis ``opened`` the day asked for must be the opening day.
    """
    conditions = [case_conditions(filters, scope), in_period(day, filters.span)]
    if filters.message_filters:
        conditions.append(
            cases.c.case_key.in_(
                select(messages.c.case_key).where(selected_messages(filters, scope))
            )
        )
    return and_(*conditions)


def case_conditions(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """What scope and the filters of the case ask of a case, whatever its time."""
    return and_(
        cases.c.counted, *_scope_conditions(cases, scope), *_case_conditions(cases, filters)
    )


def _scope_conditions(table: Table, scope: Scope) -> list[ColumnElement[bool]]:
    limits = {"account": scope.accounts, "team": scope.teams, "channel": scope.channels}
    return [
        is_one_of(table.c[name], allowed) if allowed else false()
        for name, allowed in limits.items()
        if allowed is not None
    ]


def _case_conditions(table: Table, filters: Filters) -> list[ColumnElement[bool]]:
    """The filters of the case on either table: both carry the same columns."""
    conditions = [
        is_one_of(table.c[name], getattr(filters, name))
        for name in ("channel", "case_type", "team")
        if getattr(filters, name)
    ]
    if filters.agent:
        conditions.append(is_one_of(table.c.last_agent, filters.agent))
    if filters.person:
        named = is_one_of(people.c.person_name, filters.person)
        conditions.append(table.c.person_id.in_(select(people.c.person_id).where(named)))
    if filters.case:
        keys = cases.alias("numbered_cases")
        numbered = is_one_of(keys.c.case_number, filters.case)
        conditions.append(table.c.case_key.in_(select(keys.c.case_key).where(numbered)))
    return conditions
