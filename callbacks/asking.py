"""Makes the one question that all panels answer, from the address, presses and controls.

The browser makes the question by itself, with the functions of ``assets/scripts``: ``filters.js``
reads the address and answers presses by setting controls; ``asking.js`` makes the question from the
controls; ``selection.js`` writes it back: address, links, chips. ``register`` wires them.

On the server the functions below ``register`` read the question from the stores of the page. Stores
come from the browser, so they may hold anything. What is wrong with them raises ``FilterError``.
``answers`` answers the question, and ``painting`` paints the answers.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import dash
from dash import Input, Output, State

from callbacks.clientside import register_clientside
from components import ids
from components.labels import vocabulary_codes
from components.panels import details
from components.panels.view import Panel
from queries.compared import By
from queries.errors import FilterError
from queries.filters import LISTS, Filters
from queries.table_request import TableRequest
from queries.user_scope import Scope

#: The inputs of the table's callback that keep the reader on its page.
_PAGE_INPUTS: Final = frozenset({f"{ids.TABLE}.page_current", f"{ids.retry(ids.DETAILS)}.n_clicks"})
#: The most rows of a list on the page; the download has all.
MAX_LIST_ROWS: Final = 100_000
_APPLIED_INPUT: Final = f"{ids.APPLIED}.data"
#: Parameters of the table that change how it looks, and not which rows it has.
_LOOKS: Final = ("columns", "page_size")


def register(app: dash.Dash, panels: Sequence[Panel]) -> None:
    """Register the callbacks that turn the controls into a question to the panels and the table.

    They also keep the address, the links that repeat it, and the chips in step with the question.
    Clicks on the graphs among ``panels`` set filters, too. All of it runs in the browser.
    """
    _controls(app, [panel.slug for panel in panels if panel.kind == "graph"])
    _panel_question(app)
    _table_question(app)
    _selection(app)


def _controls(app: dash.Dash, graphs: Sequence[str]) -> None:
    """Let the address, at the start, and later each press or click set the controls."""
    register_clientside(
        app,
        "changeControls",
        {
            **_filters(Output),
            "held": Output(ids.HELD, "data"),
            "theme": Output(ids.THEME, "data"),
            "sortBy": Output(ids.TABLE, "sort_by"),
            "filterQuery": Output(ids.TABLE, "filter_query"),
            "columns": Output(ids.TABLE_COLUMNS, "data"),
            "pageSize": Output(ids.TABLE_PAGE_SIZE, "data"),
            "clicks": {slug: Output(ids.graph(slug), "clickData") for slug in graphs},
        },
        {
            "action": Input(ids.ACTION, "data"),
            "status": Input(ids.STATUS, "data"),
            "clicks": {slug: Input(ids.graph(slug), "clickData") for slug in graphs},
            **_filters(State),
            "basis": Input(ids.BASIS, "value"),
            "options": {name: State(ids.control(name), "options") for name in LISTS},
            "held": State(ids.HELD, "data"),
            "filterQuery": State(ids.TABLE, "filter_query"),
        },
    )


def _panel_question(app: dash.Dash) -> None:
    """Let controls and newer data make the question of all panels, a moment after a change."""
    register_clientside(
        app,
        "panelQuestion",
        Output(ids.APPLIED, "data"),
        {
            **_filters(Input),
            "held": Input(ids.HELD, "data"),
            "status": Input(ids.STATUS, "data"),
            "applied": State(ids.APPLIED, "data"),
        },
    )


def _filters(kind: type) -> dict[str, object]:
    """Return the filters' controls by name, as ``kind``: ``Input``, ``State`` or ``Output``."""
    return {
        "period": kind(ids.PERIOD, "data"),
        "basis": kind(ids.BASIS, "value"),
        "lists": {name: kind(ids.control(name), "value") for name in LISTS},
    }


def _table_question(app: dash.Dash) -> None:
    """Let order, column filters and page length of the table make its own part of the question."""
    register_clientside(
        app,
        "tableQuestion",
        Output(ids.TABLE_QUESTION, "data"),
        {
            "sortBy": Input(ids.TABLE, "sort_by"),
            "filterQuery": Input(ids.TABLE, "filter_query"),
            "held": Input(ids.HELD, "data"),
            "columns": Input(ids.TABLE_COLUMNS, "data"),
            "pageSize": Input(ids.TABLE_PAGE_SIZE, "data"),
            "before": State(ids.TABLE_QUESTION, "data"),
        },
    )


