"""How the detailed table is cut: sorting, filtering of its columns, and the page."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from queries.errors import FilterError
from queries.filters import single, texts, usable_text
from queries.scope import Scope

#: Columns of the table and of the API, in order.
API_COLUMNS: Final = (
    "message_id",
    "case_number",
    "case_type",
    "channel",
    "kind",
    "template_name",
    "status",
    "phone",
    "reply",
    "seq",
    "opened_at",
    "last_agent",
    "session_type",
    "sent_at",
)
#: All columns: those of the API, then what only the page and the downloads show.
COLUMNS: Final = (
    *API_COLUMNS,
    "person_name",
    "direction",
    "customer_message",
    "team",
    "case_state",
    "business_number",
    "error",
    "case_id",
)

#: Columns that readers of the page choose among, in the page's order.
PAGE_COLUMNS: Final = tuple(name for name in COLUMNS if name not in ("message_id", "case_id"))


@dataclass(frozen=True, slots=True)
class Word:
    """What readers see in place of a code, and therefore type when they filter a column.

    ``direction`` is set where the word stands for the code in messages of that direction only.
    """

    code: str
    text: str
    direction: str | None = None


#: By column, the words of its codes.
Words = Mapping[str, Sequence[Word]]

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
    """One cut of the table. ``sort`` is a column's name, with ``-`` before it when descending.

    ``where`` holds pairs of column and text: rows whose column contains the text, whatever the
    accents and the case. Both narrow and order the table and its downloads only.
    """

    sort: str | None = None
    where: tuple[tuple[str, str], ...] = ()
    page: int = 0
    page_size: int = DEFAULT_PAGE_SIZE

    @property
    def is_by_time(self) -> bool:
        """Whether rows stand in the order of ``sent_at``; a constant column orders nothing."""
        return self.sort is None or self.sort.removeprefix("-") in {"sent_at", "channel"}

    def reachable(self, total: int) -> int:
        """How many of ``total`` rows can be paged through in this order."""
        return total if self.is_by_time else min(total, MAX_SORTED_ROWS)

    @classmethod
    def parse(cls, raw: Mapping[str, object], scope: Scope) -> Self:
        """A cut from an address or a JSON body. Raises ``FilterError``; never drops anything."""
        chosen_columns(raw)
        sort = single(raw, "sort")
        if sort is not None:
            _allowed_column(sort.removeprefix("-"), scope)
        where = {}
        for name in raw:
            if is_where(name):
                column = _allowed_column(name.removeprefix(_WHERE), scope)
                where[column] = _searched(name, single(raw, name))
        return cls(
            sort=sort,
            where=tuple(sorted(where.items())),
            page=_number(raw, "page", 0, 0, MAX_PAGE),
            page_size=_number(raw, "page_size", DEFAULT_PAGE_SIZE, 1, MAX_PAGE_SIZE),
        )


#: Every fixed name that ``Table.parse`` reads.
NAMES: Final = frozenset({"sort", "page", "page_size", "columns"})


def chosen_columns(raw: Mapping[str, object]) -> tuple[str, ...] | None:
    """The columns that a page shows, in its order; None where it is not said.

    They come as one text with commas, as repeated names, or both; they change what is seen of an
    answer, not the answer. Raises ``FilterError``.
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


def _searched(name: str, given: str | None) -> str:
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
    given: object = raw.get(name)
    shown: object = given
    if isinstance(given, int) and not isinstance(given, bool):
        number = given
    elif name in raw and not _is_text(given):
        # Of no use is that texts are wanted; it is repeated as a body of JSON has it.
        shown, number = json.dumps(given, default=str), -1
    else:
        text = single(raw, name)
        if text is None:
            return default
        shown = text
        number = int(text) if _NUMBER.fullmatch(text) else -1
    if not minimum <= number <= maximum:
        raise FilterError("bad_number", name=name, value=shown, minimum=minimum, maximum=maximum)
    return number


def _is_text(given: object) -> bool:
    """Whether it is a text, or nothing but texts."""
    if isinstance(given, Sequence) and not isinstance(given, str):
        return all(isinstance(one, str) for one in given)
    return isinstance(given, str)
