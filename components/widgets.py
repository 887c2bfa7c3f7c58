"""Small parts that several places of the page show: a chip, and a definition behind an "i"."""

from components.html_tree import Button, Element, Span
from components.locale import Locale


def chip(
    text: str, locale: Locale, *, action: str, name: str, value: str = "", title: str | None = None
) -> Element:
    """A chip; its button gives ``action``, ``name`` and ``value`` to the script of the page."""
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
    """A button named after ``label`` that shows ``definition`` while it has pointer or focus."""
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
