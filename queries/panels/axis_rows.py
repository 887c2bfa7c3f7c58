"""Turns counts by day into a row for each step of the time axis, zeros included."""

from collections.abc import Iterable, Sequence

import pandas as pd

from queries.filters import Filters
from queries.frames import frame_of
from queries.result import ResultSet
from queries.time_axis import hours_of


def in_buckets(result: ResultSet, filters: Filters) -> ResultSet:
    """Return ``result`` with the column ``period`` in place of its column ``day`` or ``hour``.

    ``period`` is the first day of the step of the filters' time axis that contains the day; where
    that goes by the hour, the beginning of the hour. Rows are not added up, so several may have the
    same period; ``complete`` adds them up.

    Raises ``ValueError`` without such a column, ``LookupError`` where the filters have neither
    period nor step.
    """
    column = "hour" if filters.goes_by_hour else "day"
    step_of = (
        hours_of(filters.span.start).__getitem__
        if filters.goes_by_hour
        else filters.effective_bucket.first_day
    )
    position = result.names.index(column)
    names = tuple("period" if name == column else name for name in result.names)
    rows = [(*row[:position], step_of(row[position]), *row[position + 1 :]) for row in result.rows]
    return ResultSet(names, result.kinds, rows)


def complete(
    result: ResultSet, names: Sequence[str], axis: Iterable[tuple[object, ...]]
) -> pd.DataFrame:
    """Return a frame with one row for each point of ``axis``, in the order of ``axis``.

    A point is a tuple of values of the columns ``names``, which come first in the frame. All other
    columns of ``result`` must be counts: the frame has their sums over the rows with the values of
    the point, 0 where there are none. Raises ``KeyError`` for a row with the values of no point.
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
