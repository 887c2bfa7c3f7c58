"""What the bar says of the selection: chips, counts, and the one sentence about a bad filter."""

from typing import Any

import dash
from dash import Input, Output, html, no_update
from dash.exceptions import PreventUpdate

from callbacks.parts import Parts, filters_of, kept, question
from components import ids
from components.chips import chips, clear_all, more_count, selected_count
from components.look import Look
from components.sentences import sentence
from queries.errors import FilterError
from queries.table import Table


def register(app: dash.Dash, parts: Parts) -> None:
    def tell(applied: Any, cut: Any) -> tuple[Any, Any, Any, Any]:
        if applied is None or cut is None:
            raise PreventUpdate
        look = parts.look()
        try:
            filters = filters_of(applied)
            Table.parse(question(cut), parts.scope_for())
        except FilterError as error:
            return no_update, no_update, no_update, _alert(error, look)
        return (
            chips(filters, look),
            _badge(selected_count(filters)),
            _badge(more_count(filters)),
            None,
        )

    app.callback(
        Output(ids.CHIPS, "children"),
        Output(ids.FOLD_COUNT, "children"),
        Output(ids.MORE_COUNT, "children"),
        Output(ids.ALERT, "children"),
        Input(ids.APPLIED, "data"),
        Input(ids.TABLE_QUESTION, "data"),
        prevent_initial_call=True,
        on_error=kept,
    )(tell)


def _alert(error: FilterError, look: Look) -> html.Div:
    return html.Div(
        [html.Span(sentence(error, look.texts)), clear_all(look)], className="alert-box"
    )


def _badge(count: int) -> str:
    return f"({count})" if count else ""
