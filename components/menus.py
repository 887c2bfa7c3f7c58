"""Menus whose entries are links and buttons. Menus that hold controls are in ``filter_bar``."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash.development.base_component import Component

from components.bootstrap import with_attributes
from components.html_tree import Span, StaticHtml


def menu(face: str, name: str, entries: Sequence[Component], id_: str) -> Component:
    """Return a button with the text ``face`` and the id ``id_``, which opens a menu of ``entries``.

    ``name`` says what the menu is for: the button's tooltip shows it, and screen readers read it
    out in place of ``face``. ``link_entry`` and ``button_entry`` make entries.
    """
    shown = Span(face, className="with-arrow", **{"aria-hidden": "true"})
    label = StaticHtml(
        [shown, Span(name, className="visually-hidden")],
        tag="span",
        className="menu-face",
        title=name,
    )
    return dbc.DropdownMenu(
        list(entries),
        label=label,
        align_end=True,
        caret=False,
        class_name="menu",
        color="link",
        toggle_class_name="quiet-button",
        id=id_,
    )


def link_entry(text: str, *, id_: str, href: str, **attributes: str) -> Component:
    """Return an entry for a menu: a link to ``href`` with the id ``id_``.

    ``attributes`` are further attributes of its HTML element, for example ``lang``.
    """
    # Without external_link, a press would only change the address of the page that is open.
    entry = dbc.DropdownMenuItem(
        text, id=id_, href=href, external_link=True, class_name="menu-item"
    )
    return with_attributes(entry, **attributes)


def button_entry(text: str, **attributes: str) -> Component:
    """Return an entry for a menu: a button with the text ``text``.

    ``attributes`` are those of its HTML element; ``data-action`` and ``data-value`` say what a
    press on it does (assets/scripts/actions.js lists the actions).
    """
    return with_attributes(dbc.DropdownMenuItem(text, class_name="menu-item"), **attributes)
