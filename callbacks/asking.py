"""Makes the one question that all panels answer, from the address, presses and controls.

The browser makes the question by itself, with the functions of ``assets/scripts``: ``filters.js``
reads the address and answers presses by setting controls; ``asking.js`` makes the filters' and the
table's part of it from the controls; ``question.js`` joins them, and what was chosen in lists, into
the question to the server; ``selection.js`` writes it back: address, links, chips. ``register``
wires them.

On the server ``page_question`` and those below read the question from the stores of the page.
Stores come from the browser, so they may hold anything. What is wrong with them raises
``FilterError``.
``answers`` answers the question, and ``painting`` paints the answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

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

#: The most rows of a list on the page; the download has all.
MAX_LIST_ROWS: Final = 100_000
#: Parameters of the table that change how it looks, and not which rows it has.
_LOOKS: Final = ("columns", "page_size")


def register(app: dash.Dash, panels: Sequence[Panel]) -> None:
    """Register the callbacks that turn the controls into a question to the panels and the table.

    They also keep the address, the links that repeat it, and the chips in step with the question.
    All of it runs in the browser.
    """
    _controls(app)
    _panel_question(app)
    _table_question(app)
    _page_question(app, panels)
    _selection(app)


def _controls(app: dash.Dash) -> None:
    """Let the address, at the start, and later each press set the controls."""
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
        },
        {
            "action": Input(ids.ACTION, "data"),
            "status": Input(ids.STATUS, "data"),
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


def _page_question(app: dash.Dash, panels: Sequence[Panel]) -> None:
    """Let filters, the table's order and page, choices in lists and the minute ask the server."""
    register_clientside(
        app,
        "pageQuestion",
        None,
        {
            "applied": Input(ids.APPLIED, "data"),
            "table": Input(ids.TABLE_QUESTION, "data"),
            "page": Input(ids.TABLE, "page_current"),
            "choices": {panel.slug: _choices(panel) for panel in panels if _choices(panel)},
            "minute": Input(ids.MINUTE, "n_intervals"),
        },
        prevent_initial_call=True,
    )


def _choices(panel: Panel) -> dict[str, Input]:
    """Return the inputs of what the reader can choose in the panel, by the names of a choice."""
    inputs = {}
    if panel.choice:
        inputs["code"] = Input(ids.choice(panel.slug, panel.choice.name), "data")
    if panel.shows_more:
        inputs["more"] = Input(ids.more(panel.slug), "data")
    if panel.orders:
        inputs["order"] = Input(ids.order(panel.slug), "data")
    if panel.compares:
        inputs["by"] = Input(ids.by(panel.slug), "data")
        inputs["columns"] = Input(ids.columns(panel.slug), "data")
    return inputs


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


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """A question of the page to several panels.

    ``filters`` are those of all panels. ``parts`` are the slugs of the panels that are asked.
    ``requests`` are by slug the rows that a panel shows; the table is missing there if its own part
    of the question cannot be used. ``wrong`` is what is wrong with that part, or None. ``waits``
    says whether the answer comes only when all panels have been read.
    """

    filters: Filters
    parts: tuple[str, ...]
    requests: Mapping[str, TableRequest]
    wrong: FilterError | None
    waits: bool


def page_question(store: object, panels: Mapping[str, Panel], scope: Scope) -> PageQuestion:
    """Return the question in ``store``, the value of the page's store ``ids.QUESTION``.

    ``store`` is ``{"raw": …, "parts": [slug, …], "table": {"raw": …, "page": …}, "choices": {slug:
    {…}}, "waits": …}``: the parameters of the filters as in an address, and of the table the same
    with the number of the page; a choice is that of ``list_request``. ``panels`` are those of the
    page by slug; other slugs are left out. Raises ``FilterError`` if a filter cannot be used, or if
    ``store`` looks different.
    """
    question = store if isinstance(store, dict) else {}
    filters = replace(filters_of(question), by_hour=True)
    slugs, choices = question.get("parts"), question.get("choices")
    asked = tuple(slug for slug in panels if isinstance(slugs, list) and slug in slugs)
    chosen = choices if isinstance(choices, dict) else {}
    requests = {
        slug: list_request(panels[slug], chosen.get(slug), question)
        for slug in asked
        if panels[slug].kind != "table"
    }
    table, wrong = _table_of(question.get("table"), scope)
    if table:
        requests |= {slug: table for slug in asked if panels[slug].kind == "table"}
    return PageQuestion(filters, asked, requests, wrong, question.get("waits") is True)


def _table_of(table: object, scope: Scope) -> tuple[TableRequest | None, FilterError | None]:
    """Return the page of the table that ``table`` asks for, and what is wrong with it.

    One of both may be None; the page is None where the table cannot be asked.
    """
    try:
        page = table.get("page") if isinstance(table, dict) else None
        return table_request({**raw_question(table), "page": page}, scope)
    except FilterError as error:
        return None, error


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
    """Return the filters in ``applied``, the value of ``ids.APPLIED`` or ``ids.QUESTION``.

    Raises ``FilterError`` if it is not as ``raw_question`` expects, or if a filter cannot be used.
    """
    return Filters.parse(raw_question(applied))


def list_request(panel: Panel, choice: object, applied: object = None) -> TableRequest:
    """Return the request for the rows of a list panel that the page shows.

    ``choice`` is what the reader chose in the panel, a dict of values of the page's stores; what is
    missing or wrong is left out. ``code``: only the rows with this code of the panel's choice are
    asked for. ``more``: how many rows, as ``ids.more`` has it; it counts only for the filters of
    ``applied``, the value of the store ``ids.APPLIED`` or ``ids.QUESTION``. ``order``: how they are
    sorted, as ``ids.order`` has it.
    ``by`` and ``columns``: what is compared, and which of its columns are shown.
    """
    choice = choice if isinstance(choice, dict) else {}
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


def _with_offered_page_size(request: TableRequest) -> TableRequest:
    """Return ``request``. Raises ``FilterError`` where the page does not offer its page length."""
    sizes = details.PAGE_SIZES
    if request.page_size not in sizes:
        allowed = ", ".join(map(str, sizes))
        raise FilterError("bad_value", name="page_size", value=request.page_size, allowed=allowed)
    return request
