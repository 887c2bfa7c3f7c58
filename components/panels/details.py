"""The table of messages: its columns, rows, styles and choices. Only this module uses DataTable."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeGuard
from urllib.parse import quote

import pandas as pd
from dash import dcc, html
from dash.dash_table.DataTable import DataTable
from dash.development.base_component import Component

from components import ids, value_formats
from components.deployment import is_web_address
from components.formats import NOTHING, shortened, shortened_inside, visible
from components.html_tree import (
    Button,
    Details,
    Div,
    Element,
    Input,
    Label,
    Option,
    Select,
    Span,
    StaticHtml,
    Summary,
)
from components.labels import column_labels, search_labels, value_label
from components.locale import Locale
from components.panels.view import Panel, PanelView
from components.texts import gettext_noop
from components.widgets import chip
from queries import constant_columns
from queries.panels import details
from queries.phone_masks import is_masked
from queries.reader import Answer
from queries.table_columns import ERROR_CODE, TABLE_COLUMNS

#: The numbers of rows that a page may have; the first is the default.
PAGE_SIZES: Final = (20, 50, 100)
PAGE_SIZE: Final = PAGE_SIZES[0]
#: This column is always shown; it stays at the left while the rest of a row is scrolled.
FIRST_COLUMN: Final = "case_number"
#: Most characters of a filter's text on a chip.
_CHIP_LIMIT: Final = 40
#: Most characters of a case number in a cell; a longer one is cut in the middle.
_NUMBER_LIMIT: Final = 18

#: Escapes every character that Markdown may take for markup.
_MARKDOWN: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]()#+-.!<>|~&:/\"'"})


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """How the table shows the column ``name``, one of ``queries.table_columns.TABLE_COLUMNS``.

    The column is as wide as its texts, but at least ``width`` and at most ``widest`` pixels; longer
    texts are cut. An ``optional`` column is hidden until the reader chooses it. ``right`` aligns
    the texts to the right.
    """

    name: str
    width: int
    widest: int = 180
    optional: bool = False
    right: bool = False

    @property
    def label(self) -> tuple[str, str]:
        """The heading: its context and English text, the arguments of ``Texts.pgettext``."""
        return _LABELS[self.name]


_LABELS: Final = {column.name: column.label for column in TABLE_COLUMNS}
#: The columns of the table, in order.
COLUMNS: Final = (
    ColumnLayout("case_number", 84, 260),
    ColumnLayout("sent_at", 124),
    ColumnLayout("person_name", 110, optional=True),
    ColumnLayout("direction", 90, optional=True),
    ColumnLayout("status", 112),
    ColumnLayout("error", 120, 220, optional=True),
    ColumnLayout("case_type", 90),
    ColumnLayout("team", 90, optional=True),
    ColumnLayout("reply", 160, 240),
    ColumnLayout("customer_message", 160, 240, optional=True),
    ColumnLayout("template_name", 110, 200),
    ColumnLayout("last_agent", 100),
    ColumnLayout("phone", 110),
    ColumnLayout("kind", 96),
    ColumnLayout("session_type", 110, 320),
    ColumnLayout("seq", 100, right=True),
    ColumnLayout("opened_at", 124),
    ColumnLayout("case_state", 96, optional=True),
    ColumnLayout("channel", 90),
    ColumnLayout("business_number", 110, optional=True),
)
#: Columns that may have "—" in a cell, which is then grey.
_MAY_BE_EMPTY: Final = (
    *("template_name", "phone", "reply", "last_agent", "customer_message", "team"),
    *("business_number", "error"),
)
#: The columns that are shown until the reader chooses others.
DEFAULT_COLUMNS: Final = tuple(column.name for column in COLUMNS if not column.optional)
_PAGE_COLUMNS: Final = tuple(details.PANEL.column(column.name) for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class TableView(PanelView):
    """What the page shows of one answer of the table of messages.

    ``words`` is the line with the number of rows, ``caption`` says which rows the page has.
    ``rows`` are the rows of the page, as the function ``rows`` returns them. ``page`` is the page's
    number, from 0; ``page_count`` is the number of pages that can be reached. ``constant`` has the
    columns with one value in all rows of all pages, each with the text of this value, in order.
    """

    rows: Sequence[dict[str, str]] = ()
    page: int = 0
    page_count: int = 1
    constant: Sequence[tuple[str, str]] = ()


def view(
    answer: Answer, locale: Locale, case_url: str | None = None, unfiltered: int | None = None
) -> TableView:
    """Return what the page shows of ``answer``, one page of the table of messages.

    ``case_url`` is the template of case addresses in the portal (``Deployment.case_url``); with
    None, case numbers are no links. ``unfiltered`` is how many rows there would be without the
    filters of columns; None where no column is filtered.
    """
    total, table = answer.total or 0, answer.table
    page = rows(answer.frame, locale, case_url)
    return TableView(
        words=[
            Span(total_words(total, unfiltered, locale), **{"data-rows": total}),
        ],
        caption=range_words(table.skipped, len(page), total, locale),
        rows=page,
        page=table.page,
        page_count=table.last_page(total) + 1,
        constant=[
            (column.name, page[0][column.name])
            for column in COLUMNS
            if page and column.name in answer.constant
        ],
    )


def column_definitions(locale: Locale, case_url: str | None) -> list[dict[str, Any]]:
    """Return the value of DataTable's property ``columns`` with all columns, in order.

    The browser shows only the chosen ones. The column of case numbers is Markdown where
    ``case_url`` is usable (``usable_url``), because its cells are links then.
    """
    return [
        {
            "id": column.name,
            "name": locale.texts.pgettext(*column.label),
            "type": "text",
            "presentation": (
                "markdown" if column.name == "case_number" and usable_url(case_url) else "input"
            ),
        }
        for column in COLUMNS
    ]


def rows(frame: pd.DataFrame, locale: Locale, case_url: str | None) -> list[dict[str, str]]:
    """Return the rows of ``frame`` for DataTable, in their order: each a dict of texts by column.

    Three keys are no columns of the table: ``status_code``, as "out-read", selects the colour of
    the status; with ``case_key`` the browser asks for the messages of the case; ``case_whole`` is
    the whole case number where its cell has it cut in the middle, else "". Case numbers are links
    where ``case_url`` is usable. Texts of more than 4,096 characters are cut.
    """
    cells = {
        column.name: value_formats.page_cells(column, frame, locale) for column in _PAGE_COLUMNS
    }
    numbers = cells["case_number"]
    cells["case_number"] = [shortened_inside(number, _NUMBER_LIMIT) for number in numbers]
    cells["case_whole"] = [number if len(number) > _NUMBER_LIMIT else "" for number in numbers]
    if usable_url(case_url):
        cells["case_number"] = [
            _case_link(case_url, str(case_id), number, short)
            for case_id, number, short in zip(
                frame["case_id"].tolist(), numbers, cells["case_number"], strict=True
            )
        ]
    cells = {name: [visible(text) for text in texts] for name, texts in cells.items()}
    pairs = zip(frame["direction"].tolist(), frame["status"].tolist(), strict=True)
    cells["status_code"] = [f"{direction}-{status}" for direction, status in pairs]
    cells["case_key"] = [str(key) for key in frame["case_key"].tolist()]
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]


def range_words(skipped: int, count: int, total: int, locale: Locale) -> str:
    """Return the words that say which rows the page has: first and last row, and ``total``.

    ``skipped`` is the number of rows on the pages before, ``count`` that on this page, ``total``
    that on all pages.
    """
    first = skipped + 1 if count else 0
    return locale.texts.gettext(
        "{first} to {last} of {total}",
        first=locale.formats.count(first),
        last=locale.formats.count(skipped + count),
        total=locale.formats.count(total),
    )


def range_line(view: TableView, total: int, locale: Locale, *, may_export: bool) -> list[Element]:
    """Return the line below the table: which rows the page has, and on paper where the others are.

    ``total`` is the number of rows on all pages. On paper nobody can turn the page: the line says
    openly how many of the rows are there, and where ``may_export`` that the XLSX has the rest.
    """
    gettext, count = locale.texts.gettext, len(view.rows)
    paper = total_words(count, total, locale) if count < total else total_words(total, None, locale)
    if count < total and may_export:
        paper = gettext("{shown}; the rest in the XLSX", shown=paper)
    return [Span(view.caption, className="on-screen"), Span(paper, className="on-paper")]


def total_words(total: int, unfiltered: int | None, locale: Locale) -> str:
    """Return how many messages the table has, for example "17.244 mensagens".

    Where columns are filtered, ``total`` is the number with these filters and ``unfiltered`` the
    number without: "472 de 10.008 mensagens". ``unfiltered`` is None where no column is filtered.
    """
    count = total if unfiltered is None else unfiltered
    words = f"{locale.formats.count(count)} " + locale.texts.ngettext("message", "messages", count)
    if unfiltered is None:
        return words
    return locale.texts.gettext("{shown} of {all}", shown=locale.formats.count(total), all=words)


def where_chips(where: Sequence[tuple[str, str]], locale: Locale) -> list[Element]:
    """Return a chip for each filter of a column, which names it and has a button to remove it.

    ``where`` has pairs: the name of a column and the text that its cells must contain. Raises
    ``KeyError`` for an unknown column.
    """
    labels = column_labels(locale)
    return [
        chip(
            _where_words(name, labels[name], shortened(text, _CHIP_LIMIT), locale),
            locale,
            action="unfilter",
            name=name,
            title=text if len(text) > _CHIP_LIMIT else None,
        )
        for name, text in where
    ]


def _where_words(name: str, label: str, text: str, locale: Locale) -> str:
    """Return what a filter of the column ``name`` does; an error code is compared exactly."""
    if name == ERROR_CODE.name:
        return f"{label}: {text}"
    return locale.texts.gettext("{column} contains \u201c{words}\u201d", column=label, words=text)


def usable_url(case_url: str | None) -> TypeGuard[str]:
    """Return whether ``case_url`` is not None and is an http or https address.

    Raises ``ValueError`` as ``is_web_address`` does; the settings refuse such an address before.
    """
    return case_url is not None and is_web_address(case_url)


def case_address(case_url: str, case_id: str, case_number: str) -> str | None:
    """Return the address of a case in the portal: ``case_url`` with id and number filled in.

    They replace ``{case_id}`` and ``{case_number}``, percent-encoded, so that they cannot change
    the rest of the address; an id or number of dots alone becomes "-". The result is None where one
    of them contains a masked phone, because the portal does not know it in this form.
    """
    if is_masked(case_id) or is_masked(case_number):
        return None
    address = case_url.replace("{case_id}", _quoted(case_id))
    address = address.replace("{case_number}", _quoted(case_number))
    # Brackets would end a link of Markdown early.
    return quote(address, safe=":/?#[]@!$&'*+,;=%~-._{}").replace("{", "%7B").replace("}", "%7D")


def _quoted(value: str) -> str:
    """Return ``value`` percent-encoded, as one segment of a path.

    A value of dots alone is "-": browsers take "." and ".." for the same or the upper folder.
    """
    return quote(value, safe="") if value.strip(".") else "-"


def _case_link(case_url: str, case_id: str, number: str, short: str) -> str:
    """Return ``short``, a case's number as shown, in Markdown: a link if it has an address."""
    address = case_address(case_url, case_id, number)
    text = short.translate(_MARKDOWN)
    return f"[{text}]({address})" if address else text


