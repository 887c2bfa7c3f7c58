"""Messages by status: the outgoing along their life cycle, the received answered or waiting."""

from itertools import product
from typing import Final

import pandas as pd
from sqlalchemy import select

from queries.columns import Column, Kind, pgettext_noop
from queries.panel import PanelRequest, SummaryQuery
from queries.panels.buckets import complete
from queries.result import ResultSet
from queries.rollup_choice import message_counts
from queries.sql_functions import Statement
from queries.vocabulary import DIRECTIONS, STATUSES

#: The statuses of a received message: it waits for an answer, or it is handled.
_INCOMING_STATUSES: Final = ("new", "read")


def query(request: PanelRequest) -> Statement:
    """Rows of ``direction, status, messages`` for the pairs that have any."""
    counts = message_counts(request.filters, request.scope)
    pair = (counts.table.c.direction, counts.table.c.status)
    return select(*pair, counts.messages().label("messages")).where(counts.selected).group_by(*pair)


def shape(result: ResultSet, _request: PanelRequest) -> pd.DataFrame:
    """``status, direction, messages``: every pair once, outgoing first, in life-cycle order."""
    axis = ((status, direction) for direction, status in product(DIRECTIONS, STATUSES))
    return complete(result, ["status", "direction"], axis)


def _without_impossible_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` without the statuses that no received message can have, which count nothing."""
    return frame[(frame["direction"] == "out") | frame["status"].isin(_INCOMING_STATUSES)]


PANEL: Final = SummaryQuery(
    slug="messages-by-status",
    summary="Messages by direction and status: outgoing first, in the order of their life cycle. "
    "The download leaves out the statuses that no received message can have.",
    columns=(
        Column(
            "status",
            Kind.STATUS,
            pgettext_noop("column", "Status"),
            "`new`, `sent`, `delivered`, `read`, `failed` or `unknown`",
        ),
        Column(
            "direction",
            Kind.CODE,
            pgettext_noop("column", "Origin"),
            "`out` (to the customer) or `in`",
            vocabulary="direction",
        ),
        Column("messages", Kind.COUNT, pgettext_noop("column", "Messages"), "how many"),
    ),
    query=query,
    shape=shape,
    download_rows=_without_impossible_rows,
)
