"""The ids of all components of the page: constants, and functions of a filter's or panel's name.

Scripts get them under the same names (``components.page_constants``, assets/scripts/ids.js).
"""

from typing import Final

# Stores and timers of the browser.
STATUS: Final = "status"  # store: data version, today, default periods
NEWER_STATUS: Final = "newer-status"  # store: the server's answer, from which STATUS is set
HELD: Final = "held"  # store: address values that no control can show
APPLIED: Final = "applied"  # store: the filters that all panels are asked with
# The next two name the call for panels, which the page sends itself: the stores stay empty.
QUESTION: Final = "question"  # store: what the server is asked, for which panels
ANSWERS: Final = "answers"  # store: the server's answer to it, as JSON
AHEAD_QUESTION: Final = "ahead-question"  # store: what is asked before the reader chooses it
AHEAD_ANSWERS: Final = "ahead-answers"  # store: the server's answer to it, as JSON
TABLE_QUESTION: Final = "table-question"  # store: order and column filters of the table
THEME: Final = "theme"  # store: chosen and effective theme
AS_TABLE: Final = "as-table"  # store: slugs of the graphs that are shown as tables
ACTION: Final = "action"  # store: the last press of a button that changes filters
MINUTE: Final = "minute"  # interval: each minute, for panels about the present
POLL: Final = "poll"  # interval: asks for newer data

# Header.
FRESHNESS: Final = "freshness"
NEWS: Final = "news"
LOST_NOTE: Final = "lost-note"
DEMO_BADGE: Final = "demo-badge"
LANGUAGE_MENU: Final = "language-menu"
THEME_MENU: Final = "theme-menu"

# The element around all panels; the link "Go to the numbers" leads to it.
PANELS: Final = "panels"

# The section that is shown in place of the panels while the store has no data.
EMPTY_STORE: Final = "empty-store"

# The notes on indicators that stay unknown because the data lack something.
LACKS: Final = "lacks"

# Help.
HELP: Final = "help"

# Filter bar.
FILTER_BAR: Final = "filter-bar"
FOLD: Final = "filter-fold"
FOLD_COUNT: Final = "filter-fold-count"
SHOW_CASES: Final = "filter-show-cases"  # at the foot of the unfolded filters on a phone
PERIOD: Final = "filter-period"  # store: the first and last day, and the preset's name
PERIOD_START: Final = "filter-period-start"  # the fields in which days are typed
PERIOD_END: Final = "filter-period-end"
PERIOD_FACE: Final = "filter-period-face"
PERIOD_SWAP: Final = "filter-period-swap"  # the button that turns the typed days round
CALENDAR: Final = "filter-period-calendar"
PERIOD_ERROR: Final = "filter-period-error"  # what is wrong with the typed days
PERIOD_ALERT: Final = "filter-period-alert"  # the same text, for when the menu is closed
BASIS: Final = "filter-basis"
CHIPS: Final = "chips"
PRESSED_NOTE: Final = "pressed-note"  # what a press on a mark did, with a button that undoes it
MORE: Final = "filter-more"
MORE_COUNT: Final = "filter-more-count"
ALERT: Final = "alert"
ADDRESS_NOTE: Final = "address-note"

# Table.
TABLE: Final = "details-table"
TABLE_COLUMNS: Final = "details-columns"
TABLE_ALL_COLUMNS: Final = "details-all-columns"
TABLE_TOTAL: Final = "details-total"
TABLE_CHIPS: Final = "details-chips"
TABLE_RANGE: Final = "details-range"
TABLE_PAGE_SIZE: Final = "details-page-size"  # store: how many rows a page has
TABLE_PAGE_SIZE_CHOICE: Final = "details-page-size-choice"
TABLE_CONSTANT: Final = "details-constant"  # store: columns with one value in all rows, and it
TABLE_UNFOLDED: Final = "details-unfolded"  # store: whether the reader shows these all the same
TABLE_FOLDED: Final = "details-folded"  # the line that names them
TABLE_SORT_CHOICE: Final = "details-sort-choice"
TABLE_COLUMNS_CHOICE: Final = "details-columns-choice"
TABLE_NOTE: Final = "details-note"
DETAILS: Final = "details"
XLSX: Final = "details-xlsx"
DOWNLOADS: Final = "downloads"
PRINTED: Final = "printed-selection"

# The drawer of a case's time line.
TIMELINE: Final = "timeline"
TIMELINE_ASKED: Final = "timeline-asked"  # store: the case that was last asked for
TIMELINE_BODY: Final = "timeline-body"

