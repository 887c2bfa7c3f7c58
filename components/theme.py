"""The colours of the page, in the light and the dark theme; and the widths of screens.

No other file has colours. Figures and stylesheets refer to a colour by its name, as
``var(--sent)``, and the browser fills in the value of the theme in use, so that a change of theme
needs no request. ``colour_styles`` writes all values at the head of page.css.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Colour:
    """The value of a colour in the light theme and in the dark one, each as ``#RRGGBB`` (sRGB)."""

    light: str
    dark: str


#: Every colour of the page, by what it stands for. ``said-…`` colours the text of a message's
#: status: text needs more contrast than the bar of the same status (``status-…``).
COLOURS: Final[dict[str, Colour]] = {
    "sent": Colour("#0F6E84", "#3FB2C9"),
    "received": Colour("#CE7B12", "#F0A63F"),
    "received-soft": Colour("#EFC28B", "#8C662F"),
    "status-new": Colour("#A3ADB8", "#6B7785"),
    "status-sent": Colour("#9CCAD4", "#2C5966"),
    "status-delivered": Colour("#4FA3B4", "#3A8A9C"),
    "status-read": Colour("#0F6E84", "#5CCBE0"),
    "status-unknown": Colour("#D5DAE0", "#3D4855"),
    "failed": Colour("#C2410C", "#F07A4B"),
    "created": Colour("#7F8C9B", "#708092"),
    "attended": Colour("#2F7D4F", "#5BBF85"),
    "page": Colour("#F6F7F9", "#12171D"),
    "card": Colour("#FFFFFF", "#1A2129"),
    "paper": Colour("#FFFFFF", "#FFFFFF"),
    "line": Colour("#E3E7EC", "#2B3540"),
    "text": Colour("#1B2430", "#E8EDF2"),
    "quiet": Colour("#5B6675", "#9AA7B5"),
    "hover": Colour("#EEF1F4", "#222B35"),
    "soft": Colour("#E4F0F2", "#1D3A43"),
    "better": Colour("#2F7D4F", "#5BBF85"),
    "worse": Colour("#C2410C", "#F07A4B"),
    "said-new": Colour("#5B6675", "#9AA7B5"),
    "said-sent": Colour("#3E6B76", "#9CCAD4"),
    "said-delivered": Colour("#22707F", "#63B9CA"),
    "said-read": Colour("#0F6E84", "#5CCBE0"),
    "said-failed": Colour("#C2410C", "#F07A4B"),
    "said-waiting": Colour("#9A5B00", "#F0A63F"),
    "said-handled": Colour("#2A7347", "#5BBF85"),
}

#: The screens that get the narrow and the medium drawing of a figure, as media queries; all others
#: get the wide one. The stylesheets change the page at the same widths. ``medium`` is for panels of
#: similar width on two kinds of screen: two beside each other, or one on a phone.
SCREENS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "narrow": "(max-width: 430px)",
        "medium": "(min-width: 861px) and (max-width: 1100px), (max-width: 560px)",
    }
)


def colour(name: str) -> str:
    """Return the CSS reference to the colour ``name``, for example ``var(--sent)`` for "sent".

    Raises ``KeyError`` where ``name`` is not in ``COLOURS``.
    """
    COLOURS[name]
    return f"var(--{name})"


def status_colour(status: str) -> str:
    """Return the CSS reference to the colour of a status, for example ``var(--status-read)``.

    ``status`` is that of an outgoing message, such as "read" or "failed". Raises ``KeyError`` for
    any other text.
    """
    return colour("failed" if status == "failed" else f"status-{status}")


def colour_styles() -> str:
    """Return CSS that defines each of ``COLOURS`` as a property, such as ``--sent: #0F6E84``.

    It has one rule for the light theme and one for the dark theme.
    """
    light = {f"--{name}": colour.light for name, colour in COLOURS.items()}
    dark = {f"--{name}": colour.dark for name, colour in COLOURS.items()}
    return _rule(":root", light | {"color-scheme": "light"}) + _rule(
        '[data-bs-theme="dark"]', dark | {"color-scheme": "dark"}
    )


def _rule(selector: str, properties: Mapping[str, str]) -> str:
    lines = "".join(f"  {name}: {value};\n" for name, value in properties.items())
    return f"{selector} {{\n{lines}}}\n"
