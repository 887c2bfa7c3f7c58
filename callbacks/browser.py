"""What the browser does by itself; the functions are in ``assets/consumo.js``.

The names and the order of what they get are written here once and handed over, so that the script
never has to repeat them.
"""

import json
from collections.abc import Sequence

import dash
from dash import Input, Output, State

from components import ids
from components.panels import details
from components.panels.view import Panel
from components.texts import LANGUAGES
from queries.filters import LISTS
from queries.option_search import SEARCHED

#: What the address may say of the table, and what it means where it says nothing.
_TABLE = {
    "columns": [column.name for column in details.COLUMNS],
    "defaults": list(details.DEFAULT_COLUMNS),
    "first": details.FIRST_COLUMN,
    "sizes": list(details.PAGE_SIZES),
}


def register(app: dash.Dash, panels: Sequence[Panel]) -> None:
    graphs = [panel.slug for panel in panels if panel.kind == "graph"]
    _act(app, graphs)
    _collect(app)
    _table_question(app)
    _tell(app, [panel.slug for panel in panels])
    for slug in graphs:
        _paint(app, slug)
    for name in LISTS:
        _dropdown(app, name)


def _act(app: dash.Dash, graphs: Sequence[str]) -> None:
    """The address at the start, later presses: what the controls show because of them."""
    app.clientside_callback(
        f"(...given) => dash_clientside.consumo.act({json.dumps(LISTS)}, {len(graphs)}, "
        f"{json.dumps(_TABLE)}, given)",
        [
            *_period_and_lists(Output),
            Output(ids.HELD, "data"),
            Output(ids.THEME, "data"),
            Output(ids.TABLE, "sort_by"),
            Output(ids.TABLE, "filter_query"),
            Output(ids.TABLE_COLUMNS, "data"),
            Output(ids.TABLE_PAGE_SIZE, "data"),
            *(Output(ids.graph(slug), "clickData") for slug in graphs),
        ],
        [
            Input(ids.ACTION, "data"),
            Input(ids.STATUS, "data"),
            *(Input(ids.graph(slug), "clickData") for slug in graphs),
            Input(ids.BASIS, "value"),
        ],
        [
            State(ids.PERIOD, "start_date"),
            State(ids.PERIOD, "end_date"),
            *(State(ids.control(name), "value") for name in LISTS),
            *(State(ids.control(name), "options") for name in LISTS),
            State(ids.HELD, "data"),
            State(ids.TABLE, "filter_query"),
        ],
    )


def _collect(app: dash.Dash) -> None:
    """Controls and newer data: the one question that all panels answer, after a short rest."""
    app.clientside_callback(
        f"(...given) => dash_clientside.consumo.collect({json.dumps(LISTS)}, given)",
        Output(ids.APPLIED, "data"),
        [
            *_period_and_lists(Input),
            Input(ids.HELD, "data"),
            Input(ids.STATUS, "data"),
        ],
        [State(ids.APPLIED, "data")],
    )


def _period_and_lists(kind: type) -> list[object]:
    return [
        kind(ids.PERIOD, "start_date"),
        kind(ids.PERIOD, "end_date"),
        kind(ids.BASIS, "value"),
        *(kind(ids.control(name), "value") for name in LISTS),
    ]


def _table_question(app: dash.Dash) -> None:
    app.clientside_callback(
        "(...given) => dash_clientside.consumo.tableQuestion(...given)",
        Output(ids.TABLE_QUESTION, "data"),
        Input(ids.TABLE, "sort_by"),
        Input(ids.TABLE, "filter_query"),
        Input(ids.HELD, "data"),
        Input(ids.TABLE_COLUMNS, "data"),
        Input(ids.TABLE_PAGE_SIZE, "data"),
        State(ids.TABLE_QUESTION, "data"),
    )


def _tell(app: dash.Dash, downloads: Sequence[str]) -> None:
    """What the page says of its question: the address, the links that repeat it, the chips."""
    app.clientside_callback(
        "(...given) => dash_clientside.consumo.tell("
        f"{json.dumps(downloads)}, {json.dumps(LANGUAGES)}, ...given)",
        Output(ids.CHIPS, "content"),
        Input(ids.APPLIED, "data"),
        Input(ids.TABLE_QUESTION, "data"),
        Input(ids.THEME, "data"),
        Input(ids.TABLE_COLUMNS, "data"),
        State(ids.CHIPS, "content"),
        prevent_initial_call=True,
    )


def _dropdown(app: dash.Dash, name: str) -> None:
    """What a dropdown offers, with what is selected meanwhile; and what is typed in it."""
    app.clientside_callback(
        f"(...given) => dash_clientside.consumo.found({json.dumps(name)}, ...given)",
        Output(ids.control(name), "options"),
        Input(ids.found(name), "data"),
        State(ids.control(name), "value"),
        prevent_initial_call=True,
    )
    if name in SEARCHED:
        app.clientside_callback(
            f"(text) => dash_clientside.consumo.searched({json.dumps(name)}, text)",
            Input(ids.control(name), "search_value"),
            prevent_initial_call=True,
        )


def _paint(app: dash.Dash, slug: str) -> None:
    app.clientside_callback(
        f"(...given) => dash_clientside.consumo.paint({json.dumps(slug)}, ...given)",
        Output(ids.graph(slug), "figure"),
        Output(ids.numbers(slug), "content"),
        Input(ids.figures(slug), "data"),
        Input(ids.THEME, "data"),
        Input(ids.AS_TABLE, "data"),
        State(ids.numbers(slug), "content"),
        prevent_initial_call=True,
    )
