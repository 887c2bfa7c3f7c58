"""The row of figures, each beside the same figure of the period before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Double,
    cast,
    null,
    select,
    union_all,
)
from sqlalchemy.types import TypeEngine

from queries.filters import Basis, Filters
from queries.frames import frame_of
from queries.result import ResultSet
from queries.rollup_choice import case_counts, message_counts
from queries.scope import Scope
from queries.sql_functions import Statement, percentiles, whole_sum
from queries.tables import cases
from queries.vocabulary import ARRIVED, KINDS, NOT_SENT_OUT
from queries.where import cases_within

Row = Mapping[str, Any]

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
#: Delivery and reading of HSMs and of free text apart, of the period only.
RATES_BY_KIND: Final = (
    "hsm_delivery_rate",
    "session_delivery_rate",
    "hsm_read_rate",
    "session_read_rate",
)
#: Columns of the API, which its contract fixes; page and download have those by kind, too.
API_COLUMNS: Final = (*FIGURES, *(f"previous_{name}" for name in FIGURES))
COLUMNS: Final = (*API_COLUMNS, *RATES_BY_KIND)


def query(filters: Filters, scope: Scope) -> Statement:
    """Rows of counts with ``is_previous`` false for the period and true for the one before.

    A row counts ``messages`` of a direction, status and kind, or cases ``created`` and
    ``attended``, or has the ``percentiles`` of first responses (median and 90th, in seconds); its
    other counts are null. Simple parts beside each other: to plan one wide join takes an engine
    longer than to count them all.
    """
    parts = (_of_messages, _of_cases, _of_responses)
    return select(union_all(*(part(filters, scope) for part in parts)).subquery("parts"))


def shape(found: ResultSet, filters: Filters) -> pd.DataFrame:
    """One row of ``COLUMNS``: rates and shares from 0 to 1, times in seconds, null where unknown.

    Delivery rate = (delivered or read) / sent out; read rate = read / (delivered or read);
    failure rate = failed / sent out; attended share = attended / created, by opening day only.
    Those by kind are the same rates of outgoing HSMs (``hsm``) and of all else (``session``).
    """
    rows = list(found.records())
    now, before = (
        _figures([row for row in rows if row["is_previous"] is flag], filters.basis)
        for flag in (False, True)
    )
    row = [figures[name] for figures in (now, before) for name in FIGURES]
    by_kind = _rates_by_kind([row for row in rows if not row["is_previous"]])
    return frame_of([row + [by_kind[name] for name in RATES_BY_KIND]], COLUMNS)


def _of_messages(filters: Filters, scope: Scope) -> Statement:
    counts = message_counts(filters, scope, filters.span.previous())
    is_previous = _is_previous(counts.day, filters)
    table = counts.table.c
    kind_of = (is_previous, table.direction, table.status, table.kind)
    return (
        select(
            *kind_of,
            counts.messages().label("messages"),
            _nothing(BigInteger()).label("created"),
            _nothing(BigInteger()).label("attended"),
            _nothing(ARRAY(Double())).label("percentiles"),
        )
        .where(counts.selected)
        .group_by(*kind_of)
    )


def _of_cases(filters: Filters, scope: Scope) -> Statement:
    counts = case_counts(filters, scope, filters.span.previous())
    is_previous = _is_previous(counts.c.day, filters)
    created, attended = (whole_sum(counts.c[name]) for name in ("created", "attended"))
    empty = (null(), null(), null(), null())
    return select(is_previous, *empty, created, attended, null()).group_by(is_previous)


def _of_responses(filters: Filters, scope: Scope) -> Statement:
    seconds = cases.c.first_response_seconds
    day = cases.c.opened_day if filters.basis is Basis.OPENED else cases.c.response_day
    is_previous = _is_previous(day, filters)
    within = cases_within(day, filters, scope, filters.span.previous())
    empty = (null(), null(), null(), null(), null(), null())
    return (
        select(is_previous, *empty, percentiles(seconds))
        .where(within, seconds.is_not(None))
        .group_by(is_previous)
    )


def _is_previous(day: ColumnElement[Any], filters: Filters) -> ColumnElement[bool]:
    return (day < filters.span.start).label("is_previous")


def _nothing(type_: TypeEngine[Any]) -> ColumnElement[Any]:
    """A null that gives its column a type."""
    return cast(null(), type_)


def _figures(rows: Sequence[Row], basis: Basis) -> dict[str, float | int | None]:
    out = _by_status(rows)
    received = sum(int(row["messages"]) for row in rows if row["direction"] == "in")
    sent_out, arrived = _sent_out(out), _arrived(out)
    created, attended = (
        sum(int(row[name]) for row in rows if row[name] is not None)
        for name in ("created", "attended")
    )
    measured = [row["percentiles"] for row in rows if row["percentiles"] is not None]
    median, p90 = measured[0] if measured else (None, None)
    return {
        "messages": out.total() + received,
        "sent_messages": out.total(),
        "received_messages": received,
        "delivery_rate": _share(arrived, sent_out),
        "read_rate": _share(out["read"], arrived),
        "failure_rate": _share(out["failed"], sent_out),
        "cases_created": created,
        "cases_attended": attended,
        "attended_share": _share(attended, created) if basis is Basis.OPENED else None,
        "median_first_response_seconds": _known(median),
        "p90_first_response_seconds": _known(p90),
    }


def _rates_by_kind(rows: Sequence[Row]) -> dict[str, float | None]:
    rates: dict[str, float | None] = {}
    for kind in KINDS:
        out = _by_status([row for row in rows if row["kind"] == kind])
        rates[f"{kind}_delivery_rate"] = _share(_arrived(out), _sent_out(out))
        rates[f"{kind}_read_rate"] = _share(out["read"], _arrived(out))
    return rates


def _by_status(rows: Sequence[Row]) -> Counter[str]:
    """Outgoing messages of ``rows`` by status."""
    out: Counter[str] = Counter()
    for row in rows:
        if row["direction"] == "out":
            out[row["status"]] += int(row["messages"])
    return out


def _sent_out(out: Counter[str]) -> int:
    return sum(count for status, count in out.items() if status not in NOT_SENT_OUT)


def _arrived(out: Counter[str]) -> int:
    return sum(out[status] for status in ARRIVED)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _known(seconds: float | None) -> float | None:
    return None if seconds is None else float(seconds)
