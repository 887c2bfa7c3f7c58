"""The panel ``hsm-in-window``: HSMs sent while the 24 h window was open, by template category.

In an open window the company may write free text, so these HSMs were not needed.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd
from sqlalchemy import func, select

from queries.columns import Column, Kind, names, pgettext_noop
from queries.frames import frame_of
from queries.panel import PanelRequest, PanelRows, SummaryQuery
from queries.panels.cost import cost_table
from queries.result import ResultSet
from queries.rollup_choice import message_counts
from queries.runner import QuerySession
from queries.selected_rows import selected_messages
from queries.sql_functions import Statement, whole_sum
from queries.tables import cost_lines
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


def extra_query(request: PanelRequest) -> Statement:
    """Return a SELECT of ``currency, certainty, messages, compared, amount``.

    Of the selected HSMs in an open window that cost or may cost something: how many they are, of
    how many of them is known what they cost more than a service message, and how much that is.
    """
    table = cost_table(request)
    is_lines = table is cost_lines
    keys = (table.c.currency, table.c.certainty)
    in_window = func.count() if is_lines else whole_sum(table.c.in_window)
    compared = func.count(table.c.extra_amount) if is_lines else whole_sum(table.c.compared)
    return (
        select(
            *keys,
            in_window.label("messages"),
            compared.label("compared"),
            func.coalesce(whole_sum(table.c.extra_amount), 0).label("amount"),
        )
        .where(
            selected_messages(request.filters, request.scope, table),
            table.c.in_window if is_lines else table.c.in_window > 0,
        )
        .group_by(*keys)
    )


def _extra(result: ResultSet) -> dict[str, dict[str, int]]:
    """Return what stands beside the rows: see ``PANEL.summary``."""
    amounts: Counter[str] = Counter()
    compared: Counter[str] = Counter()
    bounds: Counter[str] = Counter()
    for row in result.records():
        if row["currency"] is None or not row["compared"]:
            continue
        amounts[row["currency"]] += int(row["amount"])
        compared[row["currency"]] += int(row["compared"])
        is_bound = row["certainty"] == "upper_bound"
        bounds[row["currency"]] += int(row["compared"]) if is_bound else 0
    if not compared:
        return {}
    return {
        "extra_amount": dict(amounts),
        "extra_sends": dict(compared),
        "extra_bounds": dict(bounds),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query(SummaryQuery):
    """The panel, whose answers also tell what the sends cost more than a service message."""

    def rows(self, session: QuerySession, request: PanelRequest) -> PanelRows:
        answer = super(_Query, self).rows(session, request)
        return replace(answer, counts=_extra(session.ask(extra_query, request)))


PANEL: Final = _Query(
    slug="hsm-in-window",
    summary="The selected outgoing HSMs that were sent (status neither `new` nor `unknown`), by "
    "category: most sent first, then by category, null last. Categories of which none was sent "
    "have no row. Where prices are known, by currency: `extra_amount`, what `extra_sends` in an "
    "open window cost more than a service message would have in their place, in millionths; of "
    "`extra_bounds` of them that is an upper bound.",
    columns=COLUMNS,
    needs=("hsm", "sent_hsm"),
    query=query,
    shape=shape,
)
