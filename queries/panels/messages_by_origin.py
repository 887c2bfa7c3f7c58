"""Messages by direction over time."""

from itertools import product
from typing import Final

import pandas as pd
from sqlalchemy import select

from queries.filters import Filters
from queries.panels.buckets import complete, in_buckets
from queries.result import ResultSet
from queries.rollup_choice import message_counts
from queries.scope import Scope
from queries.sql_functions import Statement
from queries.vocabulary import DIRECTIONS

SLUG: Final = "messages-by-origin"
COLUMNS: Final = ("period", "direction", "messages")


def query(filters: Filters, scope: Scope) -> Statement:
    """Rows of ``day, direction, messages`` for the days and directions that have any."""
    counts = message_counts(filters, scope)
    day, direction = counts.day, counts.table.c.direction
    return (
        select(day.label("day"), direction, counts.messages().label("messages"))
        .where(counts.selected)
        .group_by(day, direction)
    )


def shape(found: ResultSet, filters: Filters) -> pd.DataFrame:
    """``period, direction, messages``: each bucket and direction once, zeros included."""
    axis = product(filters.buckets(), DIRECTIONS)
    return complete(in_buckets(found, filters), ["period", "direction"], axis)
