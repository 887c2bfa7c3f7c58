"""Names, lists and limits of Python that the page's scripts need, so that none is written twice.

``app/page_scripts.py`` writes them into page.js as the module ``constants``; a script reads them
with ``require("./constants")``.
"""

import inspect
from collections.abc import Sequence
from typing import Any, Final

from components import ids
from components.index import LATE_SCRIPTS_META, PLOTLY_META
from components.layout import THEMES
from components.panels import details
from components.panels.view import Panel
from components.texts import LANGUAGES
from components.theme import COLOURS, SCREENS
from queries.filters import LISTS, NAMES, Basis
from queries.period import MAX_YEAR, MIN_YEAR, PRESETS

#: Parameters of the page's address that are not filters.
#: ``by`` is what the comparison compares, ``by_sort`` and ``by_columns`` its order and columns.
_OTHER_NAMES: Final = (
    *("lang", "theme", "sort", "columns", "page_size"),
    *("by", "by_sort", "by_columns"),
)
#: Rows are sorted by this column, newest first, until the reader sorts them.
_NEWEST_COLUMN: Final = "sent_at"
#: The column that is shown by itself while the status "failed" is among those selected.
_FAILURE_COLUMN: Final = "error"
#: Functions of ``ids`` that change the filter's name ("case_type" to "case-type") and so cannot be
#: handed over as a pattern.
_OF_FILTER: Final = ("control", "asked", "found")


#: Plotly's ``config`` of all graphs. They have no tool bar, and a double click does nothing; so
#: there is no button that would send data to another server.
GRAPH_CONFIG: Final = {
    "displaylogo": False,
    "showSendToCloud": False,
    "showEditInChartStudio": False,
    # The picture that Plotly's bar makes has neither title nor filters; the one of the panel's menu
    # has both.
    "displayModeBar": False,
    "doubleClick": False,
}


def page_constants(panels: Sequence[Panel]) -> dict[str, Any]:
    """Return what scripts need to know on a page with ``panels``, in types that JSON has.

    ``ids``: the constants of ``components.ids``. ``idPatterns``: its functions of one argument, as
    an id with ``{}`` for the argument. ``filterIds``: by list filter, the ids of its dropdown and
    stores. ``addressNames``: all parameters of the page's address. ``bases``, ``filters`` (the list
    filters), ``languages``, ``presets`` (of the period), ``themes``: their codes. ``compared``: of
    the panel that compares, its ``slug``, the ``values`` of ``by`` (the first is the usual one) and
    the ``orders``, names of columns; None without such a panel. ``downloads``: ``csv``, the slugs
    of all panels, and ``table``, that of the table. ``graphs``: the slugs of the graphs,
    ``graphConfig`` plotly's configuration of them, ``plotlyMeta`` the name of the element <meta>
    with the address of plotly.js, ``lateScriptsMeta`` that of the one with the late scripts.
    ``panels``: those of the panels on the page; ``near`` and ``present``: those of them that
    are asked for only near the screen, and that are about the present minute; ``withCards``: those
    that fill a card among the indicators. ``grounds``: the colour of cards in each theme.
    ``screens``: the media query of each drawing (``theme.SCREENS``). ``table``: the names of all
    ``columns``, of those shown by default, of the ``first``, of the one that says why a message
    failed (``failure``), and of that by which ``newest`` rows come first; the page ``sizes``, of
    which the first is the default. ``years``: the ``first`` and ``last`` year of a period.
    """
    return {
        "ids": {name: value for name, value in vars(ids).items() if name.isupper()},
        "idPatterns": {
            name: function("{}")
            for name, function in inspect.getmembers(ids, inspect.isfunction)
            if len(inspect.signature(function).parameters) == 1 and name not in _OF_FILTER
        },
        "filterIds": {
            name: {kind: getattr(ids, kind)(name) for kind in _OF_FILTER} for name in LISTS
        },
        "addressNames": sorted([*NAMES, *_OTHER_NAMES]),
        "bases": [basis.value for basis in Basis],
        "compared": next(
            (
                {
                    "slug": panel.slug,
                    "values": [by.value for by in panel.compares],
                    "orders": list(panel.orders),
                }
                for panel in panels
                if panel.compares
            ),
            None,
        ),
        "downloads": {
            "csv": [panel.slug for panel in panels],
            "table": ids.DETAILS,
        },
        "filters": list(LISTS),
        "grounds": {"light": COLOURS["card"].light, "dark": COLOURS["card"].dark},
        "graphConfig": GRAPH_CONFIG,
        "graphs": [panel.slug for panel in panels if panel.kind == "graph"],
        "languages": list(LANGUAGES),
        "near": [panel.slug for panel in panels if panel.is_asked_near],
        "panels": [panel.slug for panel in panels if panel.is_shown],
        "lateScriptsMeta": LATE_SCRIPTS_META,
        "plotlyMeta": PLOTLY_META,
        "present": [panel.slug for panel in panels if panel.query.is_about_now],
        "presets": list(PRESETS),
        "screens": dict(SCREENS),
        "table": {
            "columns": [column.name for column in details.COLUMNS],
            "defaults": list(details.DEFAULT_COLUMNS),
            "first": details.FIRST_COLUMN,
            "newest": _NEWEST_COLUMN,
            "failure": _FAILURE_COLUMN,
            "sizes": list(details.PAGE_SIZES),
        },
        "themes": list(THEMES),
        "withCards": [panel.slug for panel in panels if panel.card],
        "years": {"first": MIN_YEAR, "last": MAX_YEAR},
    }
