"""HSMs that were sent while the 24 h window was open, when free text would have done."""

from collections import Counter
from typing import Final

import pandas as pd
from sqlalchemy import select

from queries.filters import Filters
from queries.frames import frame_of
from queries.result import ResultSet
from queries.rollup_choice import message_counts
from queries.scope import Scope
from queries.sql_functions import Statement
from queries.vocabulary import NOT_SENT_OUT

SLUG: Final = "hsm-in-window"
COLUMNS: Final = ("template_category", "sent", "in_window")


def query(filters: Filters, scope: Scope) -> Statement:
    """Rows of ``COLUMNS``: the selected outgoing HSMs whose status is neither new nor unknown."""
    counts = message_counts(filters, scope)
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


def shape(found: ResultSet, _filters: Filters) -> pd.DataFrame:
    """``COLUMNS``, most sent first, then by category; HSMs without one are a row with null."""
    sent: Counter[str | None] = Counter()
    in_window: Counter[str | None] = Counter()
    # Added up: two categories may differ in nothing but a phone that is masked.
    for category, number, early in found.rows:
        sent[category] += number
        in_window[category] += early
    rows = [(category, number, in_window[category]) for category, number in sent.items()]
    rows.sort(key=lambda row: (-row[1], row[0] is None, row[0] or ""))
    return frame_of(rows, COLUMNS)
