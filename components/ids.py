"""Every component id of the page, in one place.

Scripts get all of them by the same names: see ``components/page_constants.py``.
"""

from typing import Final

# What the browser keeps for itself.
STATUS: Final = "status"  # store: data version, today, default periods
HELD: Final = "held"  # store: address values that no control can show
APPLIED: Final = "applied"  # store: the one question that all panels answer
TABLE_QUESTION: Final = "table-question"  # store: order and column filters of the table
THEME: Final = "theme"  # store: chosen and effective theme
AS_TABLE: Final = "as-table"  # store: panels whose numbers stand in place of their graph
ACTION: Final = "action"  # store: the last press of a button that changes filters
MINUTE: Final = "minute"  # interval: who waits now?
POLL: Final = "poll"  # interval: is there newer data?

# Header.
FRESHNESS: Final = "freshness"
NEWS: Final = "news"
LOST_NOTE: Final = "lost-note"
DEMO_BADGE: Final = "demo-badge"
LANGUAGE_MENU: Final = "language-menu"
THEME_MENU: Final = "theme-menu"

# All panels together: where the way past the filters leads.
PANELS: Final = "panels"

# What an empty store shows in place of its panels.
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
PERIOD_ERROR: Final = "filter-period-error"  # what is wrong with what is typed, beside it
PERIOD_ALERT: Final = "filter-period-alert"  # the same where it is seen when the menu is closed
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
    """The dropdown of the filter ``name``."""
    return f"filter-{name.replace('_', '-')}"


def asked(name: str) -> str:
    """The store with what was last asked for the options of the filter ``name``."""
    return f"{control(name)}-asked"


def found(name: str) -> str:
    """The store with the server's answer to that."""
    return f"{control(name)}-found"


def language_link(language: str) -> str:
    return f"language-{language}"


def panel(slug: str) -> str:
    """The card of a panel; its class name tells the state."""
    return f"panel-{slug}"


def panel_title(slug: str) -> str:
    """The heading of a panel."""
    return f"{slug}-title"


def figures(slug: str) -> str:
    """The store with a panel's figures, colours still by name."""
    return f"{slug}-figures"


def graph(slug: str) -> str:
    return f"{slug}-graph"


def cards(slug: str) -> str:
    return f"{slug}-cards"


def choice(slug: str, column: str) -> str:
    """The store with the code of ``column`` by which the reader narrows a list."""
    return f"{slug}-{column}"


def indicator_card(slug: str) -> str:
    """The card that a panel of another place adds to the indicators."""
    return f"{slug}-card"


def words(slug: str) -> str:
    return f"{slug}-words"


def numbers(slug: str) -> str:
    """The table of a graph's numbers."""
    return f"{slug}-numbers"


def caption(slug: str) -> str:
    return f"{slug}-caption"


def cover(slug: str) -> str:
    """What covers a panel that has nothing to show: its notice and a button."""
    return f"{slug}-cover"


def notice(slug: str) -> str:
    return f"{slug}-notice"


def widen(slug: str) -> str:
    """The button of an empty panel that clears the filter which empties it."""
    return f"{slug}-widen"


def retry(slug: str) -> str:
    return f"{slug}-retry"


def drawer_title(drawer: str) -> str:
    """The heading of the drawer with this id."""
    return f"{drawer}-title"


def csv(slug: str) -> str:
    return f"{slug}-csv"
