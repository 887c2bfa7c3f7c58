"""Joining the page: layout and callbacks on one Dash app."""

from collections.abc import Sequence

import dash
from dash.development.base_component import Component

from callbacks import browser, freshness, options, table, timeline
from callbacks import panels as panel_callbacks
from callbacks.dependencies import Dependencies
from components.index import INDEX, RENDERER
from components.layout import PAGE_TITLE, layout
from components.panels import PANELS
from components.panels.view import Panel, in_order


def register(app: dash.Dash, dependencies: Dependencies, panels: Sequence[Panel] = PANELS) -> None:
    """Give ``app`` its layout and its callbacks. Call it once an app."""
    panels = in_order(panels)

    def page() -> Component:
        locale = dependencies.locale()
        status, words = freshness.store_status(dependencies, locale)
        masked = dependencies.scope_for().masked_columns
        return layout(locale, status, words, masked, dependencies.embedding, panels)

    app.title = PAGE_TITLE
    app.index_string = INDEX
    app.renderer = RENDERER
    app.layout = page
    freshness.register(app, dependencies)
    panel_callbacks.register(app, dependencies, panels)
    table.register(app, dependencies, panels)
    options.register(app, dependencies)
    timeline.register(app, dependencies)
    browser.register(app, panels)
