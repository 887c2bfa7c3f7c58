"""Downloads in the words of people: headers and cells of each panel's CSV and XLSX."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Literal

import pandas as pd

from components.formats import known
from components.labels import status_label, value_label
from components.locale import Locale
from components.panels.details import COLUMNS
from components.texts import Texts, gettext_noop, pgettext_noop
from queries.phones import spaced_phone

#: How a column's cells are written: shares are numbers from 0 to 1, durations whole seconds.
Kind = Literal["text", "count", "share", "seconds", "date", "moment"]

_INDICATORS: Final = {
    "messages": gettext_noop("Messages"),
    "sent_messages": gettext_noop("Messages sent"),
    "received_messages": gettext_noop("Messages received"),
    "delivery_rate": gettext_noop("Delivery rate"),
    "read_rate": gettext_noop("Read rate"),
    "failure_rate": gettext_noop("Failure rate"),
    "cases_created": gettext_noop("Cases created"),
    "cases_attended": gettext_noop("Cases attended"),
    "attended_share": gettext_noop("Share of cases attended"),
    "median_first_response_seconds": gettext_noop("Median first response (s)"),
    "p90_first_response_seconds": gettext_noop("P90 first response (s)"),
}
_INDICATORS_BY_KIND: Final = {
    "hsm_delivery_rate": gettext_noop("Delivery rate of HSM"),
    "session_delivery_rate": gettext_noop("Delivery rate of WApp"),
    "hsm_read_rate": gettext_noop("Read rate of HSM"),
    "session_read_rate": gettext_noop("Read rate of WApp"),
}
_PLAIN: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = MappingProxyType(
    {
        "messages-by-origin": {
            "period": pgettext_noop("column", "Period from"),
            "direction": pgettext_noop("column", "Origin"),
            "messages": pgettext_noop("column", "Messages"),
        },
        "messages-by-status": {
            "status": pgettext_noop("column", "Status"),
            "direction": pgettext_noop("column", "Origin"),
            "messages": pgettext_noop("column", "Messages"),
        },
        "cases": {
            "period": pgettext_noop("column", "Period from"),
            "created": pgettext_noop("column", "Cases created"),
            "attended": pgettext_noop("column", "Cases attended"),
        },
        "templates": {
            "template_name": pgettext_noop("column", "Template"),
            "sent": pgettext_noop("column", "Sends"),
            "delivered": pgettext_noop("column", "Delivered"),
            "read": pgettext_noop("column", "Read"),
            "failed": pgettext_noop("column", "Failed"),
            "answered": pgettext_noop("column", "Answered"),
        },
        "failures": {
            "action": pgettext_noop("column", "What to do"),
            "error_code": pgettext_noop("column", "Error code"),
            "error_title": pgettext_noop("column", "Error"),
            "messages": pgettext_noop("column", "Messages"),
        },
        "hsm-in-window": {
            "template_category": pgettext_noop("column", "Category"),
            "sent": pgettext_noop("column", "Sends"),
            "in_window": pgettext_noop("column", "In an open window"),
        },
        "waiting": {
            "case_number": pgettext_noop("column", "Case"),
            "case_type": pgettext_noop("column", "Type"),
            "channel": pgettext_noop("column", "Channel"),
            "team": pgettext_noop("column", "Team"),
            "person_name": pgettext_noop("column", "Requester"),
            "last_agent": pgettext_noop("column", "Last agent"),
            "waiting_since": pgettext_noop("column", "Waiting since"),
            "last_message_at": pgettext_noop("column", "Last message"),
            "window_closes_at": pgettext_noop("column", "Window closes"),
            "window": pgettext_noop("column", "24 h window"),
        },
        "details": {
            "message_id": pgettext_noop("column", "Message ID"),
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
        now = {name: texts.gettext(text) for name, text in _INDICATORS.items()}
        before = texts.gettext("previous period")
        previous = {f"{_PREVIOUS}{name}": f"{text} ({before})" for name, text in now.items()}
        by_kind = {name: texts.gettext(text) for name, text in _INDICATORS_BY_KIND.items()}
        return now | previous | by_kind
    return {name: _typed(texts.pgettext(*label)) for name, label in _PLAIN[slug].items()}


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


def worded(slug: str, frame: pd.DataFrame, locale: Locale) -> pd.DataFrame:
    """The rows of a download with their codes in words and phones as people write them; numbers and
    times stay what they are.

    Columns are those of ``headers``, in that order; unknown stays null.
    """
    answer = frame.loc[:, [name for name in headers(slug, locale.texts) if name in frame]].copy()
    if slug == "messages-by-status":  # a received message is waiting or handled, nothing else
        frame = frame[(frame["direction"] == "out") | frame["status"].isin(["new", "read"])]
        answer = answer.loc[frame.index]
    if "status" in frame and "direction" in frame:
        pairs = list(zip(frame["direction"].tolist(), frame["status"].tolist(), strict=True))
        words = {pair: status_label(str(pair[0]), str(pair[1]), locale) for pair in set(pairs)}
        answer["status"] = [words[pair] for pair in pairs]
    for name in _CODES:
        if name in answer:
            values = frame[name].tolist()
            named = {value: _word(name, value, locale) for value in set(values)}
            answer[name] = [named[value] for value in values]
    for name in _NUMBERS:
        if name in answer:
            shown = [spaced_phone(value) if known(value) else None for value in frame[name]]
            # As objects, so that what is unknown stays None, which is an empty cell of a workbook.
            answer[name] = pd.Series(shown, index=answer.index, dtype=object)
    return answer


def cells(column: str, values: pd.Series, locale: Locale) -> list[str]:
    """The cells of a column of a CSV as ``cell`` writes them, what comes again written once."""
    given = values.tolist()
    written = {value: cell(column, value, locale) for value in set(given)}
    return [written[value] for value in given]


def cell(column: str, value: Any, locale: Locale) -> str:
    """One cell of a CSV: decimal sign, dates and times of the language; null is empty.

    Numbers carry no thousands sign, so that spreadsheets read them; shares have six decimals, or
    as many as it takes to tell them from none and all.
    """
    if not known(value):
        return ""
    return _WRITERS[kind(column)](value, locale)


def separator(locale: Locale) -> str:
    """The sign between the cells of a CSV: a semicolon where the comma is the decimal sign."""
    return "," if locale.language == "en" else ";"


def _share(value: Any, locale: Locale) -> str:
    text = f"{value:.6f}"
    if float(text) in (0, 1) and value not in (0, 1):
        text = f"{Decimal(repr(float(value))):f}"  # all its decimals: it is neither none nor all
    return text if locale.language == "en" else text.replace(".", ",")


def _seconds(value: Any, locale: Locale) -> str:
    """Whole seconds; less than one of them with its decimals, which is not none."""
    whole = str(round(value))
    if whole != "0" or value == 0:
        return whole
    text = f"{Decimal(repr(float(value))):f}"
    return text if locale.language == "en" else text.replace(".", ",")


_WRITERS: Final[Mapping[Kind, Callable[[Any, Locale], str]]] = MappingProxyType(
    {
        "text": lambda value, _look: str(value),
        "count": lambda value, _look: str(int(value)),
        "seconds": _seconds,
        "share": _share,
        "date": lambda value, locale: locale.formats.day(value),
        "moment": lambda value, locale: locale.formats.moment(value),
    }
)


def _word(vocabulary: str, value: Any, locale: Locale) -> str | None:
    return _typed(value_label(vocabulary, str(value), locale)) if known(value) else None


def _typed(text: str) -> str:
    """``text`` with spaces as people type them, for who searches a file."""
    return text.replace("\u00a0", " ")
