"""The drawer of a case: the browser says which case, the server tells what was said in it."""

from typing import Any

import dash
from dash import Input, Output
from dash.exceptions import PreventUpdate

from callbacks.parts import Parts, log_failure
from components import ids, timeline
from components.sentences import sentence
from queries.timeline import usable_key


def register(app: dash.Dash, parts: Parts) -> None:
    def answer(asked: Any) -> tuple[Any, Any]:
        if not isinstance(asked, dict):
            raise PreventUpdate
        look = parts.look()
        key = usable_key(asked.get("case_key"))
        found = None if key is None else parts.reader.timeline(key, parts.scope_for())
        if found is None:
            return timeline.not_found(look), dash.no_update
        shown = timeline.view(found, parts.clock(), parts.site.case_url, look)
        return shown, [timeline.title(found, look)]

    def failed(error: Exception) -> tuple[Any, Any]:
        log_failure(error, "timeline")
        asked = dash.ctx.inputs.get(f"{ids.TIMELINE_ASKED}.data")
        key = asked.get("case_key") if isinstance(asked, dict) else ""
        look = parts.look()
        said = sentence(error, look.texts)
        return timeline.failure(said, str(key), look), dash.no_update

    app.callback(
        Output(ids.TIMELINE_BODY, "content"),
        Output(ids.drawer_title(ids.TIMELINE), "content"),
        Input(ids.TIMELINE_ASKED, "data"),
        prevent_initial_call=True,
        on_error=failed,
    )(answer)
