"""Counts of messages and of cases by the hours of one day.

Roll-ups go by day, so messages and cases themselves are counted.
"""

from sqlalchemy import FromClause, func, literal, select, union_all

from queries.filters import Basis, Filters
from queries.selected_rows import ATTENDED, OPENED, SENT, cases_within, selected_messages
from queries.sql_functions import Statement, whole_sum
from queries.tables import cases, messages
from queries.user_scope import Scope


def message_hours(filters: Filters, scope: Scope) -> Statement:
    """Return a SELECT of ``hour, direction, messages``, without zeros, unordered.

    Counted are the messages that filters and scope select. ``hour`` is the local hour of the
    message, or with the basis ``opened`` that of the case's opening.
    """
    by_opening = filters.basis is Basis.OPENED
    source: FromClause = messages
    if by_opening:
        source = messages.join(cases, cases.c.case_key == messages.c.case_key)
    hour = (OPENED if by_opening else SENT).hour
    return (
        select(hour.label("hour"), messages.c.direction, func.count().label("messages"))
        .select_from(source)
        .where(selected_messages(filters, scope))
        .group_by(hour, messages.c.direction)
    )


def case_hours(filters: Filters, scope: Scope) -> Statement:
    """Return a SELECT of ``hour, created, attended``, without zeros, unordered.

    Counted are the cases that filters and scope select. ``created`` are those opened in the local
    hour ``hour``. ``attended`` are, with the basis ``opened``, those of them that are attended by
    now; with the basis ``sent``, the cases first attended in the hour.
    """
    by_opening = filters.basis is Basis.OPENED
    parts = [
        select(
            OPENED.hour.label("hour"),
            func.count().label("created"),
            (func.count(ATTENDED.day) if by_opening else literal(0)).label("attended"),
        )
        .where(cases_within(OPENED, filters, scope))
        .group_by(OPENED.hour)
    ]
    if not by_opening:
        parts.append(
            select(ATTENDED.hour, literal(0), func.count())
            .where(cases_within(ATTENDED, filters, scope))
            .group_by(ATTENDED.hour)
        )
    counts = union_all(*parts).subquery("case_hours").c
    sums = (whole_sum(counts[name]).label(name) for name in ("created", "attended"))
    return select(counts.hour, *sums).group_by(counts.hour)
