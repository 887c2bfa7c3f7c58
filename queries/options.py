"""Lists the values that a filter offers, each with the number of cases that it would leave.

Persons and cases are too many for a list: ``queries.option_search`` searches them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, func, select

from queries.filters import MESSAGE_LISTS, VOCABULARIES, Filters
from queries.rollup_choice import cases_by
from queries.scope import Scope
from queries.selection import MESSAGE_COLUMNS, selected_messages
from queries.sql_functions import Statement
from queries.tables import messages
from queries.visibility import visible_text

#: How many values a list of options has at most; those with the most cases are kept.
MAX_OPTIONS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Option:
    """One value that a filter offers, and how many cases it would leave.

    ``person_name``, ``case_type`` and ``opened_at`` (in the deployment's zone) describe the case of
    an option of the filter ``case``; options of other filters have None.
    """

    value: str
    cases: int
    person_name: str | None = None
    case_type: str | None = None
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The values that a list shows, and ``total``, how many there are in all (of ``case``: cases).

    ``total`` is None where a text was searched for and found: searches do not count all hits.
    """

    values: tuple[Option, ...]
    total: int | None


def query(name: str, others: Filters, scope: Scope, *, as_seen: bool = False) -> Statement:
    """Return a SELECT of ``value, cases, total`` for any filter but ``person`` and ``case``.

    ``cases`` is how many cases have the value among those that ``others`` leave, the filters
    without ``name``; ``total`` is the number of values. Most cases first, then by value; at most
    ``MAX_OPTIONS`` rows, and none for null.

    With ``as_seen``, values that look alike because a phone in them is masked are one row. This
    takes longer, and few stores have such values.
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
    """Return rows of ``value, cases``: in how many cases selected messages have each ``value``."""
    return (
        select(value.label("value"), func.count(messages.c.case_key.distinct()).label("cases"))
        .where(selected_messages(filters, scope), value.is_not(None))
        .group_by(value)
        .subquery()
    )
