"""The panel ``templates``: how often each HSM template was sent, delivered, read and answered.

The rows are all templates; ``components.panels.templates`` draws the most sent, and the others as
one bar.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import pandas as pd
from sqlalchemy import select

from queries.columns import Column, Kind, names, pgettext_noop
from queries.frames import frame_of
from queries.panel import PanelRequest, SummaryQuery
from queries.result import ResultSet
from queries.rollup_choice import message_counts
from queries.sql_functions import Statement
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
)
_NAMES: Final = names(COLUMNS)


def query(request: PanelRequest) -> Statement:
    """Return a SELECT of ``template_name, status, messages, answered``, unordered.

    ``messages`` counts the outgoing HSMs that filters and scope select, one row for each template
    and status, without zeros; ``answered`` counts those of them that the customer answered.
    """
    counts = message_counts(request.filters, request.scope)
    name, status = counts.table.c.template_name, counts.table.c.status
    return (
        select(
            name, status, counts.messages().label("messages"), counts.answered().label("answered")
        )
        .where(counts.selected, counts.table.c.direction == "out", counts.table.c.kind == "hsm")
        .group_by(name, status)
    )


def shape(result: ResultSet, _request: PanelRequest) -> pd.DataFrame:
    """Return a frame of ``COLUMNS`` from the rows of ``query``, one row for each template.

    The most sent comes first. Templates with as many sent go by name; HSMs without a template are
    one row with None, behind these. ``sent`` counts messages whose status is neither ``new`` nor
    ``unknown`` (failed ones included), ``delivered`` those with ``delivered`` or ``read``.
    """
    uses: dict[str | None, dict[str, int]] = {}
    answered: Counter[str | None] = Counter()
    for name, status, messages, answers in result.rows:
        # Two names that differ only in a phone look alike once it is masked: one row for both.
        uses.setdefault(name, dict.fromkeys(STATUSES, 0))[status] += messages
        answered[name] += answers
    rows = [(name, *_reach(use), answered[name]) for name, use in uses.items()]
    rows.sort(key=lambda row: (-row[1], row[0] is None, row[0] or ""))
    return frame_of(rows, _NAMES)


def _reach(use: Mapping[str, int]) -> tuple[int, int, int, int]:
    """Return how many were sent, delivered, read and failed, from the messages by status."""
    sent = sum(count for status, count in use.items() if status not in NOT_SENT_OUT)
    return sent, sum(use[status] for status in ARRIVED), use["read"], use["failed"]


PANEL: Final = SummaryQuery(
    slug="templates",
    summary="The selected outgoing HSMs, one row for each template: most sent first, then by name, "
    "null last.",
    columns=COLUMNS,
    query=query,
    shape=shape,
)
