"""Joins the page: layout and callbacks on one Dash app.

The way of a filter change: ``asking`` makes one question of the controls (in the browser);
``panels``, ``table`` and ``waiting`` answer it (on the server); ``painting`` paints the answers (in
the browser).
"""

import dash
from dash.development.base_component import Component

from callbacks import asking, freshness, options, painting, panels, table, timeline, waiting
from callbacks.dependencies import Dependencies
from components.index import INDEX, RENDERER
from components.layout import PAGE_TITLE, layout


def register(app: dash.Dash, dependencies: Dependencies) -> None:
    """Put the layout and all callbacks on ``app``. Call it once an app."""

    def page() -> Component:
        locale = dependencies.locale()
        status, sentence = freshness.store_status(dependencies, locale)
        return layout(
            locale,
            status,
            sentence,
            dependencies.scope_for().masked_columns,
            dependencies.embedding,
        )

    app.title = PAGE_TITLE
    app.index_string = INDEX
    app.renderer = RENDERER
    app.layout = page
    for module in (freshness, panels, waiting, table, options, timeline):
        module.register(app, dependencies)
    asking.register(app)
    painting.register(app)
