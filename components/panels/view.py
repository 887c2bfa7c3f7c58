"""What every panel's view is and gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import pandas as pd

from components.html_tree import Children, Element, I, Span, Strong, Table, Tbody, Th, Thead, Tr
from components.locale import Locale
from components.theme import colour as colour_named
from queries.filters import Filters

#: A plotly figure as plain dicts and lists, colours by name (``var(--sent)``).
Figure = dict[str, Any]

#: The filters that a press on a mark sets: name, value, name, value; ``start`` and ``end`` too.
Press = Sequence[str]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a graph as a table: its cells, the first of which names it."""

    cells: Sequence[str]
    press: Press = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a graph shows, as a table for those who read rather than look, or have no pointer."""

    heads: Sequence[str]
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class PanelView:
    """One answer as it is seen.

    ``words`` stand above (figures in words, legend); ``caption`` is the whole in sentences for
    screen readers. A graph panel gives ``wide`` and, where smaller screens need another drawing,
    ``medium`` (up to 560 px, and two columns up to 1,100 px) and ``narrow`` (up to 430 px), and its
    ``numbers``; a panel of cards gives ``cards``.
    """

    words: Children
    caption: str
    wide: Figure | None = None
    medium: Figure | None = None
    narrow: Figure | None = None
    numbers: Numbers | None = None
    cards: Children | None = None

    @property
    def figures(self) -> dict[str, Any]:
        """What the browser needs to draw: a figure by the width of the screen, and the table."""
        numbers = self.numbers or Numbers((), ())
        return {
            "wide": self.wide,
            "medium": self.medium,
            "narrow": self.narrow,
            "heads": list(numbers.heads),
            "lines": [[list(line.cells), list(line.press)] for line in numbers.lines],
        }


FAILED: Final = colour_named("failed")

#: Frame, look, the question with its period, today: what is seen of them.
View = Callable[[pd.DataFrame, Locale, Filters, date], PanelView]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A panel's place on the page: ``slug`` joins it with the query of the same name.

    ``title`` and ``definition`` are texts of the catalogues. ``height`` is that of the drawing, in
    pixels, so that nothing jumps while it loads; ``narrow_height`` that of the narrow one.
    """

    slug: str
    title: str
    definition: str
    kind: Literal["graph", "cards", "list"] = "graph"
    height: int = 280
    narrow_height: int = 260
    #: What stands there while nothing is known.
    blank: Callable[[Locale], Children] = lambda _look: []


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel(Section):
    """A panel that is drawn from a frame; ``is_empty`` tells an answer with nothing to see."""

    view: View
    is_empty: Callable[[pd.DataFrame], bool]


def fact(number: str, rest: str, colour: str | None = None) -> Element:
    """A figure with what it counts, the figure standing out; ``colour`` keys it to its marks."""
    parts = [Strong(number), " ", rest]
    return Span([swatch(colour), *parts] if colour else parts, className="fact")


def swatch(colour: str) -> Element:
    """A patch of ``colour``; failures are striped, as their bars are."""
    striped = " striped" if colour == FAILED else ""
    locale = {"className": f"swatch{striped}", "aria-hidden": "true"}
    return I(style={"backgroundColor": colour}, **locale)


def bar(share: float, colour: str) -> Element:
    """A thin bar as long as ``share`` (0 to 1) of the room it has."""
    inside = I(style={"width": f"{share:.1%}", "backgroundColor": colour_named(colour)})
    return Span([inside], className=f"bar bar-{colour}", **{"aria-hidden": "true"})


def list_table(
    name: str, heads: Sequence[str], numbers: Sequence[str], rows: list[Element]
) -> Element:
    """The table of a list: ``heads`` of its texts, then those of its ``numbers``, at the right."""
    cells = [Th(head, scope="col") for head in heads]
    cells += [Th(head, scope="col", className="number") for head in numbers]
    parts = [Thead([Tr(cells)]), Tbody(rows)]
    return Table(parts, className="list-table", **{"aria-label": name})


def legend(entries: list[tuple[str, str]]) -> Element:
    """Colours (``var(--…)``) with their meanings, in order."""
    return Span(
        [Span([swatch(colour), text], className="legend-entry") for colour, text in entries],
        className="legend",
        **{"aria-hidden": "true"},
    )


def facts(entries: Children) -> Element:
    return Span(entries, className="facts")
