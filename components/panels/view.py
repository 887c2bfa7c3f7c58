"""What the declaration of a panel on the page says, what its view returns, and parts of views."""

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
#: the ends of the period.
Press = Sequence[str]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a graph as a table: its cells, the first of which names it."""

    cells: Sequence[str]
    press: Press = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a graph as a table, for people who cannot see or point at the graph."""

    heads: Sequence[str]
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class PanelView:
    """What the page shows of one answer.

    ``words`` stand above the graph or list (figures in words, legend). ``caption`` says the whole
    in sentences, for screen readers. A graph panel gives its plotly figure as ``wide`` and, where
    smaller screens need another one, as ``medium`` (up to 560 px, and in two columns up to
    1,100 px) and ``narrow`` (up to 430 px), and its ``numbers``. Panels of other kinds give
    ``cards``.
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
        """What the browser draws: the figure for each width of the screen, and the numbers."""
        numbers = self.numbers or Numbers((), ())
        return {
            "wide": self.wide,
            "medium": self.medium,
            "narrow": self.narrow,
            "heads": list(numbers.heads),
            "lines": [[list(line.cells), list(line.press)] for line in numbers.lines],
        }


FAILED: Final = colour_named("failed")

#: Makes what the page shows of an answer, in the language of the locale.
View = Callable[[Answer, Locale], PanelView]


@dataclass(frozen=True, slots=True)
class IndicatorCard:
    """A card in the row of indicators that a panel of another place adds to it.

    ``view`` makes it from the panel's answer; ``blank`` stands there before the first answer,
    ``unknown`` where there is none.
    """

    view: Callable[[Answer, Locale], Children]
    blank: Callable[[Locale], Children]
    unknown: Callable[[Locale], Children]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel on the page.

    ``query`` declares its data. ``title`` and ``definition`` are texts of the catalogues. ``place``
    orders the panels of the page: small numbers come first. ``is_empty`` says whether an answer has
    nothing to show. ``height`` is that of the graph or list in pixels, so that nothing jumps while
    it loads; ``narrow_height`` that on narrow screens.
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
    #: What a panel of cards shows before the first answer.
    blank: Callable[[Locale], Children] = lambda _locale: []
    #: How many rows the page shows of a panel that has pages.
    page_size: int = 20
    #: A column by whose codes readers of the page choose which rows a list shows.
    choice: Column | None = None
    card: IndicatorCard | None = None

    @property
    def slug(self) -> str:
        return self.query.slug

    def class_name(self, state: Literal["waiting", "ready", "empty", "error"]) -> str:
        """The class names of the panel's card on the page in this state."""
        return f"panel panel-{self.kind} state-{state}"


def in_order(panels: Sequence[Panel]) -> tuple[Panel, ...]:
    """``panels`` in the order in which they stand on the page."""
    return tuple(sorted(panels, key=lambda panel: panel.place))


def heading(panel: Panel, name: str, locale: Locale) -> str:
    """The label of the column ``name`` of a panel."""
    return locale.texts.pgettext(*panel.query.column(name).label)


def fact(number: str, rest: str, colour: str | None = None) -> Element:
    """A number in bold and what it counts; ``colour`` puts a patch of its bars before it."""
    parts = [Strong(number), " ", rest]
    return Span([swatch(colour), *parts] if colour else parts, className="fact")


def swatch(colour: str) -> Element:
    """A patch of ``colour``; failures are striped, as their bars are."""
    striped = " striped" if colour == FAILED else ""
    attributes = {"className": f"swatch{striped}", "aria-hidden": "true"}
    return I(style={"backgroundColor": colour}, **attributes)


def bar(share: float, colour: str) -> Element:
    """A thin bar as long as ``share`` (0 to 1) of the room it has."""
    inside = I(style={"width": f"{share:.1%}", "backgroundColor": colour_named(colour)})
    return Span([inside], className=f"bar bar-{colour}", **{"aria-hidden": "true"})


def list_table(
    name: str, heads: Sequence[str], numbers: Sequence[str], rows: list[Element]
) -> Element:
    """The table of a list panel: columns of texts under ``heads``, then columns of numbers, aligned
    to the right, under ``numbers``.
    """
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
