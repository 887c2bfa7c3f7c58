"""The panel ``messages-by-origin``: messages by direction in each step of the time axis."""

from itertools import product
from typing import Final

import pandas as pd
from sqlalchemy import select

from queries.hour_counts import message_hours
from queries.panel import PanelRequest, SummaryQuery
from queries.panels.axis_rows import complete, in_buckets
from queries.result import ResultSet
from queries.rollup_choice import message_counts
from queries.shared_columns import DIRECTION, MESSAGES, PERIOD
from queries.sql_functions import Statement
from queries.vocabulary import DIRECTIONS


def query(request: PanelRequest) -> Statement:
    """Return a SELECT of ``day, direction, messages``, without zeros, unordered.

    Counted are the messages that filters and scope select. ``day`` is the day of the message, or
    with the basis ``opened`` that of the case's opening. Where the time axis goes by the hour, the
    first column is ``hour`` instead.
    """
    if request.filters.goes_by_hour:
        return message_hours(request.filters, request.scope)
    counts = message_counts(request.filters, request.scope)
    day, direction = counts.day, counts.table.c.direction
    return (
        select(day.label("day"), direction, counts.messages().label("messages"))
        .where(counts.selected)
        .group_by(day, direction)
    )


def shape(result: ResultSet, request: PanelRequest) -> pd.DataFrame:
    """Return a frame of ``period, direction, messages`` from the rows of ``query``.

    It has two rows for each step of the time axis, ``out`` and then ``in``, zeros included. Steps
    are ascending; ``period`` is the first day of the step.
    """
    axis = product(request.filters.buckets(), DIRECTIONS)
    return complete(in_buckets(result, request.filters), ["period", "direction"], axis)


PANEL: Final = SummaryQuery(
    slug="messages-by-origin",
    summary="Messages by direction, one row for each step of the time axis and direction, zeros "
    "included.",
    columns=(
        PERIOD,
        DIRECTION,
        MESSAGES,
    ),
    query=query,
    shape=shape,
)
