"""The translated names of filters, of their values and codes, of columns and of controls."""

from typing import Final

from components.locale import Locale
from components.texts import gettext_noop, pgettext_noop
from queries.columns import Kind
from queries.table_columns import TABLE_COLUMNS
from queries.table_request import CodeLabel, CodeLabels

#: The name of each filter, in the order of the filter bar.
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
#: The same for chips and notices, with shorter names for some.
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

#: The name of each reference date, by its code.
BASES: Final = {"sent": gettext_noop("Message date"), "opened": gettext_noop("Case opening")}

#: By vocabulary and code: context and English text of the label.
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
    # One value of the filter selects sent and received messages, so its name has both labels.
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
    """Return the label of the code ``value`` in ``vocabulary``, for example "kind".

    Returns ``value`` itself where the vocabulary, or the code in it, is not known.
    """
    text = _VOCABULARIES.get(vocabulary, {}).get(value)
    return locale.texts.pgettext(*text) if text else value


def filter_label(name: str, value: str, locale: Locale) -> str:
    """Return the label of ``value`` as the list filter ``name`` offers it.

    Values from the data, such as a team, are returned as they are. A status has a label of its own
    here, since it selects messages of both directions: "Lido / Tratada".
    """
    return value_label("status_filter" if name == "status" else name, value, locale)


def vocabulary(name: str, locale: Locale) -> dict[str, str]:
    """Return the label of each code of the vocabulary ``name``, in the vocabulary's order.

    Raises ``KeyError`` for an unknown vocabulary.
    """
    return {value: locale.texts.pgettext(*text) for value, text in _VOCABULARIES[name].items()}


def vocabulary_codes(name: str) -> tuple[str, ...]:
    """Return the codes of the vocabulary ``name``, in order.

    Raises ``KeyError`` for an unknown vocabulary.
    """
    return tuple(_VOCABULARIES[name])


def by_direction(sent: int, received: int, locale: Locale) -> list[tuple[str, str]]:
    """Return (number, word) for the sent, then for the received messages.

    Example: [("5.299", "enviadas"), ("4.709", "recebidas")].
    """
    texts, formats = locale.texts, locale.formats
    return [
        (formats.count(sent), texts.ngettext("sent", "sent", sent)),
        (formats.count(received), texts.ngettext("received", "received", received)),
    ]


def value_labels(name: str, locale: Locale) -> dict[str, str]:
    """Return the label of each code of the filter ``name``; {} where its values come from the data.

    Those of ``status`` are the labels of sent messages; ``filter_label`` has those of the filter.
    """
    if name == "basis":
        return {value: locale.texts.gettext(text) for value, text in BASES.items()}
    return vocabulary(name, locale) if name in _VOCABULARIES else {}


def status_label(direction: str, status: str, locale: Locale) -> str:
    """Return the label of a message's status, which depends on its direction ("out" or "in").

    A received message is waiting ("new") or handled ("read").
    """
    return value_label("status" if direction == "out" else "incoming_status", status, locale)


def signed_status(direction: str, status: str, locale: Locale) -> str:
    """Return the label of a message's status behind its sign, for example "✓✓ Lido".

    A status without a sign is the label alone.
    """
    sign = _SIGNS.get((direction, status), "")
    return f"{sign} {status_label(direction, status, locale)}".strip()


def column_labels(locale: Locale) -> dict[str, str]:
    """Return the label of each column of the table of messages, by the column's name.

    Columns that only the API and the downloads have are among them.
    """
    return {column.name: locale.texts.pgettext(*column.label) for column in TABLE_COLUMNS}


def search_labels(locale: Locale) -> CodeLabels:
    """Return, for each table column of codes, the codes with the labels that readers see.

    Readers type these labels above a column to filter it. Those of ``status`` also say for which
    direction they hold.
    """
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
    """Return the texts that scripts need for controls of the libraries, by name.

    Those that begin with ``period_`` are sentences about a typed period
    (assets/scripts/typed_period.js); the others are names for screen readers
    (assets/scripts/accessibility.js).
    """
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
