"""Messages by status: the outgoing along their life cycle, the received answered or waiting."""

from itertools import product
from typing import Final

import pandas as pd
from sqlalchemy import select

from queries.filters import Filters
from queries.panels.buckets import complete
from queries.result import ResultSet
from queries.rollup_choice import message_counts
from queries.scope import Scope
from queries.sql_functions import Statement
from queries.vocabulary import DIRECTIONS, STATUSES

SLUG: Final = "messages-by-status"
COLUMNS: Final = ("status", "direction", "messages")


def query(filters: Filters, scope: Scope) -> Statement:
    """Rows of ``direction, status, messages`` for the pairs that have any."""
    counts = message_counts(filters, scope)
    pair = (counts.table.c.direction, counts.table.c.status)
    return select(*pair, counts.messages().label("messages")).where(counts.selected).group_by(*pair)


def shape(found: ResultSet, _filters: Filters) -> pd.DataFrame:
    """``status, direction, messages``: every pair once, outgoing first, in life-cycle order."""
    axis = ((status, direction) for direction, status in product(DIRECTIONS, STATUSES))
    return complete(found, ["status", "direction"], axis)
