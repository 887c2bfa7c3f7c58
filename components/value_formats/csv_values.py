"""Writes a value of each kind for a CSV, and guards cells against formulas.

Numbers have a decimal comma (in English a point) and no thousands separator. A text that a
spreadsheet would take for a formula gets an apostrophe before it.
"""

import re
from decimal import Decimal
from typing import Any, Final

from components.locale import Locale
from components.value_formats.download_texts import code_label
from queries.columns import Column
from queries.phones import spaced_phone

#: The beginning of a formula: one of the signs = + - @, also in full width, at the start of a text
#: or after a character that some spreadsheets take for the end of a cell; white space may precede
#: it. A tab or a line break at the start counts as well.
_FORMULA: Final = re.compile(r"(^|[,;\t\r\n])[^\S\t\r\n]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
#: A signed number or a phone, which are not formulas. A phone has eight digits or more, some of
#: which may be masked by stars; ``+2-3`` has fewer and is a formula.
_NUMBER_OR_PHONE: Final = re.compile(r"[+\-]?[\d .,]+|\+(?=(?:[ ().\-]*[\d*]){8})[\d ().*\-]+")


def separator(locale: Locale) -> str:
    """Return the sign between the cells of a CSV: a comma in English, else a semicolon.

    In Portuguese and Spanish the comma is the decimal sign.
    """
    return "," if locale.language == "en" else ";"


def neutralize_formula(cell: str) -> str:
    """Return ``cell``, with an apostrophe before it where a spreadsheet may read it as a formula.

    Such texts begin with ``=``, ``+``, ``-``, ``@``, a tab or a line break, or have one of the four
    signs behind a comma, a semicolon, a tab or a line break. Signed numbers and phones, as
    "+55 11 90000-0002", stay as they are.
    """
    if _FORMULA.search(cell) and not _NUMBER_OR_PHONE.fullmatch(cell):
        return f"'{cell}"
    return cell


def text(value: Any, _column: Column, _locale: Locale) -> str:
    """Return a text, with an apostrophe before it where it could be read as a formula."""
    return neutralize_formula(str(value))


def code(value: Any, column: Column, locale: Locale) -> str:
    """Return the translated label of a code, or the code itself where it has no label.

    It has an apostrophe before it where it could be read as a formula.
    """
    return neutralize_formula(code_label(value, column, locale))


def phone(value: Any, _column: Column, _locale: Locale) -> str:
    """Return a phone with spaces, as "+55 11 90000-0002"; ``value`` is one in E.164 or masked.

    Any other text gets an apostrophe before it where it could be read as a formula.
    """
    return neutralize_formula(spaced_phone(str(value)))


def count(value: Any, _column: Column, _locale: Locale) -> str:
    """Return a whole number without separators between thousands: 1234."""
    return str(int(value))


def share(value: Any, _column: Column, locale: Locale) -> str:
    """Return a share from 0 to 1 with six decimals: 0,942000 (in English 0.942000).

    A share that rounding would make 0 or 1 keeps all its decimals.
    """
    text = f"{value:.6f}"
    if float(text) in (0, 1) and value not in (0, 1):
        text = _all_decimals(value)
    return _with_decimal_sign(text, locale)


def seconds(value: Any, _column: Column, locale: Locale) -> str:
    """Return a duration, given in seconds, rounded to whole seconds: 95.

    One that rounding would make 0 keeps all its decimals: 0,25 (in English 0.25).
    """
    text = str(round(value))
    if text == "0" and value != 0:
        text = _all_decimals(value)
    return _with_decimal_sign(text, locale)


def money(value: Any, _column: Column, locale: Locale) -> str:
    """Return an amount of money, without a currency, with two decimals: 1234,50.

    In English the decimal sign is a point: 1234.50.
    """
    return _with_decimal_sign(f"{value:.2f}", locale)


def amount(value: Any, _column: Column, locale: Locale) -> str:
    """Return millionths of a currency as a number of it with six decimals: 1234,501200."""
    millionths = int(value)
    sign, whole = ("-" if millionths < 0 else ""), abs(millionths)
    return _with_decimal_sign(f"{sign}{whole // 10**6}.{whole % 10**6:06}", locale)


def _with_decimal_sign(text: str, locale: Locale) -> str:
    return text if locale.language == "en" else text.replace(".", ",")


def _all_decimals(number: float) -> str:
    """Return ``number`` with all its decimals, without an exponent."""
    return f"{Decimal(repr(float(number))):f}"
