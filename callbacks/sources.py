"""The callback of the drawer "Sources": asked only when a reader wants it."""

from typing import Any

import dash
from dash import Input, Output
from dash.exceptions import PreventUpdate

from callbacks.dependencies import Dependencies, log_failure
from components import ids, sources
from components.error_messages import error_message


def register(app: dash.Dash, dependencies: Dependencies) -> None:
    """Register the callback that fills the drawer with the state of the sources.

    The browser asks by a new value of the store ``ids.SOURCES_ASKED``. Who does not see all of the
    data gets no numbers of loads. After an error the drawer offers to try again.
    """

    def answer(question: Any) -> Any:
        if question is None:
            raise PreventUpdate
        reader, scope = dependencies.reader, dependencies.scope_for()
        locale, now = dependencies.locale(), reader.now()
        states = reader.sources(scope)
        if states is None:
            return sources.limited_view(reader.status(scope), now, locale)
        return sources.view(states, now, locale)

    def failed(error: Exception) -> Any:
        log_failure(error, "sources")
        locale = dependencies.locale()
        return sources.failure(error_message(error, locale.texts), locale)

    app.callback(
        Output(ids.SOURCES_BODY, "content"),
        Input(ids.SOURCES_ASKED, "data"),
        prevent_initial_call=True,
        on_error=failed,
    )(answer)
