"""SQL that has one meaning and a spelling per engine; engines teach SQLAlchemy their own."""

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

#: A SELECT of whatever columns.
Statement = Select[*tuple[Any, ...]]

#: Up to here a list is written out, which lets an engine prune by it; longer ones are one array.
INLINE_VALUES: Final = 16


def whole_sum(numbers: ColumnElement[int]) -> ColumnElement[int]:
    """Their sum, as an integer of the engine's usual size; null of no row."""
    return cast(func.sum(numbers), BigInteger)


class fold(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """A text without accents and in lower case, for searching."""

    type = String()
    inherit_cache = True


def is_one_of(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """``column`` equals one of ``values``; no value, no row. Long lists are one parameter."""
    if len(values) <= INLINE_VALUES:
        return column.in_(values)
    return is_one_of_keys(column, values)


def is_one_of_keys(column: ColumnElement[Any], keys: Sequence[object]) -> ColumnElement[bool]:
    """``column`` equals one of ``keys``: one parameter, by which engines prune as they scan."""
    array = bindparam(None, list(keys), type_=ARRAY(column.type), unique=True)
    return column.in_(select(func.unnest(array)))


def folded_contains(text: ColumnElement[Any], part: str) -> ColumnElement[bool]:
    """``part`` stands somewhere in ``text``, whatever the accents and the case."""
    return func.strpos(fold(text), fold(part)) > 0


class local_day_text(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """A stored day as readers may type it: ``2026-12-31 31/12/2026``."""

    type = String()
    inherit_cache = True


class percentiles(GenericFunction[Sequence[float]]):  # noqa: N801 - reads as the SQL function that it is
    """The median and the 90th percentile of a group, interpolated linearly, as one array."""

    type: TypeEngine[Sequence[float]] = ARRAY(Double())
    inherit_cache = True


class masked_text_in(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """A text with the phones in it masked: ``queries.phones.PHONES_IN_TEXT``."""

    type = String()
    inherit_cache = True


class masked_name_in(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """A name or title with the phones in it masked: ``queries.phones.PHONES_IN_NAME``."""

    type = String()
    inherit_cache = True
