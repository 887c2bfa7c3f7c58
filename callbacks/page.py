"""Joining the page: layout and callbacks on one Dash app."""

import dash
from dash.development.base_component import Component

from callbacks import browser, freshness, options, panels, table, timeline, waiting
from callbacks.parts import Parts
from components.index import INDEX, RENDERER
from components.layout import PAGE_TITLE, layout


def register(app: dash.Dash, parts: Parts) -> None:
    """Everything that is seen and wired, on ``app``. Call it once an app."""

    def page() -> Component:
        look = parts.look()
        status, words = freshness.store_status(parts, look)
        return layout(look, status, words, parts.scope_for().masked_columns, parts.site)

    app.title = PAGE_TITLE
    app.index_string = INDEX
    app.renderer = RENDERER
    app.layout = page
    for module in (freshness, panels, waiting, table, options, timeline):
        module.register(app, parts)
    browser.register(app)
