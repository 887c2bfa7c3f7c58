"""What is selected: chips that can be taken away one by one, and what is wrong with it.

The browser makes the chips itself, at the moment of the choice; these are the words for it.
"""

from typing import Any, Final

from components.error_messages import error_message
from components.filter_bar import MORE
from components.html_tree import Button, Div, Element, Span
from components.labels import SHORT_FILTERS, filter_label, value_labels, vocabulary
from components.locale import Locale
from queries.errors import FilterError
from queries.filters import LISTS

#: What a chip can stand for.
_NAMED: Final = ("period", *LISTS)


def chip_labels(locale: Locale) -> dict[str, Any]:
    """Labels of the filters, words of their values, and the sentences around them."""
    gettext = locale.texts.gettext
    return {
        "labels": {name: gettext(SHORT_FILTERS[name]) for name in _NAMED},
        "values": {
            name: {value: filter_label(name, value, locale) for value in value_labels(name, locale)}
            for name in LISTS
        },
        # Of a status, where one direction is selected: "Lido / Tratada" is one of the two then.
        "statuses": {
            "out": vocabulary("status", locale),
            "in": vocabulary("incoming_status", locale),
        },
        "more": list(MORE),
        "remove": gettext("Remove {chip}"),
        "rest": gettext("{label}: {count} more"),
        "clear": gettext("Clear filters"),
    }


def alert(error: FilterError, locale: Locale) -> list[Element]:
    """What is wrong with a question, and the button that takes all of it back."""
    clear = Button(
        locale.texts.gettext("Clear filters"),
        type="button",
        className="link-button",
        **{"data-action": "clear"},
    )
    return [Div([Span(error_message(error, locale.texts)), clear], className="alert-box")]
