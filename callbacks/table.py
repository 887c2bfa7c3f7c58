"""The table: one callback owns its rows and its page."""

from typing import Any, Final

import dash
from dash import Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from callbacks.panels import emptied_by, empty_values, failed, notice_outputs, ready_values
from callbacks.parts import Parts, filters_of, question
from components import ids
from components.layout import details_class
from components.panels import details
from components.words import table_words
from queries.errors import FilterError
from queries.filters import Filters
from queries.reader import Answer
from queries.scope import Scope
from queries.table import Table

_PAGE: Final = f"{ids.TABLE}.page_current"
_APPLIED: Final = f"{ids.APPLIED}.data"
_RETRY: Final = f"{ids.retry(ids.DETAILS)}.n_clicks"


def register(app: dash.Dash, parts: Parts) -> None:
    outputs = [
        *notice_outputs(ids.DETAILS),
        Output(ids.TABLE, "data"),
        Output(ids.TABLE, "tooltip_data"),
        Output(ids.TABLE, "page_current"),
        Output(ids.TABLE, "page_count"),
        Output(ids.TABLE_TOTAL, "children"),
        Output(ids.TABLE_CHIPS, "children"),
        Output(ids.TABLE_RANGE, "children"),
    ]

    def answer(applied: Any, cut: Any, page: Any, _retries: int | None) -> tuple[Any, ...]:
        if applied is None or cut is None:
            raise PreventUpdate
        scope = parts.scope_for()
        try:
            filters = filters_of(applied)
            wanted = page if _keeps_page(applied) else 0
            table = Table.parse(
                {**question(cut), "page": wanted, "page_size": details.PAGE_SIZE}, scope
            )
        except FilterError:
            raise PreventUpdate from None
        return _values(filters, table, scope, parts)

    app.callback(
        outputs,
        Input(ids.APPLIED, "data"),
        Input(ids.TABLE_QUESTION, "data"),
        Input(ids.TABLE, "page_current"),
        Input(ids.retry(ids.DETAILS), "n_clicks"),
        prevent_initial_call=True,
        on_error=failed(details_class("error"), 7, ids.DETAILS, parts),
    )(answer)

    app.clientside_callback(
        "(chosen, all) => all.filter((column) => chosen.includes(column.id))",
        Output(ids.TABLE, "columns"),
        Input(ids.TABLE_COLUMNS, "value"),
        State(ids.TABLE_ALL_COLUMNS, "data"),
    )


def _keeps_page(applied: Any) -> bool:
    """Whether the reader stays on the page: turned it, tried again, or only data is newer."""
    triggers = set(ctx.triggered_prop_ids)
    if triggers <= {_PAGE, _RETRY}:
        return True
    return triggers <= {_PAGE, _RETRY, _APPLIED} and applied.get("reason") == "data"


def _values(filters: Filters, table: Table, scope: Scope, parts: Parts) -> tuple[Any, ...]:
    look = parts.look()
    words = table_words(look)
    found = parts.reader.details(filters, scope, table, words)
    total = found.total or 0
    whole = _whole(found.filters, table, scope, parts) if table.where else None
    said = details.total_words(total, whole, look)
    narrowed = details.where_chips(table.where, look)
    last = details.page_count(total) - 1
    if table.page > last:
        table = _on_page(table, last)
        found = parts.reader.details(filters, scope, table, words)
    if not total:
        cause = _cause(found, table, scope, parts)
        values = empty_values(details_class("empty"), cause, look)
        return (*values, [], [], 0, 1, said, narrowed, "")
    rows = details.rows(found.frame, look, parts.case_url)
    return (
        *ready_values(details_class("ready")),
        rows,
        details.tooltips(rows),
        table.page,
        last + 1,
        said,
        narrowed,
        details.range_words(table.page, len(rows), total, look),
    )


def _on_page(table: Table, page: int) -> Table:
    return Table(table.sort, table.where, page, table.page_size)


def _whole(filters: Filters, table: Table, scope: Scope, parts: Parts) -> int:
    """How many rows there are without the filters of the columns."""
    plain = Table(page_size=table.page_size)
    return parts.reader.details(filters, scope, plain, table_words(parts.look())).total or 0


def _cause(found: Answer, table: Table, scope: Scope, parts: Parts) -> str:
    words = table_words(parts.look())

    def total(filters: Filters, cut: Table) -> int:
        return parts.reader.details(filters, scope, cut, words).total or 0

    if table.where and _whole(found.filters, table, scope, parts):
        return "table"
    return emptied_by(found.filters, lambda wider: not total(wider, table))
