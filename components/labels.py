"""The translated names of filters, of their values and codes, of columns and of controls."""

from typing import Final

from components.locale import Locale
from components.period_presets import PRESETS
from components.texts import gettext_noop, pgettext_noop
from queries.columns import Kind
from queries.table_columns import ERROR_CODE, TABLE_COLUMNS
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
#: The name of each filter in chips and notices; for two filters it is shorter.
SHORT_FILTERS: Final = FILTERS | {"person": gettext_noop("Requester"), "case": gettext_noop("Case")}

#: The text of an empty filter, where a language needs another form of "All" for its name.
_ALL_OF: Final = {
    "team": pgettext_noop("team", "All"),
    "direction": pgettext_noop("origin", "All"),
    "template": pgettext_noop("template", "All"),
}

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
        "expired": pgettext_noop("window", "HSM only"),
    },
    "cost_category": {
        "marketing": pgettext_noop("category", "Marketing"),
        "marketing_lite": pgettext_noop("category", "Marketing lite"),
        "utility": pgettext_noop("category", "Utility"),
        "authentication": pgettext_noop("category", "Authentication"),
        "authentication_international": pgettext_noop("category", "Authentication, international"),
        "service": pgettext_noop("category", "Service"),
        "referral_conversion": pgettext_noop("category", "After an advertisement"),
    },
    "cost_by": {
        "total": pgettext_noop("cost", "Total"),
        "category": pgettext_noop("cost", "Category"),
        "template": pgettext_noop("cost", "Template"),
        "day": pgettext_noop("cost", "Day"),
    },
    "charge": {
        "charged": pgettext_noop("cost", "Charged"),
        "perhaps": pgettext_noop("cost", "Perhaps charged"),
        "free": pgettext_noop("cost", "Free"),
    },
    "certainty": {
        "exact": pgettext_noop("cost", "exact"),
        "upper_bound": pgettext_noop("cost", "at most"),
        "unknown": pgettext_noop("cost", "unknown"),
    },
    "cost_reason": {
        "no_rule": pgettext_noop("cost", "no rule holds"),
        "no_category": pgettext_noop("cost", "no category is known"),
        "no_country": pgettext_noop("cost", "the country is not known"),
        "no_price": pgettext_noop("cost", "no price was imported"),
        "group": pgettext_noop("cost", "a group: recipients are not known"),
        "not_confirmed": pgettext_noop("cost", "delivery is not confirmed"),
        "not_told": pgettext_noop("cost", "the source does not say if it is charged"),
        "no_number": pgettext_noop("cost", "the company's number is not known"),
        "place": pgettext_noop("cost", "messages before it may not count"),
        "maximum": pgettext_noop("cost", "the price is a maximum"),
    },
    "case_state": {
        "open": pgettext_noop("case", "Open"),
        "closed": pgettext_noop("case", "Closed"),
    },
}


def all_label(name: str, locale: Locale) -> str:
    """Return the translated text of the empty filter ``name``: "Todos", or "Todas" for teams."""
    text = _ALL_OF.get(name)
    return locale.texts.pgettext(*text) if text else locale.texts.gettext("All")


def value_label(vocabulary: str, value: str, locale: Locale) -> str:
    """Return the translated label of a code, for example "Aberto" for "open" of "case_state".

    ``value`` is the code, ``vocabulary`` the name of the list of codes that it belongs to. The
    result is ``value`` itself where there is no such vocabulary, or no such code in it.
    """
    text = _VOCABULARIES.get(vocabulary, {}).get(value)
    return locale.texts.pgettext(*text) if text else value


def filter_label(name: str, value: str, locale: Locale) -> str:
    """Return the text of ``value`` in the dropdown and the chips of the filter ``name``.

    Codes are translated; values from the data, such as a team's name, are returned unchanged. A
    status selects sent and received messages, and its text names both: "Lido / Tratada".
    """
    return value_label("status_filter" if name == "status" else name, value, locale)


