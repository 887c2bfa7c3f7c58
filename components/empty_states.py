"""The texts and buttons of an empty panel."""

from collections.abc import Sequence

from components import ids
from components.html_tree import Button, Element, P
from components.labels import SHORT_FILTERS
from components.locale import Locale

#: Why a panel is empty: the name of the filter that leaves nothing, "period" (the period has no
#: data), "all" (several filters together) or "table" (the filters of the table's columns).
EmptiedBy = str


def notice(emptied_by: EmptiedBy, locale: Locale) -> str:
    """Return two short translated sentences that say why a panel is empty.

    ``emptied_by`` is the reason. Raises ``KeyError`` where it is none that ``EmptiedBy`` lists.
    """
    gettext = locale.texts.gettext
    nothing = gettext("No data with these filters.")
    if emptied_by == "period":
        return f"{nothing} " + gettext("The period holds none.")
    if emptied_by == "all":
        return f"{nothing} " + gettext("It is the combination of several that leaves nothing.")
    if emptied_by == "table":
        return f"{nothing} " + gettext("The filters of the table's columns leave nothing.")
    label = gettext(SHORT_FILTERS[emptied_by])
    return f"{nothing} " + gettext('The filter "{filter}" leaves nothing.', filter=label)


def widen_label(emptied_by: EmptiedBy, locale: Locale) -> str:
    """Return the text of the button on an empty panel, for example "Clear filters".

    A press on it removes the reason ``emptied_by``, such as the one filter that leaves nothing.
    Raises ``KeyError`` where that is none that ``EmptiedBy`` lists.
    """
    gettext = locale.texts.gettext
    if emptied_by == "period":
        return gettext("See the whole period")
    if emptied_by == "all":
        return gettext("Clear filters")
    if emptied_by == "table":
        return gettext("Clear column filters")
    return gettext('Clear "{filter}"', filter=gettext(SHORT_FILTERS[emptied_by]))


def cover(
    slug: str,
    sentence: str = "",
    emptied_by: EmptiedBy = "",
    label: str = "",
    folds: Sequence[Element] = (),
) -> list[Element]:
    """Return the elements that cover the panel ``slug`` while it is empty or could not be read.

    They are the ``sentence`` that says why, and a button with the text ``label`` that clears the
    filters which ``emptied_by`` names. The stylesheet shows the button on empty panels only: for a
    panel that could not be read, give only the sentence; for one that shows an answer, only
    ``slug``. ``folds`` are the buttons that unfold a folded panel.
    """
    return [
        P(sentence, id=ids.notice(slug), role="status"),
        Button(
            label,
            id=ids.widen(slug),
            type="button",
            className="soft-button only-empty",
            value=emptied_by,
            **{"data-action": "widen"},
        ),
        *folds,
    ]
