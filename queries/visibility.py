"""Masks phones for readers who may not see them, in results and in conditions.

Rows are masked when they leave the engine, before they are cached or shown (``mask_rows``,
``mask_columns``). Filters, sorting and searches compare texts as the reader sees them
(``visible_text`` and the others), so that nobody can find out a hidden phone by filtering.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import ColumnElement, and_, case, false, func, literal, or_

from queries.phone_masks import (
    FEWEST_DIGITS,
    HIDDEN,
    PHONES_IN_NAME,
    PHONES_IN_TEXT,
    Mask,
    is_masked,
    mask_phone,
)
from queries.result import Columns, ResultSet
from queries.scope import Scope
from queries.sql_functions import is_one_of, masked_name_in, masked_text_in
from queries.tables import cases, messages, people

#: How phones are masked in certain columns; None means not at all. All other columns are masked by
#: ``PHONES_IN_TEXT``. The company's own numbers are no secret; message ids are masked in the query
#: (``visible_message_id``).
_MASKS: Final[dict[str, Mask | Callable[[str], str] | None]] = {
    "phone": mask_phone,
    "contact_phone": mask_phone,
    "person_name": PHONES_IN_NAME,
    "error": PHONES_IN_NAME,
    "error_title": PHONES_IN_NAME,
    "business_number": None,
    "message_id": None,
}
#: The type of text columns in a ``ResultSet``.
_TEXT: Final = "VARCHAR"
#: Meta's message ids are base64 that contains the customer's phone, though not at the end.
_META_ID: Final = "wamid."
_META_ID_LENGTH: Final = 40
_META_ID_END: Final = 16
_SHORT_META_ID_END: Final = 4
#: How the base64 of such an id begins; other sources put it into ids of their own.
_META_START: Final = "HBg"
#: Characters that may be part of a phone or of its mask.
_OF_PHONES: Final = frozenset(
    "0123456789*+\uff0b.-()/\u00a0\u2010\u2011\u2012\u2013\u2014\u2015\u202f"
)


def mask_rows(result: ResultSet, scope: Scope) -> ResultSet:
    """Return ``result`` as a reader of ``scope`` may see it."""
    if scope.see_phones:
        return result
    masks = [
        (place, mask)
        for place, (name, kind) in enumerate(zip(result.names, result.types, strict=True))
        if kind == _TEXT and (mask := _MASKS.get(name, PHONES_IN_TEXT))
    ]
    if not masks:
        return result
    return replace(result, rows=[_mask_row(row, masks) for row in result.rows])


def _mask_row(
    row: tuple[Any, ...], masks: Sequence[tuple[int, Callable[[str], str]]]
) -> tuple[Any, ...]:
    seen = list(row)
    for place, mask in masks:
        if seen[place] is not None:
            seen[place] = mask(seen[place])
    return tuple(seen)


def mask_columns(batch: pa.RecordBatch, scope: Scope) -> Columns:
    """Return the columns of ``batch`` as a reader of ``scope`` may see them."""
    columns: Columns = batch.to_pydict()
    if scope.see_phones:
        return columns
    for name, values in columns.items():
        mask = _MASKS.get(name, PHONES_IN_TEXT)
        if mask is None or not pa.types.is_string(batch.schema.field(name).type):
            continue
        if not isinstance(mask, Mask):
            columns[name] = [None if value is None else mask(value) for value in values]
            continue
        # Of millions of texts few hold a phone: Arrow finds them faster than Python would.
        suspects = pc.indices_nonzero(
            pc.fill_null(pc.match_substring_regex(batch.column(name), mask.any_pattern), False)
        )
        for place in suspects.to_pylist():
            values[place] = mask(values[place])
    return columns


# --- expressions ------------------------------------------------------------------------------


def visible_text(text: ColumnElement[Any], scope: Scope) -> ColumnElement[Any]:
    """Return ``text`` as a reader of ``scope`` sees it."""
    return text if scope.see_phones else masked_text_in(text)


def visible_title(title: ColumnElement[Any], scope: Scope) -> ColumnElement[Any]:
    """Return the title of an error as a reader of ``scope`` sees it."""
    return title if scope.see_phones else masked_name_in(title)


def visible_person_name(scope: Scope) -> ColumnElement[Any]:
    """Return the name of ``people`` as a reader of ``scope`` sees it."""
    name = people.c.person_name
    return name if scope.see_phones else func.coalesce(people.c.masked_name, name)


def visible_person_folded(scope: Scope) -> ColumnElement[Any]:
    """Return the same name in lower case and without accents, for searching."""
    folded = people.c.folded
    return folded if scope.see_phones else func.coalesce(people.c.masked_folded, folded)


def visible_case_number(scope: Scope) -> ColumnElement[Any]:
    """Return the number of ``cases`` as a reader of ``scope`` sees it."""
    number = cases.c.case_number
    return number if scope.see_phones else func.coalesce(cases.c.masked_number, number)


def visible_case_id(scope: Scope) -> ColumnElement[Any]:
    """Return the id of ``cases`` as a reader of ``scope`` sees it.

    Many sources have the same text as id and as number; then both are masked alike.
    """
    given = cases.c.case_id
    if scope.see_phones:
        return given
    same = case((given == cases.c.case_number, visible_case_number(scope)), else_=given)
    return masked_text_in(same)


def case_number_order(scope: Scope) -> ColumnElement[Any]:
    """Return what ``cases`` are sorted by to be in the order of their numbers as seen.

    Whole numbers come first, by their value, then other case numbers, by their text.
    """
    if scope.see_phones:
        return cases.c.number_order
    masked = cases.c.masked_number
    return case((masked.is_(None), cases.c.number_order), else_=literal(TEXT_ORDER) + masked)


#: Begins the texts in ``cases.number_order``, so that they are sorted after all whole numbers.
TEXT_ORDER: Final = "~"


def visible_message_id(scope: Scope) -> ColumnElement[Any]:
    """Return the id of ``messages`` as a reader of ``scope`` sees it: it may contain a phone."""
    given = messages.c.message_id
    if scope.see_phones:
        return given
    kept = case((func.length(given) >= _META_ID_LENGTH, _META_ID_END), else_=_SHORT_META_ID_END)
    of_meta = literal(f"{_META_ID}{HIDDEN}") + func.right(given, kept)
    return case(
        (or_(given.contains(_META_START, autoescape=True), _is_long_meta_id(given)), of_meta),
        else_=masked_text_in(_without_contact(given)),
    )


def visible_body(scope: Scope) -> ColumnElement[Any]:
    """Return the text of ``messages`` without the digits of the message's own contact phone.

    These may be of any country, so that no pattern would find them. Phones that a pattern finds
    are still in the text: ``mask_rows``, ``mask_columns`` or ``visible_text`` mask them.
    """
    return messages.c.body if scope.see_phones else _without_contact(messages.c.body)


def _is_long_meta_id(given: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(given.startswith(_META_ID), func.length(given) >= _META_ID_LENGTH)


def _without_contact(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the ``text`` of a message with the digits of its contact phone masked."""
    digits = func.substr(messages.c.contact_phone, 2)
    hidden = func.replace(text, digits, literal(f"{HIDDEN}-") + func.right(digits, 4))
    holds = and_(func.length(digits) >= FEWEST_DIGITS, func.strpos(text, digits) > 0)
    return case((holds, hidden), else_=text)


