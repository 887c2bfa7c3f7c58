"""How texts and codes are written in downloads, CSV and workbook alike."""

from typing import Any

from components.labels import status_label, value_label
from components.locale import Locale
from queries.columns import Column


def typed(text: str) -> str:
    """``text`` with spaces as people type them, so that they find it in a file."""
    return text.replace("\u00a0", " ")


def code_label(value: Any, column: Column, locale: Locale) -> str:
    return typed(value_label(column.vocabulary, str(value), locale))


def status_label_of(value: Any, _column: Column, locale: Locale) -> str:
    direction, status = value
    return typed(status_label(direction, status, locale))
