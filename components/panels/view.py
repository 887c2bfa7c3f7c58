"""The declaration of a panel on the page (``Panel``), and what its view returns (``PanelView``).

The functions, such as ``fact``, ``bar`` and ``list_table``, make HTML that several views use.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from components import ids
from components.html_tree import (
    Button,
    Children,
    Element,
    I,
    Span,
    Strong,
    Table,
    Tbody,
    Th,
    Thead,
    Tr,
)
from components.locale import Locale
from components.theme import colour as colour_named
from queries.columns import Column
from queries.compared import By
from queries.panel import PanelQuery
from queries.reader import Answer

#: A plotly figure as plain dicts and lists, colours by name (``var(--sent)``).
Figure = dict[str, Any]

#: The filters that a press on a bar sets, as name, value, name, value, …; ``start`` and ``end`` are
#: the first and the last day of the period. ``where.<column>`` is a filter of a column of the table
#: of messages, "" for none. Empty where a press does nothing.
Press = Sequence[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table that shows a graph's numbers; the first of ``cells`` is its heading.

    The heading is a button that sets the filters ``press``; where these are empty, it is a text.
    """

    cells: Sequence[str]
    press: Press = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a graph as a table, for people who cannot see or point at the graph.

    ``heads`` are the headings of the columns, ``lines`` the rows; each row has as many cells.
    """

    heads: Sequence[str]
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class PanelView:
    """What the page shows of one answer of a panel, translated and formatted.

    ``words`` stand above the graph or list: totals and legend. ``caption`` describes a graph for
    screen readers. A graph panel has the plotly figure ``wide``, where smaller screens need another
    one also ``medium`` (screens of 431 to 560 px and of 861 to 1,100 px) and ``narrow`` (up to
    430 px), and ``numbers``. Other panels have ``cards`` instead: the rows of a list, or the cards
    of indicators.
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
        """The figures and numbers in the form that assets/scripts/painting.js reads, as JSON.

        ``wide``, ``medium`` and ``narrow`` are the figures; the browser draws ``wide`` where one of
        the others is None. ``heads`` and ``lines`` are the numbers: a line is [cells, press].
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
    """A card that a panel, such as "Waiting for an answer", adds to the row of indicators.

    ``view`` makes the card from the panel's answer. ``blank`` makes the card that is shown before
    the first answer, ``unknown`` the one that is shown where the panel could not be read.
    """

    view: Callable[[Answer, Locale], Children]
    blank: Callable[[Locale], Children]
    unknown: Callable[[Locale], Children]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The declaration of a panel on the page; ``components.panels.PANELS`` lists all of them.

    ``query`` declares the panel's data. ``title`` and ``definition`` are English texts; the page
    translates them. The panel with the smallest ``place`` comes first on the page. ``view`` makes
    what the page shows of an answer; where ``is_empty`` returns true for the answer, a notice is
    shown instead. ``kind``: a "graph", a "list" of rows, the "cards" of the indicators, or the
    "table" of messages. ``height`` is the height of the content in pixels, reserved while it loads;
    ``narrow_height`` is that on narrow screens.
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
    #: The columns by which the reader can sort the rows of a list; empty where this is not offered.
    orders: tuple[str, ...] = ()
    #: Whether the answer has all rows, of which a list shows the first ``page_size`` at first.
    unfolds: bool = False
    #: What the reader can let the panel compare; empty where it compares nothing.
    compares: tuple[By, ...] = ()
    #: Makes the controls that stand between heading and content from the start.
    tools: Callable[[Locale], Children] | None = None
    #: Whether the panel is asked for only while it is near the visible part of the page.
    is_asked_near: bool = False
    #: The card that the panel adds to the row of indicators, or None.
    card: IndicatorCard | None = None
    #: Whether the page shows the panel; else it is for the API and for downloads only.
    is_shown: bool = True
    #: The slug of the panel whose download has the rows that this one adds up; "" for none.
    rows_slug: str = ""

    @property
    def slug(self) -> str:
        """The name of the panel in addresses and ids, for example "messages-by-origin"."""
        return self.query.slug

    @property
    def shows_more(self) -> bool:
        """Whether the panel is a list that shows its first rows, and more of them on demand."""
        return self.kind == "list" and (self.query.has_pages or self.unfolds)

    def class_name(self, state: Literal["waiting", "ready", "empty", "error", "folded"]) -> str:
        """Return the class names of the panel's card on the page while it is in ``state``.

        "waiting": no answer has come yet; "ready": it shows an answer; "empty": the answer has no
        data; "folded": no answer can have any, because the store lacks what it needs; "error": the
        panel could not be read.
        """
        return f"panel panel-{self.kind} state-{state}"


def in_order(panels: Sequence[Panel]) -> tuple[Panel, ...]:
    """Return ``panels`` in the order in which they stand on the page, by ``Panel.place``."""
    return tuple(sorted(panels, key=lambda panel: panel.place))


def heading(panel: Panel, name: str, locale: Locale) -> str:
    """Return the translated label of the column ``name`` of ``panel``.

    Raises ``KeyError`` where the panel has no such column.
    """
    return locale.texts.pgettext(*panel.query.column(name).label)


def fact(number: str, rest: str, colour: str | None = None, press: Press = ()) -> Element:
    """Return a line of a number in bold and ``rest``, what the number counts: **12** sent.

    ``colour``, as ``var(--sent)``, puts a patch of this colour before it, as a legend of the bars
    that show this number; with None there is no patch. With ``press`` it is a button that sets
    these filters. The texts are already formatted.
    """
    parts = [Strong(number), " ", rest]
    content = [swatch(colour), *parts] if colour else parts
    if press:
        return Button(content, type="button", className="fact fact-button", **narrowing(press))
    return Span(content, className="fact")


def narrowing(press: Press) -> dict[str, str]:
    """Return the attributes of a button that sets the filters ``press``.

    In a table one such button is enough for a row: a press anywhere in its row is one on it.
    """
    return {"data-action": "narrow", "data-value": json.dumps(press, ensure_ascii=False)}


def swatch(colour: str) -> Element:
    """Return a small patch of ``colour`` (``var(--…)``) for a legend.

    The patch in the colour of failures is striped, because the bars of failures are.
    """
    striped = " striped" if colour == FAILED else ""
    attributes = {"className": f"swatch{striped}", "aria-hidden": "true"}
    return I(style={"backgroundColor": colour}, **attributes)


def bar(share: float, colour: str) -> Element:
    """Return a thin bar of which the part ``share``, from 0 to 1, is filled; for a row of a list.

    ``colour`` is the name of a colour of ``components.theme``, such as "failed". Raises
    ``KeyError`` for an unknown colour.
    """
    inside = I(style={"width": f"{share:.1%}", "backgroundColor": colour_named(colour)})
    return Span([inside], className=f"bar bar-{colour}", **{"aria-hidden": "true"})


def row_button(label: Children, press: Press, **attributes: Any) -> Element:
    """Return a button whose press sets the filters ``press``; its target is the whole row around.

    Put it into one cell of a row (``Tr``) of any table: the stylesheet spreads it over the whole
    row, so a press on any cell, or on a bar in it, counts. A row may hold one such button. Other
    buttons in the row stay above it where they have the class ``above-row``. ``label``, already
    translated, is what the keyboard's focus is on and what screen readers read out; ``attributes``
    are further ones by React's names, ``className`` too.

    The filters are set by the action "narrow" of assets/scripts/actions.js; with the attribute
    ``data-action`` another one is run.
    """
    names = f"row-button {attributes.pop('className', '')}".rstrip()
    action = {"data-action": "narrow", "data-value": json.dumps(list(press), ensure_ascii=False)}
    return Button(label, type="button", className=names, **{**action, **attributes})


@dataclass(frozen=True, slots=True)
class Order:
    """How the rows of a list are sorted, and how the reader changes it.

    ``slug`` is that of the panel, whose ``orders`` are the columns that can be sorted by.
    ``sorted_by`` is the present order as ``ids.order`` has it, of the panel's usual order too.
    """

    slug: str
    sorted_by: str

    def head(self, column: str, text: str, *, is_number: bool = True) -> Element:
        """Return the heading ``text`` of a column, a button that sorts the rows by it.

        A press sorts numbers with the greatest first, names from A to Z; the next press turns the
        order round.
        """
        first, other = (f"-{column}", column) if is_number else (column, f"-{column}")
        is_sorted = self.sorted_by in (first, other)
        descends = self.sorted_by.startswith("-")
        sign = ("\u2009▼" if descends else "\u2009▲") if is_sorted else ""
        button = Button(
            [text, Span(sign, className="sort-sign", **{"aria-hidden": "true"})],
            type="button",
            className="sort-button",
            **{
                "data-action": "order",
                "data-name": ids.order(self.slug),
                "data-value": other if self.sorted_by == first else first,
            },
        )
        state = ("descending" if descends else "ascending") if is_sorted else "none"
        name = {"className": "number"} if is_number else {}
        return Th([button], scope="col", **name, **{"aria-sort": state})


def list_table(
    name: str,
    heads: Sequence[str | Element],
    numbers: Sequence[str | Element],
    rows: list[Element],
) -> Element:
    """Return the HTML table of a list panel.

    Screen readers read out ``name``. ``heads`` are the headings of the first columns, which have
    texts; ``numbers`` are those of the columns after them, which have numbers; a heading that sorts
    is an element of ``Order.head``. ``rows`` are elements ``Tr`` with a cell for each column. All
    texts are already translated.
    """
    cells = [head if isinstance(head, Element) else Th(head, scope="col") for head in heads]
    cells += [
        head if isinstance(head, Element) else Th(head, scope="col", className="number")
        for head in numbers
    ]
    parts = [Thead([Tr(cells)]), Tbody(rows)]
    return Table(parts, className="list-table", **{"aria-label": name})


def legend(entries: list[tuple[str, str]]) -> Element:
    """Return a legend: for each of ``entries`` a patch of a colour and what the colour means.

    ``entries`` are pairs of colour (``var(--…)``) and text, already translated. Screen readers
    ignore the legend.
    """
    return Span(
        [Span([swatch(colour), text], className="legend-entry") for colour, text in entries],
        className="legend",
        **{"aria-hidden": "true"},
    )


def facts(entries: Children) -> Element:
    """Return one line with ``entries``, elements that ``fact`` made or buttons of that look."""
    return Span(entries, className="facts")
