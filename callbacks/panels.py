"""The callbacks of all panels but the table: they answer a new question and paint the panel.

The callback of the table is in ``callbacks.table``, because it has other outputs.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import dash
from dash import Input, Output, State

from callbacks import answers, asking
from callbacks.answers import PanelAnswer, PanelFailure
from callbacks.dependencies import Dependencies
from components import ids, painting
from components.locale import Locale
from components.painting import Values
from components.panels.view import Panel
from queries.errors import FilterError


def register(app: dash.Dash, dependencies: Dependencies, panels: Sequence[Panel]) -> None:
    """Register one callback for each of ``panels`` but the table.

    It runs when the question changes, when the reader presses "try again" or chooses among the
    codes of the panel, and every minute for a panel about the present.
    """
    for panel in panels:
        if panel.kind != "table":
            _register(app, panel, dependencies)


def state_outputs(slug: str) -> list[Output]:
    """Return the two outputs that every panel has first: the class name of its card, and its cover.

    The cover lies over the card's content: it says that the panel is empty or could not be read.
    """
    return [Output(ids.panel(slug), "className"), Output(ids.cover(slug), "content")]


def paint(
    panel: Panel,
    result: PanelAnswer | PanelFailure,
    class_before: object,
    locale: Locale,
) -> Values:
    """Return the values of the panel's outputs, in the order in which they were registered.

    ``result`` becomes the panel's content, a note that it is empty and why, a line that says what
    the data lack, or a failure's sentence. ``class_before`` is the card's class name in the
    browser: if it is right already, class name and cover are not sent again.
    """
    if isinstance(result, PanelFailure):
        return painting.card_failure(panel, result.message, locale)
    if result.lacking is not None:
        # Rows without what the panel needs mean little: they are shown on demand.
        rows = None if result.answer.frame.empty else panel.view(result.answer, locale)
        return painting.card_folded(panel, rows, result.lacking, locale)
    if result.emptied_by is not None:
        return painting.card_empty(panel, result.emptied_by, locale)
    view = panel.view(result.answer, locale)
    indicator = panel.card.view(result.answer, locale) if panel.card else None
    return painting.card_view(panel, view, indicator, class_before)


def _register(app: dash.Dash, panel: Panel, dependencies: Dependencies) -> None:
    slug = panel.slug
    outputs = [*state_outputs(slug), Output(ids.words(slug), "content")]
    if panel.kind == "graph":
        outputs += [Output(ids.figures(slug), "data"), Output(ids.caption(slug), "content")]
    else:
        outputs.append(Output(ids.cards(slug), "content"))
    if panel.card:
        outputs.append(Output(ids.indicator_card(slug), "content"))

    chosen = _choice_inputs(panel)
    inputs = [Input(ids.APPLIED, "data"), *chosen.values()]
    if panel.query.is_about_now:
        inputs.append(Input(ids.MINUTE, "n_intervals"))
    inputs.append(Input(ids.retry(slug), "n_clicks"))

    def answer(applied: Any, *rest: Any) -> Values:
        choice = dict(zip(chosen, rest, strict=False))
        class_before = rest[-1]
        try:
            filters = replace(asking.filters_of(applied), by_hour=True)
        except FilterError:
            # The alert says what is wrong; the panel keeps its last good answer. While the store is
            # away since the page came, there is no question yet.
            return painting.unchanged(class_before, len(outputs))
        request = asking.list_request(panel, choice, applied)
        result = answers.ask(panel, filters, dependencies, request)
        return paint(panel, result, class_before, dependencies.locale())

    def show_failure(error: Exception) -> Values:
        failure = answers.failed(panel, error, dependencies)
        return paint(panel, failure, None, dependencies.locale())

    app.callback(
        outputs,
        inputs,
        State(ids.panel(slug), "className"),
        prevent_initial_call=True,
        on_error=show_failure,
    )(answer)


def _choice_inputs(panel: Panel) -> dict[str, Input]:
    """Return the inputs of what the reader can choose in the panel, by the names of ``Choice``."""
    inputs = {}
    if panel.choice:
        inputs["code"] = Input(ids.choice(panel.slug, panel.choice.name), "data")
    if panel.shows_more:
        inputs["more"] = Input(ids.more(panel.slug), "data")
    if panel.orders:
        inputs["order"] = Input(ids.order(panel.slug), "data")
    if panel.compares:
        inputs["by"] = Input(ids.by(panel.slug), "data")
        inputs["columns"] = Input(ids.columns(panel.slug), "data")
    return inputs
