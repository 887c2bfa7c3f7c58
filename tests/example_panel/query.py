"""Messages by weekday and hour of the day."""

from collections import Counter
from typing import Final

import pandas as pd
from sqlalchemy import func, select

from queries.columns import Column, Kind, names, pgettext_noop
from queries.frames import frame_of
from queries.panel import PanelRequest, SummaryQuery
from queries.result import ResultSet, local
from queries.selection import selected_messages
from queries.sql_functions import Statement
from queries.tables import messages

COLUMNS: Final = (
    Column("weekday", Kind.COUNT, pgettext_noop("column", "Weekday"), "1 is Monday, 7 Sunday"),
    Column("hour", Kind.COUNT, pgettext_noop("column", "Hour"), "local hour of the day, 0 to 23"),
    Column("messages", Kind.COUNT, pgettext_noop("column", "Messages"), "how many messages"),
)
_NAMES: Final = names(COLUMNS)


def query(request: PanelRequest) -> Statement:
    """Return a SELECT of ``at, messages``: how many messages each hour from ``at`` (UTC) has."""
    at = func.date_trunc("hour", messages.c.sent_at).label("at")
    selected = selected_messages(request.filters, request.scope)
    return select(at, func.count().label("messages")).where(selected).group_by(at)


def shape(result: ResultSet, request: PanelRequest) -> pd.DataFrame:
    """Return a frame of ``COLUMNS``, by weekday and hour; hours without messages have no row."""
    counts: Counter[tuple[int, int]] = Counter()
    for at, number in result.rows:
        local_at = local(at, request.time_zone)
        counts[local_at.isoweekday(), local_at.hour] += number
    rows = [(weekday, hour, number) for (weekday, hour), number in sorted(counts.items())]
    return frame_of(rows, _NAMES)


PANEL: Final = SummaryQuery(
    slug="messages-by-hour",
    summary="The selected messages by local weekday and hour; hours without messages have no row.",
    columns=COLUMNS,
    query=query,
    shape=shape,
)
