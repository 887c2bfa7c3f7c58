"""A definition behind a small i, for mouse, touch and keyboard."""

from components.look import Look
from components.plain import Button, Part, Span


def tip(name: str, label: str, definition: str, look: Look) -> Part:
    """A button named after ``label`` that shows ``definition`` while it has pointer or focus."""
    described = f"tip-{name}"
    return Span(
        [
            Button(
                "i",
                type="button",
                className="tip-button",
                **{
                    "aria-label": look.texts.t("What it is: {name}", name=label),
                    "aria-describedby": described,
                },
            ),
            Span(definition, id=described, className="tip-text", role="tooltip"),
        ],
        className="tip",
    )
