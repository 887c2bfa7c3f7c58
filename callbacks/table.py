"""The table of messages: what the browser paints of its answer, and which columns it shows."""

from collections.abc import Sequence

import dash
from dash import Input, Output, State

from callbacks.answers import PanelAnswer, PanelFailure
from callbacks.clientside import register_clientside
from callbacks.dependencies import Dependencies
from components import ids, painting
from components.painting import Parts
from components.panels import details
from components.panels.view import Panel


def register(app: dash.Dash, panels: Sequence[Panel]) -> None:
    """Let the browser choose the columns of the table if it is among ``panels``."""
    if any(panel.kind == "table" for panel in panels):
        _shown_columns(app)


def painted(panel: Panel, result: PanelAnswer | PanelFailure, dependencies: Dependencies) -> Parts:
    """Return the parts of the table for ``result``, the answer to paint or the failure.

    Beside ``state`` and ``cover`` of ``components.painting`` they are ``rows`` in the form of
    Dash's table, the number of the ``page`` and the ``page_count``, the words about the ``total``,
    the ``chips`` of filtered columns, the ``range`` of the shown rows, and the ``constant`` columns
    with the one value of each. A failure leaves all of these as they are.
    """
    if isinstance(result, PanelFailure):
        return painting.failure(panel, result.message)
    locale = dependencies.locale()
    answer = result.answer
    view = details.view(answer, locale, dependencies.deployment.case_url, result.unfiltered)
    parts = {"total": view.words, "chips": details.where_chips(answer.table.where, locale)}
    if result.emptied_by is not None:
        nothing = {"rows": [], "page": 0, "page_count": 1, "range": [], "constant": []}
        return {**painting.empty(panel, result.emptied_by, locale), **parts, **nothing}
    may_export = dependencies.viewer().may_export
    return {
        **painting.ready(panel),
        **parts,
        "rows": view.rows,
        "page": view.page,
        "page_count": view.page_count,
        "range": details.range_line(view, answer.total or 0, locale, may_export=may_export),
        "constant": [list(pair) for pair in view.constant],
    }


def _shown_columns(app: dash.Dash) -> None:
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
