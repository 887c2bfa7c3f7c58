"""A drawer at the right side of the page: dash-bootstrap-components' Offcanvas.

A button opens it with ``data-action="open-drawer"`` and ``data-value=<id>``; a script opens it with
``open(id, opener)`` of assets/scripts/drawer.js. Esc, its button and a press beside
it close it, and the focus goes back to what opened it. While it is closed the browser holds none of
its elements.
"""

from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from components import ids
from components.html_tree import Button, StaticHtml
from components.locale import Locale


def drawer(id_: str, title: str, body: Any, locale: Locale) -> Component:
    """Return the drawer ``id_``, closed; ``body`` is what Dash takes as children.

    Its title is a component of its own (``ids.drawer_title``), so that a callback may change it.
    """
    heading = ids.drawer_title(id_)
    name = locale.texts.gettext("Close")
    # The library's own button is called "Close" in every language.
    close = Button(
        "\u00d7",
        type="button",
        className="quiet-button drawer-close",
        title=name,
        **{"aria-label": name, "data-action": "close-drawer", "data-value": id_},
    )
    return dbc.Offcanvas(
        [
            html.Div(
                [
                    StaticHtml([title], id=heading, tag="h2"),
                    StaticHtml([close], className="as-one"),
                ],
                className="drawer-head",
            ),
            html.Div(
                body,
                className="drawer-body",
                role="region",
                tabIndex="0",
                **{"aria-labelledby": heading},
            ),
        ],
        id=id_,
        class_name="drawer",
        placement="end",
        close_button=False,
        labelledby=heading,
    )
