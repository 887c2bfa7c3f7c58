"""The callback of the drawer with a template's trend: asked only when a reader wants it."""

from typing import Any

import dash
from dash import Input, Output
from dash.exceptions import PreventUpdate

from callbacks import asking
from callbacks.dependencies import Dependencies, log_failure
from components import ids, template_trend
from components.error_messages import error_message
from queries.errors import FilterError
from queries.filters import Filters


def register(app: dash.Dash, dependencies: Dependencies) -> None:
    """Register the callback that fills the drawer with the trend of one template.

    The browser names the template and the page's filters in the store ``ids.TREND_ASKED``, as
    ``{"template": …, "raw": …}``. After an error the drawer offers to try again.
    """

    def answer(question: Any) -> tuple[Any, Any]:
        if not isinstance(question, dict):
            raise PreventUpdate
        locale = dependencies.locale()
        template = question.get("template")
        filters = Filters.parse({**asking.raw_question(question), "template": template})
        trend = dependencies.reader.template_trend(filters, dependencies.scope_for())
        title = template_trend.title(filters.template[0], locale)
        return template_trend.view(trend, locale), [title]

    def failed(error: Exception) -> tuple[Any, Any]:
        # A question that cannot be used is no failure of the page.
        if not isinstance(error, FilterError):
            log_failure(error, "trend")
        question = dash.ctx.inputs.get(f"{ids.TREND_ASKED}.data")
        template = question.get("template") if isinstance(question, dict) else ""
        locale = dependencies.locale()
        message = error_message(error, locale.texts)
        return template_trend.failure(message, str(template), locale), dash.no_update

    app.callback(
        Output(ids.TREND_BODY, "content"),
        Output(ids.drawer_title(ids.TREND), "content"),
        Input(ids.TREND_ASKED, "data"),
        prevent_initial_call=True,
        on_error=failed,
    )(answer)
