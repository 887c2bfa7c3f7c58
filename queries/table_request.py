"""Parses page, sort order and filters of columns of a request for a panel with pages.

Sort order and filters of columns are for the table of messages (the panel ``details``).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from queries.columns import names
from queries.compared import By
from queries.errors import FilterError
from queries.filters import one_of, single, texts, usable_text
from queries.table_columns import CASE_ID, ERROR_CODE, PAGE_ORDER, TABLE_COLUMNS
from queries.user_scope import Scope

#: The columns by which the table may be sorted and filtered.
COLUMNS: Final = names((*TABLE_COLUMNS, ERROR_CODE, CASE_ID))
#: The columns that users of the page may show or hide, in the page's order.
PAGE_COLUMNS: Final = PAGE_ORDER


class WaitingOrder(StrEnum):
    """How the rows of the panel ``waiting`` are sorted.

    ``CLOSING``: open windows first, the next to close first; then closed ones, the longest wait
    first. ``LONGEST``: the longest wait first.
    """

    CLOSING = "closing"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class CodeLabel:
    """The text that the page shows in place of a code; users type it to filter a column.

    ``direction`` is ``in`` or ``out`` where only messages of that direction have this text, else
    None.
    """

    code: str
    text: str
    direction: str | None = None


#: The labels of the codes of each column, by the name of the column.
CodeLabels = Mapping[str, Sequence[CodeLabel]]

#: The most rows of a page, the longest text to search for, and the greatest number of a page.
MAX_PAGE_SIZE: Final = 1_000
MAX_SEARCH_CHARACTERS: Final = 1_000
MAX_PAGE: Final = 10**12
#: How many rows can be paged through in any other order than that of time, because the engine has
#: to sort all rows up to the page.
MAX_SORTED_ROWS: Final = 100_000
DEFAULT_PAGE_SIZE: Final = 20
_WHERE: Final = "where."
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class TableRequest:
    """Which page of a panel is asked for: page number ``page``, from 0, of ``page_size`` rows.

    ``sort`` is the name of a column to sort by, with ``-`` before it for descending order; None for
    the panel's usual order (``details``: newest first). ``where`` has pairs of a column and a text:
    only rows are left in which each of these columns contains its text, whatever accents and case;
    ``error_code`` is compared exactly. ``by`` is what ``breakdown`` compares; ``shown`` are
    the names of the columns of it that the page shows, empty for the usual ones. ``order`` says how
    the rows of ``waiting`` are sorted. ``is_for_page`` leaves figures out of the answer that the
    page does not show, since they take long to compute: those of waits in ``indicators``.

    Only the panel ``details`` uses all of the rest. ``waiting`` ignores ``sort``, and of ``where``
    uses only the column ``window``, whose text is one of its codes.
    """

    sort: str | None = None
    where: tuple[tuple[str, str], ...] = ()
    page: int = 0
    page_size: int = DEFAULT_PAGE_SIZE
    by: By = By.CHANNEL
    shown: tuple[str, ...] = ()
    order: WaitingOrder = WaitingOrder.CLOSING
    is_for_page: bool = False

    @property
    def is_by_time(self) -> bool:
        """Whether rows of ``details`` are in the order of ``sent_at``, ascending or descending.

        This is so with ``sort`` None, ``sent_at`` or ``channel``, which is the same in every row.
        """
        return self.sort is None or self.sort.removeprefix("-") in {"sent_at", "channel"}

    @property
    def skipped(self) -> int:
        """How many rows come before those of this page, on earlier pages."""
        return self.page * self.page_size

    def reachable(self, total: int) -> int:
        """Return how many of ``total`` rows can be paged through.

        All in the order of time; in any other order at most ``MAX_SORTED_ROWS``.
        """
        return total if self.is_by_time else min(total, MAX_SORTED_ROWS)

    def last_page(self, total: int) -> int:
        """Return the number of the last page, from 0, where there are ``total`` rows.

        In any other order than that of time, pages after the first ``MAX_SORTED_ROWS`` rows cannot
        be asked for and do not count.
        """
        return max(0, -(-self.reachable(total) // self.page_size) - 1)

    @classmethod
    def parse(cls, raw: Mapping[str, object], scope: Scope) -> Self:
        """Return the page, order and filters of columns that a request asks for.

        ``raw`` maps names of parameters to values, from the query of an address or a JSON body;
        other names than ``NAMES`` and ``where.<column>`` are ignored. ``page`` and ``page_size``
        may be numbers or texts, the others must be texts.

        Raises ``FilterError`` for an unknown column, ``by`` or ``order``, a column by which
        ``scope`` forbids to sort and filter, a number out of its range, an empty or repeated value,
        one that is no text, and a text to search for of more than ``MAX_SEARCH_CHARACTERS``.
        """
        chosen_columns(raw)
        sort = single(raw, "sort")
        if sort is not None:
            _allowed_column(sort.removeprefix("-"), scope)
        where = {}
        for name in raw:
            if is_where(name):
                column = _allowed_column(name.removeprefix(_WHERE), scope)
                where[column] = _search_text(name, single(raw, name))
        return cls(
            sort=sort,
            where=tuple(sorted(where.items())),
            page=_number(raw, "page", 0, 0, MAX_PAGE),
            page_size=_number(raw, "page_size", DEFAULT_PAGE_SIZE, 1, MAX_PAGE_SIZE),
            by=_by(single(raw, "by")),
            order=_order(single(raw, "order")),
        )


#: Every name of a parameter that ``TableRequest.parse`` reads, but for ``where.<column>``.
NAMES: Final = frozenset({"sort", "page", "page_size", "columns", "by", "order"})
#: Those of them that only panels take which name them in ``PanelQuery.parameters``.
OWN_NAMES: Final = frozenset({"by", "order"})


def _by(value: str | None) -> By:
    if value is None:
        return By.CHANNEL
    return By(one_of("by", value, tuple(By)))


def _order(value: str | None) -> WaitingOrder:
    if value is None:
        return WaitingOrder.CLOSING
    return WaitingOrder(one_of("order", value, tuple(WaitingOrder)))


def chosen_columns(raw: Mapping[str, object]) -> tuple[str, ...] | None:
    """Return the columns that the parameter ``columns`` names, in the page's order.

    Its value may be one text with commas, several texts, or both; None is returned where ``raw``
    does not have it. It says which columns the page shows; API answers and downloads have all.
    Raises ``FilterError`` for an empty name, or one that is not in ``PAGE_COLUMNS``.
    """
    if "columns" not in raw:
        return None
    values = texts("columns", raw["columns"])
    named = {name for text in values for name in text.split(",")}
    if not values or "" in named:
        raise FilterError("empty_value", name="columns")
    for name in sorted(named - set(PAGE_COLUMNS)):
        raise FilterError("unknown_column", column=name)
    return tuple(name for name in PAGE_COLUMNS if name in named)


def is_where(name: str) -> bool:
    """Return whether ``name`` is the parameter of a filter of a column, such as ``where.team``.

    The column itself is not checked.
    """
    return name.startswith(_WHERE)


def _search_text(name: str, value: str | None) -> str:
    text = usable_text(name, value)
    if len(text) > MAX_SEARCH_CHARACTERS:
        raise FilterError("too_long", name=name, count=len(text), limit=MAX_SEARCH_CHARACTERS)
    return text


def _allowed_column(column: str, scope: Scope) -> str:
    if column not in COLUMNS:
        raise FilterError("unknown_column", column=column)
    if column in scope.masked_columns:
        raise FilterError("masked_column", column=column)
    return column


def _number(raw: Mapping[str, object], name: str, default: int, minimum: int, maximum: int) -> int:
    """Return the whole number that ``raw`` has for ``name``; ``default`` where it has none.

    Raises ``FilterError`` where it is no whole number or not from ``minimum`` to ``maximum``.
    """
    value: object = raw.get(name)
    quoted: object = value
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif name in raw and not _is_text(value):
        # "Give a text" would be wrong advice: the message quotes the JSON value, and asks for a
        # number.
        quoted, number = json.dumps(value, default=str), -1
    else:
        text = single(raw, name)
        if text is None:
            return default
        quoted = text
        number = int(text) if _NUMBER.fullmatch(text) else -1
    if not minimum <= number <= maximum:
        raise FilterError("bad_number", name=name, value=quoted, minimum=minimum, maximum=maximum)
    return number


def _is_text(value: object) -> bool:
    """Return whether ``value`` is a text or a list of texts only."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str)
