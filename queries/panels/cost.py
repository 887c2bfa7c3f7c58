"""The panel ``cost``: billable messages and what they cost, in all, by category, template and day.

Every figure is a sum of rows of ``cost_lines``, or of the roll-up ``cost_days`` where that has the
columns of all filters. Amounts of different currencies are never added.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Table,
    func,
    literal,
    select,
    tuple_,
)

from queries.columns import Column, Kind, names, pgettext_noop
from queries.cost_projection import CostDay, first_day_needed, project
from queries.frames import frame_of
from queries.panel import PanelRequest, PanelRows, SummaryQuery
from queries.result import ResultSet
from queries.rollup_choice import roll_ups_hold_messages
from queries.runner import QuerySession
from queries.selected_rows import conditions_of_message, scope_conditions, selected_messages
from queries.sql_functions import Statement, whole_sum
from queries.tables import cost_days, cost_lines

#: What the rows are about, in their order.
GROUPS: Final = ("total", "category", "template", "day")

COLUMNS: Final = (
    Column(
        "by",
        Kind.CODE,
        pgettext_noop("column", "Figures by"),
        "what the row is about: `total`, a `category`, a `template` or a `day`",
        vocabulary="cost_by",
    ),
    Column(
        "value",
        Kind.TEXT,
        pgettext_noop("column", "Value"),
        "the category, template or day; null in the total, and for messages without one",
    ),
    Column(
        "currency",
        Kind.TEXT,
        pgettext_noop("column", "Currency"),
        "the currency of `amount`; null in the row of messages without a known price",
    ),
    Column(
        "billable",
        Kind.COUNT,
        pgettext_noop("column", "Billable"),
        "messages that are charged, or perhaps are",
    ),
    Column(
        "perhaps",
        Kind.COUNT,
        pgettext_noop("column", "Perhaps billable"),
        "how many of these are charged only perhaps, so that `billable` is an upper bound",
    ),
    Column("free", Kind.COUNT, pgettext_noop("column", "Free"), "messages that cost nothing"),
    Column(
        "unpriced",
        Kind.COUNT,
        pgettext_noop("column", "Without a price"),
        "billable messages of which nobody knows what they cost",
    ),
    Column(
        "amount",
        Kind.AMOUNT,
        pgettext_noop("column", "Cost"),
        "what the messages cost; null where no price is known",
    ),
    Column(
        "certainty",
        Kind.CODE,
        pgettext_noop("column", "Certainty"),
        "what `amount` is: `exact`, `upper_bound` (they cost this or less) or `unknown`",
        vocabulary="certainty",
    ),
)
_NAMES: Final = names(COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostQuery(SummaryQuery):
    """The panel without pages whose answers also tell what is free, and how the month ends."""

    def rows(self, session: QuerySession, request: PanelRequest) -> PanelRows:
        answer = super(CostQuery, self).rows(session, request)
        today = request.now.date()
        places = session.ask(places_query, request, today.replace(day=1))
        history = session.ask(history_query, request, today)
        return replace(answer, counts=_counts(places, history, today, request))


def cost_table(request: PanelRequest) -> Table:
    """Return ``cost_days`` where it has the columns of all filters that are set, else the lines."""
    return cost_days if roll_ups_hold_messages(request.filters) else cost_lines


def counted(table: Table) -> ColumnElement[int]:
    """Return the SQL expression of the number of messages in a group of ``table``."""
    return func.count() if table is cost_lines else whole_sum(table.c.messages)


def query(request: PanelRequest) -> Statement:
    """Return a SELECT of the selected messages, counted by category, by template and by day.

    Columns: ``not_by_category, not_by_template, category, template_name, sent_day, currency,
    charge, certainty, messages, amount``. A row counts the messages that are alike in the last
    three of the keys and in one of the first three: in the category where ``not_by_category`` is 0,
    in the template where ``not_by_template`` is 0, else in the day. The other two mean nothing. It
    is one scan of the table.
    """
    table = cost_table(request)
    category, template, day = table.c.category, table.c.template_name, table.c.sent_day
    of_cost = (table.c.currency, table.c.charge, table.c.certainty)
    sets = func.grouping_sets(*(tuple_(key, *of_cost) for key in (category, template, day)))
    return (
        select(
            func.grouping(category).label("not_by_category"),
            func.grouping(template).label("not_by_template"),
            *(category, template, day, *of_cost),
            counted(table).label("messages"),
            whole_sum(table.c.amount).label("amount"),
        )
        .where(selected_messages(request.filters, request.scope, table))
        .group_by(sets)
    )


@dataclass(slots=True)
class _Figures:
    """The figures of one row, as they are added up."""

    billable: int = 0
    perhaps: int = 0
    free: int = 0
    unpriced: int = 0
    amount: int = 0
    is_bound: bool = False

    def add(self, row: Mapping[str, Any]) -> None:
        messages = int(row["messages"])
        if row["charge"] == "free":
            self.free += messages
            return
        self.billable += messages
        self.perhaps += messages if row["charge"] == "perhaps" else 0
        self.unpriced += messages if row["certainty"] == "unknown" else 0
        self.is_bound |= row["certainty"] == "upper_bound"
        self.amount += int(row["amount"] or 0)


def shape(result: ResultSet, _request: PanelRequest) -> pd.DataFrame:
    """Return a frame of ``COLUMNS`` from the rows of ``query``.

    By ``GROUPS``, then by amount and billable messages, the greatest first; days ascending.
    Billable messages without a price are in the row without a currency.
    """
    figures: dict[tuple[str, str | None, str | None], _Figures] = defaultdict(_Figures)
    for row in result.records():
        by, value = _key(row)
        currency = None if row["certainty"] == "unknown" else row["currency"]
        figures[by, value, currency].add(row)
        if by == "category":  # each message has one category, or none: their sum is the total
            figures["total", None, currency].add(row)
    rows = [(*key, found) for key, found in figures.items()]
    rows.sort(key=_order)
    return frame_of([_row(*row) for row in rows], _NAMES)


def _key(row: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return ``by`` and ``value`` of a row of ``query``."""
    if not row["not_by_category"]:
        return "category", row["category"]
    if not row["not_by_template"]:
        return "template", row["template_name"]
    return "day", row["sent_day"].isoformat()


