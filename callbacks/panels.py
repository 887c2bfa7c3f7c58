"""One callback a panel: the question changed, or somebody asked to try again."""

from collections.abc import Callable, Sequence
from typing import Any

import dash
from dash import Input, Output, State, no_update

from callbacks.dependencies import Dependencies, filters_of, log_failure
from components import ids
from components.empty_states import EmptiedBy, cover, notice, widen_label
from components.error_messages import error_message
from components.layout import panel_class
from components.locale import Locale
from components.panels import PANELS
from components.panels.view import Panel
from queries.errors import FilterError
from queries.filters import LISTS, Filters


def register(app: dash.Dash, dependencies: Dependencies) -> None:
    for panel in PANELS:
        _register(app, panel, dependencies)


def state_outputs(slug: str) -> list[Output]:
    """State and cover of a panel's card, in the order of the values that follow."""
    return [Output(ids.panel(slug), "className"), Output(ids.cover(slug), "content")]


def empty_values(
    slug: str, class_name: str, emptied_by: EmptiedBy, locale: Locale
) -> tuple[Any, ...]:
    said, label = notice(emptied_by, locale), widen_label(emptied_by, locale)
    return class_name, cover(slug, said, emptied_by, label)


def ready_values(slug: str, class_name: str, class_before: object) -> tuple[Any, ...]:
    """Nothing where the card was ready before: each change costs the browser time."""
    if class_before == class_name:
        return no_update, no_update
    return class_name, cover(slug)


def unchanged(class_before: object, count: int) -> tuple[Any, ...]:
    """The ``count`` values of a card that stays as it is.

    One of them is given, since an answer with nothing in it is what other machines give, too.
    """
    return (str(class_before), *[no_update] * (count - 1))


def failed(
    slug: str, class_name: str, others: Sequence[Any], dependencies: Dependencies
) -> Callable[[Exception], tuple[Any, ...]]:
    """What a card shows when its query fails: one sentence; ``others`` are its other values."""

    def show(error: Exception) -> tuple[Any, ...]:
        log_failure(error, slug)
        return class_name, cover(slug, error_message(error, dependencies.locale().texts)), *others

    return show


def emptied_by(filters: Filters, is_empty: Callable[[Filters], bool]) -> EmptiedBy:
    """The one filter without which there is something to see; else the period."""
    selected = [name for name in LISTS if getattr(filters, name)]
    for name in selected:
        if not is_empty(filters.without(name)):
            return name
    return "all" if len(selected) > 1 else "period"


def _register(app: dash.Dash, panel: Panel, dependencies: Dependencies) -> None:
    slug = panel.slug
    drawing = (
        [Output(ids.figures(slug), "data"), Output(ids.caption(slug), "content")]
        if panel.kind == "graph"
        else [Output(ids.cards(slug), "content")]
    )
    outputs = [*state_outputs(slug), Output(ids.words(slug), "content"), *drawing]

    def answer(applied: Any, _retries: int | None, class_before: Any) -> tuple[Any, ...]:
        try:
            filters = filters_of(applied)
        except FilterError:
            # The alert says it once; this panel keeps its last good answer.
            return unchanged(class_before, len(outputs))
        return _values(panel, filters, class_before, dependencies)

    kept = [no_update] * (1 + len(drawing))
    app.callback(
        outputs,
        Input(ids.APPLIED, "data"),
        Input(ids.retry(slug), "n_clicks"),
        State(ids.panel(slug), "className"),
        prevent_initial_call=True,
        on_error=failed(slug, panel_class(panel, "error"), kept, dependencies),
    )(answer)


def _values(
    panel: Panel, filters: Filters, class_before: object, dependencies: Dependencies
) -> tuple[Any, ...]:
    locale, scope = dependencies.locale(), dependencies.scope_for()
    found = dependencies.reader.panel(panel.slug, filters, scope)
    if panel.is_empty(found.frame):
        cause = emptied_by(
            found.filters,
            lambda wider: panel.is_empty(dependencies.reader.panel(panel.slug, wider, scope).frame),
        )
        values = empty_values(panel.slug, panel_class(panel, "empty"), cause, locale)
        is_graph = panel.kind == "graph"
        blank = (None, [notice(cause, locale)]) if is_graph else (panel.blank(locale),)
        return (*values, [], *blank)
    shown = panel.view(found.frame, locale, found.filters, dependencies.today())
    drawn = (shown.figures, [shown.caption]) if panel.kind == "graph" else (shown.cards,)
    return (
        *ready_values(panel.slug, panel_class(panel, "ready"), class_before),
        shown.words,
        *drawn,
    )
