"""Turns the answer of a panel, or its failure, into the named parts that the browser paints.

A part is a value of ``Parts``, in types that JSON has. assets/scripts/painting.js paints the parts
that are there and leaves all others as they are:

``state``
    the class name of the panel's card (``Panel.class_name``);
``cover``
    the content of the element over an empty, folded or failed panel (``empty_states.cover``);
``words``
    the line of totals above the graph or list;
``cards``
    the rows of a list, or the cards of the indicators;
``figures``, ``caption``
    of a graph: its figures (``PanelView.figures``) or None, and its description;
``lacks``
    of the indicators: the notes on numbers that stay unknown (``lacking.notes``);
``indicator``
    the card that the panel adds to the indicators (``Panel.card``).

``callbacks.table`` lists the parts of the table of messages.
"""

from typing import Any

from components.empty_states import EmptiedBy, cover, notice, widen_label
from components.lacking import fold_buttons, folded_sentence
from components.locale import Locale
from components.panels.view import Panel, PanelView
from queries.capabilities import Need

#: What the browser paints of a panel, by name.
Parts = dict[str, Any]


def card_view(panel: Panel, view: PanelView, indicator: Any) -> Parts:
    """Return the parts of a panel whose answer is not empty.

    ``view`` is what the panel shows. ``indicator`` is the content of the card that the panel adds
    to the indicators; it is ignored where ``panel.card`` is None.
    """
    card = {"indicator": indicator} if panel.card else {}
    return {**ready(panel), "words": view.words, **_body(panel, view), **card}


def card_empty(panel: Panel, emptied_by: EmptiedBy, locale: Locale) -> Parts:
    """Return the parts of a panel whose answer is empty.

    The cover says that ``emptied_by`` is the reason, and has a button that removes this reason.
    Totals and figures are cleared; a card among the indicators stays as it is.
    """
    return {
        **empty(panel, emptied_by, locale),
        "words": [],
        **_blank(panel, notice(emptied_by, locale), locale),
    }


def card_folded(panel: Panel, view: PanelView | None, need: Need, locale: Locale) -> Parts:
    """Return the parts of a panel whose ``need`` the store lacks.

    It is folded to a line that says so. ``view`` is what it shows where the reader unfolds it; with
    None there is nothing to show, and it cannot be unfolded. A card that the panel adds to the
    indicators shows no number.
    """
    sentence = folded_sentence(need, locale)
    buttons = fold_buttons(locale) if view is not None else []
    state = {
        "state": panel.class_name("folded"),
        "cover": cover(panel.slug, sentence, folds=buttons),
    }
    card = {"indicator": panel.card.unknown(locale)} if panel.card else {}
    if view is not None:
        return {**state, "words": view.words, **_body(panel, view), **card}
    return {**state, "words": [], **_blank(panel, sentence, locale), **card}


def card_failure(panel: Panel, message: str, locale: Locale) -> Parts:
    """Return the parts of a panel that could not be read.

    The cover has the sentence ``message``. Totals, figures and rows stay those of the last answer;
    a card that the panel adds to the indicators shows no number any more.
    """
    card = {"indicator": panel.card.unknown(locale)} if panel.card else {}
    return {**failure(panel, message), **card}


def ready(panel: Panel) -> Parts:
    """Return the state of a panel that shows data, and a cover without text."""
    return {"state": panel.class_name("ready"), "cover": cover(panel.slug)}


def empty(panel: Panel, emptied_by: EmptiedBy, locale: Locale) -> Parts:
    """Return the state of a panel whose answer is empty, and its cover.

    The cover says that ``emptied_by`` is the reason, and has a button that removes this reason.
    """
    sentence, label = notice(emptied_by, locale), widen_label(emptied_by, locale)
    return {
        "state": panel.class_name("empty"),
        "cover": cover(panel.slug, sentence, emptied_by, label),
    }


def failure(panel: Panel, message: str) -> Parts:
    """Return the state of a panel that could not be read; its cover says the ``message``."""
    return {"state": panel.class_name("error"), "cover": cover(panel.slug, message)}


def _body(panel: Panel, view: PanelView) -> Parts:
    if panel.kind == "graph":
        return {"figures": view.figures, "caption": [view.caption]}
    return {"cards": view.cards}


def _blank(panel: Panel, sentence: str, locale: Locale) -> Parts:
    """Return the body of a panel without rows; ``sentence`` describes a graph without figures."""
    if panel.kind == "graph":
        return {"figures": None, "caption": [sentence]}
    return {"cards": panel.blank(locale)}
