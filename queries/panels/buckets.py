"""Shaping counts over time: every step of the time axis gets its row, zeros included."""

from collections.abc import Iterable, Sequence

import pandas as pd

from queries.filters import Filters
from queries.frames import frame_of
from queries.result import ResultSet


def in_buckets(result: ResultSet, filters: Filters) -> ResultSet:
    """The same rows with the first day of their step, ``period``, in place of their ``day``.

    Steps are made here and not by the engine, because rows by day are few.
    """
    first_day = filters.effective_bucket.first_day
    position = result.names.index("day")
    names = tuple("period" if name == "day" else name for name in result.names)
    rows = [
        (*row[:position], first_day(row[position]), *row[position + 1 :]) for row in result.rows
    ]
    return ResultSet(names, result.types, rows)


def complete(
    result: ResultSet, names: Sequence[str], axis: Iterable[tuple[object, ...]]
) -> pd.DataFrame:
    """One row for each point of ``axis``, in its order, with the sums of the other columns.

    ``names`` are the columns that say at which point of the axis a row lies; a point without rows
    gets zeros. Plain Python: for some hundred rows it takes a third of the time of pandas' group
    and reindex.
    """
    positions = [result.names.index(name) for name in names]
    counts = [index for index, name in enumerate(result.names) if name not in names]
    sums = {point: [0] * len(counts) for point in axis}
    for row in result.rows:
        total = sums[tuple(row[index] for index in positions)]
        for number, index in enumerate(counts):
            total[number] += row[index]
    rows = [(*point, *total) for point, total in sums.items()]
    return frame_of(rows, (*names, *(result.names[index] for index in counts)))
