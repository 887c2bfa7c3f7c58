"""The classes in which panels declare their columns: ``Column`` and ``Kind``.

``components.value_formats`` says how values of each kind are written on the page, in the API, in
CSV files and in workbooks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

#: A text to translate: its gettext context ("" for none) and the English text.
Label = tuple[str, str]


class Kind(StrEnum):
    """The kind of a column's values, which decides how they are written.

    A value of any kind is None where it is not known.
    """

    TEXT = "text"
    CODE = "code"
    """One of a fixed list of codes, such as ``hsm``; ``Column.vocabulary`` names the list."""
    STATUS = "status"
    """The status of a message, a code. Its label depends on the row's ``direction`` as well:
    ``read`` is "Read" for outgoing messages and "Handled" for incoming ones."""
    PHONE = "phone"
    """A phone in E.164 (``+5511912344471``), or masked (``+55 11 *****-4471``)."""
    COUNT = "count"
    """A whole number."""
    SHARE = "share"
    """A part of a whole, from 0 to 1."""
    SECONDS = "seconds"
    """A duration in seconds, with its fraction."""
    WEEKDAY = "weekday"
    """The number of a weekday, 1 for Monday to 7 for Sunday; written as its name for people."""
    MONEY = "money"
    """An amount of money, written with two decimals."""
    AMOUNT = "amount"
    """An amount of money as a whole number of millionths of its currency; written for people as a
    number of the currency, with as many decimals as it has, two at least."""
    AMOUNTS = "amounts"
    """Triples of a currency, an ``AMOUNT`` of it and whether that is an upper bound."""
    DAY = "day"
    """A calendar day of the deployment's time zone."""
    MOMENT = "moment"
    """A date and time of the deployment's time zone, with its offset from UTC."""
    KEY = "key"
    """The key or id of a case; the page asks for its time line or links to it by it. Not shown."""


@dataclass(frozen=True, slots=True)
class Column:
    """The declaration of one column of a panel.

    ``name`` is its name in the API's answers, ``label`` its heading for people. ``meaning`` is its
    description in docs/data-contract.md. ``qualifier`` is written in brackets behind the label;
    None for no brackets. ``vocabulary`` is, for the kind ``CODE``, the name of the list of its
    codes in ``components.labels``, which has the label of each code; "" for other kinds.
    ``in_api``, ``in_download`` and ``on_page`` say whether the API, the downloads and the page show
    the column.
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
    """Return a column of the kind ``KEY``, which neither the API nor downloads have.

    It has no label and is not shown. The page uses its value to ask for more, such as the time line
    of a case, or to make a link.
    """
    return Column(name, Kind.KEY, ("", ""), meaning, in_api=False, in_download=False)


def names(columns: Iterable[Column]) -> tuple[str, ...]:
    """Return the names (``Column.name``) of ``columns``, in order."""
    return tuple(column.name for column in columns)


def of_period_before(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Return the columns of the same figures of the period before, in order: ``previous_…``."""
    return tuple(
        replace(
            column,
            name=f"previous_{column.name}",
            qualifier=pgettext_noop("", "previous period"),
            meaning=f"`{column.name}` of the period before",
        )
        for column in columns
    )


def pgettext_noop(context: str, text: str) -> Label:
    """Return ``(context, text)`` unchanged and untranslated.

    Calling it marks ``text`` as one that the translations in ``components`` must have.
    """
    return context, text
