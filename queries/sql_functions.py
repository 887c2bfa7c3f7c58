"""SQL functions that each engine spells in its own way; ``dialect.py`` of the engine says how."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Double,
    Select,
    String,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeEngine

#: A SELECT of any columns.
Statement = Select[*tuple[Any, ...]]

#: Lists up to this length are written into the SQL, so that an engine can skip parts of a table by
#: them; longer ones are one array parameter.
INLINE_VALUES: Final = 16


def whole_sum(numbers: ColumnElement[int]) -> ColumnElement[int]:
    """Return the sum of ``numbers`` as an integer of 64 bits; null where there is no row."""
    return cast(func.sum(numbers), BigInteger)


class fold(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """A text in lower case and without accents, for searching."""

    type = String()
    inherit_cache = True


def is_one_of(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """Return a condition: ``column`` equals one of ``values``. No row meets an empty list."""
    if len(values) <= INLINE_VALUES:
        return column.in_(values)
    return is_one_of_keys(column, values)


def is_one_of_keys(column: ColumnElement[Any], keys: Sequence[object]) -> ColumnElement[bool]:
    """Return a condition: ``column`` equals one of ``keys``, which are one array parameter.

    Engines can skip parts of a table by it.
    """
    array = bindparam(None, list(keys), type_=ARRAY(column.type), unique=True)
    return column.in_(select(func.unnest(array)))


def folded_contains(text: ColumnElement[Any], part: str) -> ColumnElement[bool]:
    """Return a condition: ``text`` contains ``part``, regardless of accents and case."""
    return func.strpos(fold(text), fold(part)) > 0


class local_day_text(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """A day as a text of the two forms that readers type: ``2026-12-31 31/12/2026``."""

    type = String()
    inherit_cache = True


class percentiles(GenericFunction[Sequence[float]]):  # noqa: N801 - reads as the SQL function that it is
    """The median and the 90th percentile of a group, interpolated linearly, as an array of two."""

    type: TypeEngine[Sequence[float]] = ARRAY(Double())
    inherit_cache = True


class masked_text_in(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """A text with the phones in it masked as ``queries.phones.PHONES_IN_TEXT`` says."""

    type = String()
    inherit_cache = True


class masked_name_in(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """A name or title with the phones in it masked as ``queries.phones.PHONES_IN_NAME`` says."""

    type = String()
    inherit_cache = True
