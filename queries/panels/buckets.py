"""From rows a day to rows a bucket: days are few, so weeks and months are made here."""

from collections.abc import Sequence

import pandas as pd

from queries.filters import Filters


def by_bucket(
    frame: pd.DataFrame, filters: Filters, keys: Sequence[str], counts: Sequence[str]
) -> pd.DataFrame:
    """Sums of ``counts`` indexed by (``period``, *``keys``), from rows that have a ``day``."""
    first_day = filters.effective_bucket.first_day
    days = {day: first_day(day) for day in frame["day"].unique()}
    with_period = frame.assign(period=frame["day"].map(days))
    return with_period.groupby(["period", *keys])[list(counts)].sum()


def complete(counted: pd.DataFrame, axes: pd.Index) -> pd.DataFrame:
    """One row for each entry of ``axes``, in its order; zero where nothing was counted."""
    return counted.reindex(axes, fill_value=0).astype("int64").reset_index()
