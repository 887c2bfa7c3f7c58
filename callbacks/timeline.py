"""The callback of a case's drawer: the browser names a case, the server returns its messages."""

from typing import Any

import dash
from dash import Input, Output
from dash.exceptions import PreventUpdate

from callbacks.dependencies import Dependencies, log_failure
from components import ids, timeline
from components.error_messages import error_message
from queries.timeline import usable_key


def register(app: dash.Dash, dependencies: Dependencies) -> None:
    """Register the callback that fills the drawer with the messages of a case.

    The browser names the case as ``case_key`` in the store ``ids.TIMELINE_ASKED``. If it does not
    exist or the reader may not see it, the drawer says that it was not found. After an error it
    offers to try again.
    """

    def answer(question: Any) -> tuple[Any, Any]:
        if not isinstance(question, dict):
            raise PreventUpdate
        locale = dependencies.locale()
        key = usable_key(question.get("case_key"))
        case = None if key is None else dependencies.reader.timeline(key, dependencies.scope_for())
        if case is None:
            return timeline.not_found(locale), dash.no_update
        body = timeline.view(case, dependencies.clock(), dependencies.deployment.case_url, locale)
        return body, [timeline.title(case, locale)]

    def failed(error: Exception) -> tuple[Any, Any]:
        log_failure(error, "timeline")
        question = dash.ctx.inputs.get(f"{ids.TIMELINE_ASKED}.data")
        key = question.get("case_key") if isinstance(question, dict) else ""
        locale = dependencies.locale()
        message = error_message(error, locale.texts)
        return timeline.failure(message, str(key), locale), dash.no_update

    app.callback(
        Output(ids.TIMELINE_BODY, "content"),
        Output(ids.drawer_title(ids.TIMELINE), "content"),
        Input(ids.TIMELINE_ASKED, "data"),
        prevent_initial_call=True,
        on_error=failed,
    )(answer)
