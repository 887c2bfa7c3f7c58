"""Parts of the page about downloads: their texts, their progress lines; and the print button.

assets/scripts/downloads.js fills the texts in and adds a line for each running download.
"""

import json
from typing import Any

from dash.development.base_component import Component

from components import ids
from components.html_tree import Button, Div, StaticHtml
from components.labels import BASES, FILTERS
from components.locale import Locale


def download_words(locale: Locale) -> dict[str, Any]:
    """Return the translated texts about downloads, as a dict by the names that scripts use.

    ``waiting`` to ``away`` are the progress line in each state of a download; ``too_many`` to
    ``close`` are its other texts (assets/scripts/downloads.js). ``period``, ``basis``, ``bases``
    (a dict by code) and ``period_words`` describe the selection in saved pictures and in print
    (assets/scripts/selection.js). The scripts fill places such as ``{rows}``.
    """
    gettext = locale.texts.gettext
    period, basis = FILTERS["period"], FILTERS["basis"]
    return {
        "waiting": gettext("{kind}: being prepared…"),
        "running": gettext("{kind}: {rows} of {total} rows · {share}"),
        "done": gettext("{kind}: ready, {rows} rows"),
        "stopped": gettext("{kind}: stopped after {rows} rows. The file is not whole."),
        "broken": gettext(
            "{kind}: interrupted after {rows} rows. The file is not whole: download it again."
        ),
        "failed": gettext("{kind}: {message}"),
        "unknown": gettext(
            "{kind}: the download did not begin. The portal may not allow downloads."
        ),
        "away_once": gettext("The server does not answer. Try again."),
        "away": gettext("{kind}: the server does not answer. Trying again…"),
        "too_many": gettext(
            "That makes {count} rows, and a workbook holds at most {limit}: choose a shorter "
            "period or download the CSV."
        ),
        "stop": gettext("Stop"),
        "stop_name": gettext("Stop the download {kind}"),
        "close": gettext("Close"),
        "period": gettext(period),
        "basis": gettext(basis),
        "bases": {name: gettext(text) for name, text in BASES.items()},
        "period_words": gettext("{start} to {end}"),
    }


def cut_mark(locale: Locale) -> str:
    """Return the translated note that is put at the end of a text too long for a workbook's cell.

    It says that the text is cut here, and whole in the CSV.
    """
    return locale.texts.gettext("… (cut, whole in CSV)")


def download_lines(locale: Locale) -> Component:
    """Return the box, at first empty, to which the browser adds a progress line for each download.

    An invisible element in it has the role ``status``: the browser writes into it what screen
    readers are to read out.
    """
    return StaticHtml(
        [Div(className="visually-hidden", role="status")],
        id=ids.DOWNLOADS,
        className="downloads",
        **{"data-download-words": json.dumps(download_words(locale), ensure_ascii=False)},
    )


def print_button(locale: Locale) -> Component:
    """Return the button that opens the browser's print dialog."""
    button = Button(
        locale.texts.gettext("Print"),
        type="button",
        className="quiet-button",
        **{"data-action": "print"},
    )
    return StaticHtml([button], className="as-one")
