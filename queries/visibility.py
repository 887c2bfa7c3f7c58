"""Masks phones for users who may not see them, in rows and in SQL conditions.

Rows are masked after the engine has read them, before they are cached or shown (``mask_rows``,
``mask_columns``). Filters, sort orders and searches use masked texts as well (``visible_text`` and
the others), so that nobody finds out a hidden phone by filtering. ``queries.phone_masks`` has the
patterns of phones.
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
    SIGNS_BETWEEN_DIGITS,
    Mask,
    is_masked,
    mask_phone,
)
from queries.result import TEXT, Columns, ResultSet
from queries.sql_functions import is_one_of, masked_name_in, masked_text_in
from queries.tables import cases, messages, people
from queries.user_scope import Scope

#: Meta's message ids begin so. Behind it is base64 that contains the customer's phone, but not at
#: the end: of ids of ``_META_ID_LENGTH`` characters or more the last ``_META_ID_END`` are shown, of
#: shorter ones ``_SHORT_META_ID_END``.
_META_ID: Final = "wamid."
_META_ID_LENGTH: Final = 40
_META_ID_END: Final = 16
_SHORT_META_ID_END: Final = 4
#: The beginning of that base64, which other sources put into ids of their own.
_META_START: Final = "HBg"


def _mask_message_id(text: str) -> str:
    """Return an id that ``selected_message_id`` gave with its other phones masked."""
    return text if text.startswith(f"{_META_ID}{HIDDEN}") else PHONES_IN_TEXT(text)


#: How certain text columns are masked; None is not at all. All other text columns are masked by
#: ``PHONES_IN_TEXT``. The company's own numbers may be seen by everybody.
_MASKS: Final[dict[str, Mask | Callable[[str], str] | None]] = {
    "phone": mask_phone,
    "contact_phone": mask_phone,
    "person_name": PHONES_IN_NAME,
    "error": PHONES_IN_NAME,
    "error_title": PHONES_IN_NAME,
    "error_code": PHONES_IN_NAME,
    "business_number": None,
    "message_id": _mask_message_id,
}
#: Characters that may be part of a phone or of its mask. Blanks are left out: a search for blanks
#: alone never compares stored texts, and beside other characters they tell nothing.
_OF_PHONES: Final = frozenset(f"0123456789*+\uff0b/{SIGNS_BETWEEN_DIGITS}") - {" "}


def mask_rows(result: ResultSet, scope: Scope) -> ResultSet:
    """Return ``result`` with the phones in its text columns masked, unless ``scope.see_phones``.

    The names of the columns decide how: in names of persons and in errors more texts count as
    phones than elsewhere; ``business_number`` (the company's own) is left as it is.
    """
    if scope.see_phones:
        return result
    masks = [
        (place, mask)
        for place, (name, kind) in enumerate(zip(result.names, result.kinds, strict=True))
        if kind == TEXT and (mask := _MASKS.get(name, PHONES_IN_TEXT))
    ]
    if not masks:
        return result
    columns: list[Sequence[Any]] = [*zip(*result.rows, strict=True)]
    for place, mask in masks if columns else ():
        columns[place] = _masked_values(columns[place], mask)
    return replace(result, rows=[*zip(*columns, strict=True)])


def _masked_values(values: Sequence[Any], mask: Callable[[str], str]) -> list[Any]:
    """Return ``values``, texts and None, masked: equal ones, as most of a column are, at once."""
    masked = {value: mask(value) for value in {*values} if value is not None}
    return [masked.get(value) for value in values]


def mask_columns(batch: pa.RecordBatch, scope: Scope) -> Columns:
    """Return the columns of ``batch`` as lists of values by column name, with phones masked.

    Nothing is masked where ``scope.see_phones``. The name of a column decides how it is masked, as
    in ``mask_rows``; this function is fast enough for downloads of millions of rows.
    """
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
        with_phone = pc.indices_nonzero(
            pc.fill_null(pc.match_substring_regex(batch.column(name), mask.any_pattern), False)
        )
        for place in with_phone.to_pylist():
            values[place] = mask(values[place])
    return columns


def holds_phone(name: str, text: str) -> bool:
    """Return whether ``text``, a value of the column ``name``, has a phone that would be masked."""
    mask = _MASKS.get(name, PHONES_IN_TEXT)
    return mask is not None and mask(text) != text


# --- expressions ------------------------------------------------------------------------------


def visible_text(text: ColumnElement[Any], scope: Scope) -> ColumnElement[Any]:
    """Return the SQL expression of ``text``, with phones masked unless ``scope.see_phones``.

    Do not use it for names of persons, case numbers, ids and errors: they have functions below.
    """
    return text if scope.see_phones else masked_text_in(text)


def visible_title(title: ColumnElement[Any], scope: Scope) -> ColumnElement[Any]:
    """Return the SQL expression of ``title``, with phones masked unless ``scope.see_phones``.

    ``title`` is the title or the code of an error. Eight digits in a row or more count as a phone.
    """
    return title if scope.see_phones else masked_name_in(title)


def visible_person_name(scope: Scope) -> ColumnElement[Any]:
    """Return the SQL expression of ``people.person_name``, masked unless ``scope.see_phones``."""
    name = people.c.person_name
    return name if scope.see_phones else func.coalesce(people.c.masked_name, name)


def visible_person_folded(scope: Scope) -> ColumnElement[Any]:
    """Return the SQL expression of the person's name in lower case and without accents, for search.

    Phones in it are masked unless ``scope.see_phones``.
    """
    folded = people.c.folded
    return folded if scope.see_phones else func.coalesce(people.c.masked_folded, folded)


def visible_case_number(scope: Scope) -> ColumnElement[Any]:
    """Return the SQL expression of ``cases.case_number``, masked unless ``scope.see_phones``."""
    number = cases.c.case_number
    return number if scope.see_phones else func.coalesce(cases.c.masked_number, number)


def visible_case_id(scope: Scope) -> ColumnElement[Any]:
    """Return ``selected_case_id`` with all phones masked: what may be searched."""
    case_id = selected_case_id(scope)
    return case_id if scope.see_phones else masked_text_in(case_id)


def selected_case_id(scope: Scope) -> ColumnElement[Any]:
    """Return the SQL expression of ``cases.case_id``, masked unless ``scope.see_phones``.

    An id that equals the case's number, as in many sources, is masked in the same way as the
    number. Other phones may still be in it: ``mask_rows`` and ``mask_columns`` mask them.
    """
    case_id = cases.c.case_id
    if scope.see_phones:
        return case_id
    return case((case_id == cases.c.case_number, visible_case_number(scope)), else_=case_id)


def case_number_order(scope: Scope) -> ColumnElement[Any]:
    """Return the SQL expression by which to sort ``cases`` by their number.

    Whole numbers come first, by value; then other case numbers, alphabetically. Unless
    ``scope.see_phones``, a case number with a phone is sorted by its masked text, among the latter.
    """
    if scope.see_phones:
        return cases.c.number_order
    masked = cases.c.masked_number
    return case((masked.is_(None), cases.c.number_order), else_=literal(TEXT_ORDER) + masked)


#: Begins the texts in ``cases.number_order``, so that they are sorted after all whole numbers.
TEXT_ORDER: Final = "~"


def selected_message_id(scope: Scope) -> ColumnElement[Any]:
    """Return the SQL expression of ``messages.message_id`` without the phone of its message.

    Meta's ids, and others with the same kind of base64, contain the customer's phone: they become
    ``wamid.*****`` and their last characters. In other ids the digits of the message's contact
    phone are masked; other phones are still in them, ``mask_rows`` and ``mask_columns`` mask these.
    That takes a fraction of the time that patterns in SQL take. Where ``scope.see_phones`` is True,
    the id is unchanged.
    """
    message_id = messages.c.message_id
    return message_id if scope.see_phones else _id_masked_by(lambda text: text)


def visible_message_id(scope: Scope) -> ColumnElement[Any]:
    """Return ``selected_message_id`` with all phones masked: what the page shows, and sorts by."""
    return messages.c.message_id if scope.see_phones else _id_masked_by(masked_text_in)


def _id_masked_by(
    mask: Callable[[ColumnElement[Any]], ColumnElement[Any]],
) -> ColumnElement[Any]:
    """Return the message's id masked; ``mask`` is used for ids that are not of Meta's kind."""
    message_id = messages.c.message_id
    length = func.length(message_id)
    shown = case((length >= _META_ID_LENGTH, _META_ID_END), else_=_SHORT_META_ID_END)
    of_meta = literal(f"{_META_ID}{HIDDEN}") + func.right(message_id, shown)
    is_of_meta = or_(
        message_id.contains(_META_START, autoescape=True), _is_long_meta_id(message_id)
    )
    return case((is_of_meta, of_meta), else_=mask(_without_contact(message_id)))


def visible_body(scope: Scope) -> ColumnElement[Any]:
    """Return the SQL expression of ``messages.body`` with the message's contact phone masked.

    The phone may be of any country, so no pattern would find it. Other phones are still in the
    text: ``mask_rows``, ``mask_columns`` or ``visible_text`` mask them. Where ``scope.see_phones``
    is True, the text is unchanged.
    """
    return messages.c.body if scope.see_phones else _without_contact(messages.c.body)


def _is_long_meta_id(message_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(message_id.startswith(_META_ID), func.length(message_id) >= _META_ID_LENGTH)


def _without_contact(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return ``text``, a column of ``messages``, with the digits of the contact phone masked."""
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
    """Return the SQL condition that ``text``, as the page shows it, is one of ``values``.

    Unless ``scope.see_phones``, the page shows ``text`` with its phones masked. So a value with a
    whole phone matches nothing, and a value with a masked phone (``Ana *****-4471``) matches every
    text that looks like this once it is masked.

    ``masked`` is the column that stores the masked text, null in rows whose text has no phone. None
    means that no such column exists, and the masked text is computed.
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
    """Return whether a search for ``searched`` may use stored texts in place of masked ones.

    True where ``scope.see_phones``, or where ``searched`` has no character of a phone or a mask
    (digits, asterisks, plus, dots, dashes, brackets, slashes): then both find the same rows, and
    stored texts are faster. A ``searched`` of blanks only gives False for a scope that hides
    phones.
    """
    return scope.see_phones or (bool(searched.strip()) and not _OF_PHONES & set(searched))
