"""Asking: from the address, presses and controls to the one question that all panels answer.

The browser does this by itself, with the functions of ``assets/scripts``. ``filters.js`` reads the
address and answers presses by setting controls; ``asking.js`` makes the question of the controls;
``selection.js`` writes it back: address, links, chips. ``callbacks/panels.py`` answers it, and
``callbacks/painting.py`` paints the answers.
"""

import dash
from dash import Input, Output, State

from callbacks.clientside import register_clientside
from components import ids
from components.page_constants import GRAPHS
from queries.filters import LISTS


def register(app: dash.Dash) -> None:
    """Wire the controls, the questions of panels and table, and what the page says of them."""
    _controls(app)
    _panel_question(app)
    _table_question(app)
    _selection(app)


def _controls(app: dash.Dash) -> None:
    """The address at the start, and later each press or click: what the controls show then."""
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
            "clicks": {slug: Output(ids.graph(slug), "clickData") for slug in GRAPHS},
        },
        {
            "action": Input(ids.ACTION, "data"),
            "status": Input(ids.STATUS, "data"),
            "clicks": {slug: Input(ids.graph(slug), "clickData") for slug in GRAPHS},
            **_filters(State),
            "basis": Input(ids.BASIS, "value"),
            "options": {name: State(ids.control(name), "options") for name in LISTS},
            "held": State(ids.HELD, "data"),
            "filterQuery": State(ids.TABLE, "filter_query"),
        },
    )


def _panel_question(app: dash.Dash) -> None:
    """Controls and newer data: the one question that all panels answer, after a short rest."""
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
    """The controls of the filters, as inputs, states or outputs."""
    return {
        "start": kind(ids.PERIOD, "start_date"),
        "end": kind(ids.PERIOD, "end_date"),
        "basis": kind(ids.BASIS, "value"),
        "lists": {name: kind(ids.control(name), "value") for name in LISTS},
    }


def _table_question(app: dash.Dash) -> None:
    """Order, column filters and page length of the table: its own part of the question."""
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
    """What the page says of its question: the address, the links that repeat it, the chips."""
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
