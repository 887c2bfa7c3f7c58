"""The panel ``waiting``: open cases with a wait that nobody ended.

It shows the present minute. Filters of the case hold as everywhere. The period and the filters of
the message are ignored: a status or template that was picked elsewhere must not say that nobody
waits.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, func, not_, select

from queries.columns import Column, Kind, key_column, names, pgettext_noop
from queries.panel import PagedQuery, PanelRequest, PanelRows
from queries.result import Columns, local, stored_minute
from queries.runner import QuerySession
from queries.selected_rows import conditions_of_case
from queries.service_window import SERVICE_WINDOW
from queries.shared_columns import CASE_KEY, CASE_NUMBER, CASE_TYPE, LAST_AGENT, PERSON_NAME, TEAM
from queries.sql_functions import Statement
from queries.table_request import WaitingOrder
from queries.tables import cases, people
from queries.visibility import selected_case_id, visible_case_number

COLUMNS: Final = (
    CASE_NUMBER,
    CASE_TYPE,
    Column("channel", Kind.TEXT, pgettext_noop("column", "Channel"), "the case's own channel"),
    TEAM,
    PERSON_NAME,
    LAST_AGENT,
    Column(
        "waiting_since",
        Kind.MOMENT,
        pgettext_noop("column", "Waiting since"),
        "when the wait began that nobody ended: the time of the first customer message after the "
        "last message of a person of the company (no bot)",
    ),
    Column(
        "last_message_at",
        Kind.MOMENT,
        pgettext_noop("column", "Last message"),
        "time of the customer's last message",
    ),
    Column(
        "window_closes_at",
        Kind.MOMENT,
        pgettext_noop("column", "Window closes"),
        "24 hours after `last_message_at`",
    ),
    Column(
        "window",
        Kind.CODE,
        pgettext_noop("column", "24 h window"),
        "how much of the 24 h window is left: `over_6h` (more than 6 h), `from_2h_to_6h` (both "
        "included), `under_2h`, `expired` (none: `last_message_at` is more than 24 h ago)",
        vocabulary="window",
    ),
    CASE_KEY,
    key_column("case_id", "the case's id within its account"),
)
_NAMES: Final = names(COLUMNS)

#: The codes of the column ``window``: how much of a case's 24 h window is left, most first.
WINDOWS: Final = ("over_6h", "from_2h_to_6h", "under_2h", "expired")

_PLENTY: Final = timedelta(hours=6)
_LITTLE: Final = timedelta(hours=2)

#: The stored value of each column. The customer's last message decides about the 24 h window.
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
    """Return one page of the waiting cases in the order asked for, and counts of all of them.

    A case waits while it is open and has a wait that nobody ended. Of these, scope and filters of
    the case select; the period and the filters of the message do not. ``total`` is how many are
    selected on all pages, and ``counts["windows"]`` is their number for each of ``WINDOWS``. A
    filter of the column ``window`` in ``request.table`` narrows only the rows; the other filters of
    columns, and ``sort``, are ignored there.
    """
    now = stored_minute(request.now)
    [row] = session.ask(windows_query, request, now).records()
    windows = {name: int(row[name]) for name in WINDOWS}
    window = dict(request.table.where).get("window")
    total = windows[window] if window else sum(windows.values())
    result = session.ask(page_query, request, now, total)
    return PanelRows(
        shape(result.columns(), request.time_zone), sum(windows.values()), {"windows": windows}
    )


def all_rows(_session: QuerySession, request: PanelRequest) -> Iterator[Statement]:
    """Yield one SELECT, for a download: all cases that wait, in the order asked for.

    Page, ``sort`` and filters of columns in ``request.table`` are ignored.
    """
    yield rows_query(request, stored_minute(request.now))


def shape(columns: Columns, time_zone: tzinfo) -> pd.DataFrame:
    """Return a frame of ``COLUMNS``, with times in ``time_zone``.

    ``columns`` are the values of the columns of ``rows_query``, with times in UTC.
    ``window_closes_at`` is computed here: 24 h after the customer's last message.
    """
    closes = [at + SERVICE_WINDOW for at in columns["last_message_at"]]
    localized = {**columns, "window_closes_at": closes}
    for name in ("waiting_since", "last_message_at", "window_closes_at"):
        localized[name] = [local(at, time_zone) for at in localized[name]]
    return pd.DataFrame({name: localized[name] for name in _NAMES}, dtype=object)


def windows_query(request: PanelRequest, now: datetime) -> Statement:
    """Return a SELECT of one row: how many cases wait, with a column for each of ``WINDOWS``.

    A case waits while it is open and has a wait that nobody ended. ``now`` is the present
    minute in UTC without an offset, as ``stored_minute`` returns it.
    """
    within = _within(now)
    counts = [func.count().filter(within[name]).label(name) for name in WINDOWS]
    return select(*counts).where(_waits(request))


def page_query(request: PanelRequest, now: datetime, total: int) -> Statement:
    """Return the SELECT of the rows of the page in ``request.table``, in its order.

    ``total`` is how many rows all pages have. ``now`` is the present minute in UTC without an
    offset.
    """
    rows = rows_query(request, now)
    table = request.table
    if table.skipped >= total:  # else the engine would sort all rows and return none
        return rows.limit(0)
    if window := dict(table.where).get("window"):
        rows = rows.where(_within(now)[window])
    return rows.limit(table.page_size).offset(table.skipped)


def rows_query(request: PanelRequest, now: datetime) -> Statement:
    """Return the SELECT of all cases that wait, in the order asked for; times are UTC.

    A case waits while it is open and has a wait that nobody ended. ``now`` is the present
    minute in UTC without an offset: the column ``window`` depends on it.
    """
    window = case(*((within, name) for name, within in _within(now).items())).label("window")
    expressions = {
        **_STORED,
        "case_number": visible_case_number(request.scope),
        "case_id": selected_case_id(request.scope),
    }
    return (
        select(*(column.label(name) for name, column in expressions.items()), window)
        .join_from(cases, people, people.c.person_id == cases.c.person_id)
        .where(_waits(request))
        .order_by(*_order(request, now))
    )


def _order(request: PanelRequest, now: datetime) -> list[ColumnElement[Any]]:
    """Return by what the rows are sorted.

    ``longest``: the longest wait first. ``closing``: open windows first, the next to close first;
    then closed ones, the longest wait first.
    """
    by_wait: list[ColumnElement[Any]] = [
        cases.c.waiting_since,
        cases.c.case_number,
        cases.c.account,
        cases.c.case_id,
    ]
    if request.table.order is WaitingOrder.LONGEST:
        return by_wait
    # Null for closed windows.
    closing = case((not_(_within(now)["expired"]), cases.c.last_customer_at))
    return [closing.nulls_last(), *by_wait]


def _within(now: datetime) -> Mapping[str, ColumnElement[bool]]:
    """Return the condition of each of ``WINDOWS``: so much of the case's window is left at ``now``.

    At exactly 24 h after the customer's last message the window is still open.
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
    """Return the condition for cases that wait and that scope and filters of the case select.

    ``cases.counted`` need not be checked: a case that waits has a message, so it counts.
    """
    return and_(
        cases.c.waiting_since.is_not(None),
        *conditions_of_case(cases, request.filters, request.scope),
    )


PANEL: Final = PagedQuery(
    slug="waiting",
    summary="Open cases with a wait that nobody ended, at the present minute. Filters of the case "
    "hold; the period and the filters of the message are ignored. `order=closing`, which is the "
    "default, has open 24 h windows first, the next to close first, then closed ones, the longest "
    "wait first; `order=longest` has the longest wait first, whatever its window. `page` and "
    "`page_size` are those of `details`. Beside `rows` and `total` the answer has `windows`: "
    "how many of all these cases there are for each value of `window`.",
    columns=COLUMNS,
    needs=("received", "agents"),
    is_about_now=True,
    parameters=frozenset({"order"}),
    page=page,
    all_rows=all_rows,
    shape=shape,
)
