"""The values that a filter offers, each with the number of cases that it would leave.

Persons and cases are too many for a list: ``queries.option_search`` searches them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, func, select

from queries.filters import MESSAGE_LISTS, VOCABULARIES, Filters
from queries.rollup_choice import cases_by
from queries.scope import Scope
from queries.sql_functions import Statement
from queries.tables import messages
from queries.visibility import visible_text
from queries.where import MESSAGE_COLUMNS, selected_messages

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
    """The values to show, and how many there are in all; None where a search did not count."""

    values: tuple[Option, ...]
    total: int | None


def query(name: str, others: Filters, scope: Scope, *, as_seen: bool = False) -> Statement:
    """Rows of ``value, cases, total``; ``others`` are the filters without ``name``.

    With ``as_seen``, values that differ only in a phone that is masked count together. It takes
    longer, and few stores have such values.
    """
    if name in VOCABULARIES:
        counts = _cases_by_messages(messages.c[name], others, scope)
    elif name in MESSAGE_LISTS:
        column = messages.c[MESSAGE_COLUMNS.get(name, name)]
        value = visible_text(column, scope) if as_seen else column
        counts = _cases_by_messages(value, others, scope)
    else:
        column_name = "last_agent" if name == "agent" else name
        counts = cases_by(column_name, others, scope, as_seen=as_seen)
    return (
        select(counts, func.count().over().label("total"))
        .order_by(counts.c.cases.desc(), counts.c.value)
        .limit(MAX_OPTIONS)
    )


def _cases_by_messages(value: ColumnElement[Any], filters: Filters, scope: Scope) -> FromClause:
    """Rows of ``value, cases``: selected cases by a column of their selected messages."""
    return (
        select(value.label("value"), func.count(messages.c.case_key.distinct()).label("cases"))
        .where(selected_messages(filters, scope), value.is_not(None))
        .group_by(value)
        .subquery()
    )
