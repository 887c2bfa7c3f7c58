"""The table of interactions: every line that knows ``DataTable`` is in this module."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeGuard
from urllib.parse import quote

import pandas as pd
from dash import dcc, html
from dash.dash_table.DataTable import DataTable
from dash.development.base_component import Component

from components import ids
from components.embedding import is_web_address
from components.formats import NOTHING, known, shortened, visible
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
from components.labels import signed_status, value_label
from components.locale import Locale
from components.texts import gettext_noop, pgettext_noop
from components.widgets import chip
from queries.phones import is_masked, spaced_phone

#: How many rows a page may have; the first where nothing is said.
PAGE_SIZES: Final = (20, 50, 100)
PAGE_SIZE: Final = PAGE_SIZES[0]
#: Is always shown: it stays at the left while the rest of a row is scrolled.
FIRST_COLUMN: Final = "case_number"
#: No message of WhatsApp is longer.
_LONGEST: Final = 4_096
_CHIP_LIMIT: Final = 40
TITLE: Final = gettext_noop("Details")
DEFINITION: Final = gettext_noop(
    "One row a message, newest first. Order and column filters act on this table and its "
    "downloads only."
)

#: Everything that Markdown may read as a sign.
_MARKDOWN: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]()#+-.!<>|~&:/\"'"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: ``label`` is a (context, text) of the catalogues.

    It is as wide as its texts, from ``width`` to ``widest`` pixels; what is longer is cut.
    """

    name: str
    label: tuple[str, str]
    width: int
    widest: int = 180
    optional: bool = False
    right: bool = False


COLUMNS: Final = (
    Column("case_number", pgettext_noop("column", "Case"), 84, 140),
    Column("case_type", pgettext_noop("column", "Type"), 90),
    Column("channel", pgettext_noop("column", "Channel"), 90),
    Column("kind", pgettext_noop("column", "HSM/WApp"), 96),
    Column("template_name", pgettext_noop("column", "Template used"), 110, 200),
    Column("status", pgettext_noop("column", "Status"), 112),
    Column("phone", pgettext_noop("column", "Phone"), 110),
    Column("reply", pgettext_noop("column", "Replies"), 160, 240),
    Column("seq", pgettext_noop("column", "Message order"), 100, right=True),
    Column("opened_at", pgettext_noop("column", "Creation date"), 124),
    Column("last_agent", pgettext_noop("column", "Last agent"), 100),
    Column("session_type", pgettext_noop("column", "Session type"), 110, 320),
    Column("sent_at", pgettext_noop("column", "Message date"), 124),
    Column("person_name", pgettext_noop("column", "Requester"), 110, optional=True),
    Column("direction", pgettext_noop("column", "Origin"), 90, optional=True),
    Column(
        "customer_message", pgettext_noop("column", "Customer's message"), 160, 240, optional=True
    ),
    Column("team", pgettext_noop("column", "Team"), 90, optional=True),
    Column("case_state", pgettext_noop("column", "Case state"), 96, optional=True),
    Column("business_number", pgettext_noop("column", "Business number"), 110, optional=True),
    Column("error", pgettext_noop("column", "Error"), 120, 220, optional=True),
)
#: Columns that may hold nothing.
_MAY_BE_EMPTY: Final = (
    *("template_name", "phone", "reply", "last_agent", "customer_message", "team"),
    *("business_number", "error"),
)
DEFAULT_COLUMNS: Final = tuple(column.name for column in COLUMNS if not column.optional)


def column_definitions(locale: Locale, case_url: str | None) -> list[dict[str, Any]]:
    """All columns for the browser, which shows those that are chosen."""
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
    """The rows of one page as texts; what is not known is "—".

    Texts longer than any message of WhatsApp are cut here, and whole in the downloads.
    """
    names = list(frame)
    records = zip(*(frame[name].tolist() for name in names), strict=True)
    return [_row(dict(zip(names, record, strict=True)), locale, case_url) for record in records]


def range_words(skipped: int, shown: int, total: int, locale: Locale) -> str:
    """Which rows of all are seen, behind those that were ``skipped``."""
    first = skipped + 1 if shown else 0
    return locale.texts.gettext(
        "{first} to {last} of {total}",
        first=locale.formats.count(first),
        last=locale.formats.count(skipped + shown),
        total=locale.formats.count(total),
    )


