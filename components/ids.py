"""The ids of all components of the page: constants, and functions of a filter's or panel's name.

Scripts get them under the same names (``components.page_constants``, assets/scripts/ids.js).
"""

from typing import Final

# Stores and timers of the browser.
STATUS: Final = "status"  # store: data version, today, default periods
HELD: Final = "held"  # store: address values that no control can show
APPLIED: Final = "applied"  # store: the filters that all panels are asked with
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

# Help.
HELP: Final = "help"

# Filter bar.
FILTER_BAR: Final = "filter-bar"
FOLD: Final = "filter-fold"
FOLD_COUNT: Final = "filter-fold-count"
PERIOD: Final = "filter-period"
PERIOD_START: Final = "filter-period-start"  # the fields of the date picker
PERIOD_END: Final = "filter-period-end"
PERIOD_FACE: Final = "filter-period-face"
PERIOD_ERROR: Final = "filter-period-error"  # what is wrong with the typed days
PERIOD_ALERT: Final = "filter-period-alert"  # the same text, for when the menu is closed
BASIS: Final = "filter-basis"
CHIPS: Final = "chips"
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


def control(name: str) -> str:
    """Return the id of the dropdown of the filter ``name``."""
    return f"filter-{name.replace('_', '-')}"


def asked(name: str) -> str:
    """Return the id of the store with the last request for options of the filter ``name``."""
    return f"{control(name)}-asked"


def found(name: str) -> str:
    """Return the id of the store with the server's options for the filter ``name``."""
    return f"{control(name)}-found"


def language_link(language: str) -> str:
    """Return the id of the menu entry that changes to ``language``, such as "pt-BR"."""
    return f"language-{language}"


def panel(slug: str) -> str:
    """Return the id of a panel's card; its class name has the state: see ``Panel.class_name``."""
    return f"panel-{slug}"


def panel_title(slug: str) -> str:
    """Return the id of a panel's heading."""
    return f"{slug}-title"


def figures(slug: str) -> str:
    """Return the id of the store with ``PanelView.figures``, whose colours are names."""
    return f"{slug}-figures"


def graph(slug: str) -> str:
    """Return the id of a panel's plotly graph."""
    return f"{slug}-graph"


def cards(slug: str) -> str:
    """Return the id of the element with the rows of a list panel, or with the indicators."""
    return f"{slug}-cards"


def choice(slug: str, column: str) -> str:
    """Return the id of the store with the code of ``column`` that narrows the list ``slug``.

    The store has None while the list is not narrowed.
    """
    return f"{slug}-{column}"


def indicator_card(slug: str) -> str:
    """Return the id of the card that the panel ``slug`` adds to the row of indicators."""
    return f"{slug}-card"


def words(slug: str) -> str:
    """Return the id of the line of totals above a panel's graph or list."""
    return f"{slug}-words"


def numbers(slug: str) -> str:
    """Return the id of the element with the table of a graph's numbers."""
    return f"{slug}-numbers"


def caption(slug: str) -> str:
    """Return the id of the description of a graph for screen readers."""
    return f"{slug}-caption"


def cover(slug: str) -> str:
    """Return the id of the notice and button that cover an empty or failed panel."""
    return f"{slug}-cover"


def notice(slug: str) -> str:
    """Return the id of the sentence that says why a panel is empty or failed."""
    return f"{slug}-notice"


def widen(slug: str) -> str:
    """Return the id of the button that clears the filter which leaves a panel empty."""
    return f"{slug}-widen"


def retry(slug: str) -> str:
    """Return the id of the button "Try again" of a failed panel."""
    return f"{slug}-retry"


def drawer_title(drawer: str) -> str:
    """Return the id of the heading of the drawer with the id ``drawer``."""
    return f"{drawer}-title"


def csv(slug: str) -> str:
    """Return the id of the link that downloads a panel's CSV."""
    return f"{slug}-csv"
