"""The columns of panels: each is declared once, with its name, kind, label and where it appears.

``components.value_formats`` says how the values of each kind are written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

#: A context and an English text of the catalogues.
Label = tuple[str, str]


class Kind(StrEnum):
    """What the values of a column are. A value that is not known is None, whatever the kind."""

    TEXT = "text"
    CODE = "code"
    """One value of a closed vocabulary."""
    STATUS = "status"
    """The status of a message; its label depends on the ``direction`` of the same row."""
    PHONE = "phone"
    """A phone in E.164, or with its first digits masked."""
    COUNT = "count"
    """A whole number."""
    SHARE = "share"
    """A part of a whole, from 0 to 1."""
    SECONDS = "seconds"
    """A duration in seconds, with its fraction."""
    MONEY = "money"
    """An amount with two decimals."""
    DAY = "day"
    """A local calendar day."""
    MOMENT = "moment"
    """A local time with its offset from UTC."""
    KEY = "key"
    """An internal number by which the page asks for more; people never see it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a panel.

    ``meaning`` is the sentence of docs/data-contract.md about it. ``qualifier`` stands in brackets
    behind the label. ``vocabulary`` names the closed vocabulary of a code. ``in_api``,
    ``in_download`` and ``on_page`` say who gets the column.
    """

    name: str
    kind: Kind
    label: Label
    meaning: str
    qualifier: Label | None = None
    vocabulary: str = ""
    in_api: bool = True
    in_download: bool = True
    on_page: bool = True


def key_column(name: str, meaning: str) -> Column:
    """A column that only the page gets, to ask for more by it."""
    return Column(name, Kind.KEY, ("", ""), meaning, in_api=False, in_download=False)


def names(columns: Iterable[Column]) -> tuple[str, ...]:
    """The names of ``columns``, in order."""
    return tuple(column.name for column in columns)


def pgettext_noop(context: str, text: str) -> Label:
    """Return ``(context, text)``; it marks a label for the catalogues of ``components``."""
    return context, text
