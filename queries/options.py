"""What a filter offers: its values with how many cases each would leave."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select

from queries.constructs import Statement, fold
from queries.filters import MESSAGE_LISTS, Filters
from queries.scope import Scope
from queries.tables import cases, messages, people
from queries.where import MESSAGE_COLUMNS, selected_cases, selected_messages

#: How many hits a searched list shows at once; the others are short enough to be shown whole.
SEARCHED: Final = {"person": 50, "case": 50}
MAX_OPTIONS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Option:
    """A value with its count of cases; the last three are known of the list of cases only."""

    value: str
    cases: int
    person_name: str | None = None
    case_type: str | None = None
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The values to show, and how many there are in all (of ``case``: cases)."""

    values: tuple[Option, ...]
    total: int


def query(name: str, filters: Filters, scope: Scope, search: str) -> Statement:
    """Rows of ``value, cases, total`` (of ``case``, also its person, type and opening).

    The filters other than ``name`` narrow the counts; ``search`` finds values that contain it,
    those that begin with it first.
    """
    others = filters.without(name)
    match name:
        case "case":
            return _cases(others, scope, search)
        case "person":
            return _persons(others, scope, search)
        case _ if name in MESSAGE_LISTS:
            value = messages.c[MESSAGE_COLUMNS.get(name, name)]
            counted = func.count(messages.c.case_key.distinct())
            chosen = selected_messages(others, scope)
        case _:
            value = cases.c["last_agent" if name == "agent" else name]
            counted = func.count()
            chosen = selected_cases(others, scope)
    counts = (
        select(value.label("value"), counted.label("cases"))
        .where(chosen, value.is_not(None))
        .group_by(value)
        .subquery()
    )
    return (
        select(counts, func.count().over().label("total"))
        .order_by(counts.c.cases.desc(), counts.c.value)
        .limit(MAX_OPTIONS)
    )


def _persons(filters: Filters, scope: Scope, search: str) -> Statement:
    counts = (
        select(cases.c.person_id, func.count().label("cases"))
        .where(selected_cases(filters, scope))
        .group_by(cases.c.person_id)
        .subquery()
    )
    found = (
        select(people.c.person_name.label("value"), people.c.folded, counts.c.cases)
        .select_from(counts.join(people, people.c.person_id == counts.c.person_id))
        .where(*_search([people.c.folded], search))
        .subquery()
    )
    return (
        select(found.c.value, found.c.cases, func.count().over().label("total"))
        .order_by(
            *_prefix_first([found.c.folded], search),
            found.c.cases.desc(),
            found.c.folded,
            found.c.value,
        )
        .limit(SEARCHED["person"])
    )


def _cases(filters: Filters, scope: Scope, search: str) -> Statement:
    number = fold(cases.c.case_number)
    found = (
        select(
            cases.c.case_number.label("value"),
            people.c.person_name,
            people.c.folded,
            cases.c.case_type,
            cases.c.opened_at,
        )
        .select_from(cases.join(people, people.c.person_id == cases.c.person_id))
        .where(selected_cases(filters, scope), *_search([number, people.c.folded], search))
        .subquery()
    )
    return (
        select(
            found.c.value,
            func.count().over(partition_by=found.c.value).label("cases"),
            found.c.person_name,
            found.c.case_type,
            found.c.opened_at,
            func.count().over().label("total"),
        )
        .order_by(
            *_prefix_first([fold(found.c.value), found.c.folded], search),
            found.c.opened_at.desc(),
            found.c.value,
        )
        .limit(SEARCHED["case"])
    )


def _search(folded: list[ColumnElement[str]], search: str) -> list[ColumnElement[bool]]:
    if not search:
        return []
    first, *others = (func.strpos(text, fold(search)) > 0 for text in folded)
    for other in others:
        first = first | other
    return [first]


def _prefix_first(folded: list[ColumnElement[str]], search: str) -> list[ColumnElement[bool]]:
    if not search:
        return []
    first, *others = (func.strpos(text, fold(search)) == 1 for text in folded)
    for other in others:
        first = first | other
    return [first.desc()]
