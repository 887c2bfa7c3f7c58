"""A dialog at the right side of the page, opened by a button or by a script.

A button opens it by ``data-action="open-drawer"`` and ``data-value=<id>``; a script by ``open(id,
trigger)`` of assets/scripts/drawer.js. Esc, its button and a press beside it close it, and the
focus goes back to what opened it.
"""

from typing import Any

from dash import html
from dash.development.base_component import Component

from components import ids
from components.html_tree import Button, StaticHtml
from components.locale import Locale


def drawer(id_: str, title: str, body: Any, locale: Locale) -> Component:
    """The drawer ``id_``, still closed; ``body`` is what Dash takes as children.

    Its title is a component of its own (``ids.drawer_title``), so a callback may change it.
    """
    heading = ids.drawer_title(id_)
    close = Button(
        "\u00d7",
        type="button",
        className="quiet-button drawer-close",
        title=locale.texts.gettext("Close"),
        **{
            "aria-label": locale.texts.gettext("Close"),
            "data-action": "close-drawer",
            "data-value": id_,
        },
    )
    return html.Dialog(
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
        className="drawer",
        **{"aria-labelledby": heading},
    )
