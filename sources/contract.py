"""Declares the columns of the files that are loaded: names, which are required, what each holds."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from queries.vocabulary import DIRECTIONS, KINDS, STATUSES

#: A number to increase when files are read in another way: a file that was loaded before can then
#: be loaded again.
READING_RULES: Final = 5
#: Characters that are dropped around a value, invisible ones included.
WHITE_SPACE: Final = "".join(
    [chr(n) for n in range(0x3001) if chr(n).isspace()] + ["\u200b", "\u2060", "\ufeff"]
)

#: Names of the zone whose times need no conversion.
UTC_NAMES: Final = ("UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "Universal")


class Holds(Enum):
    """The kind of value that a column of an import file holds.

    ``TEXT``: text, without white space around it; ``VERBATIM``: text as it is; ``TIME``: a time in
    ISO 8601; ``FLAG``: true or false; ``PHONE``: a phone; ``WORD``: one of the column's ``words``.
    """

    TEXT = "text"
    VERBATIM = "verbatim"  # white space around the value is kept
    TIME = "time"
    FLAG = "flag"
    PHONE = "phone"
    WORD = "word"


#: What a customer may say in a survey, from the worst to the best.
RATINGS: Final = ("1", "2", "3", "4", "5")

#: The reason for rejecting a value that cannot be read as what its column holds.
NOT_READ: Final = {
    Holds.TIME: "not a time; expected 2026-11-20T10:00:00-03:00",
    Holds.FLAG: "neither true nor false; expected true or false",
    Holds.PHONE: "not a phone; expected +5511987654321, with 8 to 15 digits",
}


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """One column of an import file.

    A file without a ``required`` column is refused, and a row without a value in it is rejected.
    ``words`` are the allowed values if the column holds a ``WORD``. A row whose value is longer
    than ``max_characters`` is rejected. ``without`` is half a sentence for people: what the page
    cannot show if a file lacks the column; "" if nothing is missing then.
    """

    name: str
    holds: Holds = Holds.TEXT
    required: bool = False
    words: tuple[str, ...] = ()
    max_characters: int = 10_000
    without: str = ""


@dataclass(frozen=True, slots=True)
class ImportFile:
    """One of the kinds of files, ``CASES``, ``MESSAGES``, ``EVENTS`` or ``REMOVALS``.

    ``name`` is ``cases``, ``messages``, ``events`` or ``removals``; ``columns`` are the columns
    that a file may have.
    """

    name: str
    columns: tuple[ImportColumn, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of all columns, in the order of ``columns``."""
        return tuple(column.name for column in self.columns)

    @property
    def required_names(self) -> tuple[str, ...]:
        """The names of the columns that a file must have, in the order of ``columns``."""
        return tuple(column.name for column in self.columns if column.required)


CASES: Final = ImportFile(
    "cases",
    (
        ImportColumn("account"),
        ImportColumn("case_id", required=True),
        ImportColumn("case_number"),
        ImportColumn("person_name", required=True),
        ImportColumn("channel", required=True),
        ImportColumn("case_type", required=True),
        ImportColumn("team", without="the filter and the column of teams stay empty"),
        ImportColumn("opened_at", Holds.TIME, required=True),
        ImportColumn("closed_at", Holds.TIME, without="every case counts as open"),
        ImportColumn("csat_rating", Holds.WORD, words=RATINGS),
    ),
)
MESSAGES: Final = ImportFile(
    "messages",
    (
        ImportColumn("account"),
        ImportColumn("message_id", required=True),
        ImportColumn("case_id", required=True),
        ImportColumn("direction", Holds.WORD, required=True, words=DIRECTIONS),
        ImportColumn(
            "status",
            Holds.WORD,
            words=STATUSES,
            without="no rates of delivery, reading and failure; what is sent has no confirmation",
        ),
        ImportColumn(
            "kind",
            Holds.WORD,
            words=KINDS,
            without="no message counts as HSM, no template is shown",
        ),
        ImportColumn("template_name", without="HSMs are counted without the names of templates"),
        ImportColumn("template_category"),
        ImportColumn("business_number", Holds.PHONE),
        ImportColumn(
            "phone",
            Holds.PHONE,
            without="no phones; an answer to an HSM counts within its own case only",
        ),
        ImportColumn("body", Holds.VERBATIM, max_characters=200_000),
        ImportColumn("sent_at", Holds.TIME, required=True),
        ImportColumn("agent", without="no cases attended, no first response time, no last agent"),
        ImportColumn("is_bot", Holds.FLAG),
        ImportColumn("is_survey", Holds.FLAG),
        ImportColumn("error_code", without="failures have no cause and no advice"),
        ImportColumn("error_title"),
        ImportColumn("billable", Holds.FLAG),
        ImportColumn("pricing_category"),
        ImportColumn("pricing_type"),
        ImportColumn("country"),
        ImportColumn("business_account"),
        ImportColumn("bsuid"),
        ImportColumn("whatsapp_id"),
    ),
)
#: The history of statuses. ``message_id`` may be the message's id at WhatsApp (``whatsapp_id``).
EVENTS: Final = ImportFile(
    "events",
    (
        ImportColumn("account"),
        ImportColumn("message_id", required=True),
        ImportColumn("status", Holds.WORD, required=True, words=STATUSES),
        ImportColumn("occurred_at", Holds.TIME, required=True),
        ImportColumn("error_code"),
    ),
)
#: Messages and cases that their source does not have any more: one of the two ids in each row.
REMOVALS: Final = ImportFile(
    "removals", (ImportColumn("account"), ImportColumn("message_id"), ImportColumn("case_id"))
)
#: The files of an import.
FILES: Final = (CASES, MESSAGES, EVENTS)
#: The files that a hand-in may bring. Only sources that can tell what is gone bring ``REMOVALS``.
LOADED_FILES: Final = (*FILES, REMOVALS)
#: A case that was made of the messages of one customer, since its source knows no cases, has an id
#: that begins so. It goes when its last message gets another case.
SESSION_CASE: Final = "whatsapp:"
#: The account of rows that name none, where the command names none either.
DEFAULT_ACCOUNT: Final = "default"


class UnreadableFile(ValueError):
    """A whole file cannot be imported; the text is a sentence for the person who gave it."""
