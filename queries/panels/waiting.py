"""Who waits: open cases whose last message is the customer's, and what is left of their window.

It looks at now, not at the period. All other filters hold: those of the case as everywhere; with
filters of the message, cases that have at least one such message, whenever it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, func, select

from queries.filters import Filters
from queries.masking import visible_case_id, visible_case_number
from queries.result import Columns, ResultSet, local
from queries.scope import Scope
from queries.service_window import SERVICE_WINDOW
from queries.sql_functions import Statement
from queries.table_request import TableRequest
from queries.tables import cases, people
from queries.where import conditions_of_case, with_such_message

SLUG: Final = "waiting"
#: Columns of the API and the download, in order.
API_COLUMNS: Final = (
    "case_number",
    "case_type",
    "channel",
    "team",
    "person_name",
    "last_agent",
    "waiting_since",
    "last_message_at",
    "window_closes_at",
    "window",
)
#: All columns: ``case_key`` opens the case's time line, ``case_id`` the portal's address of it.
COLUMNS: Final = (*API_COLUMNS, "case_key", "case_id")

#: What is left of a case's 24 h window, from most to nothing.
WINDOWS: Final = ("over_6h", "from_2h_to_6h", "under_2h", "expired")

_PLENTY: Final = timedelta(hours=6)
_LITTLE: Final = timedelta(hours=2)

#: The last message of a case that waits is the customer's: its time is that of both.
_STORED: Final[Mapping[str, ColumnElement[Any]]] = {
    "case_key": cases.c.case_key,
    "case_id": cases.c.case_id,
    "case_number": cases.c.case_number,
    "case_type": cases.c.case_type,
    "channel": cases.c.channel,
    "team": cases.c.team,
    "person_name": people.c.person_name,
    "last_agent": cases.c.last_agent,
    "waiting_since": cases.c.waiting_since,
    "last_message_at": cases.c.last_customer_at,
}


@dataclass(frozen=True, slots=True)
class Listed:
    """Which of those who wait at ``now`` are listed, ``total`` in all: all of them, or those with
    one of ``WINDOWS``.
    """

    now: datetime
    total: int
    window: str | None = None


def minute(now: datetime) -> datetime:
    """The present cut to the minute, as stored times are: what is asked within it is one answer."""
    return now.astimezone(UTC).replace(tzinfo=None, second=0, microsecond=0)


def windows(filters: Filters, scope: Scope, now: datetime) -> Statement:
    """One row: how many cases wait, by ``WINDOWS``; ``now`` comes from ``minute``."""
    within = _within(now)
    counts = [func.count().filter(within[name]).label(name) for name in WINDOWS]
    return select(*counts).where(_waits(filters, scope))


def query(filters: Filters, scope: Scope, table: TableRequest, listed: Listed) -> Statement:
    """The cases of one page of ``table``, of those ``listed``, longest wait first.

    The table's sorting and columns are not this list's.
    """
    rows = everything(filters, scope, listed.now)
    skipped = table.page * table.page_size
    if skipped >= listed.total:  # an engine would put all of them in order to give none
        return rows.limit(0)
    if listed.window:
        rows = rows.where(_within(listed.now)[listed.window])
    return rows.limit(table.page_size).offset(skipped)


def everything(filters: Filters, scope: Scope, now: datetime) -> Statement:
    """All cases that wait at ``now``, longest wait first; times are UTC."""
    window = case(*((within, name) for name, within in _within(now).items())).label("window")
    shown = {
        **_STORED,
        "case_number": visible_case_number(scope),
        "case_id": visible_case_id(scope),
    }
    return (
        select(*(column.label(name) for name, column in shown.items()), window)
        .join_from(cases, people, people.c.person_id == cases.c.person_id)
        .where(_waits(filters, scope))
        .order_by(cases.c.waiting_since, cases.c.case_number, cases.c.account, cases.c.case_id)
    )


def counted(found: ResultSet) -> dict[str, int]:
    """How many cases wait by what is left of their window, in the order of ``WINDOWS``."""
    [row] = found.records()
    return {name: int(row[name]) for name in WINDOWS}


def shape(columns: Columns, time_zone: ZoneInfo) -> pd.DataFrame:
    """``COLUMNS``; times are local with their offset, ``window`` is one of ``WINDOWS``."""
    closes = [at + SERVICE_WINDOW for at in columns["last_message_at"]]
    shown = {**columns, "window_closes_at": closes}
    for name in ("waiting_since", "last_message_at", "window_closes_at"):
        shown[name] = [local(at, time_zone) for at in shown[name]]
    return pd.DataFrame({name: shown[name] for name in COLUMNS}, dtype=object)


def _within(now: datetime) -> Mapping[str, ColumnElement[bool]]:
    """What is asked of the last message of a case whose window is one of ``WINDOWS``; a window is
    open up to and including its last moment.
    """
    last = cases.c.last_customer_at
    opens = now - SERVICE_WINDOW
    return {
        "over_6h": last > opens + _PLENTY,
        "from_2h_to_6h": last.between(opens + _LITTLE, opens + _PLENTY),
        "under_2h": and_(last >= opens, last < opens + _LITTLE),
        "expired": last < opens,
    }


def _waits(filters: Filters, scope: Scope) -> ColumnElement[bool]:
    """A case that waits has a message, so it belongs to the product without being asked."""
    conditions = [cases.c.waiting_since.is_not(None), *conditions_of_case(cases, filters, scope)]
    if filters.message_filters:
        conditions.append(with_such_message(filters, scope))
    return and_(*conditions)
