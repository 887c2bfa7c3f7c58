"""One callback a panel: the question changed, or somebody asked to try again."""

from collections.abc import Callable
from typing import Any

import dash
from dash import Input, Output, no_update
from dash.exceptions import PreventUpdate

from callbacks.parts import Parts, filters_of, log_failure
from components import ids
from components.empty import EmptiedBy, notice, widen_label
from components.layout import panel_class
from components.look import Look
from components.panels import PANELS
from components.panels.shown import Panel
from components.sentences import sentence
from queries.errors import FilterError
from queries.filters import LISTS, Filters
from queries.scope import Scope


def register(app: dash.Dash, parts: Parts) -> None:
    for panel in PANELS:
        _register(app, panel, parts)


def notice_outputs(slug: str) -> list[Output]:
    """State, notice and button of a panel's card, in the order of ``notice_values``."""
    return [
        Output(ids.panel(slug), "className"),
        Output(ids.notice(slug), "children"),
        Output(ids.widen(slug), "children"),
        Output(ids.widen(slug), "value"),
    ]


def empty_values(class_name: str, emptied_by: EmptiedBy, look: Look) -> tuple[Any, ...]:
    label = widen_label(emptied_by, look)
    return class_name, notice(emptied_by, look), label, emptied_by or ""


def ready_values(class_name: str) -> tuple[Any, ...]:
    return class_name, "", "", ""


def failed(
    class_name: str, others: int, where: str, parts: Parts
) -> Callable[[Exception], tuple[Any, ...]]:
    """What a card shows when its query fails: one sentence; the rest of it stays."""

    def show(error: Exception) -> tuple[Any, ...]:
        log_failure(error, where)
        said = sentence(error, parts.look().texts)
        return (class_name, said, no_update, no_update, *[no_update] * others)

    return show


def emptied_by(filters: Filters, is_empty: Callable[[Filters], bool]) -> EmptiedBy:
    """The one filter without which there is something to see; else the period."""
    selected = [name for name in LISTS if getattr(filters, name)]
    for name in selected:
        if not is_empty(filters.without(name)):
            return name
    return "all" if len(selected) > 1 else "period"


def _register(app: dash.Dash, panel: Panel, parts: Parts) -> None:
    slug = panel.slug
    drawing = (
        [Output(ids.figures(slug), "data"), Output(ids.caption(slug), "children")]
        if panel.kind == "graph"
        else [Output(ids.cards(slug), "children")]
    )
    outputs = [*notice_outputs(slug), Output(ids.words(slug), "children"), *drawing]

    def answer(applied: Any, _retries: int | None) -> tuple[Any, ...]:
        try:
            filters = filters_of(applied)
        except FilterError:
            # The alert says it once; this panel keeps its last good answer.
            raise PreventUpdate from None
        return _values(panel, filters, parts.scope_for(), parts)

    app.callback(
        outputs,
        Input(ids.APPLIED, "data"),
        Input(ids.retry(slug), "n_clicks"),
        prevent_initial_call=True,
        on_error=failed(panel_class(panel, "error"), 1 + len(drawing), slug, parts),
    )(answer)


def _values(panel: Panel, filters: Filters, scope: Scope, parts: Parts) -> tuple[Any, ...]:
    look = parts.look()
    found = parts.reader.panel(panel.slug, filters, scope)
    if panel.is_empty(found.frame):
        cause = emptied_by(
            found.filters,
            lambda wider: panel.is_empty(parts.reader.panel(panel.slug, wider, scope).frame),
        )
        values = empty_values(panel_class(panel, "empty"), cause, look)
        words = notice(cause, look)
        blank: tuple[Any, ...] = (None, words) if panel.kind == "graph" else ([],)
        return (*values, [], *blank)
    shown = panel.view(found.frame, look, found.filters, parts.today())
    drawn = (shown.figures, shown.caption) if panel.kind == "graph" else (shown.cards,)
    return (*ready_values(panel_class(panel, "ready")), shown.words, *drawn)
