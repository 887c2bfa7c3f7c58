"""What a filter offers: its values with how many cases each would leave.

Persons and cases are too many to be shown: ``queries.searched`` finds them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, func, select

from queries.constructs import Statement
from queries.counts import cases_by
from queries.filters import MESSAGE_LISTS, Filters
from queries.scope import Scope
from queries.tables import messages
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


def query(name: str, others: Filters, scope: Scope) -> Statement:
    """Rows of ``value, cases, total``; ``others`` are the filters without ``name``."""
    if name in MESSAGE_LISTS:
        counts = _cases_by_messages(messages.c[MESSAGE_COLUMNS.get(name, name)], others, scope)
    else:
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