def vocabulary(name: str, locale: Locale) -> dict[str, str]:
    """Return the translated label of each code of the vocabulary ``name``, as a dict by code.

    Codes are in the vocabulary's order. Examples of names: "status" (of sent messages),
    "incoming_status", "kind", "case_state". Raises ``KeyError`` for an unknown name.
    """
    return {value: locale.texts.pgettext(*text) for value, text in _VOCABULARIES[name].items()}


def vocabulary_codes(name: str) -> tuple[str, ...]:
    """Return the codes of the vocabulary ``name``, such as "window", in its order.

    Raises ``KeyError`` for an unknown name.
    """
    return tuple(_VOCABULARIES[name])


def by_direction(sent: int, received: int, locale: Locale) -> list[tuple[str, str]]:
    """Return how many messages were sent and received, as two pairs of number and word.

    Example for 5299 and 4709: [("5.299", "enviadas"), ("4.709", "recebidas")].
    """
    texts, formats = locale.texts, locale.formats
    return [
        (formats.count(sent), texts.ngettext("sent", "sent", sent)),
        (formats.count(received), texts.ngettext("received", "received", received)),
    ]


def value_labels(name: str, locale: Locale) -> dict[str, str]:
    """Return the translated label of each code of ``name``, as a dict by code.

    ``name`` is a filter or another list of codes, such as "window". The dict is empty where the
    values come from the data, as for the filter "team", and for an unknown name. For "status" it
    has the labels of sent messages; for those of both directions together, call ``filter_label``.
    """
    if name == "basis":
        return {value: locale.texts.gettext(text) for value, text in BASES.items()}
    if name == "period":
        return {preset: locale.texts.gettext(text) for preset, text in PRESETS.items()}
    return vocabulary(name, locale) if name in _VOCABULARIES else {}


def status_label(direction: str, status: str, locale: Locale) -> str:
    """Return the translated label of a message's status, for example "Lido".

    ``direction`` is "out" or "in": "read" is "Lido" for a sent message and "Tratada" for a received
    one. A status that is not known is returned unchanged.
    """
    return value_label("status" if direction == "out" else "incoming_status", status, locale)


def signed_status(direction: str, status: str, locale: Locale) -> str:
    """Return the sign and the translated label of a message's status, for example "✓✓ Lido".

    ``direction`` is "out" or "in". A status that is not known is returned unchanged, without a
    sign.
    """
    sign = _SIGNS.get((direction, status), "")
    return f"{sign} {status_label(direction, status, locale)}".strip()


def column_labels(locale: Locale) -> dict[str, str]:
    """Return the translated label of each column of the table of messages, by the column's name.

    The columns that only the API and the downloads have are included, and the error code, by which
    the table can only be filtered.
    """
    columns = (*TABLE_COLUMNS, ERROR_CODE)
    return {column.name: locale.texts.pgettext(*column.label) for column in columns}


def search_labels(locale: Locale) -> CodeLabels:
    """Return the codes and translated labels of the table's columns of codes, by column name.

    People filter such a column by typing a part of a label. The labels of ``status`` have their
    ``direction`` set ("out" or "in"), because a code has one label for sent and another for
    received messages; the others have None.
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
    """Return translated texts about the period and the table, by the names that scripts use.

    Names that begin with ``period_`` are sentences about a typed period that is wrong, ``swap`` is
    a button that mends it (assets/scripts/typed_period.js); ``month_before`` and ``month_after``
    are buttons of the calendar. The others name a button or field for screen readers, because the
    library that draws it does not translate its name (assets/scripts/accessibility.js).
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
        "month_before": gettext("Month before"),
        "month_after": gettext("Next month"),
        "period_empty": gettext(
            "The period needs a start and an end: write each as day/month/year, as in 31/12/2026."
        ),
        "period_no_day": gettext(
            '"{value}" is no day of the calendar: write day/month/year, as in 31/12/2026.'
        ),
        "period_year": gettext("Invalid year: use dd/mm/yyyy"),
        "period_reversed": gettext("End date before start date"),
        "swap": gettext("Swap"),
        "table": pgettext("control", "Table of messages"),
    }
