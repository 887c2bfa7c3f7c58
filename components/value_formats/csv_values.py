"""How a value of each kind is written in a CSV: decimal comma, no thousands sign, no formula."""

import re
from decimal import Decimal
from typing import Any, Final

from components.locale import Locale
from components.value_formats.download_texts import code_label
from queries.columns import Column
from queries.phones import spaced_phone

#: Spreadsheets take these signs for the start of a formula, also behind white space, and behind
#: what some spreadsheets take for the end of a cell.
_FORMULA: Final = re.compile(r"(^|[,;\t\r\n])[^\S\t\r\n]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
#: A signed number or a phone is no formula. A phone has eight digits or more, some of which may be
#: stars; ``+2-3`` is a sum.
_NUMBER_OR_PHONE: Final = re.compile(r"[+\-]?[\d .,]+|\+(?=(?:[ ().\-]*[\d*]){8})[\d ().*\-]+")


def separator(locale: Locale) -> str:
    """The separator between the cells of a CSV: a semicolon where the comma is the decimal sign."""
    return "," if locale.language == "en" else ";"


def neutralize_formula(cell: str) -> str:
    """``cell``, with an apostrophe before it where a spreadsheet would take it for a formula."""
    if _FORMULA.search(cell) and not _NUMBER_OR_PHONE.fullmatch(cell):
        return f"'{cell}"
    return cell


def text(value: Any, _column: Column, _locale: Locale) -> str:
    return neutralize_formula(str(value))


def code(value: Any, column: Column, locale: Locale) -> str:
    return neutralize_formula(code_label(value, column, locale))


def phone(value: Any, _column: Column, _locale: Locale) -> str:
    return neutralize_formula(spaced_phone(str(value)))


def count(value: Any, _column: Column, _locale: Locale) -> str:
    return str(int(value))


def share(value: Any, _column: Column, locale: Locale) -> str:
    text = f"{value:.6f}"
    if float(text) in (0, 1) and value not in (0, 1):
        text = _all_decimals(value)  # it is neither none nor all
    return _with_decimal_sign(text, locale)


def seconds(value: Any, _column: Column, locale: Locale) -> str:
    """Whole seconds; less than half a second with its decimals, because it is not none."""
    text = str(round(value))
    if text == "0" and value != 0:
        text = _all_decimals(value)
    return _with_decimal_sign(text, locale)


def money(value: Any, _column: Column, locale: Locale) -> str:
    return _with_decimal_sign(f"{value:.2f}", locale)


def _with_decimal_sign(text: str, locale: Locale) -> str:
    return text if locale.language == "en" else text.replace(".", ",")


def _all_decimals(number: float) -> str:
    """``number`` with all its decimals, without an exponent."""
    return f"{Decimal(repr(float(number))):f}"