def _order(row: tuple[str, str | None, str | None, _Figures]) -> tuple[Any, ...]:
    by, value, currency, found = row
    place = (value or "") if by == "day" else ""
    return (
        *(GROUPS.index(by), place, currency is None, -found.amount, -found.billable),
        *(value is None, value or "", currency or ""),
    )


def _row(by: str, value: str | None, currency: str | None, found: _Figures) -> tuple[Any, ...]:
    if currency is None:
        amount, certainty = (None, "unknown") if found.unpriced else (0, "exact")
    else:
        amount, certainty = found.amount, "upper_bound" if found.is_bound else "exact"
    return (
        *(by, value, currency, found.billable, found.perhaps, found.free, found.unpriced),
        *(amount, certainty),
    )


# --- free messages that are left, and the end of the month ----------------------------------------


def places_query(request: PanelRequest, month: date) -> Statement:
    """Return a SELECT of ``business_number, category, allowance, used`` in ``month``.

    One row for each number and category of which some are free each month. Filters are ignored: the
    number sends them for all teams. There is none for a scope of some teams or channels only, which
    may not know how much others send.
    """
    lines = cost_lines.c
    return (
        select(
            lines.account,
            lines.business_account,
            lines.business_number,
            lines.category,
            func.max(lines.allowance).label("allowance"),
            func.max(lines.allowance_place).label("used"),
        )
        .where(
            lines.month == month,
            lines.allowance.is_not(None),
            literal(_sees_all_of_a_number(request)),
            *scope_conditions(cost_lines, request.scope),
        )
        .group_by(lines.account, lines.business_account, lines.business_number, lines.category)
    )


def _sees_all_of_a_number(request: PanelRequest) -> bool:
    return request.scope.teams is None and request.scope.channels is None


def history_query(request: PanelRequest, today: date) -> Statement:
    """Return a SELECT of what was sent on each day that the projection needs, until ``today``.

    Filters of case and message hold; the period does not: the projection is about this month.
    """
    table = cost_table(request)
    list_amount = table.c.rate if table is cost_lines else table.c.list_amount
    keys = (table.c.sent_day, table.c.category, table.c.currency)
    return (
        select(
            *keys,
            counted(table).label("messages"),
            func.coalesce(whole_sum(table.c.amount), 0).label("amount"),
            func.coalesce(whole_sum(list_amount), 0).label("list_amount"),
        )
        .where(
            table.c.sent_day.between(first_day_needed(today), today),
            *conditions_of_message(table, request.filters, request.scope),
        )
        .group_by(*keys)
    )


def _counts(
    places: ResultSet, history: ResultSet, today: date, request: PanelRequest
) -> dict[str, dict[str, int]]:
    """Return what stands beside the rows: see ``PANEL.summary``."""
    left: Counter[str] = Counter()
    used: Counter[str] = Counter()
    by_number: Counter[str] = Counter()
    allowed: Counter[str] = Counter()
    for row in places.records():
        remaining = max(0, int(row["allowance"]) - int(row["used"]))
        left[row["category"]] += remaining
        used[row["category"]] += int(row["used"])
        if row["business_number"] is not None:
            by_number[row["business_number"]] += remaining
            allowed[row["business_number"]] += int(row["allowance"])
    days = [*map(CostDay._make, history.rows)]
    month = today.replace(day=1)
    sent: Counter[str | None] = Counter()
    for day in days:
        if day.day >= month:
            sent[day.category] += day.messages
    # With filters only a part of what is left will be used by the selected messages.
    shares = {name: left[name] * min(1.0, sent[name] / used[name]) for name in left if used[name]}
    can_project = _sees_all_of_a_number(request)
    projections = project(days, today, shares) if can_project else []
    found = {
        "free_left": dict(by_number),
        "free_each_month": dict(allowed),
        "month_so_far": {one.currency: one.so_far for one in projections},
        "month_low": {one.currency: one.low for one in projections},
        "month_high": {one.currency: one.high for one in projections},
        "month_after": {one.currency: one.months for one in projections},
    }
    return {name: counts for name, counts in found.items() if counts}


PANEL: Final = CostQuery(
    slug="cost",
    summary="Billable messages of the selection and what they cost: in all, by category, by "
    "template and by day (of the message), each currency in a row of its own. Amounts are whole "
    "millionths of the currency. Beside `rows` stand, for the running month, whatever the period: "
    "`free_left`, how many free messages each business number has left, of `free_each_month`; and "
    "by currency what the month's selected messages cost so far (`month_so_far`) and at its end "
    "(`month_low` to `month_high`), which held in `month_after` - 1 of `month_after` + 1 cases. "
    "They are left out where they are not known, and for a scope of some teams or channels.",
    columns=COLUMNS,
    needs=("costs",),
    query=query,
    shape=shape,
)
