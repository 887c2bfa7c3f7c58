"""What a filter offers: its values with how many cases each would leave."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    cast,
    func,
    null,
    or_,
    select,
)

from queries.constructs import Statement, fold
from queries.counts import case_total, cases_by
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
    """The values to show, and how many there are in all; of ``case`` all cases, not of a search."""

    values: tuple[Option, ...]
    total: int | None


def query(name: str, others: Filters, scope: Scope, search: str) -> Statement:
    """Rows of ``value, cases, total`` (of ``case``, also its person, type and opening).

    ``others`` are the filters without ``name``, which narrow the counts; ``search`` finds values
    that contain it, those that begin with it first, and leaves ``total`` null for cases.
    """
    match name:
        case "case":
            return _cases(others, scope, search)
        case "person":
            return _persons(others, scope, search)
        case _ if name in MESSAGE_LISTS:
            counts = _cases_by_messages(messages.c[MESSAGE_COLUMNS.get(name, name)], others, scope)
        case _:
            counts = cases_by("last_agent" if name == "agent" else name, others, scope)
    return (
        select(counts, func.count().over().label("total"))
        .order_by(counts.c.cases.desc(), counts.c.value)
        .limit(MAX_OPTIONS)
    )


def _cases_by_messages(value: ColumnElement[Any], filters: Filters, scope: Scope) -> FromClause:
    """Cases by what their selected messages are."""
    return (
        select(value.label("value"), func.count(messages.c.case_key.distinct()).label("cases"))
        .where(selected_messages(filters, scope), value.is_not(None))
        .group_by(value)
        .subquery()
    )


def _persons(filters: Filters, scope: Scope, search: str) -> Statement:
    """The persons with most cases; only of those that may be among them the name is looked at."""
    found = [cases.c.person_id.in_(_people_with(search))] if search else []
    counts = (
        select(cases.c.person_id, func.count().label("cases"))
        .where(selected_cases(filters, scope), *found)
        .group_by(cases.c.person_id)
        .cte("counts")
    )
    named = select(
        people.c.person_name.label("value"),
        counts.c.cases,
        select(func.count()).select_from(counts).scalar_subquery().label("total"),
    ).select_from(counts.join(people, people.c.person_id == counts.c.person_id))
    if not search:
        most = select(counts.c.cases).order_by(counts.c.cases.desc()).limit(SEARCHED["person"])
        least = select(func.min(most.subquery().c.cases)).scalar_subquery()
        named = named.where(counts.c.cases >= least)
    return named.order_by(
        *_prefix_first([people.c.folded], search),
        counts.c.cases.desc(),
        people.c.folded,
        people.c.person_name,
    ).limit(SEARCHED["person"])


def _cases(filters: Filters, scope: Scope, search: str) -> Statement:
    """The newest cases; those that share a number count together."""
    chosen = selected_cases(filters, scope)
    found = select(cases.c.case_number, cases.c.person_id, cases.c.case_type, cases.c.opened_at)
    newest = (cases.c.opened_at.desc(), cases.c.case_number)
    if search:
        number, by_name = fold(cases.c.case_number), cases.c.person_id.in_(_people_with(search))
        begins = cases.c.person_id.in_(_people_with(search, at_start=True))
        is_first = or_(_begins(number, search), begins)
        found = found.where(chosen, or_(_contains(number, search), by_name))
        found = found.add_columns(is_first.label("is_first")).order_by(is_first.desc(), *newest)
    else:
        found = found.where(chosen).order_by(*newest)
    top = found.limit(SEARCHED["case"]).cte("top")
    sharing = (
        select(cases.c.case_number, func.count().label("cases"))
        .where(chosen, cases.c.case_number.in_(select(top.c.case_number)))
        .group_by(cases.c.case_number)
        .subquery("sharing")
    )
    total = null() if search else case_total(filters, scope)
    first = [top.c.is_first.desc()] if search else []
    return (
        select(
            top.c.case_number.label("value"),
            sharing.c.cases,
            people.c.person_name,
            top.c.case_type,
            top.c.opened_at,
            cast(total, BigInteger).label("total"),
        )
        .select_from(
            top.join(people, people.c.person_id == top.c.person_id).join(
                sharing, sharing.c.case_number == top.c.case_number
            )
        )
        .order_by(*first, top.c.opened_at.desc(), top.c.case_number)
    )


def _people_with(search: str, *, at_start: bool = False) -> Select[Any]:
    matches = _begins if at_start else _contains
    return select(people.c.person_id).where(matches(people.c.folded, search))


def _contains(folded: ColumnElement[str], search: str) -> ColumnElement[bool]:
    return func.strpos(folded, fold(search)) > 0


def _begins(folded: ColumnElement[str], search: str) -> ColumnElement[bool]:
    return func.strpos(folded, fold(search)) == 1


def _prefix_first(folded: list[ColumnElement[str]], search: str) -> list[ColumnElement[bool]]:
    return [_begins(text, search).desc() for text in folded] if search else []
