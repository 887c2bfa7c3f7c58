"""Writes the values of a column by its kind, for each medium: page, CSV, workbook (XLSX), JSON.

``_WRITERS`` is the table of kinds and media; the modules of this folder have the functions in it. A
value that is not known (None, NaN) is "—" on the page, an empty cell in a CSV and in a workbook,
and null in JSON. The cells of a column are in the order of the frame's rows. The label of a status
depends on the message's direction: where a column of the kind ``STATUS`` is written for the page or
a download, the frame must have the column ``direction`` as well.
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

#: Writes one value, which is neither None nor NaN, in the language of the locale. The value of a
#: status is the pair of direction and status.
Writer = Callable[[Any, Column, Locale], Any]
#: The type of a workbook's cells: a text, a number, or a local time to the minute.
SheetKind = Literal["text", "number", "moment"]


@dataclass(frozen=True, slots=True)
class _Writers:
    """The functions that write values of one kind; ``sheet`` is that of the workbook."""

    page: Writer
    csv: Writer
    sheet: Writer
    sheet_kind: SheetKind
    json: Callable[[Any], object]


def page_cells(column: Column, frame: pd.DataFrame, locale: Locale) -> list[str]:
    """Return the values of ``column`` in ``frame`` as texts for the page, in the order of rows.

    A value that is not known (None, NaN) is "—". Texts of more than 4,096 characters are cut. For a
    column of statuses, ``frame`` must have the column ``direction`` as well.
    """
    return _cells(column, frame, _WRITERS[column.kind].page, locale, NOTHING)


def csv_cells(column: Column, frame: pd.DataFrame, locale: Locale) -> list[str]:
    """Return the values of ``column`` in ``frame`` as texts for a CSV, in the order of rows.

    A value that is not known (None, NaN) is "". An apostrophe before a text keeps spreadsheets from
    reading it as a formula. Numbers have the decimal sign of the language and no thousands
    separator. Shares, from 0 to 1, have six decimals, money two, and durations are whole seconds;
    a share or a duration keeps all decimals where rounding would make it 0, or a share 1. For a
    column of statuses, ``frame`` must have the column ``direction`` as well.
    """
    return _cells(column, frame, _WRITERS[column.kind].csv, locale, "")


def sheet_cells(column: Column, frame: pd.DataFrame, locale: Locale) -> list[Any]:
    """Return the values of ``column`` in ``frame`` for the cells of a workbook, in order of rows.

    Numbers, times and plain texts are returned as ``frame`` has them; days, codes, statuses and
    phones become texts. ``sheet_kind`` says which type the cells have. A value that is not known
    must be None in ``frame``, not NaN: only None becomes an empty cell. For a column of statuses,
    ``frame`` must have the column ``direction`` as well.
    """
    writer = _WRITERS[column.kind].sheet
    if writer is _as_it_is:
        return list(frame[column.name].tolist())
    return _cells(column, frame, writer, locale, None)


def sheet_kind(column: Column) -> SheetKind:
    """Return the type of the cells of ``column`` in a workbook.

    It is "number" for counts, shares, durations and money; "moment" for a local date and time;
    "text" for the others, also for days.
    """
    return _WRITERS[column.kind].sheet_kind


def json_rows(columns: Iterable[Column], frame: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of ``frame`` for the API, each as a dict by the names of ``columns``.

    Rows and columns keep their order; ``frame`` may have further columns, which are left out. Codes
    and statuses stay codes, numbers stay numbers; days and times are ISO 8601 texts; values that
    are not known (None, NaN) are None.
    """
    # Column by column: reading single cells from pandas takes longer than the query.
    cells = {column.name: _json_values(column, frame) for column in columns}
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]


def header(column: Column, locale: Locale) -> str:
    """Return the translated heading of ``column`` in a download, as "label (qualifier)".

    Without a qualifier it is the label alone.
    """
    label = typed(locale.texts.pgettext(*column.label))
    if column.qualifier is None:
        return label
    return f"{label} ({typed(locale.texts.pgettext(*column.qualifier))})"


def _cells(
    column: Column, frame: pd.DataFrame, write: Writer, locale: Locale, unknown: Any
) -> list[Any]:
    """Return the cells of ``column``; equal values are written once.

    ``unknown`` is the cell of a value that is not known.
    """
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


# --- writers that several media share: see ``Writer`` --------------------------------------------


def _as_it_is(value: Any, _column: Column, _locale: Locale) -> Any:
    return value


def _of_currency(value: Any, _column: Column, _locale: Locale) -> float:
    """Return millionths of a currency as a number of it."""
    return int(value) / 10**6


def _phone(value: Any, _column: Column, _locale: Locale) -> str:
    return spaced_phone(str(value))


def _weekday(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.weekday_name(value)


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
        Kind.WEEKDAY: _Writers(_weekday, _weekday, _weekday, "text", _raw),
        Kind.MONEY: _Writers(page.money, csv.money, _as_it_is, "number", _raw),
        Kind.AMOUNT: _Writers(page.amount, csv.amount, _of_currency, "number", _raw),
        Kind.AMOUNTS: _Writers(_text, _text, _text, "text", _raw),
        Kind.DAY: _Writers(_day, _day, _day, "text", _iso),
        Kind.MOMENT: _Writers(_moment, _moment, _as_it_is, "moment", _iso),
        Kind.KEY: _Writers(_text, csv.text, _text, "text", _raw),
    }
)