def total_words(total: int, whole: int | None, locale: Locale) -> str:
    """17.244 mensagens; 472 de 10.008 mensagens where column filters narrow ``whole``."""
    counted = total if whole is None else whole
    words = f"{locale.formats.count(counted)} " + locale.texts.ngettext(
        "message", "messages", counted
    )
    if whole is None:
        return words
    return locale.texts.gettext("{shown} of {all}", shown=locale.formats.count(total), all=words)


def where_chips(where: Sequence[tuple[str, str]], locale: Locale) -> list[Element]:
    """The filters of the table's columns, as chips that can be taken away one by one."""
    labels = column_labels(locale)
    return [
        chip(
            locale.texts.gettext(
                "{column} contains \u201c{words}\u201d",
                column=labels[name],
                words=shortened(text, _CHIP_LIMIT),
            ),
            locale,
            action="unfilter",
            name=name,
            title=text if len(text) > _CHIP_LIMIT else None,
        )
        for name, text in where
    ]


def column_labels(locale: Locale) -> dict[str, str]:
    """What each column is called on the page."""
    return {column.name: locale.texts.pgettext(*column.label) for column in COLUMNS}


def page_count(total: int, page_size: int) -> int:
    """How many pages there are, at least one."""
    return max(1, -(-total // page_size))


def usable_url(case_url: str | None) -> TypeGuard[str]:
    """Whether a template of case addresses can be linked: http or https, and nothing else."""
    return case_url is not None and is_web_address(case_url)


def case_address(case_url: str, case_id: str, case_number: str) -> str | None:
    """The case in the portal; the values are quoted, so they cannot leave their place.

    None where a phone is hidden in one of them: the address would lead nowhere.
    """
    if is_masked(case_id) or is_masked(case_number):
        return None
    address = case_url.replace("{case_id}", _quoted(case_id))
    address = address.replace("{case_number}", _quoted(case_number))
    # What would end a Markdown link early.
    return quote(address, safe=":/?#[]@!$&'*+,;=%~-._{}").replace("{", "%7B").replace("}", "%7D")


def _quoted(value: str) -> str:
    """``value`` as one step of a path: dots alone would be a step back, even quoted."""
    return quote(value, safe="") if value.strip(".") else "-"


def _row(record: Mapping[Any, Any], locale: Locale, case_url: str | None) -> dict[str, str]:
    texts = {column.name: _text(record.get(column.name)) for column in COLUMNS}
    direction, status = str(record["direction"]), str(record["status"])
    number = texts["case_number"]
    if usable_url(case_url):
        address = case_address(case_url, _text(record["case_id"]), number)
        number = number.translate(_MARKDOWN)
        number = f"[{number}]({address})" if address else number
    seen = texts | {
        "case_number": number,
        "kind": value_label("kind", texts["kind"], locale),
        "status": signed_status(direction, status, locale),
        "status_code": f"{direction}-{status}",
        "phone": spaced_phone(texts["phone"]),
        "business_number": spaced_phone(texts["business_number"]),
        "seq": locale.formats.count(record["seq"]),
        "opened_at": locale.formats.moment(record["opened_at"]),
        "sent_at": locale.formats.moment(record["sent_at"]),
        "session_type": value_label("session_type", texts["session_type"], locale),
        "direction": value_label("direction", direction, locale),
        "case_state": value_label("case_state", texts["case_state"], locale),
    }
    seen = {name: visible(text) for name, text in seen.items()}
    return seen | {"case_key": _text(record["case_key"])}


def _text(value: Any) -> str:
    return shortened(str(value), _LONGEST) if known(value) else NOTHING


def table(locale: Locale, masked: frozenset[str], case_url: str | None = None) -> Component:
    """The table, still without rows; ``masked`` columns can be neither sorted nor filtered.

    It begins with all columns, since the address may filter any of them, and is not seen before it
    has its rows and the columns that are chosen.
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
    )


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


#: The colour of each status in text; components/theme.py has their values.
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
    """Which columns are shown: the choice, and the store that the browser keeps it in."""
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


def page_size_choice(locale: Locale) -> list[Component]:
    """How many rows a page has: the choice, and the store that the browser keeps it in."""
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
    """Where the whole of a text stands that a cell cuts; assets/scripts/table.js shows it."""
    return StaticHtml(
        id=ids.TABLE_NOTE,
        className="cell-note",
        role="note",
        tabIndex=0,
        hidden=True,
        **{"aria-label": locale.texts.gettext("Whole text")},
    )
