"""What filters, their values and the controls of the page are called in the reader's language."""

from typing import Final

from components.locale import Locale
from components.texts import gettext_noop, pgettext_noop
from queries.columns import Kind
from queries.table_columns import TABLE_COLUMNS
from queries.table_request import CodeLabel, CodeLabels

FILTERS: Final = {
    "period": gettext_noop("Period"),
    "basis": gettext_noop("Reference date"),
    "person": gettext_noop("Requester (Person request name)"),
    "channel": gettext_noop("Channel"),
    "case_type": gettext_noop("Case type"),
    "case": gettext_noop("List of cases"),
    "team": gettext_noop("Team"),
    "agent": gettext_noop("Last agent"),
    "direction": gettext_noop("Origin"),
    "status": gettext_noop("Status"),
    "kind": gettext_noop("HSM/WApp"),
    "template": gettext_noop("Template"),
}
#: The names of filters on chips, where some would be too long.
SHORT_FILTERS: Final = FILTERS | {"person": gettext_noop("Requester"), "case": gettext_noop("Case")}

#: The sign beside a message's status, by direction and status: the ticks that phones show.
_SIGNS: Final = {
    ("out", "new"): "○",
    ("out", "sent"): "✓",
    ("out", "delivered"): "✓✓",
    ("out", "read"): "✓✓",
    ("out", "failed"): "!",
    ("out", "unknown"): "?",
    ("in", "new"): "○",
    ("in", "read"): "↩",
}

BASES: Final = {"sent": gettext_noop("Message date"), "opened": gettext_noop("Case opening")}

_VOCABULARIES: Final = {
    "direction": {
        "out": pgettext_noop("origin", "Sent"),
        "in": pgettext_noop("origin", "Received from customer"),
    },
    "status": {
        "new": pgettext_noop("status", "New"),
        "sent": pgettext_noop("status", "Sent"),
        "delivered": pgettext_noop("status", "Delivered"),
        "read": pgettext_noop("status", "Read"),
        "failed": pgettext_noop("status", "Failed"),
        "unknown": pgettext_noop("status", "No confirmation"),
    },
    # One value of the filter selects messages of both directions, so it is called after both.
    "status_filter": {
        "new": pgettext_noop("status", "New / waiting"),
        "sent": pgettext_noop("status", "Sent"),
        "delivered": pgettext_noop("status", "Delivered"),
        "read": pgettext_noop("status", "Read / handled"),
        "failed": pgettext_noop("status", "Failed"),
        "unknown": pgettext_noop("status", "No confirmation"),
    },
    "incoming_status": {
        "new": pgettext_noop("status", "Waiting"),
        "read": pgettext_noop("status", "Handled"),
    },
    "kind": {"hsm": pgettext_noop("kind", "HSM"), "session": pgettext_noop("kind", "WApp")},
    "session_type": {
        "hsm": pgettext_noop("session", "Started by HSM"),
        "customer": pgettext_noop("session", "Started by the customer"),
        "business": pgettext_noop("session", "Started by the business (no HSM on record)"),
    },
    "action": {
        "retry": pgettext_noop("action", "Try again later"),
        "fix_number": pgettext_noop("action", "Fix the number"),
        "fix_template": pgettext_noop("action", "Fix the template or the content"),
        "billing": pgettext_noop("action", "Settle billing"),
        "stop": pgettext_noop("action", "Stop sending"),
        "other": pgettext_noop("action", "Look into it"),
    },
    "template_category": {
        "MARKETING": pgettext_noop("category", "Marketing"),
        "UTILITY": pgettext_noop("category", "Utility"),
        "AUTHENTICATION": pgettext_noop("category", "Authentication"),
    },
    "window": {
        "over_6h": pgettext_noop("window", "More than 6 h left"),
        "from_2h_to_6h": pgettext_noop("window", "2 h to 6 h left"),
        "under_2h": pgettext_noop("window", "Less than 2 h left"),
        "expired": pgettext_noop("window", "Closed"),
    },
    "case_state": {
        "open": pgettext_noop("case", "Open"),
        "closed": pgettext_noop("case", "Closed"),
    },
}


