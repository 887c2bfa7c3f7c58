"""Cases created and attended over time."""

from typing import Final

import pandas as pd
from sqlalchemy import func, literal, select, union_all

from queries.constructs import Statement
from queries.filters import Basis, Filters
from queries.panels.buckets import complete, periods
from queries.scope import Scope
from queries.tables import cases
from queries.where import cases_within

SLUG: Final = "cases"
COLUMNS: Final = ("period", "created", "attended")


def query(filters: Filters, scope: Scope) -> Statement:
    """Rows of ``day, created, attended``; a day may stand in two rows.

    Basis ``opened``: both by opening day, attended by now. Basis ``sent``: created by opening
    day, attended by the day of the first attendance, each inside the period.
    """
    opened = cases.c.opened_day
    attended = func.count(cases.c.first_attended_at)
    if filters.basis is Basis.OPENED:
        return (
            select(opened.label("day"), func.count().label("created"), attended.label("attended"))
            .where(cases_within(opened, filters, scope))
            .group_by(opened)
        )
    attended_day = cases.c.attended_day
    halves = union_all(
        select(opened.label("day"), func.count().label("created"), literal(0).label("attended"))
        .where(cases_within(opened, filters, scope))
        .group_by(opened),
        select(attended_day.label("day"), literal(0), func.count())
        .where(cases_within(attended_day, filters, scope))
        .group_by(attended_day),
    ).subquery()
    return select(halves)


def shape(frame: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """``period, created, attended``: each bucket once, zeros included."""
    counted = frame.assign(period=periods(frame, filters)).drop(columns="day")
    return complete(counted, ["period"], ((start,) for start in filters.buckets()))
