"""What every panel's view is and gives."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd

from components.look import Look
from components.plain import Children, I, Part, Span, Strong
from queries.filters import Filters

#: A plotly figure as plain dicts and lists, colours by name (``var(--sent)``).
Figure = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer as it is seen.

    ``words`` stand above (figures in words, legend); ``caption`` is the whole in sentences for
    screen readers. A graph panel gives ``wide`` and, where smaller screens need another drawing,
    ``medium`` (up to 1,100 px) and ``narrow`` (up to 430 px); a panel of cards gives ``cards``.
    """

    words: Children
    caption: str
    wide: Figure | None = None
    medium: Figure | None = None
    narrow: Figure | None = None
    cards: Children | None = None

    @property
    def figures(self) -> dict[str, Figure | None]:
        """What the browser needs to draw: a figure by the width of the screen."""
        return {"wide": self.wide, "medium": self.medium, "narrow": self.narrow}


#: Frame, look, the question with its period, today: what is seen of them.
View = Callable[[pd.DataFrame, Look, Filters, date], Shown]


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of the page: ``slug`` joins it with the query of the same name.

    ``title`` and ``definition`` are texts of the catalogues. ``height`` is that of the drawing, in
    pixels, so that nothing jumps while it loads; ``narrow_height`` that of the narrow one.
    ``is_empty`` tells an answer with nothing to see.
    """

    slug: str
    title: str
    definition: str
    view: View
    is_empty: Callable[[pd.DataFrame], bool]
    kind: Literal["graph", "cards"] = "graph"
    height: int = 280
    narrow_height: int = 260


def fact(number: str, rest: str, colour: str | None = None) -> Part:
    """A figure with what it counts, the figure standing out; ``colour`` keys it to its marks."""
    parts = [Strong(number), " ", rest]
    return Span([swatch(colour), *parts] if colour else parts, className="fact")


def swatch(colour: str) -> Part:
    return I(style={"background": colour}, className="swatch", **{"aria-hidden": "true"})


def legend(entries: list[tuple[str, str]]) -> Part:
    """Colours (``var(--…)``) with their meanings, in order."""
    return Span(
        [Span([swatch(colour), text], className="legend-entry") for colour, text in entries],
        className="legend",
        **{"aria-hidden": "true"},
    )


def facts(entries: Children) -> Part:
    return Span(entries, className="facts")
