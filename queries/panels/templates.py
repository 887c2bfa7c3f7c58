"""The panel ``templates``: how often each HSM template was sent, delivered, read and answered.

The rows are all templates; ``components.panels.templates`` lists the first of them, and the others
on demand. ``trend_query`` and ``trend`` are about one template in each step of the time axis.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import pandas as pd
from sqlalchemy import ColumnElement, String, cast, func, literal, select, union_all

from queries.columns import Column, Kind, names, pgettext_noop
from queries.filters import Basis
from queries.frames import frame_of
from queries.panel import PanelRequest, SummaryQuery
from queries.panels.axis_rows import in_buckets
from queries.result import ResultSet, local, stored_minute
from queries.rollup_choice import message_counts
from queries.selected_rows import selected_messages
from queries.service_window import SERVICE_WINDOW
from queries.sql_functions import Statement
from queries.tables import messages
from queries.vocabulary import ARRIVED, NOT_SENT_OUT, STATUSES

COLUMNS: Final = (
    Column(
        "template_name",
        Kind.TEXT,
        pgettext_noop("column", "Template"),
        "the name of the template; null for HSMs without one",
    ),
    Column(
        "sent",
        Kind.COUNT,
        pgettext_noop("column", "Sends"),
        "how many HSMs were sent (status neither `new` nor `unknown`), failed ones included",
    ),
    Column(
        "delivered",
        Kind.COUNT,
        pgettext_noop("column", "Delivered"),
        "how many of them reached the customer, those that were read included",
    ),
    Column("read", Kind.COUNT, pgettext_noop("column", "Read"), "how many of them were read"),
    Column("failed", Kind.COUNT, pgettext_noop("column", "Failed"), "how many of them failed"),
    Column(
        "answered",
        Kind.COUNT,
        pgettext_noop("column", "Answered"),
        "how many the customer answered (`messages.answered`)",
    ),
    Column(
        "answerable",
        Kind.COUNT,
        pgettext_noop("column", "Can still be answered"),
        "how many can still become answered: they are at most 24 h old, did not fail, and nobody "
        "answered them yet",
        in_api=False,
        in_download=False,
    ),
)
_NAMES: Final = names(COLUMNS)
#: The columns of ``trend``.
TREND_COLUMNS: Final = ("period", "sent", "delivered", "read", "failed", "answered")
#: For so long after it was sent an HSM can be answered.
ANSWER_TIME: Final = SERVICE_WINDOW


def query(request: PanelRequest) -> Statement:
    """Return a SELECT of ``template_name, status, messages, answered, answerable``, unordered.

    ``messages`` counts the outgoing HSMs that filters and scope select, without zeros; ``answered``
    counts those of them that the customer answered, ``answerable`` those that can still become
    answered. A template and status may have two rows: add them up.
    """
    counts = message_counts(request.filters, request.scope)
    name, status = counts.table.c.template_name, _text(counts.table.c.status)
    every = (
        select(
            name.label("template_name"),
            status.label("status"),
            counts.messages().label("messages"),
            counts.answered().label("answered"),
            literal(0).label("answerable"),
        )
        .where(counts.selected, counts.table.c.direction == "out", counts.table.c.kind == "hsm")
        .group_by(name, status)
    )
    # The roll-ups have no times of day, so these few messages are read themselves.
    since = stored_minute(request.now) - ANSWER_TIME
    if request.filters.basis is Basis.SENT and request.filters.span.end < local_day(request, since):
        return every
    recent = (
        select(
            messages.c.template_name,
            _text(messages.c.status),
            literal(0),
            literal(0),
            func.count(),
        )
        .where(
            selected_messages(request.filters, request.scope),
            messages.c.direction == "out",
            messages.c.kind == "hsm",
            messages.c.status.in_(("sent", *ARRIVED)),
            messages.c.sent_day >= local_day(request, since),
            messages.c.sent_at >= since,
            messages.c.answered.is_not(True),
        )
        .group_by(messages.c.template_name, messages.c.status)
    )
    both = union_all(every, recent).subquery("uses")
    return select(both)


def local_day(request: PanelRequest, moment: datetime) -> date:
    """Return the local day of ``moment``, a time in UTC without an offset."""
    return local(moment, request.time_zone).date()


def _text(code: ColumnElement[str]) -> ColumnElement[str]:
    """Return a code as a text: the two tables may hold it in types of their own."""
    return cast(code, String())


def shape(result: ResultSet, _request: PanelRequest) -> pd.DataFrame:
    """Return a frame of ``COLUMNS`` from the rows of ``query``, one row for each template.

    The most sent comes first. Templates with as many sent go by name; HSMs without a template are
    one row with None, behind these. ``sent`` counts messages whose status is neither ``new`` nor
    ``unknown`` (failed ones included), ``delivered`` those with ``delivered`` or ``read``.
    """
    uses: dict[str | None, dict[str, int]] = {}
    answered: Counter[str | None] = Counter()
    answerable: Counter[str | None] = Counter()
    for name, status, number, answers, later in result.rows:
        # Two names that differ only in a phone look alike once it is masked: one row for both.
        uses.setdefault(name, dict.fromkeys(STATUSES, 0))[status] += number
        answered[name] += answers
        answerable[name] += later
    rows = [(name, *_reach(use), answered[name], answerable[name]) for name, use in uses.items()]
    rows.sort(key=lambda row: (-row[1], row[0] is None, row[0] or ""))
    return frame_of(rows, _NAMES)


def trend_query(request: PanelRequest) -> Statement:
    """Return a SELECT of ``day, status, messages, answered``, without zeros, unordered.

    Counted are the outgoing HSMs that filters and scope select: name one template in the filters.
    ``day`` is the day of the message, or with the basis ``opened`` that of the case's opening.
    """
    counts = message_counts(request.filters, request.scope)
    status = counts.table.c.status
    return (
        select(
            counts.day.label("day"),
            status,
            counts.messages().label("messages"),
            counts.answered().label("answered"),
        )
        .where(counts.selected, counts.table.c.direction == "out", counts.table.c.kind == "hsm")
        .group_by(counts.day, status)
    )


def trend(result: ResultSet, request: PanelRequest) -> pd.DataFrame:
    """Return a frame of ``TREND_COLUMNS`` from the rows of ``trend_query``.

    It has a row for each step of the time axis, ascending, zeros included; ``period`` is the first
    day of the step, the counts are those of ``shape``.
    """
    steps = {first: dict.fromkeys(STATUSES, 0) for first in request.filters.buckets()}
    answered: Counter[date] = Counter()
    for period, status, number, answers in in_buckets(result, request.filters).rows:
        steps[period][status] += number
        answered[period] += answers
    rows = [(first, *_reach(use), answered[first]) for first, use in steps.items()]
    return frame_of(rows, TREND_COLUMNS)


def _reach(use: Mapping[str, int]) -> tuple[int, int, int, int]:
    """Return how many were sent, delivered, read and failed, from the messages by status."""
    sent = sum(count for status, count in use.items() if status not in NOT_SENT_OUT)
    return sent, sum(use[status] for status in ARRIVED), use["read"], use["failed"]


PANEL: Final = SummaryQuery(
    slug="templates",
    summary="The selected outgoing HSMs, one row for each template: most sent first, then by name, "
    "null last.",
    columns=COLUMNS,
    needs=("hsm",),
    query=query,
    shape=shape,
)
