"""Turns filters and scope into SQL conditions for selected messages and selected cases.

No other module defines what is selected: with basis ``opened`` the cases opened in the period and
all their messages, with basis ``sent`` the messages of the period and the cases that have one of
them or were opened in it.

Some conditions also select for the days before (``queries.period.Comparison``). Where these stop at
a time of their last day, everything that happened later is left out, each thing by its own moment:
messages by ``sent_at``, cases by ``opened_at``, attendances and first responses by theirs.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, false, or_, select

from queries.filters import MESSAGE_LISTS, VOCABULARIES, Basis, Filters
from queries.period import Comparison, Period
from queries.sql_functions import Statement, is_one_of, is_one_of_keys
from queries.tables import cases, messages, people
from queries.user_scope import Scope
from queries.visibility import is_shown_as

#: The column of each filter of the message that is not called as the filter.
MESSAGE_COLUMNS = {"template": "template_name"}

#: The most cases named by the filters ``person`` and ``case`` that are looked up once for all
#: SELECTs of a request; of more, each SELECT looks them up itself.
MAX_NAMED_CASES: Final = 20_000
#: The conditions of how many selections are kept: the panels of one question share four of them,
#: and making one takes as long as making the rest of a panel's SELECT.
_SELECTIONS_KEPT: Final = 32


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened: the columns of the time (UTC), and of its local day and hour."""

    at: ColumnElement[Any]
    day: ColumnElement[Any]
    hour: ColumnElement[Any]

    def is_within(self, window: Comparison) -> ColumnElement[bool]:
        """Return the SQL condition that this moment lies in ``window``."""
        return and_(in_period(self.day, window.period), *self.is_in_time(window))

    def is_in_time(self, window: Comparison) -> list[ColumnElement[bool]]:
        """Return the SQL conditions that this moment is not too late for ``window``.

        They are none where ``window`` stops at no time.
        """
        if window.until is None:
            return []
        return [or_(self.day < window.period.end, self.at <= window.until)]


#: The moments of a message and of a case.
SENT: Final = Moment(messages.c.sent_at, messages.c.sent_day, messages.c.sent_hour)
OPENED: Final = Moment(cases.c.opened_at, cases.c.opened_day, cases.c.opened_hour)
ATTENDED: Final = Moment(cases.c.first_attended_at, cases.c.attended_day, cases.c.attended_hour)
RESPONDED: Final = Moment(cases.c.responded_at, cases.c.response_day, cases.c.response_hour)


def in_period(column: ColumnElement[Any], period: Period) -> ColumnElement[bool]:
    """Return the SQL condition that ``column``, a column of days, lies in ``period``.

    Its first and last day are included.
    """
    return column.between(period.start, period.end)


def message_day(table: FromClause, filters: Filters) -> ColumnElement[Any]:
    """Return the column of ``table`` whose day must lie in the period.

    The time axis goes by the same column. It is the opening day of the message's case with the
    basis ``opened``, the day of the message with the basis ``sent``. ``table`` is ``messages``,
    ``message_days`` or a subquery with the same columns.
    """
    return table.c.opened_day if filters.basis is Basis.OPENED else table.c.sent_day


@lru_cache(_SELECTIONS_KEPT)
def selected_messages(
    filters: Filters, scope: Scope, table: Table = messages, before: Comparison | None = None
) -> ColumnElement[bool]:
    """Return the SQL condition for rows of ``table`` that filters and scope select.

    Their day (``message_day``) lies in the filters' period or, where ``before`` is given, in that.
    ``table`` is ``messages``; it may be ``message_days`` where that has the columns of all filters
    that are set and ``before`` stops at no time. Raises ``LookupError`` where the filters have no
    period.
    """
    windows = _windows(filters.span, before)
    in_time = [_messages_in_time(filters, window) for window in windows]
    return and_(
        _in_any(windows, message_day(table, filters), in_time),
        *conditions_of_message(table, filters, scope),
    )


def conditions_of_message(
    table: Table, filters: Filters, scope: Scope
) -> list[ColumnElement[bool]]:
    """Return the SQL conditions of scope and all filters but the period for rows of ``table``.

    ``table`` is ``messages``, or ``message_days`` where that has the columns of all filters that
    are set.
    """
    return [
        *conditions_of_case(table, filters, scope),
        *_message_conditions(table, filters, scope),
    ]


def opened_in_time(window: Comparison) -> ColumnElement[bool]:
    """Return the SQL condition for rows of ``messages`` whose case was not opened too late.

    Too late for ``window``, which must stop at a time and have the case's opening day.
    """
    on_last_day = select(cases.c.case_key).where(
        cases.c.opened_day == window.period.end, *OPENED.is_in_time(window)
    )
    return or_(messages.c.opened_day < window.period.end, messages.c.case_key.in_(on_last_day))


