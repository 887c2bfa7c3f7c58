"""The row of figures, each beside the same figure of the period before."""

from dataclasses import replace
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, func, literal, select, union_all

from queries.constructs import Statement
from queries.filters import Basis, Filters
from queries.scope import Scope
from queries.tables import cases, messages
from queries.vocabulary import ARRIVED, NOT_SENT_OUT
from queries.where import cases_within, selected_messages

SLUG: Final = "indicators"
FIGURES: Final = (
    "messages",
    "sent_messages",
    "received_messages",
    "delivery_rate",
    "read_rate",
    "failure_rate",
    "cases_created",
    "cases_attended",
    "attended_share",
    "median_first_response_seconds",
    "p90_first_response_seconds",
)
COLUMNS: Final = (*FIGURES, *(f"previous_{name}" for name in FIGURES))


def query(filters: Filters, scope: Scope) -> Statement:
    """Two rows of counts: ``is_previous`` false for the period, true for the one before."""
    before = replace(filters, period=filters.span.previous())
    both = union_all(
        _counts(filters, scope, is_previous=False), _counts(before, scope, is_previous=True)
    ).subquery()
    return select(both)


def shape(frame: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """One row of ``COLUMNS``: rates and shares from 0 to 1, times in seconds, null where unknown.

    Delivery rate = (delivered or read) / sent out; read rate = read / (delivered or read);
    failure rate = failed / sent out; attended share = attended / created, by opening day only.
    """
    by_period = frame.set_index("is_previous")
    now, before = (_figures(by_period.loc[flag], filters.basis) for flag in (False, True))
    row = now | {f"previous_{name}": value for name, value in before.items()}
    return pd.DataFrame([row], columns=list(COLUMNS), dtype=object)


def _counts(filters: Filters, scope: Scope, *, is_previous: bool) -> Statement:
    out, status = messages.c.direction == "out", messages.c.status
    of_messages = (
        select(
            func.count().label("messages"),
            func.count().filter(out).label("sent_messages"),
            func.count().filter(out, status.not_in(NOT_SENT_OUT)).label("sent_out"),
            func.count().filter(out, status.in_(ARRIVED)).label("arrived"),
            func.count().filter(out, status == "read").label("read"),
            func.count().filter(out, status == "failed").label("failed"),
        )
        .where(selected_messages(filters, scope))
        .subquery()
    )
    opened = cases.c.opened_day
    of_cases = (
        select(
            func.count().label("created"), func.count(cases.c.attended_day).label("attended_by_now")
        )
        .where(cases_within(opened, filters, scope))
        .subquery()
    )
    by_response = opened if filters.basis is Basis.OPENED else cases.c.response_day
    seconds = cases.c.first_response_seconds
    of_responses = (
        select(
            func.percentile_cont(0.5).within_group(seconds).label("median_seconds"),
            func.percentile_cont(0.9).within_group(seconds).label("p90_seconds"),
        )
        .where(cases_within(by_response, filters, scope))
        .subquery()
    )
    attended: ColumnElement[Any] = of_cases.c.attended_by_now
    if filters.basis is Basis.SENT:
        within = cases_within(cases.c.attended_day, filters, scope)
        attended = select(func.count()).select_from(cases).where(within).scalar_subquery()
    return select(
        literal(is_previous).label("is_previous"),
        of_messages,
        of_cases.c.created,
        attended.label("attended"),
        of_responses,
    )


def _figures(counts: Any, basis: Basis) -> dict[str, float | int | None]:
    attended_share = _share(counts.attended, counts.created) if basis is Basis.OPENED else None
    return {
        "messages": int(counts.messages),
        "sent_messages": int(counts.sent_messages),
        "received_messages": int(counts.messages - counts.sent_messages),
        "delivery_rate": _share(counts.arrived, counts.sent_out),
        "read_rate": _share(counts.read, counts.arrived),
        "failure_rate": _share(counts.failed, counts.sent_out),
        "cases_created": int(counts.created),
        "cases_attended": int(counts.attended),
        "attended_share": attended_share,
        "median_first_response_seconds": _known(counts.median_seconds),
        "p90_first_response_seconds": _known(counts.p90_seconds),
    }


def _share(part: int, whole: int) -> float | None:
    return float(part) / float(whole) if whole else None


def _known(value: float) -> float | None:
    return None if pd.isna(value) else float(value)
