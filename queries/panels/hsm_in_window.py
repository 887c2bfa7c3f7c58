"""The panel ``hsm-in-window``: HSMs sent while the 24 h window was open, by template category.

In an open window the company may write free text, so these HSMs were not needed.
"""

from collections import Counter
from typing import Final

import pandas as pd
from sqlalchemy import select

from queries.columns import Column, Kind, names, pgettext_noop
from queries.frames import frame_of
from queries.panel import PanelRequest, SummaryQuery
from queries.result import ResultSet
from queries.rollup_choice import message_counts
from queries.sql_functions import Statement
from queries.vocabulary import NOT_SENT_OUT

COLUMNS: Final = (
    Column(
        "template_category",
        Kind.CODE,
        pgettext_noop("column", "Category"),
        "the template's category as it was imported; null for HSMs without one",
        vocabulary="template_category",
    ),
    Column(
        "sent",
        Kind.COUNT,
        pgettext_noop("column", "Sends"),
        "how many HSMs were sent, failed ones included",
    ),
    Column(
        "in_window",
        Kind.COUNT,
        pgettext_noop("column", "In an open window"),
        "how many of them were sent while the 24 h window was open (`messages.in_window`): free "
        "text would have been allowed",
    ),
)
_NAMES: Final = names(COLUMNS)


def query(request: PanelRequest) -> Statement:
    """Return a SELECT of ``template_category, sent, in_window``, one row a category, unordered.

    ``sent`` counts the outgoing HSMs, of those that filters and scope select, whose status is
    neither ``new`` nor ``unknown``; ``in_window`` counts those of them sent while the 24 h window
    was open.
    """
    counts = message_counts(request.filters, request.scope)
    table = counts.table.c
    return (
        select(
            table.template_category,
            counts.messages().label("sent"),
            counts.in_window().label("in_window"),
        )
        .where(
            counts.selected,
            table.direction == "out",
            table.kind == "hsm",
            table.status.not_in(NOT_SENT_OUT),
        )
        .group_by(table.template_category)
    )


def shape(result: ResultSet, _request: PanelRequest) -> pd.DataFrame:
    """Return a frame of ``COLUMNS`` from the rows of ``query``: most sent first, then by category.

    HSMs without a category are one row with None, behind the categories with as many sent.
    """
    sent: Counter[str | None] = Counter()
    in_window: Counter[str | None] = Counter()
    # Two categories that differ only in a phone look alike once it is masked: one row for both.
    for category, number, number_in_window in result.rows:
        sent[category] += number
        in_window[category] += number_in_window
    rows = [(category, number, in_window[category]) for category, number in sent.items()]
    rows.sort(key=lambda row: (-row[1], row[0] is None, row[0] or ""))
    return frame_of(rows, _NAMES)


PANEL: Final = SummaryQuery(
    slug="hsm-in-window",
    summary="The selected outgoing HSMs that were sent (status neither `new` nor `unknown`), by "
    "category: most sent first, then by category, null last. Categories of which none was sent "
    "have no row.",
    columns=COLUMNS,
    needs=("hsm", "sent_hsm"),
    query=query,
    shape=shape,
)
