"""Messages by direction over time."""

from itertools import product
from typing import Final

import pandas as pd
from sqlalchemy import func, select

from queries.constructs import Statement
from queries.filters import Basis, Filters
from queries.panels.buckets import complete, periods
from queries.scope import Scope
from queries.tables import messages
from queries.vocabulary import DIRECTIONS
from queries.where import selected_messages

SLUG: Final = "messages-by-origin"
COLUMNS: Final = ("period", "direction", "messages")


def query(filters: Filters, scope: Scope) -> Statement:
    """Rows of ``day, direction, messages`` for the days and directions that have any."""
    day = messages.c.opened_day if filters.basis is Basis.OPENED else messages.c.sent_day
    return (
        select(day.label("day"), messages.c.direction, func.count().label("messages"))
        .where(selected_messages(filters, scope))
        .group_by(day, messages.c.direction)
    )


def shape(frame: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """``period, direction, messages``: each bucket and direction once, zeros included."""
    counted = frame.assign(period=periods(frame, filters)).drop(columns="day")
    axis = product(filters.buckets(), DIRECTIONS)
    return complete(counted, ["period", "direction"], axis)