def table(locale: Locale, masked: frozenset[str], case_url: str | None = None) -> Component:
    """Return the table without rows, with all columns.

    The browser hides it until it has rows and the chosen columns. ``masked`` are the names of the
    columns by which the reader may neither sort nor filter. ``case_url`` is the template of case
    addresses in the portal (``Deployment.case_url``); with None, case numbers are no links.
    """
    return html.Div(
        DataTable(
            id=ids.TABLE,
            columns=column_definitions(locale, case_url),
            data=[],
            page_action="custom",
            page_current=0,
            page_count=1,
            page_size=PAGE_SIZE,
            sort_action="custom",
            sort_mode="single",
            sort_by=[],
            filter_action="custom",
            filter_query="",
            filter_options={
                "placeholder_text": locale.texts.gettext("filter…"),
                "case": "insensitive",
            },
            cell_selectable=True,
            style_as_list_view=True,
            markdown_options={"html": False, "link_target": "_blank"},
            style_table={"overflowX": "auto"},
            style_cell={
                "fontFamily": "var(--font)",
                "fontSize": "13px",
                "textAlign": "left",
                "padding": "0 10px",
                "height": "34px",
                "overflow": "hidden",
                "textOverflow": "ellipsis",
                "color": "var(--text)",
                "backgroundColor": "var(--card)",
                "border": "0",
                "borderBottom": "1px solid var(--line)",
            },
            style_header={"whiteSpace": "normal", "height": "40px", "lineHeight": "1.25"},
            style_cell_conditional=_column_styles(),
            style_data_conditional=_cell_styles(),
            style_header_conditional=[
                {"if": {"column_id": name}, "pointerEvents": "none"} for name in sorted(masked)
            ],
        ),
        className=" ".join(
            ["table-holder", *(f"masks-{name.replace('_', '-')}" for name in sorted(masked))]
        ),
        **{"data-offers": json.dumps(_filter_offers(locale), ensure_ascii=False)},
    )


