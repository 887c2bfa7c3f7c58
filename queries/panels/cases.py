"""The panel ``cases``: cases created and attended in each step of the time axis."""

from typing import Final

import pandas as pd
from sqlalchemy import select

from queries.columns import Column, Kind, pgettext_noop
from queries.hour_counts import case_hours
from queries.panel import PanelRequest, SummaryQuery
from queries.panels.axis_rows import complete, in_buckets
from queries.result import ResultSet
from queries.rollup_choice import case_counts
from queries.shared_columns import PERIOD
from queries.sql_functions import Statement, whole_sum


def query(request: PanelRequest) -> Statement:
    """Return a SELECT of ``day, created, attended``, one row for each day with any, unordered.

    ``created`` counts cases opened on ``day``. ``attended`` counts cases first attended on it, with
    the basis ``opened`` those opened on it that are attended by now. Where the time axis goes by
    the hour, the first column is ``hour`` instead.
    """
    if request.filters.goes_by_hour:
        return case_hours(request.filters, request.scope)
    counts = case_counts(request.filters, request.scope)
    sums = (whole_sum(counts.c[name]).label(name) for name in ("created", "attended"))
    return select(counts.c.day, *sums).group_by(counts.c.day)


def shape(result: ResultSet, request: PanelRequest) -> pd.DataFrame:
    """Return a frame of ``period, created, attended`` from the rows of ``query``.

    It has one row for each step of the time axis, ascending, zeros included; ``period`` is the
    first day of the step.
    """
    axis = ((start,) for start in request.filters.buckets())
    return complete(in_buckets(result, request.filters), ["period"], axis)


PANEL: Final = SummaryQuery(
    slug="cases",
    summary="Cases created and attended, one row for each step of the time axis, zeros included.",
    columns=(
        PERIOD,
        Column(
            "created",
            Kind.COUNT,
            pgettext_noop("column", "Cases created"),
            "cases opened in the step",
        ),
        Column(
            "attended",
            Kind.COUNT,
            pgettext_noop("column", "Cases attended"),
            "by message date, cases that were first attended in the step; by case opening, those "
            "opened in it that are attended by now",
        ),
    ),
    query=query,
    shape=shape,
)
