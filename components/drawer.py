"""Makes drawers: panes that slide in at the right side of the page (Bootstrap's Offcanvas).

A button opens a drawer with ``data-action="open-drawer"`` and ``data-value=<id>``, a script with
``open(id, opener)`` of assets/scripts/drawer.js. Esc, the close button and a click beside the
drawer close it, and the focus returns to the element that opened it. While a drawer is closed, the
browser's document has none of its elements.
"""

from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from components import ids
from components.html_tree import Button, StaticHtml
from components.locale import Locale


def drawer(id_: str, title: str, body: Any, locale: Locale) -> Component:
    """Return a closed drawer with the component id ``id_``.

    ``title`` is its heading, already translated; callbacks may change it under the id
    ``ids.drawer_title(id_)``. ``body`` is a Dash component or a list of Dash components.
    """
    heading = ids.drawer_title(id_)
    name = locale.texts.gettext("Close")
    # The library has a close button, but its label is "Close" in every language.
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
