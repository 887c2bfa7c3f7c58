"""Widgets that several places of the page use: a chip, and a definition behind an "i"."""

from components.html_tree import Button, Element, Span
from components.locale import Locale


def chip(
    text: str, locale: Locale, *, action: str, name: str, value: str = "", title: str | None = None
) -> Element:
    """Return a chip with a button that removes it.

    A press on the button does ``action`` with ``name`` and ``value`` (see assets/consumo.js).
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
