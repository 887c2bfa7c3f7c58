"""What a panel's card shows of an answer, as values of the card's properties.

Each function returns a tuple whose order is that of the outputs in ``callbacks.panels``. A value is
``no_update`` where the property stays as it is, because each change costs the browser time.
"""

from typing import Any

from dash import no_update

from components.empty_states import EmptiedBy, cover, notice, widen_label
from components.locale import Locale
from components.panels.view import Panel, PanelView

Values = tuple[Any, ...]


def card_view(panel: Panel, view: PanelView, indicator: Any, class_before: object) -> Values:
    """An answer with something to show. ``indicator`` is the panel's card among the indicators."""
    body = (view.figures, [view.caption]) if panel.kind == "graph" else (view.cards,)
    card = (indicator,) if panel.card else ()
    return (*ready(panel, class_before), view.words, *body, *card)


def card_empty(panel: Panel, emptied_by: EmptiedBy, locale: Locale) -> Values:
    """An answer without anything to show: which filter is the cause, and a button to remove it."""
    is_graph = panel.kind == "graph"
    body = (None, [notice(emptied_by, locale)]) if is_graph else (panel.blank(locale),)
    card = (no_update,) if panel.card else ()
    return (*empty(panel, emptied_by, locale), [], *body, *card)


def card_failure(panel: Panel, message: str, locale: Locale) -> Values:
    """A panel that could not be read: one sentence; words and body keep the last good answer."""
    body = (no_update, no_update) if panel.kind == "graph" else (no_update,)
    card = (panel.card.unknown(locale),) if panel.card else ()
    return (*failure(panel, message), no_update, *body, *card)


# --- the first two values: state of the card and what covers it ----------------------------------


def ready(panel: Panel, class_before: object) -> Values:
    """State and cover of a panel that shows an answer."""
    class_name = panel.class_name("ready")
    if class_before == class_name:
        return no_update, no_update
    return class_name, cover(panel.slug)


def empty(panel: Panel, emptied_by: EmptiedBy, locale: Locale) -> Values:
    """State and cover of a panel that has nothing to show."""
    sentence, label = notice(emptied_by, locale), widen_label(emptied_by, locale)
    return panel.class_name("empty"), cover(panel.slug, sentence, emptied_by, label)


def failure(panel: Panel, message: str) -> Values:
    """State and cover of a panel that could not be read."""
    return panel.class_name("error"), cover(panel.slug, message)


def unchanged(class_before: object, count: int) -> Values:
    """The ``count`` values of a card that stays as it is.

    Its class name is given all the same, so that the browser can tell this answer from an empty one
    that a proxy on the way may give.
    """
    return (str(class_before), *[no_update] * (count - 1))


def changed(before: object, after: object) -> Any:
    """``after``, or ``no_update`` where it is what the browser shows already."""
    return no_update if before == after else after