# --- conditions -------------------------------------------------------------------------------


def is_shown_as(
    text: ColumnElement[Any],
    values: Sequence[str],
    scope: Scope,
    masked: ColumnElement[Any] | None = None,
) -> ColumnElement[bool]:
    """Return a condition: a reader of ``scope`` sees ``text`` as one of ``values``.

    ``masked`` is the stored column with the masked text, null where there is nothing to mask;
    without it, the masked text is computed. A value with a whole phone matches nothing, because
    nobody sees such a text; a value without anything masked is compared with ``text`` alone.
    """
    if scope.see_phones:
        return is_one_of(text, values)
    hidden = [value for value in values if is_masked(value)]
    if masked is not None:
        as_stored = and_(is_one_of(text, values), masked.is_(None))
        return or_(as_stored, is_one_of(masked, hidden)) if hidden else as_stored
    visible = [value for value in values if PHONES_IN_TEXT(value) == value]
    conditions = [is_one_of(text, visible)] if visible else []
    if hidden:
        conditions.append(is_one_of(masked_text_in(text), hidden))
    return or_(false(), *conditions)


def can_search_stored(searched: str, scope: Scope) -> bool:
    """Return whether a search for ``searched`` finds the same in stored texts as in visible ones.

    It does where ``searched`` cannot be part of a phone, because it has only letters and spaces.
    """
    return scope.see_phones or (bool(searched.strip()) and not _OF_PHONES & set(searched))