def _filter_offers(locale: Locale) -> dict[str, list[tuple[str, str]]]:
    """Return what the filters above columns of codes offer: by column, pairs of label and note.

    The note tells statuses of sent and of received messages apart; it is "" elsewhere.
    """
    return {
        name: [
            (label.text, value_label("direction", label.direction or "", locale))
            for label in labels
        ]
        for name, labels in search_labels(locale).items()
    }


def _column_styles() -> list[dict[str, Any]]:
    widths: list[dict[str, Any]] = [
        {
            "if": {"column_id": column.name},
            "minWidth": f"{column.width}px",
            "maxWidth": f"{column.widest}px",
        }
        for column in COLUMNS
    ]
    right = [
        {"if": {"column_id": column.name}, "textAlign": "right"}
        for column in COLUMNS
        if column.right
    ]
    return widths + right + [{"if": {"column_id": FIRST_COLUMN}, "fontWeight": "600"}]


#: By ``status_code``: the name behind ``said-`` of the text's colour in components/theme.py.
_STATUS_COLOURS: Final = {
    "out-new": "new",
    "out-sent": "sent",
    "out-delivered": "delivered",
    "out-read": "read",
    "out-failed": "failed",
    "out-unknown": "new",
    "in-new": "waiting",
    "in-read": "handled",
}


