"""How the values of a column are written, by its kind and by the medium: page, CSV, XLSX, JSON.

``_WRITERS`` is the one table of both; the modules of this folder hold its writers. A value that is
not known is "—" on the page, an empty cell in a CSV and in a workbook, and null in JSON.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final, Literal

import pandas as pd

from components.formats import NOTHING, known
from components.locale import Locale
from components.value_formats import csv_values as csv
from components.value_formats import page_values as page
from components.value_formats.download_texts import code_label, status_label_of, typed
from queries.columns import Column, Kind
from queries.phones import spaced_phone

#: Writes one value that is known, in the language of the locale.
Writer = Callable[[Any, Column, Locale], Any]
#: What a cell of a workbook holds: a text, a number, or a local time to the minute.
SheetKind = Literal["text", "number", "moment"]


@dataclass(frozen=True, slots=True)
class _Writers:
    """How values of one kind are written in each medium; ``sheet`` is the workbook."""

    page: Writer
    csv: Writer
    sheet: Writer
    sheet_kind: SheetKind
    json: Callable[[Any], object]


def page_cells(column: Column, frame: pd.DataFrame, locale: Locale) -> list[str]:
    """The cells of ``column`` as the page shows them; long texts are cut."""
    return _cells(column, frame, _WRITERS[column.kind].page, locale, NOTHING)


def csv_cells(column: Column, frame: pd.DataFrame, locale: Locale) -> list[str]:
    """The cells of ``column`` in a CSV of the locale's language, none of which is a formula.

    Numbers have the language's decimal sign and no thousands separator, so that spreadsheets read
    them. Shares have six decimals, or as many as it takes to tell them from none and all;
    durations are whole seconds.
    """
    return _cells(column, frame, _WRITERS[column.kind].csv, locale, "")


def sheet_cells(column: Column, frame: pd.DataFrame, locale: Locale) -> list[Any]:
    """The cells of ``column`` in a workbook: texts, numbers or times, see ``sheet_kind``."""
    writer = _WRITERS[column.kind].sheet
    if writer is _as_it_is:
        return list(frame[column.name].tolist())
    return _cells(column, frame, writer, locale, None)


def sheet_kind(column: Column) -> SheetKind:
    """What a workbook takes the cells of ``column`` for."""
    return _WRITERS[column.kind].sheet_kind


def json_rows(columns: Iterable[Column], frame: pd.DataFrame) -> list[dict[str, object]]:
    """The rows as the API gives them: codes are codes, days and times are ISO 8601."""
    # A column at once: pandas takes longer for single cells than the query.
    cells = {column.name: _json_values(column, frame) for column in columns}
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]


def header(column: Column, locale: Locale) -> str:
    """The label of ``column`` above its cells in a download."""
    label = typed(locale.texts.pgettext(*column.label))
    if column.qualifier is None:
        return label
    return f"{label} ({typed(locale.texts.pgettext(*column.qualifier))})"


def _cells(
    column: Column, frame: pd.DataFrame, write: Writer, locale: Locale, unknown: Any
) -> list[Any]:
    """The cells of ``column``; a value that comes again is written once."""
    values = frame[column.name].tolist()
    if column.kind is Kind.STATUS:
        # The label of a status depends on the direction.
        values = list(zip(frame["direction"].tolist(), values, strict=True))
    cells = {
        value: write(value, column, locale) if _is_known(value) else unknown
        for value in set(values)
    }
    return [cells[value] for value in values]


def _is_known(value: Any) -> bool:
    return isinstance(value, tuple) or known(value)


def _json_values(column: Column, frame: pd.DataFrame) -> list[object]:
    write = _WRITERS[column.kind].json
    return [write(value) if known(value) else None for value in frame[column.name].tolist()]


# --- writers: each takes a value that is known, its column and the locale ------------------------


def _as_it_is(value: Any, _column: Column, _locale: Locale) -> Any:
    return value


def _phone(value: Any, _column: Column, _locale: Locale) -> str:
    return spaced_phone(str(value))


def _day(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.day(value)


def _moment(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.moment(value)


def _text(value: Any, _column: Column, _locale: Locale) -> str:
    return str(value)


def _raw(value: Any) -> object:
    return value


def _iso(value: date) -> str:
    return value.isoformat()


_WRITERS: Final[Mapping[Kind, _Writers]] = MappingProxyType(
    {
        #                      page          CSV          workbook                    JSON
        Kind.TEXT: _Writers(page.text, csv.text, _as_it_is, "text", _raw),
        Kind.CODE: _Writers(page.code, csv.code, code_label, "text", _raw),
        Kind.STATUS: _Writers(page.status, status_label_of, status_label_of, "text", _raw),
        Kind.PHONE: _Writers(_phone, csv.phone, _phone, "text", _raw),
        Kind.COUNT: _Writers(page.count, csv.count, _as_it_is, "number", _raw),
        Kind.SHARE: _Writers(page.share, csv.share, _as_it_is, "number", _raw),
        Kind.SECONDS: _Writers(page.seconds, csv.seconds, _as_it_is, "number", _raw),
        Kind.MONEY: _Writers(page.money, csv.money, _as_it_is, "number", _raw),
        Kind.DAY: _Writers(_day, _day, _day, "text", _iso),
        Kind.MOMENT: _Writers(_moment, _moment, _as_it_is, "moment", _iso),
        Kind.KEY: _Writers(_text, csv.text, _text, "text", _raw),
    }
)
