"""The texts of the chips that name each selected filter value, and the alert about a wrong filter.

The browser makes the chips itself as soon as a filter changes, with the texts of ``chip_labels``.
"""

from typing import Any, Final

from components.error_messages import error_message
from components.filter_bar import MORE
from components.html_tree import Button, Div, Element, Span
from components.labels import SHORT_FILTERS, filter_label, value_labels, vocabulary
from components.locale import Locale
from queries.errors import FilterError
from queries.filters import LISTS

#: The filters that chips can name.
_NAMED: Final = ("period", *LISTS)


def chip_labels(locale: Locale) -> dict[str, Any]:
    """Return what the browser needs to write chips: names of filters and values, and sentences."""
    gettext = locale.texts.gettext
    return {
        "labels": {name: gettext(SHORT_FILTERS[name]) for name in _NAMED},
        "values": {
            name: {value: filter_label(name, value, locale) for value in value_labels(name, locale)}
            for name in LISTS
        },
        # The names of a status where one direction is selected: then "Lido / Tratada" is "Lido" or
        # "Tratada".
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
    """Return the alert that says which filter is wrong, with a button that clears the filters."""
    clear = Button(
        locale.texts.gettext("Clear filters"),
        type="button",
        className="link-button",
        **{"data-action": "clear"},
    )
    return [Div([Span(error_message(error, locale.texts)), clear], className="alert-box")]
