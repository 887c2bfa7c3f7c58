"""Paints the answers of ``callbacks/panels.py``, and paints graphs again in another theme.

The browser does this by itself, see ``assets/scripts/painting.js``. The figures name their colours,
so that a change of theme needs no request to the server.
"""

import dash
from dash import Input

from callbacks.clientside import register_clientside
from components import ids


def register(app: dash.Dash) -> None:
    """Register the one callback that paints.

    It paints what an answer brings; graphs also when the theme changes, and when the reader chooses
    to see numbers in a table instead of a graph, or the graph again.
    """
    register_clientside(
        app,
        "paintAnswers",
        None,
        {
            "answers": Input(ids.ANSWERS, "data"),
            "theme": Input(ids.THEME, "data"),
            "asTable": Input(ids.AS_TABLE, "data"),
        },
        prevent_initial_call=True,
    )
