"""Downloads in the words of people: headers and cells of each panel's CSV and XLSX."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Literal

import pandas as pd

from components.formats import known
from components.look import Look
from components.panels.details import COLUMNS
from components.texts import Texts, mark, mark_c
from components.words import status_word, word
from queries.phones import spaced_phone

#: How a column's cells are written: shares are numbers from 0 to 1, durations whole seconds.
Kind = Literal["text", "count", "share", "seconds", "date", "moment"]

_INDICATORS: Final = {
    "messages": mark("Messages"),
    "sent_messages": mark("Messages sent"),
    "received_messages": mark("Messages received"),
    "delivery_rate": mark("Delivery rate"),
    "read_rate": mark("Read rate"),
    "failure_rate": mark("Failure rate"),
    "cases_created": mark("Cases created"),
    "cases_attended": mark("Cases attended"),
    "attended_share": mark("Share of cases attended"),
    "median_first_response_seconds": mark("Median first response (s)"),
    "p90_first_response_seconds": mark("P90 first response (s)"),
}
_INDICATORS_BY_KIND: Final = {
    "hsm_delivery_rate": mark("Delivery rate of HSM"),
    "session_delivery_rate": mark("Delivery rate of WApp"),
    "hsm_read_rate": mark("Read rate of HSM"),
    "session_read_rate": mark("Read rate of WApp"),
}
_PLAIN: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = MappingProxyType(
    {
        "messages-by-origin": {
            "period": mark_c("column", "Period from"),
            "direction": mark_c("column", "Origin"),
            "messages": mark_c("column", "Messages"),
        },
        "messages-by-status": {
            "status": mark_c("column", "Status"),
            "direction": mark_c("column", "Origin"),
            "messages": mark_c("column", "Messages"),
        },
        "cases": {
            "period": mark_c("column", "Period from"),
            "created": mark_c("column", "Cases created"),
            "attended": mark_c("column", "Cases attended"),
        },
        "templates": {
            "template_name": mark_c("column", "Template"),
            "sent": mark_c("column", "Sends"),
            "delivered": mark_c("column", "Delivered"),
            "read": mark_c("column", "Read"),
            "failed": mark_c("column", "Failed"),
            "answered": mark_c("column", "Answered"),
        },
        "failures": {
            "action": mark_c("column", "What to do"),
            "error_code": mark_c("column", "Error code"),
            "error_title": mark_c("column", "Error"),
            "messages": mark_c("column", "Messages"),
        },
        "hsm-in-window": {
            "template_category": mark_c("column", "Category"),
            "sent": mark_c("column", "Sends"),
            "in_window": mark_c("column", "In an open window"),
        },
        "waiting": {
            "case_number": mark_c("column", "Case"),
            "case_type": mark_c("column", "Type"),
            "channel": mark_c("column", "Channel"),
            "team": mark_c("column", "Team"),
            "person_name": mark_c("column", "Requester"),
            "last_agent": mark_c("column", "Last agent"),
            "waiting_since": mark_c("column", "Waiting since"),
            "last_message_at": mark_c("column", "Last message"),
            "window_closes_at": mark_c("column", "Window closes"),
            "window": mark_c("column", "24 h window"),
        },
        "details": {
            "message_id": mark_c("column", "Message ID"),
            **{column.name: column.label for column in COLUMNS},
        },
    }
)
_PREVIOUS: Final = "previous_"


def headers(slug: str, texts: Texts) -> dict[str, str]:
    """The columns of a panel's download, in order, with their headers.

    Raises ``LookupError`` for a panel that has no download.
    """
    if slug == "indicators":
        now = {name: texts.t(text) for name, text in _INDICATORS.items()}
        before = texts.t("previous period")
        previous = {f"{_PREVIOUS}{name}": f"{text} ({before})" for name, text in now.items()}
        by_kind = {name: texts.t(text) for name, text in _INDICATORS_BY_KIND.items()}
        return now | previous | by_kind
    return {name: _typed(texts.tc(*label)) for name, label in _PLAIN[slug].items()}


def kind(column: str) -> Kind:
    """How the cells of ``column`` are written, in whatever panel."""
    name = column.removeprefix(_PREVIOUS)
    if name.endswith(("_rate", "_share")):
        return "share"
    if name.endswith("_seconds"):
        return "seconds"
    if name == "period":
        return "date"
    if name == "waiting_since" or name.endswith("_at"):
        return "moment"
    return "count" if name in _COUNTS else "text"


_COUNTS: Final = frozenset(
    {
        *("messages", "sent_messages", "received_messages", "cases_created", "cases_attended"),
        *(
            "created",
            "attended",
            "sent",
            "delivered",
            "read",
            "failed",
            "answered",
            "seq",
            "in_window",
        ),
    }
)


#: Columns of codes, each of a vocabulary of its own name.
_CODES: Final = (
    "direction",
    "kind",
    "session_type",
    "case_state",
    "window",
    "action",
    "template_category",
)
_NUMBERS: Final = ("phone", "business_number")


def worded(slug: str, frame: pd.DataFrame, look: Look) -> pd.DataFrame:
    """The rows of a download with their codes in words and phones as people write them; numbers and
    times stay what they are.

    Columns are those of ``headers``, in that order; unknown stays null.
    """
    answer = frame.loc[:, [name for name in headers(slug, look.texts) if name in frame]].copy()
    if slug == "messages-by-status":  # a received message is waiting or handled, nothing else
        frame = frame[(frame["direction"] == "out") | frame["status"].isin(["new", "read"])]
        answer = answer.loc[frame.index]
    if "status" in frame and "direction" in frame:
        pairs = list(zip(frame["direction"].tolist(), frame["status"].tolist(), strict=True))
        words = {pair: status_word(str(pair[0]), str(pair[1]), look) for pair in set(pairs)}
        answer["status"] = [words[pair] for pair in pairs]
    for name in _CODES:
        if name in answer:
            values = frame[name].tolist()
            named = {value: _word(name, value, look) for value in set(values)}
            answer[name] = [named[value] for value in values]
    for name in _NUMBERS:
        if name in answer:
            shown = [spaced_phone(value) if known(value) else None for value in frame[name]]
            # As objects, so that what is unknown stays None, which is an empty cell of a workbook.
            answer[name] = pd.Series(shown, index=answer.index, dtype=object)
    return answer


def cells(column: str, values: pd.Series, look: Look) -> list[str]:
    """The cells of a column of a CSV as ``cell`` writes them, what comes again written once."""
    given = values.tolist()
    written = {value: cell(column, value, look) for value in set(given)}
    return [written[value] for value in given]


def cell(column: str, value: Any, look: Look) -> str:
    """One cell of a CSV: decimal sign, dates and times of the language; null is empty.

    Numbers carry no thousands sign, so that spreadsheets read them; shares have six decimals, or
    as many as it takes to tell them from none and all.
    """
    if not known(value):
        return ""
    return _WRITERS[kind(column)](value, look)


def separator(look: Look) -> str:
    """The sign between the cells of a CSV: a semicolon where the comma is the decimal sign."""
    return "," if look.language == "en" else ";"


def _share(value: Any, look: Look) -> str:
    text = f"{value:.6f}"
    if float(text) in (0, 1) and value not in (0, 1):
        text = f"{Decimal(repr(float(value))):f}"  # all its decimals: it is neither none nor all
    return text if look.language == "en" else text.replace(".", ",")


def _seconds(value: Any, look: Look) -> str:
    """Whole seconds; less than one of them with its decimals, which is not none."""
    whole = str(round(value))
    if whole != "0" or value == 0:
        return whole
    text = f"{Decimal(repr(float(value))):f}"
    return text if look.language == "en" else text.replace(".", ",")


_WRITERS: Final[Mapping[Kind, Callable[[Any, Look], str]]] = MappingProxyType(
    {
        "text": lambda value, _look: str(value),
        "count": lambda value, _look: str(int(value)),
        "seconds": _seconds,
        "share": _share,
        "date": lambda value, look: look.formats.day(value),
        "moment": lambda value, look: look.formats.moment(value),
    }
)


def _word(vocabulary: str, value: Any, look: Look) -> str | None:
    return _typed(word(vocabulary, str(value), look)) if known(value) else None


def _typed(text: str) -> str:
    """``text`` with spaces as people type them, for who searches a file."""
    return text.replace("\u00a0", " ")
