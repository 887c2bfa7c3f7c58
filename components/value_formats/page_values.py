"""Writes a value of each kind for the page: labels for codes, numbers as people read them."""

from typing import Any, Final

from components.formats import shortened
from components.labels import signed_status, value_label
from components.locale import Locale
from queries.columns import Column

#: Most characters of a text on the page; no message of WhatsApp has more.
_LONGEST: Final = 4_096


def text(value: Any, _column: Column, _locale: Locale) -> str:
    """Return a text, cut to 4,096 characters where it is longer; a cut text ends in "…"."""
    return shortened(str(value), _LONGEST)


def code(value: Any, column: Column, locale: Locale) -> str:
    """Return the translated label of a code, or the code itself where it has no label."""
    return value_label(column.vocabulary, str(value), locale)


def status(value: Any, _column: Column, locale: Locale) -> str:
    """Return the sign and the translated label of a status, for example "✓✓ Lido".

    ``value`` is the pair of direction and status, as ("out", "read").
    """
    direction, status = value
    return signed_status(direction, status, locale)


def count(value: Any, _column: Column, locale: Locale) -> str:
    """Return a whole number, with separators between thousands: 1.234 (in English 1,234)."""
    return locale.formats.count(value)


def share(value: Any, _column: Column, locale: Locale) -> str:
    """Return a share from 0 to 1 as a percentage with one decimal: 94,2% (in English 94.2%).

    A share that rounding would make 0 or 1 is "<0,1%" or ">99,9%".
    """
    return locale.formats.share(value)


def seconds(value: Any, _column: Column, locale: Locale) -> str:
    """Return a duration, given in seconds, rounded to one or two units: 1 h 20 min."""
    return locale.formats.duration(value)


def money(value: Any, _column: Column, locale: Locale) -> str:
    """Return an amount of money, without a currency, with two decimals: 1.234,50."""
    return locale.formats.decimal(value, 2)


def amount(value: Any, _column: Column, locale: Locale) -> str:
    """Return millionths of a currency as a number of it, with two decimals or more: 1.234,5012."""
    return locale.formats.amount(value)
