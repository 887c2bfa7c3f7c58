"""Lists the values that a filter offers, each with the number of cases that it would leave.

Persons and cases are too many for a list: ``queries.option_search`` searches them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, func, select

from queries.filters import MESSAGE_LISTS, VOCABULARIES, Filters
from queries.rollup_choice import cases_by
from queries.selected_rows import MESSAGE_COLUMNS, selected_messages
from queries.sql_functions import Statement
from queries.tables import messages
from queries.user_scope import Scope
from queries.visibility import visible_text

#: How many values a list of options has at most; those with the most cases are kept.
MAX_OPTIONS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Option:
    """One value that a filter offers, and how many cases have it and meet the other filters.

    ``person_name``, ``case_type`` and ``opened_at`` (in the deployment's zone) describe the case,
    for values of the filter ``case``; they are None for other filters.
    """

    value: str
    cases: int
    person_name: str | None = None
    case_type: str | None = None
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The values that the list of a filter shows, and ``total``: how many values there are in all.

    For the filter ``case``, ``total`` counts cases. It is None after a search for a text with hits,
    because a search does not count all its hits, and where the values are not the first; 0 where
    there are no values. ``is_last`` is whether no value comes after these.
    """

    values: tuple[Option, ...]
    total: int | None
    is_last: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list: ``length`` values, after the ``first`` ones that are left out."""

    first: int
    length: int


def query(name: str, others: Filters, scope: Scope, *, as_seen: bool = False) -> Statement:
    """Return a SELECT of ``value, cases, total``: the values of the filter ``name``.

    ``name`` is any filter but ``person`` and ``case``; ``others`` are the other filters of the
    request, with a period. ``cases`` is how many cases have the value and meet ``others``;
    ``total`` is how many values there are. Rows have most cases first, then go by value; there are
    at most ``MAX_OPTIONS``, and none for null.

    Masking phones can make two values look the same. With ``as_seen`` they are one row, which takes
    longer; without, two rows that ``mask_rows`` makes look the same.
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
    """Return rows of ``value, cases``: in how many cases selected messages have each ``value``.

    Pairs of value and case are told apart first, and then counted: where an engine would sort all
    messages to count different cases, this takes half the time.
    """
    pairs = (
        select(value.label("value"), messages.c.case_key)
        .where(selected_messages(filters, scope), value.is_not(None))
        .distinct()
        .subquery("pairs")
    )
    return (
        select(pairs.c.value, func.count().label("cases"))
        .group_by(pairs.c.value)
        .subquery("counts")
    )
