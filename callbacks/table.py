"""The callback of the panel ``details``: nothing else sets the rows and the page of its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dash
from dash import Input, Output, State, ctx, no_update

from callbacks import answers, asking
from callbacks.answers import PanelAnswer, PanelFailure
from callbacks.clientside import register_clientside
from callbacks.dependencies import Dependencies
from callbacks.panels import state_outputs
from components import ids, painting
from components.html_tree import Children
from components.painting import Values, changed
from components.panels import details
from components.panels.view import Panel
from components.widgets import alert
from queries.errors import FilterError


@dataclass(frozen=True, slots=True)
class Before:
    """What the browser shows when it asks; it sends these values, so they may be anything.

    ``class_name`` is the class name of the table's card; ``alert`` is the content of the page's
    alert; ``chips`` is the content of the chips above the table, ``constant`` the columns with one
    value. A value that would stay the same is not sent again.
    """

    class_name: object
    alert: object
    chips: object
    constant: object


def register(app: dash.Dash, dependencies: Dependencies, panels: Sequence[Panel]) -> None:
    """Register the callbacks of the table if it is among ``panels``; else do nothing."""
    for panel in panels:
        if panel.kind == "table":
            _register(app, panel, dependencies)


def _register(app: dash.Dash, panel: Panel, dependencies: Dependencies) -> None:
    outputs = [
        *state_outputs(ids.DETAILS),
        Output(ids.ALERT, "content"),
        Output(ids.TABLE, "data"),
        Output(ids.TABLE, "page_current"),
        Output(ids.TABLE, "page_count"),
        Output(ids.TABLE_TOTAL, "content"),
        Output(ids.TABLE_CHIPS, "content"),
        Output(ids.TABLE_RANGE, "content"),
        Output(ids.TABLE_CONSTANT, "data"),
    ]
    kept = [no_update] * (len(outputs) - 3)

    def answer(
        applied: Any, question: Any, page: Any, _retries: int | None, *before: Any
    ) -> Values:
        if applied is None or question is None:
            return painting.unchanged(before[0], len(outputs))
        locale = dependencies.locale()
        try:
            filters = asking.filters_of(applied)
            number = page if asking.keeps_page(applied, ctx.triggered_prop_ids) else 0
            raw = {**asking.raw_question(question), "page": number}
            table, wrong = asking.table_request(raw, dependencies.scope_for())
        except FilterError as error:
            # All panels keep their last good answers; this is the one place that says why.
            return (no_update, no_update, alert(error, locale), *kept)
        message = alert(wrong, locale) if wrong else []
        result = answers.ask(panel, filters, dependencies, table)
        return paint(panel, result, message, Before(*before), dependencies)

    def show_failure(error: Exception) -> Values:
        failure = answers.failed(panel, error, dependencies)
        return paint(panel, failure, [], Before(None, None, None, None), dependencies)

    app.callback(
        outputs,
        Input(ids.APPLIED, "data"),
        Input(ids.TABLE_QUESTION, "data"),
        Input(ids.TABLE, "page_current"),
        Input(ids.retry(ids.DETAILS), "n_clicks"),
        State(ids.panel(ids.DETAILS), "className"),
        State(ids.ALERT, "content"),
        State(ids.TABLE_CHIPS, "content"),
        State(ids.TABLE_CONSTANT, "data"),
        prevent_initial_call=True,
        on_error=show_failure,
    )(answer)

    register_clientside(
        app,
        "shownColumns",
        {
            "columns": Output(ids.TABLE, "columns"),
            "folded": Output(ids.TABLE_FOLDED, "content"),
        },
        {
            "chosen": Input(ids.TABLE_COLUMNS, "data"),
            "filterQuery": Input(ids.TABLE, "filter_query"),
            "sortBy": Input(ids.TABLE, "sort_by"),
            "constant": Input(ids.TABLE_CONSTANT, "data"),
            "unfolded": Input(ids.TABLE_UNFOLDED, "data"),
            "applied": Input(ids.APPLIED, "data"),
            "all": State(ids.TABLE_ALL_COLUMNS, "data"),
            "before": State(ids.TABLE, "columns"),
            "foldedBefore": State(ids.TABLE_FOLDED, "content"),
        },
    )


def paint(
    panel: Panel,
    result: PanelAnswer | PanelFailure,
    message: Children,
    before: Before,
    dependencies: Dependencies,
) -> Values:
    """Return the values of the table's outputs, in the order in which they were registered.

    ``result`` is the answer to paint, or the failure. ``message`` is the new content of the page's
    alert: what is wrong with the question, or [] if nothing is. A failure shows no alert.
    """
    if isinstance(result, PanelFailure):
        return (*painting.failure(panel, result.message), [], *[no_update] * 7)
    locale = dependencies.locale()
    answer = result.answer
    view = details.view(answer, locale, dependencies.deployment.case_url, result.unfiltered)
    chips = changed(before.chips, details.where_chips(answer.table.where, locale))
    wrong = changed(before.alert, message)
    if result.emptied_by is not None:
        state = painting.empty(panel, result.emptied_by, locale)
        return (*state, wrong, [], 0, 1, view.words, chips, [], [])
    return (
        *painting.ready(panel, before.class_name),
        wrong,
        view.rows,
        view.page,
        view.page_count,
        view.words,
        chips,
        details.range_line(
            view, answer.total or 0, locale, may_export=dependencies.viewer().may_export
        ),
        changed(before.constant, [list(pair) for pair in view.constant]),
    )
