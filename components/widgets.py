"""Small parts of the page: chips of filters, the alert of a bad filter, and tips.

The browser makes the chips of the selection by itself, at the moment of the choice;
``chip_labels`` are the words for them.
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


def chip(
    text: str, locale: Locale, *, action: str, name: str, value: str = "", title: str | None = None
) -> Element:
    """Return a chip with a button that removes it.

    A press on it does ``action`` with ``name`` and ``value`` (see assets/scripts/actions.js).
    """
    return Span(
        [
            Span(text),
            Button(
                "\u00d7",
                type="button",
                className="chip-remove",
                **{
                    "aria-label": locale.texts.gettext("Remove {chip}", chip=text),
                    "data-action": action,
                    "data-name": name,
                    "data-value": value,
                },
            ),
        ],
        className="chip",
        **({"title": title} if title else {}),
    )


def tip(name: str, label: str, definition: str, locale: Locale) -> Element:
    """Return a button that shows ``definition`` while the pointer or the focus is on it.

    ``name`` must be unique on the page; ``label`` is what the definition is about.
    """
    described = f"tip-{name}"
    return Span(
        [
            Button(
                "i",
                type="button",
                className="tip-button",
                **{
                    "aria-label": locale.texts.gettext("What it is: {name}", name=label),
                    "aria-describedby": described,
                },
            ),
            Span(definition, id=described, className="tip-text", role="tooltip"),
        ],
        className="tip",
    )


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
