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

    In the other languages the comma is the decimal sign.
    """
    return "," if locale.language == "en" else ";"


def neutralize_formula(cell: str) -> str:
    """Return ``cell``, after an apostrophe where a spreadsheet would take it for a formula.

    Signed numbers and phones, as "+55 11 90000-0002", stay as they are.
    """
    if _FORMULA.search(cell) and not _NUMBER_OR_PHONE.fullmatch(cell):
        return f"'{cell}"
    return cell


def text(value: Any, _column: Column, _locale: Locale) -> str:
    """Return a text, guarded by ``neutralize_formula``."""
    return neutralize_formula(str(value))


def code(value: Any, column: Column, locale: Locale) -> str:
    """Return the translated label of a code."""
    return neutralize_formula(code_label(value, column, locale))


def phone(value: Any, _column: Column, _locale: Locale) -> str:
    """Return a phone with spaces, as "+55 11 90000-0002"."""
    return neutralize_formula(spaced_phone(str(value)))


def count(value: Any, _column: Column, _locale: Locale) -> str:
    """Return a whole number in plain digits: 1234."""
    return str(int(value))


def share(value: Any, _column: Column, locale: Locale) -> str:
    """Return a share from 0 to 1 with six decimals: 0,942000.

    A share that would be rounded to 0 or 1 keeps all its decimals.
    """
    text = f"{value:.6f}"
    if float(text) in (0, 1) and value not in (0, 1):
        text = _all_decimals(value)
    return _with_decimal_sign(text, locale)


def seconds(value: Any, _column: Column, locale: Locale) -> str:
    """Return a duration in whole seconds; one that would be rounded to 0 keeps its decimals."""
    text = str(round(value))
    if text == "0" and value != 0:
        text = _all_decimals(value)
    return _with_decimal_sign(text, locale)


def money(value: Any, _column: Column, locale: Locale) -> str:
    """Return an amount with two decimals and without a currency: 1234,50."""
    return _with_decimal_sign(f"{value:.2f}", locale)


def _with_decimal_sign(text: str, locale: Locale) -> str:
    return text if locale.language == "en" else text.replace(".", ",")


def _all_decimals(number: float) -> str:
    """Return ``number`` with all its decimals, without an exponent."""
    return f"{Decimal(repr(float(number))):f}"
