"""The panel ``details``, the table of messages: one page of it, or all rows for a download.

A page takes three SELECTs: its messages, then their cases and their people by key. Rows of a
download come from one SELECT for each chunk of days.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from functools import lru_cache
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    FromClause,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)

from queries.columns import Kind, pgettext_noop
from queries.constant_columns import constant_columns
from queries.errors import FilterError
from queries.frames import frame_of_columns
from queries.panel import PagedQuery, PanelRequest, PanelRows
from queries.period import Period
from queries.phones import joined_phone
from queries.result import Columns, ResultSet, local
from queries.rollup_choice import message_counts
from queries.runner import QuerySession
from queries.selected_rows import in_period, selected_messages
from queries.shared_columns import CASE_KEY
from queries.sql_functions import (
    Statement,
    fold,
    folded_contains,
    is_one_of_keys,
    local_day_text,
)
from queries.table_columns import (
    CASE_ID,
    ERROR_CODE,
    NO_ERROR_CODE,
    PAGE_ORDER,
    TABLE_COLUMNS,
)
from queries.table_request import COLUMNS, MAX_SORTED_ROWS, CodeLabel, TableRequest
from queries.tables import cases, messages, people
from queries.user_scope import Scope
from queries.visibility import (
    can_search_stored,
    case_number_order,
    selected_case_id,
    selected_message_id,
    visible_body,
    visible_case_id,
    visible_case_number,
    visible_message_id,
    visible_person_name,
    visible_text,
    visible_title,
)

#: The error of a message as ``code: title``, or the one that is known; null where neither is.
ERROR: Final[ColumnElement[Any]] = case(
    (messages.c.error_title.is_(None), messages.c.error_code),
    (messages.c.error_code.is_(None), messages.c.error_title),
    else_=messages.c.error_code + ": " + messages.c.error_title,
)
_OUT: Final = messages.c.direction == "out"
#: The stored value of each column but the texts of messages (``_BODY_COLUMNS``), before masking. By
#: contract ``channel`` is "WhatsApp" in every row.
_EXPRESSIONS: Final[Mapping[str, ColumnElement[Any]]] = {
    "message_id": messages.c.message_id,
    "case_number": cases.c.case_number,
    "case_type": messages.c.case_type,
    "channel": literal("WhatsApp", String()),
    "kind": messages.c.kind,
    "template_name": messages.c.template_name,
    "status": messages.c.status,
    "phone": messages.c.phone,
    "seq": messages.c.seq,
    "opened_at": cases.c.opened_at,
    "last_agent": messages.c.last_agent,
    "session_type": messages.c.session_type,
    "sent_at": messages.c.sent_at,
    "person_name": people.c.person_name,
    "direction": messages.c.direction,
    "team": messages.c.team,
    "case_state": case((cases.c.closed_at.is_(None), "open"), else_="closed"),
    "business_number": messages.c.business_number,
    "error": ERROR,
    "error_code": messages.c.error_code,
    "case_id": cases.c.case_id,
}
_CASE_COLUMNS: Final = ("case_number", "opened_at", "case_state", "case_id")
_MESSAGE_COLUMNS: Final = tuple(
    name for name in COLUMNS if name not in _CASE_COLUMNS and name != "person_name"
)
_DAYS: Final = {"sent_at": messages.c.sent_day, "opened_at": messages.c.opened_day}
_BODY_COLUMNS: Final = frozenset({"reply", "customer_message"})
_PHONE_COLUMNS: Final = frozenset(
    column.name for column in TABLE_COLUMNS if column.kind is Kind.PHONE
)

#: The columns of how many scopes are kept.
_SCOPES_KEPT: Final = 64
#: Days of a download are read in chunks of at least so many rows, which the engine sorts at a time.
CHUNK_ROWS: Final = 50_000
#: A period without days: that of a page behind the last row, which has no rows.
_NO_DAYS: Final = Period(date.max, date.min)


@dataclass(frozen=True, slots=True)
class PagePosition:
    """Where the rows of a page are: on ``days``, after the first ``skipped`` rows of those days.

    ``days`` is None for all days of the period.
    """

    days: Period | None
    skipped: int


def page(session: QuerySession, request: PanelRequest) -> PanelRows:
    """Return the rows of one page of the table of messages, and how many rows all pages have.

    The answer also says which columns have one value in all of them. Raises
    ``FilterError("too_deep")`` where the page begins after the first ``MAX_SORTED_ROWS`` rows of a
    table in another order than that of time.
    """
    by_day = session.ask(days_query, request)
    position = page_position(by_day, request.table)
    page_messages = session.ask(page_query, request, position)
    case_keys, person_ids = ({*page_messages.column(name)} for name in ("case_key", "person_id"))
    page_cases = session.ask(cases_query, tuple(sorted(case_keys)), request.scope)
    page_people = session.ask(people_query, tuple(sorted(person_ids)))
    columns = join_columns(page_messages, page_cases, page_people)
    rows, total = shape(columns, request.time_zone), sum(by_day.column("messages"))
    return PanelRows(rows, total, constant=constant_columns(session, request, rows, total))


def all_rows(session: QuerySession, request: PanelRequest) -> Iterator[Statement]:
    """Yield the SELECTs of a download of the table of messages.

    Run one after another they give all rows in the order of ``request.table``. Before the first is
    yielded, a query counts rows by day.
    """
    by_day = session.fetch(days_query(request))
    for days in day_chunks(by_day, request.table):
        yield rows_query(request, days)


def shape(columns: Columns, time_zone: tzinfo) -> pd.DataFrame:
    """Return ``columns``, values by column name, as a frame with times in ``time_zone``.

    ``columns`` has the times ``opened_at`` and ``sent_at`` in UTC without an offset.
    """
    localized = dict(columns)
    for name in ("opened_at", "sent_at"):
        localized[name] = [None if at is None else local(at, time_zone) for at in columns[name]]
    return frame_of_columns(localized)


def days_query(request: PanelRequest) -> Statement:
    """Return a SELECT of ``day, messages``: how many rows of the table each local day has.

    The rows of the table are the messages that filters, scope and filters of columns select;
    ``day`` is always that of the message.
    """
    table = request.table
    if not table.where:
        counts = message_counts(request.filters, request.scope)
        day = counts.table.c.sent_day
        per_day = select(day.label("day"), counts.messages().label("messages"))
        return per_day.where(counts.selected).group_by(day)
    day = messages.c.sent_day
    return (
        select(day.label("day"), func.count().label("messages"))
        .select_from(_joined({column for column, _ in table.where}))
        .where(_selected_rows(request))
        .group_by(day)
    )


def page_position(by_day: ResultSet, table: TableRequest) -> PagePosition:
    """Return where the rows of the page are: on which days, behind how many rows of these.

    ``by_day`` has the rows of ``days_query``. In the order of time these are the few days that the
    page touches, in any other order all days. A page behind the last row gets a period without
    days.

    Raises ``FilterError("too_deep")`` for a page that begins after the first ``MAX_SORTED_ROWS``
    rows in another order than that of time: the engine would have to sort all rows before it.
    """
    if not table.is_by_time:
        total = sum(by_day.column("messages"))
        if table.skipped >= total:
            return PagePosition(_NO_DAYS, 0)
        if table.skipped >= table.reachable(total):
            raise FilterError("too_deep", limit=MAX_SORTED_ROWS)
        return PagePosition(None, table.skipped)
    ascending = table.sort == "sent_at"
    days: list[date] = []
    passed = before = 0
    for day, number in sorted(by_day.rows, reverse=not ascending):
        if passed < table.skipped + table.page_size and table.skipped < passed + number:
            days.append(day)
        elif not days:
            before += number
        passed += number
    if not days:
        return PagePosition(_NO_DAYS, 0)
    return PagePosition(Period(min(days), max(days)), table.skipped - before)


def page_query(request: PanelRequest, position: PagePosition) -> Statement:
    """Return the SELECT of the messages of the page at ``position``, in the table's order.

    It gives the message's own columns, ``case_key`` and ``person_id``; times are UTC, ``phone`` is
    not masked yet. The columns of the case and the person come from ``cases_query`` and
    ``people_query``, because joining those tables here takes longer.
    """
    table, scope = request.table, request.scope
    order = _order(table, scope)
    within = [in_period(messages.c.sent_day, position.days)] if position.days else []
    selected = and_(_selected_rows(request), *within)
    rows = _columns_of_message(scope)
    if position.days and not table.where:
        return rows.where(selected).order_by(*order).limit(table.page_size).offset(position.skipped)
    # Many rows may have to be ordered: the engine orders short ones, and then reads the whole rows
    # of the page only.
    on_page = (
        select(messages.c.sent_at, messages.c.account, messages.c.message_id)
        .select_from(_joined(_used_columns(table)))
        .where(selected)
        .order_by(*order)
        .limit(table.page_size)
        .offset(position.skipped)
        .cte("on_page")
    )
    is_on_page = and_(
        on_page.c.sent_at == messages.c.sent_at,
        on_page.c.message_id == messages.c.message_id,
        on_page.c.account == messages.c.account,
    )
    joined = _joined(_used_columns(table)).join(on_page, is_on_page)
    return rows.select_from(joined).where(*within).order_by(*order)


def cases_query(case_keys: Sequence[int], scope: Scope) -> Statement:
    """Return a SELECT of the cases with these keys.

    It gives ``case_key`` and the table's columns of the case. Times are UTC. The scope's lists are
    not checked: the keys come from selected messages.
    """
    return _columns_of_case(scope).where(is_one_of_keys(cases.c.case_key, case_keys))


def people_query(person_ids: Sequence[int]) -> Statement:
    """Return a SELECT of ``person_id, person_name`` of the people with these ids.

    It does not mask phones in names: ``session.fetch`` does.
    """
    return select(people.c.person_id, people.c.person_name).where(
        is_one_of_keys(people.c.person_id, person_ids)
    )


def join_columns(
    page_messages: ResultSet, page_cases: ResultSet, page_people: ResultSet
) -> Columns:
    """Return the values of all columns of one page by column name, in the order of columns.

    ``page_messages``, ``page_cases`` and ``page_people`` have the rows of ``page_query``,
    ``cases_query`` and ``people_query``. The order of rows is that of ``page_messages``.
    """
    columns = page_messages.columns()
    case_at = {row["case_key"]: row for row in page_cases.records()}
    name_of = dict(page_people.rows)
    for name in _CASE_COLUMNS:
        columns[name] = [case_at[key][name] for key in columns["case_key"]]
    columns["person_name"] = [name_of[person] for person in columns["person_id"]]
    return {name: columns[name] for name in (*COLUMNS, "case_key")}


def day_chunks(by_day: ResultSet, table: TableRequest) -> list[Period | None]:
    """Return the days of a download in chunks of at least 50,000 rows; the last may have fewer.

    ``by_day`` has the rows of ``days_query``. Chunks are in the order of ``table``: reading them
    one after another gives the whole table, and the engine sorts only one chunk at a time. In
    another order than that of time there is one chunk, None, which stands for all days.
    """
    if not table.is_by_time:
        return [None]
    chunks: list[Period | None] = []
    ascending = table.sort == "sent_at"
    days: list[date] = []
    rows = 0
    for day, number in sorted(by_day.rows, reverse=not ascending):
        days.append(day)
        rows += number
        if rows >= CHUNK_ROWS:
            chunks.append(Period(min(days), max(days)))
            days, rows = [], 0
    return chunks + ([Period(min(days), max(days))] if days else [])


def rows_query(request: PanelRequest, days: Period | None) -> Statement:
    """Return the SELECT of all rows of the table of messages on ``days``; None stands for all days.

    They are in the order of ``request.table``. Times are UTC, ``phone`` is not masked yet.
    """
    within = [in_period(messages.c.sent_day, days)] if days else []
    return (
        select(*(_expression(name, request.scope).label(name) for name in COLUMNS))
        .select_from(_joined(COLUMNS))
        .where(_selected_rows(request), *within)
        .order_by(*_order(request.table, request.scope))
    )


# Kept, because making these takes longer than all the rest of a page's SELECTs.
@lru_cache(_SCOPES_KEPT)
def _columns_of_message(scope: Scope) -> Statement:
    """Return the SELECT of ``page_query`` without its conditions."""
    of_message = [_expression(name, scope).label(name) for name in _MESSAGE_COLUMNS]
    return select(*of_message, messages.c.case_key, messages.c.person_id)


@lru_cache(_SCOPES_KEPT)
def _columns_of_case(scope: Scope) -> Statement:
    """Return the SELECT of ``cases_query`` without its conditions."""
    return select(
        cases.c.case_key, *(_expression(name, scope).label(name) for name in _CASE_COLUMNS)
    )


def _expression(name: str, scope: Scope) -> ColumnElement[Any]:
    """Return the value of the column ``name`` as the SELECT of rows gives it.

    It is null for texts of messages where ``scope`` hides them. It may still contain whole phones:
    ``queries.visibility`` masks them after the rows have been read.
    """
    if name in _BODY_COLUMNS and not scope.see_texts:
        return cast(null(), String())
    return _SELECTED[name](scope) if name in _SELECTED else _EXPRESSIONS[name]


#: Columns whose masked text is stored, or is made of more than the column itself.
_SELECTED: Final[Mapping[str, Callable[[Scope], ColumnElement[Any]]]] = {
    "reply": lambda scope: case((_OUT, visible_body(scope))),
    "customer_message": lambda scope: case((_OUT, null()), else_=visible_body(scope)),
    "message_id": selected_message_id,
    "person_name": visible_person_name,
    "case_number": visible_case_number,
    "case_id": selected_case_id,
}
#: Columns that are sorted and searched by another expression than they are selected by.
_SOUGHT: Final[Mapping[str, Callable[[Scope], ColumnElement[Any]]]] = {
    "message_id": visible_message_id,
    "case_id": visible_case_id,
    "error": lambda scope: visible_title(ERROR, scope),
    "error_code": lambda scope: visible_title(messages.c.error_code, scope),
}
#: Columns in which phones are masked by their patterns: free texts and names that people choose.
_MASKED_TEXTS: Final = frozenset(
    {"case_type", "template_name", "last_agent", "team"} | _BODY_COLUMNS
)


def _visible_expression(name: str, scope: Scope) -> ColumnElement[Any]:
    """Return the value by which a column is sorted and searched, masked as the page shows it.

    ``phone`` is the exception: it is not masked here, and users who see it masked may neither
    sort nor search by it (``Scope.masked_columns``).
    """
    if name in _SOUGHT:
        return _SOUGHT[name](scope)
    expression = _expression(name, scope)
    return visible_text(expression, scope) if name in _MASKED_TEXTS else expression


def _joined(columns: Iterable[str]) -> FromClause:
    """Return ``messages`` joined with the tables of ``columns``: still one row for each message."""
    joined: FromClause = messages
    if {*_CASE_COLUMNS} & {*columns}:
        joined = joined.join(cases, cases.c.case_key == messages.c.case_key)
    if "person_name" in columns:
        joined = joined.join(people, people.c.person_id == messages.c.person_id)
    return joined


def _used_columns(table: TableRequest) -> set[str]:
    used = {column for column, _ in table.where}
    return used | {table.sort.removeprefix("-")} if table.sort else used


def _order(table: TableRequest, scope: Scope) -> list[ColumnElement[Any]]:
    """Return the order that ``table`` asks for, null last; equal rows come newest first.

    Rows of the same moment are sorted by message id, then by account, both descending.
    """
    newest_first: list[ColumnElement[Any]] = [
        messages.c.sent_at.desc(),
        messages.c.message_id.desc(),
        messages.c.account.desc(),
    ]
    if not table.sort:
        return newest_first
    name = table.sort.removeprefix("-")
    if name == "channel":  # the same in every row, and engines refuse to order by a constant
        return newest_first
    if name == "case_number":
        keys = [case_number_order(scope), visible_case_number(scope)]
    else:
        expression = _visible_expression(name, scope)
        keys = [fold(expression), expression] if name in _TEXTUAL else [expression]
    ordered = [key.desc() if table.sort.startswith("-") else key.asc() for key in keys]
    return [*(key.nulls_last() for key in ordered), *newest_first]


_TEXTUAL: Final = frozenset(
    {"case_type", "template_name", "last_agent", "person_name", "team", "error"} | _BODY_COLUMNS
)


def _selected_rows(request: PanelRequest) -> ColumnElement[bool]:
    """Return the condition for the table's rows: filters, scope and filters of columns."""
    return and_(
        selected_messages(request.filters, request.scope),
        *(_contains(column, text, request) for column, text in request.table.where),
    )


