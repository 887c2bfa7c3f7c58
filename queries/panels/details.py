"""The detailed table: one row a message, a page at a time or all of it for a download."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

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

from queries.errors import FilterError
from queries.filters import Filters, Period
from queries.masking import (
    can_search_stored,
    case_number_order,
    visible_body,
    visible_case_id,
    visible_case_number,
    visible_message_id,
    visible_person_name,
    visible_text,
    visible_title,
)
from queries.phones import joined_phone
from queries.result import Columns, ResultSet, local
from queries.rollup_choice import message_counts
from queries.scope import Scope
from queries.sql_functions import (
    Statement,
    fold,
    folded_contains,
    is_one_of_keys,
    local_day_text,
)
from queries.table_request import COLUMNS, MAX_SORTED_ROWS, TableRequest, Word, Words
from queries.tables import cases, messages, people
from queries.where import in_period, selected_messages

SLUG: Final = "details"


#: What is known of a failure: its code, its title, or both.
ERROR: Final[ColumnElement[Any]] = case(
    (messages.c.error_title.is_(None), messages.c.error_code),
    (messages.c.error_code.is_(None), messages.c.error_title),
    else_=messages.c.error_code + ": " + messages.c.error_title,
)
_OUT: Final = messages.c.direction == "out"
#: What each column is made of. ``channel`` says "WhatsApp" of every row, by contract.
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
    "case_id": cases.c.case_id,
}
_OF_THE_CASE: Final = ("case_number", "opened_at", "case_state", "case_id")
#: Columns of the message itself.
_OWN: Final = tuple(name for name in COLUMNS if name not in _OF_THE_CASE and name != "person_name")
_DAYS: Final = {"sent_at": messages.c.sent_day, "opened_at": messages.c.opened_day}
_TEXTS: Final = frozenset({"reply", "customer_message"})
_NUMBERS: Final = frozenset({"phone", "business_number"})


#: What is put in order at a time for a download by time: as much as keeps the engine busy.
_STRETCH_ROWS: Final = 50_000
#: Holds nothing: where a page behind the last row lies.
_NO_DAY: Final = Period(date.max, date.min)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies: behind ``skipped`` rows of these days, of all days where they are None."""

    days: Period | None
    skipped: int


def days(filters: Filters, scope: Scope, table: TableRequest, words: Words) -> Statement:
    """Rows of ``day, messages``: what the filters and the table's columns leave of each day."""
    if not table.where:
        counts = message_counts(filters, scope)
        day = counts.table.c.sent_day
        counted = select(day.label("day"), counts.messages().label("messages"))
        return counted.where(counts.selected).group_by(day)
    day = messages.c.sent_day
    return (
        select(day.label("day"), func.count().label("messages"))
        .select_from(_joined({column for column, _ in table.where}))
        .where(_narrowed(filters, scope, table, words))
        .group_by(day)
    )


def place(by_day: ResultSet, table: TableRequest) -> Place:
    """Where the page of ``table`` lies among the days that ``days`` found.

    In the order of time, the days before the page's need not be read to skip their rows. In any
    other order all selected rows have to be looked at, and at most ``MAX_SORTED_ROWS`` be put in
    order: raises ``FilterError("too_deep")`` for a page behind them.
    """
    skipped = table.page * table.page_size
    if not table.is_by_time:
        total = sum(by_day.column("messages"))
        if skipped >= total:
            return Place(_NO_DAY, 0)
        if skipped >= table.reachable(total):
            raise FilterError("too_deep", limit=MAX_SORTED_ROWS)
        return Place(None, skipped)
    ascending = table.sort == "sent_at"
    of_page: list[date] = []
    passed = before = 0
    for day, number in sorted(by_day.rows, reverse=not ascending):
        if passed < skipped + table.page_size and skipped < passed + number:
            of_page.append(day)
        elif not of_page:
            before += number
        passed += number
    if not of_page:
        return Place(_NO_DAY, 0)
    return Place(Period(min(of_page), max(of_page)), skipped - before)


