"""A definition behind a small i, for mouse, touch and keyboard."""

from dash import html
from dash.development.base_component import Component


def tip(name: str, label: str, definition: str) -> Component:
    """A button named ``label`` that shows ``definition`` while it has pointer or focus."""
    described = f"tip-{name}"
    return html.Span(
        [
            html.Button(
                "i",
                type="button",
                className="tip-button",
                **{"aria-label": f"ⓘ {label}", "aria-describedby": described},
            ),
            html.Span(definition, id=described, className="tip-text", role="tooltip"),
        ],
        className="tip",
    )