def _selection(app: dash.Dash) -> None:
    """Let each new question change the address, the links that repeat it, and the chips."""
    register_clientside(
        app,
        "showSelection",
        Output(ids.CHIPS, "content"),
        {
            "applied": Input(ids.APPLIED, "data"),
            "tableQuestion": Input(ids.TABLE_QUESTION, "data"),
            "theme": Input(ids.THEME, "data"),
            "columns": Input(ids.TABLE_COLUMNS, "data"),
            "chipsBefore": State(ids.CHIPS, "content"),
        },
        prevent_initial_call=True,
    )


def raw_question(store: object) -> Mapping[str, object]:
    """Return the parameters in ``store``, the value of one of the page's stores (``dcc.Store``).

    ``store`` is ``{"raw": {name: value, …}}`` with the names of parameters in an address; what is
    in ``raw`` is returned. Raises ``FilterError`` if ``store`` looks different.
    """
    raw = store.get("raw") if isinstance(store, dict) else None
    if not isinstance(raw, dict) or not all(isinstance(name, str) for name in raw):
        raise FilterError("wrong_type", name="raw")
    return raw


def filters_of(applied: object) -> Filters:
    """Return the filters in ``applied``, the value of the page's store ``ids.APPLIED``.

    Raises ``FilterError`` if it is not as ``raw_question`` expects, or if a filter cannot be used.
    """
    return Filters.parse(raw_question(applied))


def list_request(
    panel: Panel, choice: Mapping[str, object], applied: object = None
) -> TableRequest:
    """Return the request for the rows of a list panel that the page shows.

    ``choice`` is what the reader chose in the panel, from stores of the page; what is missing or
    wrong is left out. ``code``: only the rows with this code of the panel's choice are asked for.
    ``more``: how many rows, as ``ids.more`` has it; it counts only for the filters of ``applied``,
    the value of the store ``ids.APPLIED``. ``order``: how they are sorted, as ``ids.order`` has it.
    ``by`` and ``columns``: what is compared, and which of its columns are shown.
    """
    request = _compared(panel, choice)
    code, order = choice.get("code"), choice.get("order")
    if panel.choice is not None and code in vocabulary_codes(panel.choice.vocabulary):
        request = replace(request, where=((panel.choice.name, str(code)),))
    if isinstance(order, str) and order.removeprefix("-") in panel.orders:
        request = replace(request, sort=order)
    return replace(request, page_size=_rows_shown(panel, choice.get("more"), applied))


def _compared(panel: Panel, choice: Mapping[str, object]) -> TableRequest:
    """Return the request for what the reader lets the panel compare, and in which columns."""
    request = TableRequest(page_size=panel.page_size)
    by, columns = choice.get("by"), choice.get("columns")
    if by in tuple(panel.compares):
        request = replace(request, by=By(str(by)))
    if panel.compares and isinstance(columns, list):
        request = replace(request, shown=tuple(str(name) for name in columns))
    return request


def _rows_shown(panel: Panel, more: object, applied: object) -> int:
    """Return how many rows the list shows: ``more`` where it is of the filters of ``applied``."""
    if not isinstance(more, dict) or not isinstance(applied, dict):
        return panel.page_size
    rows = more.get("rows")
    if more.get("raw") != applied.get("raw") or not isinstance(rows, int):
        return panel.page_size
    return min(max(rows, panel.page_size), MAX_LIST_ROWS)


def table_request(
    raw: Mapping[str, object], scope: Scope
) -> tuple[TableRequest, FilterError | None]:
    """Return the page of the table that ``raw`` asks for, and an error to show, or None.

    ``raw`` maps names of parameters, as in an address, to values. If ``columns`` or ``page_size``
    are wrong, the default is used and the error is returned, because they do not change which rows
    match. Raises ``FilterError`` for any other wrong parameter, also a column that ``scope`` masks.
    """
    try:
        return _with_offered_page_size(TableRequest.parse(raw, scope)), None
    except FilterError as error:
        usual = {name: value for name, value in raw.items() if name not in _LOOKS}
        return TableRequest.parse(usual, scope), error


def keeps_page(applied: Mapping[str, Any], triggers: Collection[str]) -> bool:
    """Return whether the table stays on its page; if not, it goes back to the first page.

    ``applied`` is the value of the store ``ids.APPLIED``; ``triggers`` are the inputs that changed,
    as ``component.property``. The table stays if the reader turned the page or pressed "try again",
    and if ``applied`` changed only because there is newer data.
    """
    others = {*triggers} - _PAGE_INPUTS
    return not others or (others == {_APPLIED_INPUT} and applied.get("reason") == "data")


def _with_offered_page_size(request: TableRequest) -> TableRequest:
    """Return ``request``. Raises ``FilterError`` where the page does not offer its page length."""
    sizes = details.PAGE_SIZES
    if request.page_size not in sizes:
        allowed = ", ".join(map(str, sizes))
        raise FilterError("bad_value", name="page_size", value=request.page_size, allowed=allowed)
    return request