def value_label(vocabulary: str, value: str, locale: Locale) -> str:
    """Return the name of ``value``; a value that the vocabulary lacks is returned as it is."""
    text = _VOCABULARIES.get(vocabulary, {}).get(value)
    return locale.texts.pgettext(*text) if text else value


def filter_label(name: str, value: str, locale: Locale) -> str:
    """Return the name of ``value`` of the filter ``name``; values from data are their own names."""
    return value_label("status_filter" if name == "status" else name, value, locale)


def vocabulary(name: str, locale: Locale) -> dict[str, str]:
    """Return the name of each value of a vocabulary, in its order."""
    return {value: locale.texts.pgettext(*text) for value, text in _VOCABULARIES[name].items()}


def vocabulary_codes(name: str) -> tuple[str, ...]:
    """The codes of a vocabulary, in order. Raises ``KeyError`` where there is none of this name."""
    return tuple(_VOCABULARIES[name])


def by_direction(sent: int, received: int, locale: Locale) -> list[tuple[str, str]]:
    """Return both counts, each with its word: 5.299 and enviadas, 4.709 and recebidas."""
    texts, formats = locale.texts, locale.formats
    return [
        (formats.count(sent), texts.ngettext("sent", "sent", sent)),
        (formats.count(received), texts.ngettext("received", "received", received)),
    ]


def value_labels(name: str, locale: Locale) -> dict[str, str]:
    """Return the name of each value of a filter; empty where its values come from data."""
    if name == "basis":
        return {value: locale.texts.gettext(text) for value, text in BASES.items()}
    return vocabulary(name, locale) if name in _VOCABULARIES else {}


def status_label(direction: str, status: str, locale: Locale) -> str:
    """Return the name of a message's status; a received one is either waiting or handled."""
    return value_label("status" if direction == "out" else "incoming_status", status, locale)


def signed_status(direction: str, status: str, locale: Locale) -> str:
    """Return the name of a message's status after its sign: ✓✓ Lido."""
    sign = _SIGNS.get((direction, status), "")
    return f"{sign} {status_label(direction, status, locale)}".strip()


def column_labels(locale: Locale) -> dict[str, str]:
    """Return the label of each column of the table, by its name."""
    return {column.name: locale.texts.pgettext(*column.label) for column in TABLE_COLUMNS}


def search_labels(locale: Locale) -> CodeLabels:
    """Return, by column, the names that readers may type to filter a column of codes."""
    incoming = [
        CodeLabel(code, text, "in") for code, text in vocabulary("incoming_status", locale).items()
    ]
    outgoing = [CodeLabel(code, text, "out") for code, text in vocabulary("status", locale).items()]
    codes = {
        column.name: [
            CodeLabel(code, text) for code, text in vocabulary(column.vocabulary, locale).items()
        ]
        for column in TABLE_COLUMNS
        if column.kind is Kind.CODE
    }
    return codes | {"status": outgoing + incoming}


def control_labels(locale: Locale) -> dict[str, str]:
    """Return the names of the libraries' controls, and the sentences about a typed period."""
    gettext, pgettext = locale.texts.gettext, locale.texts.pgettext
    return {
        "first": gettext("First page"),
        "previous": gettext("Previous page"),
        "next": gettext("Next page"),
        "last": gettext("Last page"),
        "page": gettext("Page"),
        "filter": gettext("Filter column"),
        "sort": gettext("Sort by"),
        "year": gettext("Year"),
        "month": gettext("Month"),
        "calendar": gettext("Calendar"),
        "period_empty": gettext(
            "The period needs a start and an end: write each as day/month/year, as in 31/12/2026."
        ),
        "period_no_day": gettext(
            '"{value}" is no day of the calendar: write day/month/year, as in 31/12/2026.'
        ),
        "period_year": gettext('"{value}": the year must be from {minimum} to {maximum}.'),
        "period_reversed": gettext(
            "The period ends ({end}) before it starts ({start}): swap the dates."
        ),
        "table": pgettext("control", "Table of messages"),
    }
