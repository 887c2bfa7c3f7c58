"""The closed vocabularies in words, and what each filter is called."""

from typing import Final

from components.look import Look
from components.texts import mark, mark_c
from queries.table import Word, Words

FILTERS: Final = {
    "period": mark("Period"),
    "basis": mark("Reference date"),
    "person": mark("Requester (Person request name)"),
    "channel": mark("Channel"),
    "case_type": mark("Case type"),
    "case": mark("List of cases"),
    "team": mark("Team"),
    "agent": mark("Last agent"),
    "direction": mark("Origin"),
    "status": mark("Status"),
    "kind": mark("HSM/WApp"),
    "template": mark("Template"),
}
#: Names that are too long for a chip.
SHORT_FILTERS: Final = FILTERS | {"person": mark("Requester"), "case": mark("Case")}

#: A tick a step, as people know them from their phones; a message's status beside its word.
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

BASES: Final = {"sent": mark("Message date"), "opened": mark("Case opening")}

_VOCABULARIES: Final = {
    "direction": {
        "out": mark_c("origin", "Sent"),
        "in": mark_c("origin", "Received from customer"),
    },
    "status": {
        "new": mark_c("status", "New"),
        "sent": mark_c("status", "Sent"),
        "delivered": mark_c("status", "Delivered"),
        "read": mark_c("status", "Read"),
        "failed": mark_c("status", "Failed"),
        "unknown": mark_c("status", "No confirmation"),
    },
    # One filter value selects messages of both directions.
    "status_filter": {
        "new": mark_c("status", "New / waiting"),
        "sent": mark_c("status", "Sent"),
        "delivered": mark_c("status", "Delivered"),
        "read": mark_c("status", "Read / handled"),
        "failed": mark_c("status", "Failed"),
        "unknown": mark_c("status", "No confirmation"),
    },
    "incoming_status": {
        "new": mark_c("status", "Waiting"),
        "read": mark_c("status", "Handled"),
    },
    "kind": {"hsm": mark_c("kind", "HSM"), "session": mark_c("kind", "WApp")},
    "session_type": {
        "hsm": mark_c("session", "Started by HSM"),
        "customer": mark_c("session", "Started by the customer"),
        "business": mark_c("session", "Started by the business (no HSM on record)"),
    },
    "action": {
        "retry": mark_c("action", "Try again later"),
        "fix_number": mark_c("action", "Fix the number"),
        "fix_template": mark_c("action", "Fix the template or the content"),
        "billing": mark_c("action", "Settle billing"),
        "stop": mark_c("action", "Stop sending"),
        "other": mark_c("action", "Look into it"),
    },
    "template_category": {
        "MARKETING": mark_c("category", "Marketing"),
        "UTILITY": mark_c("category", "Utility"),
        "AUTHENTICATION": mark_c("category", "Authentication"),
    },
    "window": {
        "over_6h": mark_c("window", "More than 6 h left"),
        "from_2h_to_6h": mark_c("window", "2 h to 6 h left"),
        "under_2h": mark_c("window", "Less than 2 h left"),
        "expired": mark_c("window", "Closed"),
    },
    "case_state": {"open": mark_c("case", "Open"), "closed": mark_c("case", "Closed")},
}


def word(vocabulary: str, value: str, look: Look) -> str:
    """What ``value`` is called; a value outside its vocabulary is its own name."""
    found = _VOCABULARIES.get(vocabulary, {}).get(value)
    return look.texts.tc(*found) if found else value


def filter_word(name: str, value: str, look: Look) -> str:
    """What ``value`` of the filter ``name`` is called; a text from data is its own name."""
    return word("status_filter" if name == "status" else name, value, look)


def vocabulary(name: str, look: Look) -> dict[str, str]:
    """All values of a vocabulary with their names, in order."""
    return {value: look.texts.tc(*text) for value, text in _VOCABULARIES[name].items()}


def by_direction(sent: int, received: int, look: Look) -> list[tuple[str, str]]:
    """Counts of both directions, each with its word: 5.299 enviadas, 4.709 recebidas."""
    texts, formats = look.texts, look.formats
    return [
        (formats.count(sent), texts.tn("sent", "sent", sent)),
        (formats.count(received), texts.tn("received", "received", received)),
    ]


def value_words(name: str, look: Look) -> dict[str, str]:
    """The values of a filter that takes only some, with their words; empty where it has none."""
    if name == "basis":
        return {value: look.texts.t(text) for value, text in BASES.items()}
    return vocabulary(name, look) if name in _VOCABULARIES else {}


def status_word(direction: str, status: str, look: Look) -> str:
    """A message's status in words: of a received one it tells whether somebody answered."""
    return word("status" if direction == "out" else "incoming_status", status, look)


def signed_status(direction: str, status: str, look: Look) -> str:
    """A message's status in words, behind its sign: ✓✓ Lido."""
    sign = _SIGNS.get((direction, status), "")
    return f"{sign} {status_word(direction, status, look)}".strip()


def table_words(look: Look) -> Words:
    """What readers type when they filter a column of codes in the table, by column."""
    incoming = [
        Word(code, text, "in") for code, text in vocabulary("incoming_status", look).items()
    ]
    outgoing = [Word(code, text, "out") for code, text in vocabulary("status", look).items()]
    plain = {
        name: [Word(code, text) for code, text in vocabulary(name, look).items()]
        for name in ("kind", "session_type", "direction", "case_state")
    }
    return plain | {"status": outgoing + incoming}
