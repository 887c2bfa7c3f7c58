"""The drawer of a case: the browser asks for a case, the server answers with its messages."""

from typing import Any

import dash
from dash import Input, Output
from dash.exceptions import PreventUpdate

from callbacks.dependencies import Dependencies, log_failure
from components import ids, timeline
from components.error_messages import error_message
from queries.timeline import usable_key


def register(app: dash.Dash, dependencies: Dependencies) -> None:
    def answer(asked: Any) -> tuple[Any, Any]:
        if not isinstance(asked, dict):
            raise PreventUpdate
        locale = dependencies.locale()
        key = usable_key(asked.get("case_key"))
        case = None if key is None else dependencies.reader.timeline(key, dependencies.scope_for())
        if case is None:
            return timeline.not_found(locale), dash.no_update
        body = timeline.view(case, dependencies.clock(), dependencies.deployment.case_url, locale)
        return body, [timeline.title(case, locale)]

    def failed(error: Exception) -> tuple[Any, Any]:
        log_failure(error, "timeline")
        asked = dash.ctx.inputs.get(f"{ids.TIMELINE_ASKED}.data")
        key = asked.get("case_key") if isinstance(asked, dict) else ""
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
