"""Who waits: open cases whose last message is the customer's, and what is left of their window.

The panel is about the present minute, not about the period. All other filters hold: those of the
case as everywhere; with filters of the message, a case is listed that has at least one such
message, whenever it was.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, func, select

from queries.columns import Column, Kind, key_column, names, pgettext_noop
from queries.panel import PagedQuery, PanelRequest, PanelRows
from queries.result import Columns, local, stored_minute
from queries.runner import QuerySession
from queries.service_window import SERVICE_WINDOW
from queries.sql_functions import Statement
from queries.tables import cases, people
from queries.visibility import visible_case_id, visible_case_number
from queries.where import conditions_of_case, with_such_message

COLUMNS: Final = (
    Column(
        "case_number",
        Kind.TEXT,
        pgettext_noop("column", "Case"),
        "the number that people use for the case",
    ),
    Column("case_type", Kind.TEXT, pgettext_noop("column", "Type"), "the type of the case"),
    Column("channel", Kind.TEXT, pgettext_noop("column", "Channel"), "the case's own channel"),
    Column("team", Kind.TEXT, pgettext_noop("column", "Team"), "the team of the case"),
    Column("person_name", Kind.TEXT, pgettext_noop("column", "Requester"), "who asked"),
    Column(
        "last_agent",
        Kind.TEXT,
        pgettext_noop("column", "Last agent"),
        "who sent the case's last message of a person",
    ),
    Column(
        "waiting_since",
        Kind.MOMENT,
        pgettext_noop("column", "Waiting since"),
        "time of the first customer message after the last outgoing one",
    ),
    Column(
        "last_message_at",
        Kind.MOMENT,
        pgettext_noop("column", "Last message"),
        "time of the last message, which is the customer's",
    ),
    Column(
        "window_closes_at",
        Kind.MOMENT,
        pgettext_noop("column", "Window closes"),
        "24 hours after it",
    ),
    Column(
        "window",
        Kind.CODE,
        pgettext_noop("column", "24 h window"),
        "`over_6h` (more than 6 h left), `from_2h_to_6h` (both included), `under_2h`, `expired` "
        "(nothing left; at exactly 24 h the window is still open)",
        vocabulary="window",
    ),
    key_column("case_key", "the case's key in the store"),
    key_column("case_id", "the case's id within its account"),
)
_NAMES: Final = names(COLUMNS)

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


def page(session: QuerySession, request: PanelRequest) -> PanelRows:
    """One page of the list, longest wait first, and how many wait by what is left of their window.

    Of the table's filters only ``window`` narrows the rows of this list, and none its counts.
    """
    now = stored_minute(request.now)
    [row] = session.fetch(windows_query(request, now)).records()
    windows = {name: int(row[name]) for name in WINDOWS}
    window = dict(request.table.where).get("window")
    total = windows[window] if window else sum(windows.values())
    result = session.fetch(page_query(request, now, total))
    return PanelRows(
        shape(result.columns(), request.time_zone), sum(windows.values()), {"windows": windows}
    )


def all_rows(_session: QuerySession, request: PanelRequest) -> Iterator[Statement]:
    """The SELECT of all cases that wait."""
    yield rows_query(request, stored_minute(request.now))


def shape(columns: Columns, time_zone: tzinfo) -> pd.DataFrame:
    """``COLUMNS``, with times in ``time_zone``, which carry their offset."""
    closes = [at + SERVICE_WINDOW for at in columns["last_message_at"]]
    localized = {**columns, "window_closes_at": closes}
    for name in ("waiting_since", "last_message_at", "window_closes_at"):
        localized[name] = [local(at, time_zone) for at in localized[name]]
    return pd.DataFrame({name: localized[name] for name in _NAMES}, dtype=object)


def windows_query(request: PanelRequest, now: datetime) -> Statement:
    """One row: how many cases wait, by ``WINDOWS``; ``now`` comes from ``stored_minute``."""
    within = _within(now)
    counts = [func.count().filter(within[name]).label(name) for name in WINDOWS]
    return select(*counts).where(_waits(request))


def page_query(request: PanelRequest, now: datetime, total: int) -> Statement:
    """The cases of the page that ``request`` asks for, of ``total`` that are listed."""
    rows = rows_query(request, now)
    table = request.table
    if table.skipped >= total:  # an engine would put all of them in order to give none
        return rows.limit(0)
    if window := dict(table.where).get("window"):
        rows = rows.where(_within(now)[window])
    return rows.limit(table.page_size).offset(table.skipped)


def rows_query(request: PanelRequest, now: datetime) -> Statement:
    """All cases that wait at ``now``, longest wait first; times are UTC."""
    window = case(*((within, name) for name, within in _within(now).items())).label("window")
    expressions = {
        **_STORED,
        "case_number": visible_case_number(request.scope),
        "case_id": visible_case_id(request.scope),
    }
    return (
        select(*(column.label(name) for name, column in expressions.items()), window)
        .join_from(cases, people, people.c.person_id == cases.c.person_id)
        .where(_waits(request))
        .order_by(cases.c.waiting_since, cases.c.case_number, cases.c.account, cases.c.case_id)
    )


def _within(now: datetime) -> Mapping[str, ColumnElement[bool]]:
    """For each of ``WINDOWS``, the condition that it is what is left of a case's window.

    A window is open up to and including its last moment.
    """
    last = cases.c.last_customer_at
    opens = now - SERVICE_WINDOW
    return {
        "over_6h": last > opens + _PLENTY,
        "from_2h_to_6h": last.between(opens + _LITTLE, opens + _PLENTY),
        "under_2h": and_(last >= opens, last < opens + _LITTLE),
        "expired": last < opens,
    }


def _waits(request: PanelRequest) -> ColumnElement[bool]:
    """The case waits, and filters and scope select it.

    A case that waits has a message, so it belongs to the product without being asked.
    """
    filters, scope = request.filters, request.scope
    conditions = [cases.c.waiting_since.is_not(None), *conditions_of_case(cases, filters, scope)]
    if filters.message_filters:
        conditions.append(with_such_message(filters, scope))
    return and_(*conditions)


PANEL: Final = PagedQuery(
    slug="waiting",
    summary="Open cases whose last message is the customer's, longest wait first. It looks at now, "
    "cut to the minute, and not at the period; all other filters hold, and with filters of the "
    "message a case is listed that has at least one message as all of them ask, whenever it was. "
    "`page` and `page_size` as for `details`. Beside `rows` and their `total` the answer has "
    "`windows`: how many of all the cases have how much left of the 24 hours after their "
    "customer's last message.",
    columns=COLUMNS,
    is_about_now=True,
    page=page,
    all_rows=all_rows,
    shape=shape,
)
