"""Who waits: asked with each change, with newer data and each minute, for it looks at now."""

from typing import Any

import dash
from dash import Input, Output, State, no_update

from callbacks.dependencies import Dependencies, filters_of
from callbacks.panels import failed, ready_values, state_outputs, unchanged
from components import ids
from components.layout import panel_class
from components.panels import waiting
from queries.errors import FilterError
from queries.panels.waiting import WINDOWS
from queries.table_request import TableRequest

_SLUG = waiting.SECTION.slug


def register(app: dash.Dash, dependencies: Dependencies) -> None:
    outputs = [
        *state_outputs(_SLUG),
        Output(ids.words(_SLUG), "content"),
        Output(ids.cards(_SLUG), "content"),
        Output(ids.WAITING_CARD, "content"),
    ]

    def answer(
        applied: Any, wanted: Any, _minutes: int | None, _retries: int | None, class_before: Any
    ) -> tuple[Any, ...]:
        try:
            filters = filters_of(applied)
        except FilterError:
            # The alert says it once; this panel keeps its last good answer. While the store is away
            # since the page came, there is no question yet.
            return unchanged(class_before, len(outputs))
        locale = dependencies.locale()
        window = wanted if wanted in WINDOWS else None
        page = TableRequest(page_size=waiting.LISTED)
        found = dependencies.reader.waiting(filters, dependencies.scope_for(), page, window)
        shown = waiting.view(found, locale, window)
        return (
            *ready_values(_SLUG, panel_class(waiting.SECTION, "ready"), class_before),
            shown.words,
            shown.cards,
            waiting.card(found, locale),
        )

    def show_failure(error: Exception) -> tuple[Any, ...]:
        unknown = [no_update, no_update, waiting.unknown_card(dependencies.locale())]
        return failed(_SLUG, panel_class(waiting.SECTION, "error"), unknown, dependencies)(error)

    app.callback(
        outputs,
        Input(ids.APPLIED, "data"),
        Input(ids.WAITING_WINDOW, "data"),
        Input(ids.MINUTE, "n_intervals"),
        Input(ids.retry(_SLUG), "n_clicks"),
        State(ids.panel(_SLUG), "className"),
        prevent_initial_call=True,
        on_error=show_failure,
    )(answer)
