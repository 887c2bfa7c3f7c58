"""One chip: words, and a button that takes away what they say."""

from dash import html
from dash.development.base_component import Component

from components.look import Look


def chip(
    text: str, look: Look, *, action: str, name: str, value: str = "", title: str | None = None
) -> Component:
    """A chip; its button gives ``action``, ``name`` and ``value`` to the script of the page."""
    return html.Span(
        [
            html.Span(text),
            html.Button(
                "\u00d7",
                type="button",
                className="chip-remove",
                **{
                    "aria-label": look.texts.t("Remove {chip}", chip=text),
                    "data-action": action,
                    "data-name": name,
                    "data-value": value,
                },
            ),
        ],
        className="chip",
        title=title,
    )
