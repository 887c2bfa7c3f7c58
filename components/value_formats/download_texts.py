"""Writes labels and headings for downloads, for CSV and workbook alike."""

from typing import Any

from components.labels import status_label, value_label
from components.locale import Locale
from queries.columns import Column


def typed(text: str) -> str:
    """Return ``text`` with plain blanks for no-break spaces, so that a search in it finds words."""
    return text.replace("\u00a0", " ")


def code_label(value: Any, column: Column, locale: Locale) -> str:
    """Return the translated label of a code; a code that its vocabulary lacks stays as it is."""
    return typed(value_label(column.vocabulary, str(value), locale))


def status_label_of(value: Any, _column: Column, locale: Locale) -> str:
    """Return the translated label of a status; ``value`` is the pair of direction and status."""
    direction, status = value
    return typed(status_label(direction, status, locale))
