"""Writes labels and headings for downloads, for CSV and workbook alike."""

from typing import Any

from components.labels import status_label, value_label
from components.locale import Locale
from queries.columns import Column


def typed(text: str) -> str:
    """Return ``text`` with ordinary spaces in place of no-break spaces.

    People type ordinary spaces when they search in a file.
    """
    return text.replace("\u00a0", " ")


def code_label(value: Any, column: Column, locale: Locale) -> str:
    """Return the translated label of the code ``value`` in the vocabulary of ``column``.

    A code without a label is returned unchanged. The label has no no-break spaces.
    """
    return typed(value_label(column.vocabulary, str(value), locale))


def status_label_of(value: Any, _column: Column, locale: Locale) -> str:
    """Return the translated label of a status, for example "Lido".

    ``value`` is the pair of direction and status, as ("out", "read").
    """
    direction, status = value
    return typed(status_label(direction, status, locale))
