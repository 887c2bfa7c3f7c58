"""Paints graphs in the theme that the reader chose, and as the tables of their numbers.

The browser does this by itself, see ``assets/scripts/painting.js``, which also paints the answers
of ``callbacks/panels.py``. The figures name their colours, so that a change of theme needs no
request to the server.
"""

import dash
from dash import Input

from callbacks.clientside import register_clientside
from components import ids


def register(app: dash.Dash) -> None:
    """Register the one callback that paints.

    It paints graphs when the theme changes, and when the reader chooses to see numbers in a table
    instead of a graph, or the graph again.
    """
    register_clientside(
        app,
        "paintLook",
        None,
        {
            "theme": Input(ids.THEME, "data"),
            "asTable": Input(ids.AS_TABLE, "data"),
        },
        prevent_initial_call=True,
    )
