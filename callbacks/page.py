"""Puts the whole page on a Dash app: its layout and all callbacks.

The way of a filter change: ``asking`` makes one question of the controls (in the browser);
``panels`` answers it with ``answers`` (on the server); ``painting`` paints the answers (in the
browser).
"""

from collections.abc import Sequence

import dash
from dash.development.base_component import Component

from callbacks import (
    ahead,
    asking,
    case_timeline,
    freshness,
    options,
    painting,
    sources,
    table,
    template_trend,
)
from callbacks import panels as panel_callbacks
from callbacks.dependencies import Dependencies
from components.index import INDEX, RENDERER
from components.layout import PAGE_TITLE, layout
from components.panels import PANELS
from components.panels.view import Panel, in_order


def register(app: dash.Dash, dependencies: Dependencies, panels: Sequence[Panel] = PANELS) -> None:
    """Give ``app`` its title, index page, renderer, layout and all callbacks.

    Call this once for each app. The page shows ``panels`` by their ``place``, in whatever order
    they are given.
    """
    panels = tuple(panel for panel in in_order(panels) if panel.is_shown)

    def page() -> Component:
        locale = dependencies.locale()
        status, sentence = freshness.store_status(dependencies, locale)
        return layout(
            locale, status, sentence, dependencies.viewer(), dependencies.deployment, panels
        )

    app.title = PAGE_TITLE
    app.index_string = INDEX
    app.renderer = RENDERER
    app.layout = page
    freshness.register(app, dependencies)
    panel_callbacks.register(app, dependencies, panels)
    if dependencies.deployment.asks_ahead:
        ahead.register(app, dependencies, panels)
    table.register(app, panels)
    options.register(app, dependencies)
    case_timeline.register(app, dependencies)
    template_trend.register(app, dependencies)
    sources.register(app, dependencies)
    asking.register(app, panels)
    painting.register(app)
