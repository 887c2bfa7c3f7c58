"""The table: one callback owns its rows and its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import dash
from dash import Input, Output, State, ctx, no_update

from callbacks.clientside import register_clientside
from callbacks.dependencies import Dependencies, filters_of, question
from callbacks.panels import (
    emptied_by,
    empty_values,
    failed,
    ready_values,
    state_outputs,
    unchanged,
)
from components import ids
from components.html_tree import Children, Span
from components.labels import search_labels
from components.layout import details_class
from components.locale import Locale
from components.panels import details
from components.selection import alert
from queries.errors import FilterError
from queries.filters import Filters
from queries.reader import Answer
from queries.scope import Scope
from queries.table_request import TableRequest

#: What tells how the table looks, and not which rows it has.
_OF_LOOKS: Final = ("columns", "page_size")
_PAGE: Final = f"{ids.TABLE}.page_current"
_APPLIED: Final = f"{ids.APPLIED}.data"
_RETRY: Final = f"{ids.retry(ids.DETAILS)}.n_clicks"


@dataclass(frozen=True, slots=True)
class Before:
    """What the browser shows at the moment of its question; it may say anything."""

    class_name: object
    alert: object
    chips: object


def register(app: dash.Dash, dependencies: Dependencies) -> None:
    outputs = [
        *state_outputs(ids.DETAILS),
        Output(ids.ALERT, "content"),
        Output(ids.TABLE, "data"),
        Output(ids.TABLE, "page_current"),
        Output(ids.TABLE, "page_count"),
        Output(ids.TABLE_TOTAL, "content"),
        Output(ids.TABLE_CHIPS, "content"),
        Output(ids.TABLE_RANGE, "content"),
    ]
    kept = [no_update] * (len(outputs) - 3)

    def answer(
        applied: Any, cut: Any, page: Any, _retries: int | None, *before: Any
    ) -> tuple[Any, ...]:
        if applied is None or cut is None:
            return unchanged(before[0], len(outputs))
        scope = dependencies.scope_for()
        try:
            filters = filters_of(applied)
            wanted = page if _keeps_page(applied) else 0
            table, wrong = _asked({**question(cut), "page": wanted}, scope, dependencies.locale())
        except FilterError as error:
            # All panels keep their last good answers; this is the one place that says why.
            return (no_update, no_update, alert(error, dependencies.locale()), *kept)
        return _values(filters, table, wrong, Before(*before), dependencies)

    app.callback(
        outputs,
        Input(ids.APPLIED, "data"),
        Input(ids.TABLE_QUESTION, "data"),
        Input(ids.TABLE, "page_current"),
        Input(ids.retry(ids.DETAILS), "n_clicks"),
        State(ids.panel(ids.DETAILS), "className"),
        State(ids.ALERT, "content"),
        State(ids.TABLE_CHIPS, "content"),
        prevent_initial_call=True,
        on_error=failed(ids.DETAILS, details_class("error"), [[], *kept], dependencies),
    )(answer)

    register_clientside(
        app,
        "shownColumns",
        Output(ids.TABLE, "columns"),
        {
            "chosen": Input(ids.TABLE_COLUMNS, "data"),
            "filterQuery": Input(ids.TABLE, "filter_query"),
            "all": State(ids.TABLE_ALL_COLUMNS, "data"),
            "before": State(ids.TABLE, "columns"),
        },
    )


def _asked(
    raw: Mapping[str, object], scope: Scope, locale: Locale
) -> tuple[TableRequest, Children]:
    """The table that is asked for, and what is wrong with it but does not change which rows it has:
    then it has its usual columns and length. Raises ``FilterError`` for all else.
    """
    try:
        return _page_of(TableRequest.parse(raw, scope)), []
    except FilterError as error:
        usual = {name: value for name, value in raw.items() if name not in _OF_LOOKS}
        return TableRequest.parse(usual, scope), alert(error, locale)


def _page_of(table: TableRequest) -> TableRequest:
    """``table``, whose pages are as long as the page offers. Raises ``FilterError``."""
    sizes = details.PAGE_SIZES
    if table.page_size not in sizes:
        allowed = ", ".join(map(str, sizes))
        raise FilterError("bad_value", name="page_size", value=table.page_size, allowed=allowed)
    return table


def _keeps_page(applied: Any) -> bool:
    """Whether the reader stays on the page: turned it, tried again, or only data is newer."""
    triggers = set(ctx.triggered_prop_ids)
    if triggers <= {_PAGE, _RETRY}:
        return True
    return triggers <= {_PAGE, _RETRY, _APPLIED} and applied.get("reason") == "data"


def _values(
    filters: Filters,
    table: TableRequest,
    wrong: Children,
    before: Before,
    dependencies: Dependencies,
) -> tuple[Any, ...]:
    locale, scope = dependencies.locale(), dependencies.scope_for()
    words = search_labels(locale)
    found = dependencies.reader.details(filters, scope, table, words)
    total = found.total or 0
    whole = _whole(found.filters, table, scope, dependencies) if table.where else None
    said = [Span(details.total_words(total, whole, locale), **{"data-rows": total})]
    narrowed = _changed(before.chips, details.where_chips(table.where, locale))
    said_wrong = _changed(before.alert, wrong)
    last = details.page_count(table.reachable(total), table.page_size) - 1
    if table.page > last:
        table = _on_page(table, last)
        found = dependencies.reader.details(filters, scope, table, words)
    if not total:
        cause = _cause(found, table, scope, dependencies)
        values = empty_values(ids.DETAILS, details_class("empty"), cause, locale)
        return (*values, said_wrong, [], 0, 1, said, narrowed, [])
    rows = details.rows(found.frame, locale, dependencies.embedding.case_url)
    return (
        *ready_values(ids.DETAILS, details_class("ready"), before.class_name),
        said_wrong,
        rows,
        table.page,
        last + 1,
        said,
        narrowed,
        [details.range_words(table.page * table.page_size, len(rows), total, locale)],
    )


def _changed(before: object, after: object) -> Any:
    """Nothing where it stays as it is: each change costs the browser time."""
    return no_update if before == after else after


def _on_page(table: TableRequest, page: int) -> TableRequest:
    return TableRequest(table.sort, table.where, page, table.page_size)


def _whole(filters: Filters, table: TableRequest, scope: Scope, dependencies: Dependencies) -> int:
    """How many rows there are without the filters of the columns."""
    plain = TableRequest(page_size=table.page_size)
    return (
        dependencies.reader.details(
            filters, scope, plain, search_labels(dependencies.locale())
        ).total
        or 0
    )


def _cause(found: Answer, table: TableRequest, scope: Scope, dependencies: Dependencies) -> str:
    words = search_labels(dependencies.locale())

    def total(filters: Filters, cut: TableRequest) -> int:
        return dependencies.reader.details(filters, scope, cut, words).total or 0

    if table.where and _whole(found.filters, table, scope, dependencies):
        return "table"
    return emptied_by(found.filters, lambda wider: not total(wider, table))