def _cell_styles() -> list[dict[str, Any]]:
    signs = [
        {
            "if": {"column_id": "status", "filter_query": f'{{status_code}} = "{code}"'},
            "color": f"var(--said-{name})",
        }
        for code, name in _STATUS_COLOURS.items()
    ]
    empty = [
        {
            "if": {"column_id": name, "filter_query": f'{{{name}}} = "{NOTHING}"'},
            "color": "var(--quiet)",
        }
        for name in _MAY_BE_EMPTY
    ]
    active = {
        "if": {"state": "active"},
        "backgroundColor": "var(--hover)",
        "border": "0",
        "borderBottom": "1px solid var(--line)",
        "outline": "2px solid var(--sent)",
        "outlineOffset": "-2px",
    }
    return [*signs, *empty, active]


def column_choice(locale: Locale) -> list[Component]:
    """Return two components: the store ``ids.TABLE_COLUMNS``, and the menu "Columns".

    The store has the names of the columns that the reader chose, at first ``DEFAULT_COLUMNS``; the
    menu changes it.
    """
    title = locale.texts.gettext("Columns")
    boxes = [
        Label(
            [
                Input(
                    type="checkbox",
                    value=column.name,
                    defaultChecked=not column.optional,
                    disabled=column.name == FIRST_COLUMN,
                ),
                Span(locale.texts.pgettext(*column.label)),
            ]
        )
        for column in COLUMNS
    ]
    restore = Button(
        locale.texts.gettext("Restore default columns"),
        type="button",
        className="menu-item",
        **{"data-action": "default-columns"},
    )
    menu = Details(
        [
            Summary(title, className="quiet-button with-arrow"),
            Div(
                [
                    Div(
                        boxes,
                        id=ids.TABLE_COLUMNS_CHOICE,
                        role="group",
                        className="choices",
                        **{"aria-label": title},
                    ),
                    Div(restore, className="menu-end"),
                ],
                className="menu-body",
            ),
        ],
        className="menu",
    )
    return [
        dcc.Store(id=ids.TABLE_COLUMNS, data=list(DEFAULT_COLUMNS)),
        StaticHtml([menu], className="as-one"),
    ]