def query(
    filters: Filters, scope: Scope, table: TableRequest, words: Words, at: Place
) -> Statement:
    """The messages of one page: their own columns of ``COLUMNS``, ``case_key`` and ``person_id``.

    Times are UTC, phones as stored. What is not theirs comes with ``page_cases`` and
    ``page_people``: to join it here takes longer than to ask for it by its keys.
    """
    order = _order(table, scope)
    within = [in_period(messages.c.sent_day, at.days)] if at.days else []
    chosen = and_(_narrowed(filters, scope, table, words), *within)
    own = [_expression(name, scope).label(name) for name in _OWN]
    rows = select(*own, messages.c.case_key, messages.c.person_id)
    if at.days and not table.where:
        return rows.where(chosen).order_by(*order).limit(table.page_size).offset(at.skipped)
    # Many rows may have to be ordered: by what orders them, and only those of the page read whole.
    found = (
        select(messages.c.sent_at, messages.c.account, messages.c.message_id)
        .select_from(_joined(_used_columns(table)))
        .where(chosen)
        .order_by(*order)
        .limit(table.page_size)
        .offset(at.skipped)
        .cte("found")
    )
    is_found = and_(
        found.c.sent_at == messages.c.sent_at,
        found.c.message_id == messages.c.message_id,
        found.c.account == messages.c.account,
    )
    joined = _joined(_used_columns(table)).join(found, is_found)
    return rows.select_from(joined).where(*within).order_by(*order)


def page_cases(case_keys: Sequence[int], scope: Scope) -> Statement:
    """What the page shows of cases, by ``case_key``."""
    shown = [_expression(name, scope).label(name) for name in _OF_THE_CASE]
    return select(cases.c.case_key, *shown).where(is_one_of_keys(cases.c.case_key, case_keys))


def page_people(person_ids: Sequence[int]) -> Statement:
    """``person_id, person_name``."""
    return select(people.c.person_id, people.c.person_name).where(
        is_one_of_keys(people.c.person_id, person_ids)
    )


def page_columns(rows: ResultSet, of_cases: ResultSet, of_people: ResultSet) -> Columns:
    """``COLUMNS`` and ``case_key`` of one page from its messages, their cases and their people."""
    columns = rows.columns()
    case_at = {row["case_key"]: row for row in of_cases.records()}
    name_of = dict(of_people.rows)
    for name in _OF_THE_CASE:
        columns[name] = [case_at[key][name] for key in columns["case_key"]]
    columns["person_name"] = [name_of[person] for person in columns["person_id"]]
    return {name: columns[name] for name in (*COLUMNS, "case_key")}


def stretches(by_day: ResultSet, table: TableRequest) -> list[Period | None]:
    """All days that ``days`` found, in the table's order and some tens of thousands of rows each.

    Read one after another they are the whole table, and only one of them has to be put in order at
    a time. In another order than that of time there is one stretch, of all days.
    """
    if not table.is_by_time:
        return [None]
    found: list[Period | None] = []
    ascending = table.sort == "sent_at"
    waiting: list[date] = []
    rows = 0
    for day, number in sorted(by_day.rows, reverse=not ascending):
        waiting.append(day)
        rows += number
        if rows >= _STRETCH_ROWS:
            found.append(Period(min(waiting), max(waiting)))
            waiting, rows = [], 0
    return found + ([Period(min(waiting), max(waiting))] if waiting else [])


def everything(
    filters: Filters, scope: Scope, table: TableRequest, words: Words, stretch: Period | None
) -> Statement:
    """All rows of a stretch of days in the table's order, for a download."""
    within = [in_period(messages.c.sent_day, stretch)] if stretch else []
    return (
        select(*_outputs(scope))
        .select_from(_joined(COLUMNS))
        .where(_narrowed(filters, scope, table, words), *within)
        .order_by(*_order(table, scope))
    )


def shape(columns: Columns, time_zone: ZoneInfo) -> pd.DataFrame:
    """The rows with local times, which carry their offset."""
    shown = dict(columns)
    for name in ("opened_at", "sent_at"):
        shown[name] = [None if at is None else local(at, time_zone) for at in columns[name]]
    return pd.DataFrame(shown, dtype=object)


def _outputs(scope: Scope) -> list[ColumnElement[Any]]:
    return [_expression(name, scope).label(name) for name in COLUMNS]


