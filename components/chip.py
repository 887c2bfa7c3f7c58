"""One chip: words, and a button that takes away what they say."""

from components.look import Look
from components.plain import Button, Part, Span


def chip(
    text: str, look: Look, *, action: str, name: str, value: str = "", title: str | None = None
) -> Part:
    """A chip; its button gives ``action``, ``name`` and ``value`` to the script of the page."""
    return Span(
        [
            Span(text),
            Button(
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
        **({"title": title} if title else {}),
    )
