"""The download ``cost-lines``: what each selected message costs, and by which rule and price.

The figures of the panel ``cost`` are sums of these rows. They are not shown on the page.
"""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, and_, func, select

from queries.columns import Column, Kind, names, pgettext_noop
from queries.panel import PagedQuery, PanelRequest, PanelRows
from queries.result import Columns, local
from queries.runner import QuerySession
from queries.selected_rows import selected_messages
from queries.shared_columns import CASE_NUMBER
from queries.sql_functions import Statement
from queries.tables import cases, cost_lines, messages
from queries.visibility import selected_message_id, visible_case_number

_LINES: Final = cost_lines.c

COLUMNS: Final = (
    Column("message_id", Kind.TEXT, pgettext_noop("column", "Message id"), "the message's id"),
    CASE_NUMBER,
    Column("sent_at", Kind.MOMENT, pgettext_noop("column", "Sent at"), "when it was sent"),
    Column(
        "charged_day",
        Kind.DAY,
        pgettext_noop("column", "Day of the bill"),
        "its day in the business account's time zone, by which rules and prices are chosen",
    ),
    Column(
        "business_number",
        Kind.PHONE,
        pgettext_noop("column", "Company's number"),
        "the company's phone",
    ),
    Column(
        "template_name", Kind.TEXT, pgettext_noop("column", "Template"), "the template of an HSM"
    ),
    Column(
        "category",
        Kind.TEXT,
        pgettext_noop("column", "Category"),
        "the category by which it is charged; null where none is known",
    ),
    Column(
        "country",
        Kind.TEXT,
        pgettext_noop("column", "Country"),
        "the recipient's country in two letters",
    ),
    Column(
        "charge",
        Kind.CODE,
        pgettext_noop("column", "Charge"),
        "`charged`, `perhaps` charged, or `free`",
        vocabulary="charge",
    ),
    Column(
        "rule",
        Kind.TEXT,
        pgettext_noop("column", "Rule"),
        "the rule that holds: its first day, category and case",
    ),
    Column(
        "allowance_place",
        Kind.COUNT,
        pgettext_noop("column", "Place in the month"),
        "its place among the messages of the number of which some are free each month; 0 where "
        "none are",
    ),
    Column(
        "allowance",
        Kind.COUNT,
        pgettext_noop("column", "Free each month"),
        "how many of these are free; 0 where none are",
    ),
    Column(
        "rate",
        Kind.AMOUNT,
        pgettext_noop("column", "Price"),
        "its price, also where it is free",
    ),
    Column(
        "rate_from",
        Kind.DAY,
        pgettext_noop("column", "Price since"),
        "the first day of that price",
    ),
    Column("currency", Kind.TEXT, pgettext_noop("column", "Currency"), "the price's currency"),
    Column(
        "amount",
        Kind.AMOUNT,
        pgettext_noop("column", "Cost"),
        "what it costs; null where that is not known",
    ),
    Column(
        "certainty",
        Kind.CODE,
        pgettext_noop("column", "Certainty"),
        "what `amount` is: `exact`, `upper_bound` or `unknown`",
        vocabulary="certainty",
    ),
    Column(
        "reason",
        Kind.CODE,
        pgettext_noop("column", "Why"),
        "why `amount` is not exact; null where it is",
        vocabulary="cost_reason",
    ),
)
_NAMES: Final = names(COLUMNS)
_DERIVED: Final = ("message_id", "case_number")


def page(session: QuerySession, request: PanelRequest) -> PanelRows:
    """Return one page of the lines, newest first, and how many there are on all pages."""
    total_query = select(func.count().label("total")).where(_selected(request))
    [total] = session.fetch(total_query).column("total")
    table = request.table
    rows = rows_query(request)
    if table.skipped >= total:
        rows = rows.limit(0)
    result = session.fetch(rows.limit(table.page_size).offset(table.skipped))
    return PanelRows(shape(result.columns(), request.time_zone), int(total))


def all_rows(_session: QuerySession, request: PanelRequest) -> Iterator[Statement]:
    """Yield one SELECT of all lines, newest first, for a download."""
    yield rows_query(request)


def rows_query(request: PanelRequest) -> Statement:
    """Return the SELECT of all lines that filters and scope select, newest first; times are UTC."""
    expressions: Mapping[str, ColumnElement[Any]] = {
        "message_id": selected_message_id(request.scope),
        "case_number": visible_case_number(request.scope),
        **{name: _LINES[name] for name in _NAMES if name not in _DERIVED},
        "allowance_place": func.coalesce(_LINES.allowance_place, 0),
        "allowance": func.coalesce(_LINES.allowance, 0),
    }
    is_its_message = and_(
        messages.c.sent_at == _LINES.sent_at,
        messages.c.message_id == _LINES.message_id,
        messages.c.account == _LINES.account,
    )
    return (
        select(*(expressions[name].label(name) for name in _NAMES))
        .select_from(
            cost_lines.join(messages, is_its_message).join(
                cases, cases.c.case_key == _LINES.case_key
            )
        )
        .where(_selected(request))
        .order_by(_LINES.sent_at.desc(), _LINES.message_id.desc(), _LINES.account.desc())
    )


def shape(columns: Columns, time_zone: tzinfo) -> pd.DataFrame:
    """Return a frame of ``COLUMNS``; ``columns`` are the values of ``rows_query`` by name."""
    localized = {**columns, "sent_at": [local(at, time_zone) for at in columns["sent_at"]]}
    return pd.DataFrame({name: localized[name] for name in _NAMES}, dtype=object)


def _selected(request: PanelRequest) -> ColumnElement[bool]:
    return selected_messages(request.filters, request.scope, cost_lines)


PANEL: Final = PagedQuery(
    slug="cost-lines",
    summary="What each message of the selection costs, and why: one row for each message that is "
    "or may be charged, or that a rule makes free, newest first. `page` and `page_size` are those "
    "of `details`. It is for the API and for downloads; the page shows the sums in `cost`.",
    columns=COLUMNS,
    needs=("costs",),
    sheet_title=pgettext_noop("", "Costs by message"),
    page=page,
    all_rows=all_rows,
    shape=shape,
)
