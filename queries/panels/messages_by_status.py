"""The panel ``messages-by-status``: messages by direction and status in the whole period."""

from itertools import product
from typing import Final

import pandas as pd
from sqlalchemy import select

from queries.columns import Column, Kind, pgettext_noop
from queries.panel import PanelRequest, SummaryQuery
from queries.panels.axis_rows import complete
from queries.result import ResultSet
from queries.rollup_choice import message_counts
from queries.shared_columns import DIRECTION, MESSAGES
from queries.sql_functions import Statement
from queries.vocabulary import DIRECTIONS, STATUSES

#: The statuses that a received message can have: ``new`` (waiting) and ``read`` (handled).
_INCOMING_STATUSES: Final = ("new", "read")


def query(request: PanelRequest) -> Statement:
    """Return a SELECT of ``direction, status, messages``, without zeros, unordered.

    Counted are the messages of the whole period that filters and scope select.
    """
    counts = message_counts(request.filters, request.scope)
    pair = (counts.table.c.direction, counts.table.c.status)
    return select(*pair, counts.messages().label("messages")).where(counts.selected).group_by(*pair)


def shape(result: ResultSet, _request: PanelRequest) -> pd.DataFrame:
    """Return a frame of ``status, direction, messages`` from the rows of ``query``.

    It has one row for each pair of status and direction, zeros included: first all statuses with
    ``out``, then all with ``in``, in the order of ``STATUSES``.
    """
    axis = ((status, direction) for direction, status in product(DIRECTIONS, STATUSES))
    return complete(result, ["status", "direction"], axis)


def _without_impossible_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` without the statuses that received messages never have: they are all 0."""
    return frame[(frame["direction"] == "out") | frame["status"].isin(_INCOMING_STATUSES)]


PANEL: Final = SummaryQuery(
    slug="messages-by-status",
    summary="Messages by direction and status, zeros included: outgoing first, statuses in the "
    "order below. The download leaves out the statuses that no received message can have.",
    columns=(
        Column(
            "status",
            Kind.STATUS,
            pgettext_noop("column", "Status"),
            "`new`, `sent`, `delivered`, `read`, `failed` or `unknown`",
        ),
        DIRECTION,
        MESSAGES,
    ),
    query=query,
    shape=shape,
    download_rows=_without_impossible_rows,
)
