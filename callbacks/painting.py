"""Paints the figure of each graph in the present theme, and its numbers as a table.

The browser does this by itself, see ``assets/scripts/painting.js``; the figures come as the answers
of ``callbacks/panels.py``, with colours by name. So a change of theme asks nothing of the server.
"""

from collections.abc import Sequence

import dash
from dash import Input, Output, State

from callbacks.clientside import register_clientside
from components import ids
from components.panels.view import Panel


def register(app: dash.Dash, panels: Sequence[Panel]) -> None:
    """Wire each graph of ``panels`` to its figures, the theme and the choice of numbers instead."""
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