# The drawer of a template's trend.
TREND: Final = "trend"
TREND_ASKED: Final = "trend-asked"  # store: the template that was last asked for, and the filters
TREND_BODY: Final = "trend-body"

# The drawer with the state of the sources.
SOURCES: Final = "sources"
SOURCES_ASKED: Final = "sources-asked"  # store: changes when the state is to be read
SOURCES_BODY: Final = "sources-body"


def control(name: str) -> str:
    """Return the id of the dropdown of the filter ``name``, one of ``queries.filters.LISTS``."""
    return f"filter-{name.replace('_', '-')}"


def asked(name: str) -> str:
    """Return the id of the store in which the browser asks for the options of the filter ``name``.

    ``name`` is one of ``queries.filters.LISTS``.
    """
    return f"{control(name)}-asked"


def found(name: str) -> str:
    """Return the id of the store in which the server answers with options of the filter ``name``.

    ``name`` is one of ``queries.filters.LISTS``.
    """
    return f"{control(name)}-found"


def language_link(language: str) -> str:
    """Return the id of the menu entry that shows the page in ``language``, such as "pt-BR"."""
    return f"language-{language}"


def panel(slug: str) -> str:
    """Return the id of the card on the page that holds the whole panel ``slug``.

    Its class name says whether the panel waits, shows an answer, is empty or failed.
    """
    return f"panel-{slug}"


def panel_title(slug: str) -> str:
    """Return the id of the heading of the panel ``slug``."""
    return f"{slug}-title"


def graph(slug: str) -> str:
    """Return the id of the element in which the graph of the panel ``slug`` is drawn."""
    return f"{slug}-graph"


def cards(slug: str) -> str:
    """Return the id of the element with the rows of a list panel, or with the indicators' cards."""
    return f"{slug}-cards"


def choice(slug: str, column: str) -> str:
    """Return the id of the store that says which rows of the list panel ``slug`` are shown.

    The store has a code of ``column``, of which only the rows are shown, or None for all rows.
    """
    return f"{slug}-{column}"


def more(slug: str) -> str:
    """Return the id of the store that says how many rows of the list panel ``slug`` are shown.

    The store has ``{"rows": …, "raw": …}``: so many rows for the filters ``raw`` (those of
    ``APPLIED``); with other filters, and with None, the list shows as many as at first.
    """
    return f"{slug}-more"


def order(slug: str) -> str:
    """Return the id of the store that says how the rows of the list panel ``slug`` are ordered.

    The store has the name of a column, with ``-`` before it for descending order; None for the
    panel's usual order.
    """
    return f"{slug}-order"


def by(slug: str) -> str:
    """Return the id of the store that says what the panel ``slug`` compares.

    The store has a code of ``queries.compared.By``; None for the usual one.
    """
    return f"{slug}-by"


def columns(slug: str) -> str:
    """Return the id of the store with the names of the columns that a list panel shows.

    None for the usual ones.
    """
    return f"{slug}-columns"


def columns_choice(slug: str) -> str:
    """Return the id of the group of boxes by which the reader chooses the columns of a list."""
    return f"{slug}-columns-choice"


def xlsx(slug: str) -> str:
    """Return the id of the link that downloads the data of the list ``slug`` as a workbook."""
    return f"{slug}-xlsx"


def indicator_card(slug: str) -> str:
    """Return the id of the card that the panel ``slug`` adds to the row of indicators."""
    return f"{slug}-card"


def words(slug: str) -> str:
    """Return the id of the line of totals and notes above a panel's graph, list or indicators."""
    return f"{slug}-words"


def numbers(slug: str) -> str:
    """Return the id of the element with the numbers of a graph as an HTML table."""
    return f"{slug}-numbers"


def caption(slug: str) -> str:
    """Return the id of the text that describes a graph for screen readers."""
    return f"{slug}-caption"


def cover(slug: str) -> str:
    """Return the id of the element, a sentence and a button, over an empty or failed panel."""
    return f"{slug}-cover"


def notice(slug: str) -> str:
    """Return the id of the sentence that says why the panel ``slug`` is empty or failed."""
    return f"{slug}-notice"


def widen(slug: str) -> str:
    """Return the id of the button on an empty panel that clears the filters which leave no data."""
    return f"{slug}-widen"


def drawer_title(drawer: str) -> str:
    """Return the id of the heading of the drawer with the id ``drawer``."""
    return f"{drawer}-title"


def csv(slug: str) -> str:
    """Return the id of the link that downloads the data of the panel ``slug`` as CSV."""
    return f"{slug}-csv"
