"""Joining the page: layout and callbacks on one Dash app."""

import dash
from dash.development.base_component import Component

from callbacks import browser, freshness, options, panels, table, timeline, waiting
from callbacks.dependencies import Dependencies
from components.index import INDEX, RENDERER
from components.layout import PAGE_TITLE, layout


def register(app: dash.Dash, dependencies: Dependencies) -> None:
    """Everything that is seen and wired, on ``app``. Call it once an app."""

    def page() -> Component:
        locale = dependencies.locale()
        status, words = freshness.store_status(dependencies, locale)
        return layout(
            locale, status, words, dependencies.scope_for().masked_columns, dependencies.embedding
        )

    app.title = PAGE_TITLE
    app.index_string = INDEX
    app.renderer = RENDERER
    app.layout = page
    for module in (freshness, panels, waiting, table, options, timeline):
        module.register(app, dependencies)
    browser.register(app)
