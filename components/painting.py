"""Turns the answer of a panel, or its failure, into the values of the callback's outputs.

The functions ``card_…`` return, in the order of the outputs in ``callbacks.panels``: class name of
the card, cover, words, then figures and caption of a graph or ``cards`` of another kind, then the
panel's card among the indicators where it has one. A value is ``no_update`` where the property
stays as it is, because each change costs the browser time.
"""

from typing import Any

from dash import no_update

from components.empty_states import EmptiedBy, cover, notice, widen_label
from components.locale import Locale
from components.panels.view import Panel, PanelView

Values = tuple[Any, ...]


def card_view(panel: Panel, view: PanelView, indicator: Any, class_before: object) -> Values:
    """Return the values for an answer with rows.

    ``indicator`` is the content of the panel's card among the indicators, unused where it has none;
    ``class_before`` is the card's class name in the browser.
    """
    body = (view.figures, [view.caption]) if panel.kind == "graph" else (view.cards,)
    card = (indicator,) if panel.card else ()
    return (*ready(panel, class_before), view.words, *body, *card)


def card_empty(panel: Panel, emptied_by: EmptiedBy, locale: Locale) -> Values:
    """Return the values for an empty answer: why it is empty, and a button that changes that."""
    is_graph = panel.kind == "graph"
    body = (None, [notice(emptied_by, locale)]) if is_graph else (panel.blank(locale),)
    card = (no_update,) if panel.card else ()
    return (*empty(panel, emptied_by, locale), [], *body, *card)


def card_failure(panel: Panel, message: str, locale: Locale) -> Values:
    """Return the values for a panel that could not be read: the sentence ``message``.

    Words, figures and cards keep the last good answer.
    """
    body = (no_update, no_update) if panel.kind == "graph" else (no_update,)
    card = (panel.card.unknown(locale),) if panel.card else ()
    return (*failure(panel, message), no_update, *body, *card)


# --- the first two values: class name of the card and its cover ----------------------------------


def ready(panel: Panel, class_before: object) -> Values:
    """Return class name and (empty) cover of a panel that shows an answer.

    Both are ``no_update`` where the browser's class name, ``class_before``, says so already.
    """
    class_name = panel.class_name("ready")
    if class_before == class_name:
        return no_update, no_update
    return class_name, cover(panel.slug)


def empty(panel: Panel, emptied_by: EmptiedBy, locale: Locale) -> Values:
    """Return class name and cover of a panel with an empty answer."""
    sentence, label = notice(emptied_by, locale), widen_label(emptied_by, locale)
    return panel.class_name("empty"), cover(panel.slug, sentence, emptied_by, label)


def failure(panel: Panel, message: str) -> Values:
    """Return class name and cover of a panel that could not be read."""
    return panel.class_name("error"), cover(panel.slug, message)


def unchanged(class_before: object, count: int) -> Values:
    """Return ``count`` values that leave a card as it is.

    The first repeats the card's class name, so that the browser can tell this answer from an empty
    one that a proxy on the way may send.
    """
    return (str(class_before), *[no_update] * (count - 1))


def changed(before: object, after: object) -> Any:
    """Return ``after``, or ``no_update`` where it equals ``before``, which the browser shows."""
    return no_update if before == after else after