def _contains(column: str, text: str, request: PanelRequest) -> ColumnElement[bool]:
    """Return a condition: the column, as the reader sees it, contains ``text``.

    A code matches by its label or itself, a time by its local day (``2026-12-31 31/12/2026``), a
    phone with or without spaces. An error code matches as a whole.
    """
    scope, labels = request.scope, request.labels.get(column, ())
    if column == ERROR_CODE.name:
        code = _expression(column, scope)
        return code.is_(None) if text == NO_ERROR_CODE else code == text
    if column in _DAYS:
        return local_day_text(_DAYS[column]).contains(text, autoescape=True)
    of_column = _expression if can_search_stored(text, scope) else _visible_expression
    expression = cast(of_column(column, scope), String())
    if column in _PHONE_COLUMNS and (joined := joined_phone(text)) is not None:
        # The reader may type the phone as it is shown, with spaces, or as it is stored.
        return or_(folded_contains(expression, text), folded_contains(expression, joined))
    if not labels:
        return folded_contains(expression, text)
    return or_(*(_is_code(label, expression, text) for label in labels))


def _is_code(label: CodeLabel, expression: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Return a condition: the column holds the code of ``label``, whose name contains ``text``.

    The name is the label's text, a space and the code. A label of one direction is that of messages
    of this direction only.
    """
    conditions = [
        expression == label.code,
        folded_contains(literal(f"{label.text} {label.code}"), text),
    ]
    if label.direction:
        conditions.append(messages.c.direction == label.direction)
    return and_(*conditions)


PANEL: Final = PagedQuery(
    slug="details",
    summary="The selected messages, one row each, newest first. `sort` and `where.<column>` order "
    "and narrow them; `page` (from 0) and `page_size` (1 to 1,000) cut the answer. Beside `rows` "
    "stands their `total`.",
    columns=(*TABLE_COLUMNS, ERROR_CODE, CASE_ID, CASE_KEY),
    sheet_title=pgettext_noop("", "Details"),
    download_order=PAGE_ORDER,
    page=page,
    all_rows=all_rows,
    shape=shape,
)
