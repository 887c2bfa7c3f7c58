"""Shows how far downloads are, with the sentences that assets/scripts/downloads.js fills in."""

import json
from typing import Any

from dash.development.base_component import Component

from components import ids
from components.html_tree import Button, Div, StaticHtml
from components.labels import BASES, FILTERS
from components.locale import Locale


def download_words(locale: Locale) -> dict[str, Any]:
    """Return the sentences about downloads; the script fills ``{kind}``, ``{rows}`` and so on."""
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
    """Return what ends a text that is longer than a cell of a workbook can hold."""
    return locale.texts.gettext("… (cut, whole in CSV)")


def download_lines(locale: Locale) -> Component:
    """Return the place where each running download has a line and screen readers hear of it."""
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
