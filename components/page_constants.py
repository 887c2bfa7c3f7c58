"""What the page's scripts have to know of Python, handed over once and by name.

``app/page_scripts.py`` puts it into page.js as the module ``constants``; a script takes what it
needs by ``require("./constants")``. So no id, limit or list of names is typed in two languages.
"""

import inspect
from collections.abc import Sequence
from typing import Any, Final

from components import ids
from components.layout import THEMES
from components.panels import details
from components.panels.view import Panel
from components.texts import LANGUAGES
from components.theme import SCREENS
from queries.filters import LISTS, NAMES, Basis
from queries.period import MAX_YEAR, MIN_YEAR

#: Names of the page's address that are no filters.
_OTHER_NAMES: Final = ("lang", "theme", "sort", "columns", "page_size")
#: Rows that nobody ordered stand in the order of this column, the newest first.
_NEWEST_COLUMN: Final = "sent_at"
#: Functions of ``ids`` that make an id of a filter's name; the others put a name in its place.
_OF_FILTER: Final = ("control", "asked", "found")


def page_constants(panels: Sequence[Panel]) -> dict[str, Any]:
    """Return the names, lists and limits that scripts need on a page with ``panels``, for JSON.

    ``ids`` are the constants of ``components.ids``; ``idPatterns`` its functions of one name,
    each as an id with ``{}`` for the name; ``filterIds`` the ids of each filter. ``downloads``
    are the slugs that have a CSV, and the one whose rows and columns are chosen. ``screens``
    are media queries by the drawing that they ask for. ``years`` are the years that a period
    may lie in.
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
        "downloads": {
            "csv": [panel.slug for panel in panels],
            "table": ids.DETAILS,
        },
        "filters": list(LISTS),
        "graphs": [panel.slug for panel in panels if panel.kind == "graph"],
        "languages": list(LANGUAGES),
        "screens": dict(SCREENS),
        "table": {
            "columns": [column.name for column in details.COLUMNS],
            "defaults": list(details.DEFAULT_COLUMNS),
            "first": details.FIRST_COLUMN,
            "newest": _NEWEST_COLUMN,
            "sizes": list(details.PAGE_SIZES),
        },
        "themes": list(THEMES),
        "years": {"first": MIN_YEAR, "last": MAX_YEAR},
    }
