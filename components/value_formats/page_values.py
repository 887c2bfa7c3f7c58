"""How a value of each kind is written on the page: numbers and codes as people read them."""

from typing import Any, Final

from components.formats import shortened
from components.labels import signed_status, value_label
from components.locale import Locale
from queries.columns import Column

#: No message of WhatsApp is longer.
_LONGEST: Final = 4_096


def text(value: Any, _column: Column, _locale: Locale) -> str:
    return shortened(str(value), _LONGEST)


def code(value: Any, column: Column, locale: Locale) -> str:
    return value_label(column.vocabulary, str(value), locale)


def status(value: Any, _column: Column, locale: Locale) -> str:
    direction, status = value
    return signed_status(direction, status, locale)


def count(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.count(value)


def share(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.share(value)


def seconds(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.duration(value)


def money(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.decimal(value, 2)
