"""HSM templates: how often each was sent, and how far its messages got."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import pandas as pd
from sqlalchemy import select

from queries.filters import Filters
from queries.frames import frame_of
from queries.result import ResultSet
from queries.rollup_choice import message_counts
from queries.scope import Scope
from queries.sql_functions import Statement
from queries.vocabulary import ARRIVED, NOT_SENT_OUT, STATUSES

SLUG: Final = "templates"
COLUMNS: Final = ("template_name", "sent", "delivered", "read", "failed", "answered")


def query(filters: Filters, scope: Scope) -> Statement:
    """Rows of ``template_name, status, messages, answered`` of the selected outgoing HSMs."""
    counts = message_counts(filters, scope)
    name, status = counts.table.c.template_name, counts.table.c.status
    return (
        select(
            name, status, counts.messages().label("messages"), counts.answered().label("answered")
        )
        .where(counts.selected, counts.table.c.direction == "out", counts.table.c.kind == "hsm")
        .group_by(name, status)
    )


def shape(found: ResultSet, _filters: Filters) -> pd.DataFrame:
    """One row a template, in the order of the contract.

    ``sent`` counts those whose status is neither new nor unknown (failed included),
    ``delivered`` those delivered or read; HSMs without a name are one row with null.
    """
    uses: dict[str | None, dict[str, int]] = {}
    answered: Counter[str | None] = Counter()
    for name, status, messages, answers in found.rows:
        # Added up: two names may differ in nothing but a phone that is masked.
        uses.setdefault(name, dict.fromkeys(STATUSES, 0))[status] += messages
        answered[name] += answers
    rows = [(name, *_reach(use), answered[name]) for name, use in uses.items()]
    rows.sort(key=lambda row: (-row[1], row[0] is None, row[0] or ""))
    return frame_of(rows, COLUMNS)


def _reach(use: Mapping[str, int]) -> tuple[int, int, int, int]:
    """Sent, delivered, read, failed."""
    sent = sum(count for status, count in use.items() if status not in NOT_SENT_OUT)
    return sent, sum(use[status] for status in ARRIVED), use["read"], use["failed"]
