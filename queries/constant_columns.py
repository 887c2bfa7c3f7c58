"""Which columns of the table of messages have one value in all rows of all pages.

The page folds them into a line above the table. The answer is exact and cheap: the rows of the page
come first, and a column that differs among them is no candidate. Of the candidates a filter with a
single value settles some; all of them where the page holds the whole result; the others one SELECT
of the smallest and greatest values, from the roll-up, which is cached like any other. Where columns
are filtered, or the roll-up has no such column, a candidate is taken for one that may differ.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import pandas as pd
from sqlalchemy import FromClause, func, select

from queries.filters import Filters
from queries.panel import PanelRequest
from queries.rollup_choice import message_counts, roll_ups_hold_messages
from queries.runner import QuerySession
from queries.sql_functions import Statement

#: By contract the same in every row.
ALWAYS: Final = "channel"
#: The columns of the roll-up that can be folded.
_OF_ROLL_UP: Final = ("kind", "case_type", "team", "direction", "status", "template_name")
#: All columns that can be folded: not those of texts, phones, and numbers and times of messages.
FOLDABLE: Final = (
    *_OF_ROLL_UP,
    *("last_agent", "session_type", "opened_at", "person_name", "case_state", "business_number"),
    "error",
)
#: The filter that settles a column where it has a single value.
_FILTER_OF: Final[Mapping[str, str]] = {
    "kind": "kind",
    "case_type": "case_type",
    "team": "team",
    "direction": "direction",
    "status": "status",
    "template_name": "template",
    "last_agent": "agent",
    "person_name": "person",
}


def constant_columns(
    session: QuerySession, request: PanelRequest, rows: pd.DataFrame, total: int
) -> frozenset[str]:
    """Return the columns that have one value, or none, in all ``total`` rows of the table.

    ``rows`` are those of the page. ``channel`` is always among them, and a single row has no other:
    it would be folded as a whole. ``status`` is only where ``direction`` is, because its label
    depends on it.
    """
    if total < 2 or rows.empty:
        return frozenset({ALWAYS})
    alike = {name for name in FOLDABLE if len({*rows[name].tolist()}) == 1}
    if total > len(rows):
        settled = {name for name in alike if _is_settled(name, request.filters)}
        asked = {*_OF_ROLL_UP} & alike - settled
        is_cheap = not request.table.where and roll_ups_hold_messages(request.filters)
        if asked and is_cheap:
            settled |= asked & _same_in_all(session, request)
        alike = settled
    if "direction" not in alike:
        alike -= {"status"}
    return frozenset({*alike, ALWAYS})


def _is_settled(name: str, filters: Filters) -> bool:
    """Return whether the filter of the column ``name`` leaves a single value."""
    return name in _FILTER_OF and len(getattr(filters, _FILTER_OF[name])) == 1


def _same_in_all(session: QuerySession, request: PanelRequest) -> set[str]:
    """Return the columns of the roll-up that have one value, or none, in all selected rows."""
    [row] = session.ask(extremes_query, request).records()
    rows = row["rows"]
    return {
        name
        for name in _OF_ROLL_UP
        if row[f"{name}_known"] in (0, rows) and row[f"{name}_least"] == row[f"{name}_most"]
    }


def extremes_query(request: PanelRequest) -> Statement:
    """Return a SELECT of one row: ``rows``, and of each column of the roll-up that can be folded
    how many rows know it, its least and its greatest value.
    """
    counts = message_counts(request.filters, request.scope)
    return _extremes(counts.table).where(counts.selected)


@cache
def _extremes(table: FromClause) -> Statement:
    """Return the SELECT of ``extremes_query`` for ``table`` without its conditions, which is kept:
    making it takes longer than making the conditions.
    """
    columns: list[Any] = [func.count().label("rows")]
    for name in _OF_ROLL_UP:
        column = table.c[name]
        columns += [
            func.count(column).label(f"{name}_known"),
            func.min(column).label(f"{name}_least"),
            func.max(column).label(f"{name}_most"),
        ]
    return select(*columns)
