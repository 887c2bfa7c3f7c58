"""What tells how far downloads are, and the words that their script says; see downloads.js."""

import json
from typing import Any

from dash.development.base_component import Component

from components import ids
from components.look import Look
from components.plain import Button, Div, Still
from components.words import BASES, FILTERS


def download_words(look: Look) -> dict[str, Any]:
    """The sentences of a download, with ``{kind}``, ``{rows}`` and so on for the script to fill."""
    t = look.texts.t
    period, basis = FILTERS["period"], FILTERS["basis"]
    return {
        "waiting": t("{kind}: being prepared…"),
        "running": t("{kind}: {rows} of {total} rows · {share}"),
        "done": t("{kind}: ready, {rows} rows"),
        "stopped": t("{kind}: stopped after {rows} rows. The file is not whole."),
        "broken": t(
            "{kind}: interrupted after {rows} rows. The file is not whole: download it again."
        ),
        "failed": t("{kind}: {message}"),
        "unknown": t("{kind}: the download did not begin. The portal may not allow downloads."),
        "away": t("{kind}: the server does not answer. Trying again…"),
        "too_many": t(
            "That makes {count} rows, and a workbook holds at most {limit}: choose a shorter "
            "period or download the CSV."
        ),
        "stop": t("Stop"),
        "stop_name": t("Stop the download {kind}"),
        "close": t("Close"),
        "period": t(period),
        "basis": t(basis),
        "bases": {name: t(text) for name, text in BASES.items()},
        "period_words": t("{start} to {end}"),
    }


def cut_mark(look: Look) -> str:
    """The end of a text in a workbook whose cell does not hold all of it."""
    return look.texts.t("… (cut, whole in CSV)")


def download_lines(look: Look) -> Component:
    """Where each download has a line while it goes on; steps are announced, not every row."""
    return Still(
        [Div(className="visually-hidden", role="status")],
        id=ids.DOWNLOADS,
        className="downloads",
        **{"data-download-words": json.dumps(download_words(look), ensure_ascii=False)},
    )


def print_button(look: Look) -> Component:
    """Prints the page, as its style for paper has it."""
    button = Button(
        look.texts.t("Print"), type="button", className="quiet-button", **{"data-action": "print"}
    )
    return Still([button], className="as-one")