def folded_columns(locale: Locale) -> list[Component]:
    """Return three components: two stores, and the line of the columns that are folded.

    The store ``ids.TABLE_CONSTANT`` has the columns with one value in all rows, and the store
    ``ids.TABLE_UNFOLDED`` whether the reader shows them all the same. assets/scripts/
    table_columns.js writes the line, with the texts of its attribute.
    """
    gettext = locale.texts.gettext
    words = {
        "show": gettext("show"),
        "show_name": gettext("show as columns: {columns}"),
        "hide": gettext("hide"),
        "hide_name": gettext("hide the columns: {columns}"),
    }
    return [
        dcc.Store(id=ids.TABLE_CONSTANT, data=[]),
        dcc.Store(id=ids.TABLE_UNFOLDED, data=False),
        StaticHtml(
            id=ids.TABLE_FOLDED,
            className="folded-columns",
            **{"data-folded-words": json.dumps(words, ensure_ascii=False)},
        ),
    ]


def sort_choice(locale: Locale, masked: frozenset[str]) -> Component:
    """Return the control "Order", which stands in place of the headings on a phone.

    ``masked`` are the columns by which the reader may not sort.
    """
    gettext, pgettext = locale.texts.gettext, locale.texts.pgettext
    entries = [
        Option(gettext("Newest first"), value=""),
        Option(gettext("Oldest first"), value="sent_at"),
    ]
    for column in COLUMNS:
        if column.name in masked or column.name in ("sent_at", constant_columns.ALWAYS):
            continue
        label = pgettext(*column.label)
        entries += [
            Option(gettext("{column}, ascending", column=label), value=column.name),
            Option(gettext("{column}, descending", column=label), value=f"-{column.name}"),
        ]
    choice = Select(
        entries,
        id=ids.TABLE_SORT_CHOICE,
        className="page-size",
        defaultValue="",
        **{"aria-label": gettext("Order")},
    )
    return StaticHtml([choice], className="sort-choice")


def page_size_choice(locale: Locale) -> list[Component]:
    """Return two components: the store ``ids.TABLE_PAGE_SIZE``, and the control "per page".

    The store has the number of rows of a page, at first ``PAGE_SIZE``; the control changes it to
    one of ``PAGE_SIZES``.
    """
    sizes = [
        Option(locale.texts.gettext("{count} per page", count=size), value=str(size))
        for size in PAGE_SIZES
    ]
    choice = Select(
        sizes,
        id=ids.TABLE_PAGE_SIZE_CHOICE,
        className="page-size",
        defaultValue=str(PAGE_SIZE),
        **{"aria-label": locale.texts.gettext("Rows per page")},
    )
    return [
        dcc.Store(id=ids.TABLE_PAGE_SIZE, data=PAGE_SIZE),
        StaticHtml([choice], className="as-one"),
    ]


def cell_note(locale: Locale) -> Component:
    """Return a box, at first hidden, for the whole text of a table cell that is cut.

    assets/scripts/table.js writes the text into it and shows it.
    """
    return StaticHtml(
        id=ids.TABLE_NOTE,
        className="cell-note",
        role="note",
        tabIndex=0,
        hidden=True,
        **{"aria-label": locale.texts.gettext("Whole text")},
    )


PANEL: Final = Panel(
    query=details.PANEL,
    title=gettext_noop("Details"),
    definition=gettext_noop(
        "One row a message, newest first. Order and column filters act on this table and its "
        "downloads only."
    ),
    place=100,
    view=view,
    is_empty=lambda answer: not answer.total,
    kind="table",
    page_size=PAGE_SIZE,
)
