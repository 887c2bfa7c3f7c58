"""Writes a value of each kind for the page: labels for codes, numbers as people read them."""

from typing import Any, Final

from components.formats import shortened
from components.labels import signed_status, value_label
from components.locale import Locale
from queries.columns import Column

#: Most characters of a text on the page; no message of WhatsApp has more.
_LONGEST: Final = 4_096


def text(value: Any, _column: Column, _locale: Locale) -> str:
    """Return a text; one of more than 4,096 characters is cut."""
    return shortened(str(value), _LONGEST)


def code(value: Any, column: Column, locale: Locale) -> str:
    """Return the translated label of a code."""
    return value_label(column.vocabulary, str(value), locale)


def status(value: Any, _column: Column, locale: Locale) -> str:
    """Return sign and label, "✓✓ Lido", of a status; ``value`` is (direction, status)."""
    direction, status = value
    return signed_status(direction, status, locale)


def count(value: Any, _column: Column, locale: Locale) -> str:
    """Return a whole number: 1.234."""
    return locale.formats.count(value)


def share(value: Any, _column: Column, locale: Locale) -> str:
    """Return a share from 0 to 1 as a percentage with one decimal: 94,2%."""
    return locale.formats.share(value)


def seconds(value: Any, _column: Column, locale: Locale) -> str:
    """Return a duration, given in seconds, in one or two units: 1 h 20 min."""
    return locale.formats.duration(value)


def money(value: Any, _column: Column, locale: Locale) -> str:
    """Return an amount with two decimals and without a currency: 1.234,50."""
    return locale.formats.decimal(value, 2)
