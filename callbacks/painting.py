"""Paints the figure of each graph in the present theme, or its numbers as a table.

The browser does this by itself, see ``assets/scripts/painting.js``. The figures come from the
answers of ``callbacks/panels.py`` and name their colours, so that a change of theme needs no
request to the server.
"""

from collections.abc import Sequence

import dash
from dash import Input, Output, State

from callbacks.clientside import register_clientside
from components import ids
from components.panels.view import Panel


def register(app: dash.Dash, panels: Sequence[Panel]) -> None:
    """Register a callback in the browser for each of ``panels`` that is a graph.

    It paints again when the figures or the theme change, and when the reader chooses to see numbers
    in a table instead of graphs, or graphs again.
    """
    for panel in panels:
        if panel.kind == "graph":
            _register(app, panel.slug)


def _register(app: dash.Dash, slug: str) -> None:
    register_clientside(
        app,
        "paintPanel",
        {
            "figure": Output(ids.graph(slug), "figure"),
            "numbers": Output(ids.numbers(slug), "content"),
        },
        {
            "figures": Input(ids.figures(slug), "data"),
            "theme": Input(ids.THEME, "data"),
            "asTable": Input(ids.AS_TABLE, "data"),
            "numbersBefore": State(ids.numbers(slug), "content"),
        },
        fixed={"slug": slug},
        prevent_initial_call=True,
    )
