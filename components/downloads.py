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
    """Return the texts about downloads, by the names that assets/scripts/downloads.js uses.

    The script fills their ``{places}``. Names such as ``running`` and ``away`` are states of a
    download. ``period``, ``basis``, ``bases`` (by code) and ``period_words`` name the selection in
    pictures and on paper (assets/scripts/selection.js).
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
    """Return the note that ends a text which was cut because a workbook's cell cannot hold it."""
    return locale.texts.gettext("… (cut, whole in CSV)")


def download_lines(locale: Locale) -> Component:
    """Return the box to which the browser adds a progress line for each download.

    The hidden element in it has the role ``status``: screen readers read out what is written there.
    """
    return StaticHtml(
        [Div(className="visually-hidden", role="status")],
        id=ids.DOWNLOADS,
        className="downloads",
        **{"data-download-words": json.dumps(download_words(locale), ensure_ascii=False)},
    )


def print_button(locale: Locale) -> Component:
    """Return the button that prints the page."""
    button = Button(
        locale.texts.gettext("Print"),
        type="button",
        className="quiet-button",
        **{"data-action": "print"},
    )
    return StaticHtml([button], className="as-one")
