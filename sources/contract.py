"""The columns of the import files: which there are, which must be there, and what each holds."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from queries.vocabulary import DIRECTIONS, KINDS, STATUSES


class Holds(Enum):
    """What a column's text must read as."""

    TEXT = "text"
    VERBATIM = "verbatim"  # white space around it belongs to it
    TIME = "time"
    FLAG = "flag"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """One column of an import file; ``words`` are the allowed ones of a ``WORD``.

    ``max_characters`` is more than anybody writes: a longer value is a fault of the file.
    """

    name: str
    holds: Holds = Holds.TEXT
    required: bool = False
    words: tuple[str, ...] = ()
    max_characters: int = 10_000


@dataclass(frozen=True, slots=True)
class ImportFile:
    """One of the two files of an import."""

    name: str
    columns: tuple[ImportColumn, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required_names(self) -> tuple[str, ...]:
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
        ImportColumn("team"),
        ImportColumn("opened_at", Holds.TIME, required=True),
        ImportColumn("closed_at", Holds.TIME),
    ),
)
MESSAGES: Final = ImportFile(
    "messages",
    (
        ImportColumn("account"),
        ImportColumn("message_id", required=True),
        ImportColumn("case_id", required=True),
        ImportColumn("direction", Holds.WORD, required=True, words=DIRECTIONS),
        ImportColumn("status", Holds.WORD, words=STATUSES),
        ImportColumn("kind", Holds.WORD, words=KINDS),
        ImportColumn("template_name"),
        ImportColumn("template_category"),
        ImportColumn("business_number"),
        ImportColumn("phone"),
        ImportColumn("body", Holds.VERBATIM, max_characters=200_000),
        ImportColumn("sent_at", Holds.TIME, required=True),
        ImportColumn("agent"),
        ImportColumn("is_bot", Holds.FLAG),
        ImportColumn("error_code"),
        ImportColumn("error_title"),
        ImportColumn("billable", Holds.FLAG),
        ImportColumn("pricing_category"),
    ),
)
FILES: Final = (CASES, MESSAGES)
DEFAULT_ACCOUNT: Final = "default"


class UnreadableFile(ValueError):
    """A file that cannot be taken at all; its text is a sentence for the person who gave it."""
