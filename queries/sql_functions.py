"""SQL expressions that several queries share, and functions that each engine spells differently.

The classes are such functions: ``dialect.py`` of each engine gives their SQL.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Double,
    Integer,
    Select,
    String,
    Table,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeEngine

#: The type of a SELECT, whatever its columns.
Statement = Select[*tuple[Any, ...]]

#: The longest list that gets a parameter for each value, by which engines skip parts of a table
#: best. A longer list is one array parameter, which makes shorter SQL.
INLINE_VALUES: Final = 16


def whole_sum(numbers: ColumnElement[int]) -> ColumnElement[int]:
    """Return the SQL expression of the sum of ``numbers``, an integer of 64 bits.

    It is null where there are no rows or all numbers are null.
    """
    is_stored = isinstance(numbers, Column) and isinstance(numbers.table, Table)
    return _sum_of_stored(numbers) if is_stored else _sum_of(numbers)


def _sum_of(numbers: ColumnElement[int]) -> ColumnElement[int]:
    return cast(func.sum(numbers), BigInteger)


#: Kept for the columns of tables, which are few, because most statements need some of them.
_sum_of_stored: Final = cache(_sum_of)


def column_at(place: int) -> ColumnElement[Any]:
    """Return what GROUP BY calls the column of a SELECT at ``place``, from 1.

    For expressions with parameters: engines do not see that the parameters of the column and those
    of GROUP BY are the same.
    """
    return literal_column(str(place))


class fold(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """``fold(text)``: the text in lower case and without accents, for searching."""

    type = String()
    inherit_cache = True


def is_one_of(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """Return the SQL condition that ``column`` equals one of ``values``.

    No row meets it for an empty list.
    """
    if len(values) == 1:  # most filters have one: SQLAlchemy takes longer to write a list
        return column == values[0]
    if len(values) <= INLINE_VALUES:
        return column.in_(values)
    return is_one_of_keys(column, values)


def is_one_of_keys(column: ColumnElement[Any], keys: Sequence[object]) -> ColumnElement[bool]:
    """Return the SQL condition that ``column`` equals one of ``keys``, for lists of any length.

    All keys are one parameter, an array of the column's type. No row meets an empty list.
    """
    array = bindparam(None, list(keys), type_=ARRAY(column.type), unique=True)
    return column.in_(select(func.unnest(array)))


def folded_contains(text: ColumnElement[Any], part: str) -> ColumnElement[bool]:
    """Return the SQL condition that ``text`` contains ``part``, whatever their accents and case."""
    return func.strpos(fold(text), fold(part)) > 0


class local_day_text(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """``local_day_text(day)``: the day in the forms that people type: ``2026-12-31 31/12/2026``."""

    type = String()
    inherit_cache = True


class iso_weekday(GenericFunction[int]):  # noqa: N801 - reads as the SQL function that it is
    """``iso_weekday(day)``: the weekday of a day, 1 for Monday to 7 for Sunday."""

    type = Integer()
    inherit_cache = True


class percentiles(GenericFunction[Sequence[float]]):  # noqa: N801 - reads as the SQL function that it is
    """``percentiles(number)``: an array of the median and the 90th percentile of a group.

    Both are interpolated linearly between neighbouring values. Null where all numbers are null.
    """

    type: TypeEngine[Sequence[float]] = ARRAY(Double())
    inherit_cache = True


class masked_text_in(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """``masked_text_in(text)``: the text with phones masked by ``phone_masks.PHONES_IN_TEXT``."""

    type = String()
    inherit_cache = True


class masked_name_in(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """``masked_name_in(text)``: a name or title with phones masked.

    The patterns are ``phone_masks.PHONES_IN_NAME``: any eight digits in a row or more are a phone
    too.
    """

    type = String()
    inherit_cache = True
