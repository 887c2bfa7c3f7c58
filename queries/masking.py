"""What a reader sees of texts: whole, or with the phones in them masked.

Whoever may not see phones sees them nowhere: what leaves the engine is masked before it is kept or
shown (``mask_rows``, ``mask_columns``), and what is filtered, ordered or searched is compared as it
is seen (``visible_text`` and its like), so that no question tells what an answer hides.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import ColumnElement, and_, case, false, func, literal, or_

from queries.phones import (
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

#: Columns by what hides the phones in them; of all others ``PHONES_IN_TEXT`` does. The company's
#: own numbers are nobody's secret, and ``visible_message_id`` hides what an id holds.
_MASKS: Final[dict[str, Mask | Callable[[str], str] | None]] = {
    "phone": mask_phone,
    "contact_phone": mask_phone,
    "person_name": PHONES_IN_NAME,
    "error": PHONES_IN_NAME,
    "error_title": PHONES_IN_NAME,
    "business_number": None,
    "message_id": None,
}
_TEXT: Final = "VARCHAR"
#: Meta's message ids are base64 of, among others, the customer's number; the end holds none of it.
_META_ID: Final = "wamid."
_META_ID_LENGTH: Final = 40
_META_ID_END: Final = 16
_SHORT_META_ID_END: Final = 4
#: How the base64 of such an id begins, wherever it stands in an id of somebody else's.
_META_START: Final = "HBg"
#: Beside letters and spaces, what may stand in a phone or in place of one.
_OF_PHONES: Final = frozenset(
    "0123456789*+\uff0b.-()/\u00a0\u2010\u2011\u2012\u2013\u2014\u2015\u202f"
)


def mask_rows(found: ResultSet, scope: Scope) -> ResultSet:
    """``found`` as a reader of ``scope`` may see it."""
    if scope.see_phones:
        return found
    masks = [
        (place, mask)
        for place, (name, kind) in enumerate(zip(found.names, found.types, strict=True))
        if kind == _TEXT and (mask := _MASKS.get(name, PHONES_IN_TEXT))
    ]
    if not masks:
        return found
    return replace(found, rows=[_mask_row(row, masks) for row in found.rows])


def _mask_row(
    row: tuple[Any, ...], masks: Sequence[tuple[int, Callable[[str], str]]]
) -> tuple[Any, ...]:
    seen = list(row)
    for place, mask in masks:
        if seen[place] is not None:
            seen[place] = mask(seen[place])
    return tuple(seen)


def mask_columns(batch: pa.RecordBatch, scope: Scope) -> Columns:
    """The columns of ``batch`` as a reader of ``scope`` may see them."""
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
        # Millions of texts hold no phone: the few that may are found by Arrow.
        suspects = pc.indices_nonzero(
            pc.fill_null(pc.match_substring_regex(batch.column(name), mask.any_pattern), False)
        )
        for place in suspects.to_pylist():
            values[place] = mask(values[place])
    return columns


# --- expressions ------------------------------------------------------------------------------


def visible_text(text: ColumnElement[Any], scope: Scope) -> ColumnElement[Any]:
    """``text`` as it is seen."""
    return text if scope.see_phones else masked_text_in(text)


def visible_title(title: ColumnElement[Any], scope: Scope) -> ColumnElement[Any]:
    """The title of an error as it is seen."""
    return title if scope.see_phones else masked_name_in(title)


def visible_person_name(scope: Scope) -> ColumnElement[Any]:
    """The name of ``people`` as it is seen."""
    name = people.c.person_name
    return name if scope.see_phones else func.coalesce(people.c.masked_name, name)


def visible_person_folded(scope: Scope) -> ColumnElement[Any]:
    """The same folded, for searching."""
    folded = people.c.folded
    return folded if scope.see_phones else func.coalesce(people.c.masked_folded, folded)


def visible_case_number(scope: Scope) -> ColumnElement[Any]:
    """The number of ``cases`` as it is seen."""
    number = cases.c.case_number
    return number if scope.see_phones else func.coalesce(cases.c.masked_number, number)


def visible_case_id(scope: Scope) -> ColumnElement[Any]:
    """The id of ``cases`` as it is seen; many sources have one text for id and number."""
    given = cases.c.case_id
    if scope.see_phones:
        return given
    same = case((given == cases.c.case_number, visible_case_number(scope)), else_=given)
    return masked_text_in(same)


def case_number_order(scope: Scope) -> ColumnElement[Any]:
    """What puts ``cases`` in the order of their numbers as they are seen.

    Numbers come by their value, then what is no number by its text.
    """
    if scope.see_phones:
        return cases.c.number_order
    masked = cases.c.masked_number
    return case((masked.is_(None), cases.c.number_order), else_=literal(TEXT_ORDER) + masked)


#: Stands before the texts of ``cases.number_order``, behind all numbers.
TEXT_ORDER: Final = "~"


def visible_message_id(scope: Scope) -> ColumnElement[Any]:
    """The id of ``messages`` as it is seen: gateways and Meta put phones into ids."""
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
    """The text of ``messages`` as it is seen, before the phones are masked that their shape tells:
    without the digits of its own contact, which may be of any country.
    """
    return messages.c.body if scope.see_phones else _without_contact(messages.c.body)


def _is_long_meta_id(given: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(given.startswith(_META_ID), func.length(given) >= _META_ID_LENGTH)


def _without_contact(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """``text`` of a message with the digits of its contact phone hidden."""
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
    """``text`` reads as one of ``values`` to a reader of ``scope``.

    ``masked`` is the column that holds the text without its phones, null where it has none; the
    masked text is worked out where none is stored. What holds a whole phone is never seen, so it
    equals nothing; a value in which nothing is hidden is found by the column alone.
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
    """Whether ``searched`` stands in what is stored just where it stands in what is seen.

    It does where it cannot touch a phone: of letters, and spaces between them.
    """
    return scope.see_phones or (bool(searched.strip()) and not _OF_PHONES & set(searched))
