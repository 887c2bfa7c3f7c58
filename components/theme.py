"""The colours of the page: one name a meaning, one value a theme.

Figures name a colour as ``var(--sent)``; the browser puts in the value of the theme in force, so a
change of theme asks nothing of the server. ``assets/1-colours.css`` repeats this table, and a test
holds the two together.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Colour:
    """One meaning, as sRGB in hexadecimal for each theme."""

    light: str
    dark: str


COLOURS: Final[dict[str, Colour]] = {
    "sent": Colour("#0F6E84", "#3FB2C9"),
    "received": Colour("#E08A1E", "#F0A63F"),
    "received-soft": Colour("#EFC28B", "#8C662F"),
    "status-new": Colour("#A3ADB8", "#6B7785"),
    "status-sent": Colour("#9CCAD4", "#2C5966"),
    "status-delivered": Colour("#4FA3B4", "#3A8A9C"),
    "status-read": Colour("#0F6E84", "#5CCBE0"),
    "status-unknown": Colour("#D5DAE0", "#3D4855"),
    "failed": Colour("#C2410C", "#F07A4B"),
    "created": Colour("#C3CBD5", "#4A5765"),
    "attended": Colour("#2F7D4F", "#5BBF85"),
    "page": Colour("#F6F7F9", "#12171D"),
    "card": Colour("#FFFFFF", "#1A2129"),
    "line": Colour("#E3E7EC", "#2B3540"),
    "text": Colour("#1B2430", "#E8EDF2"),
    "quiet": Colour("#5B6675", "#9AA7B5"),
}


def colour(name: str) -> str:
    """The reference to a colour, for figures and inline styles. Raises ``KeyError``."""
    COLOURS[name]
    return f"var(--{name})"


def status_colour(status: str) -> str:
    """The colour of an outgoing message's status."""
    return colour("failed" if status == "failed" else f"status-{status}")
