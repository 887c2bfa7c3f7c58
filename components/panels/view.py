"""The declaration of a panel on the page (``Panel``), and what its view returns (``PanelView``).

The functions, such as ``fact``, ``bar`` and ``list_table``, make HTML that several views use.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from components.html_tree import Children, Element, I, Span, Strong, Table, Tbody, Th, Thead, Tr
from components.locale import Locale
from components.theme import colour as colour_named
from queries.columns import Column
from queries.panel import PanelQuery
from queries.reader import Answer

#: A plotly figure as plain dicts and lists, colours by name (``var(--sent)``).
Figure = dict[str, Any]

#: The filters that a press on a bar sets, as name, value, name, value, …; ``start`` and ``end`` are
#: the first and the last day of the period. Empty where a press does nothing.
Press = Sequence[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of a graph's numbers; the first of its ``cells`` is its heading.

    The heading is a button that sets the filters ``press``, unless these are empty.
    """

    cells: Sequence[str]
    press: Press = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a graph as a table, for people who cannot see or point at the graph.

    ``heads`` are the headings of the columns.
    """

    heads: Sequence[str]
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class PanelView:
    """What the page shows of one answer of a panel.

    ``words`` stand above the graph or list: totals and legend. ``caption`` describes a graph for
    screen readers. A graph panel has its plotly figure as ``wide`` and, where smaller screens need
    another one, as ``medium`` (431 to 560 px, and 861 to 1,100 px with two columns) and ``narrow``
    (up to 430 px), and its ``numbers``. Panels of other kinds have ``cards``: rows or cards.
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
        """What the browser draws, as JSON: the figure for each width of screen, and the numbers.

        ``lines`` has [cells, press] for each row of the numbers; assets/scripts/painting.js reads
        it. The browser takes ``wide`` where ``medium`` or ``narrow`` is None.
        """
        numbers = self.numbers or Numbers((), ())
        return {
            "wide": self.wide,
            "medium": self.medium,
            "narrow": self.narrow,
            "heads": list(numbers.heads),
            "lines": [[list(line.cells), list(line.press)] for line in numbers.lines],
        }


#: The colour of failures, whose bars and swatches are also striped.
FAILED: Final = colour_named("failed")

#: Turns an answer into what the page shows, in the language of the locale.
View = Callable[[Answer, Locale], PanelView]


@dataclass(frozen=True, slots=True)
class IndicatorCard:
    """A card that another panel, such as the list of those who wait, adds to the indicators.

    ``view`` makes the card from that panel's answer; ``blank`` is shown before the first answer,
    ``unknown`` where the panel could not be read.
    """

    view: Callable[[Answer, Locale], Children]
    blank: Callable[[Locale], Children]
    unknown: Callable[[Locale], Children]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The declaration of a panel on the page; ``components.panels.PANELS`` lists all of them.

    ``query`` declares its data. ``title`` and ``definition`` are English texts, to be translated.
    Panels stand on the page by ``place``, the smallest first. ``view`` makes what the page shows of
    an answer; where ``is_empty`` is true of it, a notice is shown instead. ``kind``: a "graph", a
    "list" of rows, the "cards" of the indicators, or the "table" of messages. ``height`` is that of
    the graph or list in pixels, reserved while it loads; ``narrow_height`` that on narrow screens.
    """

    query: PanelQuery
    title: str
    definition: str
    place: int
    view: View
    is_empty: Callable[[Answer], bool]
    kind: Literal["graph", "cards", "list", "table"] = "graph"
    height: int = 280
    narrow_height: int = 260
    #: What the cards show before the first answer, and while an answer is empty.
    blank: Callable[[Locale], Children] = lambda _locale: []
    #: The number of rows that the page shows, where an answer is one page of many rows.
    page_size: int = 20
    #: The column of codes by which the reader can narrow the rows of a list; None without such.
    choice: Column | None = None
    #: The card that the panel adds to the row of indicators, or None.
    card: IndicatorCard | None = None

    @property
    def slug(self) -> str:
        """The name of the panel in addresses and ids, for example "messages-by-origin"."""
        return self.query.slug

    def class_name(self, state: Literal["waiting", "ready", "empty", "error"]) -> str:
        """Return the class names of the panel's card on the page in this state.

        ``waiting`` is the state before the first answer, ``error`` that after a failure.
        """
        return f"panel panel-{self.kind} state-{state}"


def in_order(panels: Sequence[Panel]) -> tuple[Panel, ...]:
    """Return ``panels`` in the order in which they stand on the page."""
    return tuple(sorted(panels, key=lambda panel: panel.place))


def heading(panel: Panel, name: str, locale: Locale) -> str:
    """Return the translated label of a panel's column. Raises ``KeyError`` for an unknown one."""
    return locale.texts.pgettext(*panel.query.column(name).label)


def fact(number: str, rest: str, colour: str | None = None) -> Element:
    """Return a number in bold and, as ``rest``, what it counts.

    ``colour``, as ``var(--sent)``, puts a patch in the colour of its bars before it; None does not.
    """
    parts = [Strong(number), " ", rest]
    return Span([swatch(colour), *parts] if colour else parts, className="fact")


def swatch(colour: str) -> Element:
    """Return a patch in ``colour`` (``var(--…)``); that of failures is striped, as are its bars."""
    striped = " striped" if colour == FAILED else ""
    attributes = {"className": f"swatch{striped}", "aria-hidden": "true"}
    return I(style={"backgroundColor": colour}, **attributes)


def bar(share: float, colour: str) -> Element:
    """Return a thin bar that fills ``share`` (0 to 1) of its width.

    ``colour`` is the name of a colour of ``components.theme``.
    """
    inside = I(style={"width": f"{share:.1%}", "backgroundColor": colour_named(colour)})
    return Span([inside], className=f"bar bar-{colour}", **{"aria-hidden": "true"})


def list_table(
    name: str, heads: Sequence[str], numbers: Sequence[str], rows: list[Element]
) -> Element:
    """Return the table of a list panel with ``rows``, elements ``Tr``.

    ``name`` is read out by screen readers. ``heads`` are the headings of the columns of texts,
    ``numbers`` those of the columns of numbers behind them, which are aligned to the right.
    """
    cells = [Th(head, scope="col") for head in heads]
    cells += [Th(head, scope="col", className="number") for head in numbers]
    parts = [Thead([Tr(cells)]), Tbody(rows)]
    return Table(parts, className="list-table", **{"aria-label": name})


def legend(entries: list[tuple[str, str]]) -> Element:
    """Return a legend; ``entries`` are pairs of colour (``var(--…)``) and meaning, in order.

    Screen readers leave it out.
    """
    return Span(
        [Span([swatch(colour), text], className="legend-entry") for colour, text in entries],
        className="legend",
        **{"aria-hidden": "true"},
    )


def facts(entries: Children) -> Element:
    """Return a line of several ``fact`` elements."""
    return Span(entries, className="facts")