def selected_cases(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """Return the SQL condition for rows of ``cases`` that filters and scope select.

    With filters of the message, these are the cases with a selected message. Without, they are the
    cases opened in the period (basis ``opened``), or opened in it or with a message in it (basis
    ``sent``). Raises ``LookupError`` where the filters have no period.
    """
    if filters.message_filters:
        by_time = _with_selected_message(filters, scope, Comparison(filters.span))
    elif filters.basis is Basis.OPENED:
        by_time = in_period(cases.c.opened_day, filters.span)
    else:
        by_time = _active_within(filters.span)
    return and_(case_conditions(filters, scope), by_time)


def cases_within(
    moment: Moment, filters: Filters, scope: Scope, before: Comparison | None = None
) -> ColumnElement[bool]:
    """Return the SQL condition for rows of ``cases`` that are selected, with a moment in a period.

    The periods are the filters' own and, where it is given, ``before``; a case must be selected for
    the same period in which its moment lies. With the basis ``sent`` this is ``moment``, one of
    ``OPENED``, ``ATTENDED`` and ``RESPONDED``. With the basis ``opened`` it is the opening; then
    ``moment`` must only not be too late for ``before``. Raises ``LookupError`` where the filters
    have no period.

    Messages are read only where filters of the message are set. Without these a moment in the
    period means that the case is selected: on that day it was opened or had a message.
    """
    windows = _windows(filters.span, before)
    further = []
    for window in windows:
        conditions = _cases_in_time(moment, filters, window)
        if filters.message_filters:
            conditions.append(_with_selected_message(filters, scope, window))
        further.append(conditions)
    day = _counted_by(moment, filters).day
    return and_(case_conditions(filters, scope), _in_any(windows, day, further))


def happened_within(moment: Moment, filters: Filters, window: Comparison) -> ColumnElement[bool]:
    """Return the SQL condition for rows of ``cases`` with a moment in ``window``.

    With the basis ``sent`` this is ``moment``. With the basis ``opened`` it is the opening; then
    ``moment`` must only not be too late for ``window``.
    """
    day = _counted_by(moment, filters).day
    return and_(in_period(day, window.period), *_cases_in_time(moment, filters, window))


def _counted_by(moment: Moment, filters: Filters) -> Moment:
    """Return the moment whose day must lie in the period: with the basis ``opened`` the opening."""
    return OPENED if filters.basis is Basis.OPENED else moment


def _cases_in_time(
    moment: Moment, filters: Filters, window: Comparison
) -> list[ColumnElement[bool]]:
    """Return the conditions of ``happened_within`` but the days of ``window``."""
    by = _counted_by(moment, filters)
    return [*by.is_in_time(window), *([] if by is moment else moment.is_in_time(window))]


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


def _with_selected_message(
    filters: Filters, scope: Scope, window: Comparison
) -> ColumnElement[bool]:
    """Return the condition for cases with a message in ``window`` that filters and scope select."""
    return cases.c.case_key.in_(
        select(messages.c.case_key).where(
            _messages_within(messages, filters, window),
            *conditions_of_message(messages, filters, scope),
        )
    )


def _windows(period: Period, before: Comparison | None) -> list[Comparison]:
    return [Comparison(period), *([before] if before else [])]


def _in_any(
    windows: list[Comparison], day: ColumnElement[Any], further: list[list[ColumnElement[bool]]]
) -> ColumnElement[bool]:
    """Return the condition that ``day`` lies in one of ``windows`` whose conditions are met.

    ``further`` has the conditions of each window. Where several windows have any, the days are
    said once more without them: engines skip parts of a table by that, not by the rest.
    """
    days = [in_period(day, window.period) for window in windows]
    if not any(further):
        return or_(*days)
    within = or_(*(and_(by_day, *more) for by_day, more in zip(days, further, strict=True)))
    return within if len(windows) == 1 else and_(or_(*days), within)


def _messages_within(table: Table, filters: Filters, window: Comparison) -> ColumnElement[bool]:
    day = message_day(table, filters)
    return and_(in_period(day, window.period), *_messages_in_time(filters, window))


def _messages_in_time(filters: Filters, window: Comparison) -> list[ColumnElement[bool]]:
    """Return the conditions that a row of ``messages`` is not too late for ``window``, if any."""
    if window.until is None:
        return []
    of_case = [opened_in_time(window)] if filters.basis is Basis.OPENED else []
    return [*SENT.is_in_time(window), *of_case]


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