def _expression(name: str, scope: Scope) -> ColumnElement[Any]:
    """What a column shows to a reader; of free texts before their phones are masked."""
    if name in _TEXTS and not scope.see_texts:
        return cast(null(), String())
    return _VISIBLE[name](scope) if name in _VISIBLE else _EXPRESSIONS[name]


#: Columns whose masked form is stored or depends on more than their own text.
_VISIBLE: Final[Mapping[str, Callable[[Scope], ColumnElement[Any]]]] = {
    "reply": lambda scope: case((_OUT, visible_body(scope))),
    "customer_message": lambda scope: case((_OUT, null()), else_=visible_body(scope)),
    "message_id": visible_message_id,
    "person_name": visible_person_name,
    "case_number": visible_case_number,
    "case_id": visible_case_id,
    "error": lambda scope: visible_title(ERROR, scope),
}
#: Columns of free texts or of names that people choose.
_MASKED_TEXTS: Final = frozenset({"case_type", "template_name", "last_agent", "team"} | _TEXTS)


def _compared(name: str, scope: Scope) -> ColumnElement[Any]:
    """What a column is ordered and searched by: what a reader sees of it."""
    expression = _expression(name, scope)
    return visible_text(expression, scope) if name in _MASKED_TEXTS else expression


def _joined(columns: Any) -> FromClause:
    """Messages with the tables that ``columns`` need; one row a message in any case."""
    joined: FromClause = messages
    if {*_OF_THE_CASE} & set(columns):
        joined = joined.join(cases, cases.c.case_key == messages.c.case_key)
    if "person_name" in columns:
        joined = joined.join(people, people.c.person_id == messages.c.person_id)
    return joined


def _used_columns(table: TableRequest) -> set[str]:
    used = {column for column, _ in table.where}
    return used | {table.sort.removeprefix("-")} if table.sort else used


def _order(table: TableRequest, scope: Scope) -> list[ColumnElement[Any]]:
    """The order asked for, made total: newest first, then by id, then by account."""
    newest_first: list[ColumnElement[Any]] = [
        messages.c.sent_at.desc(),
        messages.c.message_id.desc(),
        messages.c.account.desc(),
    ]
    if not table.sort:
        return newest_first
    name = table.sort.removeprefix("-")
    if name == "channel":  # says the same of every row, and engines refuse to order by a constant
        return newest_first
    if name == "case_number":
        keys = [case_number_order(scope), visible_case_number(scope)]
    else:
        expression = _compared(name, scope)
        keys = [fold(expression), expression] if name in _TEXTUAL else [expression]
    ordered = [key.desc() if table.sort.startswith("-") else key.asc() for key in keys]
    return [*(key.nulls_last() for key in ordered), *newest_first]


_TEXTUAL: Final = frozenset(
    {"case_type", "template_name", "last_agent", "person_name", "team", "error"} | _TEXTS
)


def _narrowed(
    filters: Filters, scope: Scope, table: TableRequest, words: Words
) -> ColumnElement[bool]:
    return and_(
        selected_messages(filters, scope),
        *(_contains(column, text, words.get(column, ()), scope) for column, text in table.where),
    )


def _contains(column: str, text: str, words: Sequence[Word], scope: Scope) -> ColumnElement[bool]:
    """The column contains ``text``; of a code, its word or itself; of a time, its day."""
    if column in _DAYS:
        return local_day_text(_DAYS[column]).contains(text, autoescape=True)
    seen = _expression if can_search_stored(text, scope) else _compared
    expression = cast(seen(column, scope), String())
    if column in _NUMBERS and (joined := joined_phone(text)) is not None:
        # Typed as it is shown, with spaces, or as it is stored.
        return or_(folded_contains(expression, text), folded_contains(expression, joined))
    if not words:
        return folded_contains(expression, text)
    return or_(*(_means(word, expression, text) for word in words))


def _means(word: Word, expression: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """The column holds the word's code, and ``text`` is part of the word or of the code."""
    conditions = [
        expression == word.code,
        folded_contains(literal(f"{word.text} {word.code}"), text),
    ]
    if word.direction:
        conditions.append(messages.c.direction == word.direction)
    return and_(*conditions)
