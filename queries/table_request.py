"""Which page of a panel is wanted, and how its rows are sorted and filtered by column."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from queries.columns import names
from queries.errors import FilterError
from queries.filters import single, texts, usable_text
from queries.scope import Scope
from queries.table_columns import CASE_ID, TABLE_COLUMNS

#: Columns by which the table may be sorted and filtered, in order.
COLUMNS: Final = names((*TABLE_COLUMNS, CASE_ID))
#: Columns that readers of the page choose among, in the page's order.
PAGE_COLUMNS: Final = names(column for column in TABLE_COLUMNS if column.on_page)


@dataclass(frozen=True, slots=True)
class CodeLabel:
    """What readers see in place of a code, and therefore type when they filter a column.

    ``direction`` is set where a code is called so in messages of that direction only.
    """

    code: str
    text: str
    direction: str | None = None


#: By column, what its codes are called.
CodeLabels = Mapping[str, Sequence[CodeLabel]]

MAX_PAGE_SIZE: Final = 1_000
MAX_SEARCH_CHARACTERS: Final = 1_000
MAX_PAGE: Final = 10**12
#: How deep one can page where rows stand in another order than that of time: to reach a row, all
#: before it have to be put in order.
MAX_SORTED_ROWS: Final = 100_000
DEFAULT_PAGE_SIZE: Final = 20
_WHERE: Final = "where."
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class TableRequest:
    """One page of a panel that has pages, counted from 0.

    ``sort`` is the name of a column, with ``-`` before it for descending order. ``where`` holds
    pairs of column and text: it leaves the rows whose column contains the text, whatever the
    accents and the case. Both are for the table and its downloads only.
    """

    sort: str | None = None
    where: tuple[tuple[str, str], ...] = ()
    page: int = 0
    page_size: int = DEFAULT_PAGE_SIZE

    @property
    def is_by_time(self) -> bool:
        """Whether rows stand in the order of ``sent_at``; a constant column orders nothing."""
        return self.sort is None or self.sort.removeprefix("-") in {"sent_at", "channel"}

    @property
    def skipped(self) -> int:
        """How many rows come before those of the page."""
        return self.page * self.page_size

    def reachable(self, total: int) -> int:
        """How many of ``total`` rows can be paged through in this order."""
        return total if self.is_by_time else min(total, MAX_SORTED_ROWS)

    def last_page(self, total: int) -> int:
        """The number of the last page of ``total`` rows that can be reached, 0 of no row."""
        return max(0, -(-self.reachable(total) // self.page_size) - 1)

    @classmethod
    def parse(cls, raw: Mapping[str, object], scope: Scope) -> Self:
        """The page that an address or a JSON body asks for.

        Raises ``FilterError`` for anything that cannot be taken exactly as it stands.
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
        )


#: Every fixed name that ``TableRequest.parse`` reads.
NAMES: Final = frozenset({"sort", "page", "page_size", "columns"})


def chosen_columns(raw: Mapping[str, object]) -> tuple[str, ...] | None:
    """The columns that the page shows, in its order; None where ``columns`` is not given.

    They are given as one text with commas, as a repeated parameter, or both. They decide which
    columns of an answer are seen, not what the answer holds. Raises ``FilterError``.
    """
    if "columns" not in raw:
        return None
    given = texts("columns", raw["columns"])
    named = {name for text in given for name in text.split(",")}
    if not given or "" in named:
        raise FilterError("empty_value", name="columns")
    for name in sorted(named - set(PAGE_COLUMNS)):
        raise FilterError("unknown_column", column=name)
    return tuple(name for name in PAGE_COLUMNS if name in named)


def is_where(name: str) -> bool:
    """Whether a parameter filters a column of the table."""
    return name.startswith(_WHERE)


def _search_text(name: str, given: str | None) -> str:
    text = usable_text(name, given)
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
    """The whole number given for ``name``, ``default`` where none is. Raises ``FilterError``."""
    given: object = raw.get(name)
    quoted: object = given
    if isinstance(given, int) and not isinstance(given, bool):
        number = given
    elif name in raw and not _is_text(given):
        # "Give a text" would be wrong advice: the message quotes the JSON value, and asks for a
        # number.
        quoted, number = json.dumps(given, default=str), -1
    else:
        text = single(raw, name)
        if text is None:
            return default
        quoted = text
        number = int(text) if _NUMBER.fullmatch(text) else -1
    if not minimum <= number <= maximum:
        raise FilterError("bad_number", name=name, value=quoted, minimum=minimum, maximum=maximum)
    return number


def _is_text(given: object) -> bool:
    """Whether it is a text, or nothing but texts."""
    if isinstance(given, Sequence) and not isinstance(given, str):
        return all(isinstance(one, str) for one in given)
    return isinstance(given, str)
