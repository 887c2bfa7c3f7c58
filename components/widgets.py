"""Small parts that several places of the page use: chips, tips, and the alert of a bad filter.

A chip names one selected filter and has a button that removes it. The chips of the page's filters
are made in the browser (assets/scripts/chips.js), with the texts of ``chip_labels``.
"""

from typing import Any, Final

from components.error_messages import error_message
from components.filter_bar import MORE, list_texts
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
    """Return a chip: the ``text`` of a selected filter, with a button that removes the filter.

    ``action`` is an action of assets/scripts/actions.js; a press on the button runs it with
    ``name`` (of a filter or column) and ``value``. ``title`` is shown as a tooltip, the whole text
    where ``text`` is a cut one; None for no tooltip. ``text`` is already translated.
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


def tip(name: str, label: str, definition: str, locale: Locale, class_name: str = "") -> Element:
    """Return a button "i" that shows ``definition`` while the pointer or the focus is on it.

    ``label`` is the name of what is defined; screen readers read it out. Both are already
    translated. ``name`` becomes part of the id of the definition's element, so no other tip on the
    page may have the same. ``class_name`` are further class names of the tip.
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
        className=f"tip {class_name}".rstrip(),
    )


def chip_labels(locale: Locale) -> dict[str, Any]:
    """Return the translated texts with which the browser makes chips, by the names scripts use.

    ``labels``: the short name of the period and of each list filter. ``values``: for each list
    filter, the label of each of its codes; a filter whose values come from the data has none.
    ``statuses``: for each direction, the labels of its statuses. ``more``: the codes of the filters
    behind the button "More filters", which shows how many of them are set. ``remove``, ``rest``,
    ``more_chips``, ``clear``: texts of buttons; ``list``: those of ``filter_bar.list_texts``;
    ``only`` and ``undo``: the note of what a press on a mark did, and its button. Scripts fill
    places such as ``{count}``. ``presets``: the name of each preset of the period;
    ``default_period`` and ``no_period``: those of the default period and of one that cannot be
    used.
    """
    gettext = locale.texts.gettext
    return {
        "labels": {name: gettext(SHORT_FILTERS[name]) for name in _NAMED},
        "values": {
            name: {value: filter_label(name, value, locale) for value in value_labels(name, locale)}
            for name in LISTS
        },
        # While one direction is selected, the chip of a status has the label of that direction:
        # "Lido" or "Tratada" in place of "Lido / Tratada".
        "statuses": {
            "out": vocabulary("status", locale),
            "in": vocabulary("incoming_status", locale),
        },
        "more": list(MORE),
        "remove": gettext("Remove {chip}"),
        "rest": gettext("{label}: {count} more"),
        "more_chips": gettext("Further filters that are set"),
        "clear": gettext("Clear filters"),
        "list": list_texts(locale),
        "only": gettext("Only: {what}"),
        "undo": gettext("undo"),
        "presets": value_labels("period", locale),
        "default_period": gettext("30 days"),
        "no_period": gettext("Invalid period"),
    }


def alert(error: FilterError, locale: Locale) -> list[Element]:
    """Return the alert that says what is wrong with a filter, with the button "Clear filters".

    ``error`` was raised while the page's filters, or order and filters of the table, were parsed.
    A period whose ends are the wrong way round has a button that swaps them.
    """
    swap = Button(
        locale.texts.gettext("Swap"),
        type="button",
        className="link-button",
        **{"data-action": "swap-held"},
    )
    clear = Button(
        locale.texts.gettext("Clear filters"),
        type="button",
        className="link-button",
        **{"data-action": "clear"},
    )
    buttons = [swap, clear] if error.code == "period_reversed" else [clear]
    sentence = Span(error_message(error, locale.texts))
    return [Div([sentence, *buttons], className="alert-box")]
