"""Cases created and attended over time."""

from typing import Final

import pandas as pd
from sqlalchemy import select

from queries.filters import Filters
from queries.panels.buckets import complete, in_buckets
from queries.result import ResultSet
from queries.rollup_choice import case_counts
from queries.scope import Scope
from queries.sql_functions import Statement, whole_sum

SLUG: Final = "cases"
COLUMNS: Final = ("period", "created", "attended")


def query(filters: Filters, scope: Scope) -> Statement:
    """Rows of ``day, created, attended``, each day once."""
    counts = case_counts(filters, scope)
    sums = (whole_sum(counts.c[name]).label(name) for name in ("created", "attended"))
    return select(counts.c.day, *sums).group_by(counts.c.day)


def shape(found: ResultSet, filters: Filters) -> pd.DataFrame:
    """``period, created, attended``: each bucket once, zeros included."""
    return complete(
        in_buckets(found, filters), ["period"], ((start,) for start in filters.buckets())
    )
