"""Turns the answer of a panel, or its failure, into the values of the callback's outputs.

The functions ``card_…`` return these values, in the order of the outputs in ``callbacks.panels``:
the class name of the panel's card, its cover (``empty_states.cover``), the line of totals above the
graph or list; then the figures and caption of a graph, or the ``cards`` of another panel; last, for
a panel that adds a card to the indicators (``Panel.card``), that card. A value is ``no_update``
where the browser keeps what it shows, because each change costs the browser time.
"""

from typing import Any

from dash import no_update

from components.empty_states import EmptiedBy, cover, notice, widen_label
from components.lacking import fold_buttons, folded_sentence
from components.locale import Locale
from components.panels.view import Panel, PanelView
from queries.capabilities import Need

Values = tuple[Any, ...]


def card_view(panel: Panel, view: PanelView, indicator: Any, class_before: object) -> Values:
    """Return the outputs' values, as listed above, for a panel whose answer is not empty.

    ``view`` is what the panel shows. ``indicator`` is the content of the card that the panel adds
    to the indicators; it is ignored where ``panel.card`` is None. ``class_before`` is the class
    name that the panel's own card has in the browser.
    """
    card = (indicator,) if panel.card else ()
    return (*ready(panel, class_before), view.words, *_body(panel, view), *card)


def card_empty(panel: Panel, emptied_by: EmptiedBy, locale: Locale) -> Values:
    """Return the outputs' values, as listed above, for a panel whose answer is empty.

    The cover says that ``emptied_by`` is the reason, and has a button that removes this reason.
    Totals and figures are cleared; a card among the indicators stays as it is.
    """
    is_graph = panel.kind == "graph"
    body = (None, [notice(emptied_by, locale)]) if is_graph else (panel.blank(locale),)
    card = (no_update,) if panel.card else ()
    return (*empty(panel, emptied_by, locale), [], *body, *card)


def card_folded(panel: Panel, view: PanelView | None, need: Need, locale: Locale) -> Values:
    """Return the outputs' values, as listed above, for a panel whose ``need`` the store lacks.

    It is folded to a line that says so. ``view`` is what it shows where the reader unfolds it; with
    None there is nothing to show, and it cannot be unfolded. A card that the panel adds to the
    indicators shows no number.
    """
    state = folded(panel, need, locale, can_unfold=view is not None)
    card = (panel.card.unknown(locale),) if panel.card else ()
    if view is not None:
        return (*state, view.words, *_body(panel, view), *card)
    is_graph = panel.kind == "graph"
    body = (None, [folded_sentence(need, locale)]) if is_graph else (panel.blank(locale),)
    return (*state, [], *body, *card)


def card_failure(panel: Panel, message: str, locale: Locale) -> Values:
    """Return the outputs' values, as listed above, for a panel that could not be read.

    The cover has the sentence ``message``. Totals, figures and rows stay those of the last answer;
    a card that the panel adds to the indicators shows no number any more.
    """
    body = (no_update, no_update) if panel.kind == "graph" else (no_update,)
    card = (panel.card.unknown(locale),) if panel.card else ()
    return (*failure(panel, message), no_update, *body, *card)


def _body(panel: Panel, view: PanelView) -> Values:
    return (view.figures, [view.caption]) if panel.kind == "graph" else (view.cards,)


# --- the first two values: class name of the card and its cover ----------------------------------


def ready(panel: Panel, class_before: object) -> Values:
    """Return the class name of the card, and a cover without text, for a panel that shows data.

    Both are ``no_update`` where ``class_before``, the class name that the card has in the browser,
    is the same already.
    """
    class_name = panel.class_name("ready")
    if class_before == class_name:
        return no_update, no_update
    return class_name, cover(panel.slug)


def empty(panel: Panel, emptied_by: EmptiedBy, locale: Locale) -> Values:
    """Return the class name of the card, and its cover, for a panel whose answer is empty.

    The cover says that ``emptied_by`` is the reason, and has a button that removes this reason.
    """
    sentence, label = notice(emptied_by, locale), widen_label(emptied_by, locale)
    return panel.class_name("empty"), cover(panel.slug, sentence, emptied_by, label)


def folded(panel: Panel, need: Need, locale: Locale, *, can_unfold: bool) -> Values:
    """Return the class name of the card, and its cover, for a panel that the data cannot fill.

    The cover says that the store lacks ``need``; where the panel ``can_unfold``, it has a button
    for that.
    """
    buttons = fold_buttons(locale) if can_unfold else []
    sentence = folded_sentence(need, locale)
    return panel.class_name("folded"), cover(panel.slug, sentence, folds=buttons)


def failure(panel: Panel, message: str) -> Values:
    """Return the class name of the card, and its cover with the sentence ``message``.

    They are for a panel that could not be read.
    """
    return panel.class_name("error"), cover(panel.slug, message)


def unchanged(class_before: object, count: int) -> Values:
    """Return ``count`` values for a panel's outputs that leave the panel as it is.

    The first value is ``class_before``, the class name that the card has in the browser; the others
    are ``no_update``. By the class name the browser can tell this answer from the empty answer of a
    proxy on the way.
    """
    return (str(class_before), *[no_update] * (count - 1))


def changed(before: object, after: object) -> Any:
    """Return ``no_update`` where ``after`` equals ``before``, else ``after``.

    ``before`` is the value of an output that the browser has now, ``after`` the new one.
    """
    return no_update if before == after else after
