"""How the values of a column are written, by its kind and by the medium.

``_WRITERS`` is the one table of both. A value that is not known is "—" on the page, an empty cell
in a CSV and in a workbook, and null in JSON.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Literal

import pandas as pd

from components.formats import NOTHING, known, shortened
from components.labels import signed_status, status_label, value_label
from components.locale import Locale
from queries.columns import Column, Kind
from queries.phones import spaced_phone

#: Writes one value that is known, in the language of the locale.
Writer = Callable[[Any, Column, Locale], Any]
#: What a cell of a workbook holds: a text, a number, or a local time to the minute.
SheetKind = Literal["text", "number", "moment"]

#: No message of WhatsApp is longer.
_LONGEST: Final = 4_096
#: Spreadsheets take these signs for the start of a formula, also behind white space, and behind
#: what some spreadsheets take for the end of a cell.
_FORMULA: Final = re.compile(r"(^|[,;\t\r\n])[^\S\t\r\n]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
#: A signed number or a phone is no formula. A phone has eight digits or more, some of which may be
#: stars; ``+2-3`` is a sum.
_NUMBER_OR_PHONE: Final = re.compile(r"[+\-]?[\d .,]+|\+(?=(?:[ ().\-]*[\d*]){8})[\d ().*\-]+")


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
    label = _typed(locale.texts.pgettext(*column.label))
    if column.qualifier is None:
        return label
    return f"{label} ({_typed(locale.texts.pgettext(*column.qualifier))})"


def separator(locale: Locale) -> str:
    """The separator between the cells of a CSV: a semicolon where the comma is the decimal sign."""
    return "," if locale.language == "en" else ";"


def neutralize_formula(cell: str) -> str:
    """``cell``, with an apostrophe before it where a spreadsheet would take it for a formula."""
    if _FORMULA.search(cell) and not _NUMBER_OR_PHONE.fullmatch(cell):
        return f"'{cell}"
    return cell


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


def _page_text(value: Any, _column: Column, _locale: Locale) -> str:
    return shortened(str(value), _LONGEST)


def _csv_text(value: Any, _column: Column, _locale: Locale) -> str:
    return neutralize_formula(str(value))


def _page_code(value: Any, column: Column, locale: Locale) -> str:
    return value_label(column.vocabulary, str(value), locale)


def _code_label(value: Any, column: Column, locale: Locale) -> str:
    return _typed(value_label(column.vocabulary, str(value), locale))


def _csv_code(value: Any, column: Column, locale: Locale) -> str:
    return neutralize_formula(_code_label(value, column, locale))


def _page_status(value: Any, _column: Column, locale: Locale) -> str:
    direction, status = value
    return signed_status(direction, status, locale)


def _status_label(value: Any, _column: Column, locale: Locale) -> str:
    direction, status = value
    return _typed(status_label(direction, status, locale))


def _phone(value: Any, _column: Column, _locale: Locale) -> str:
    return spaced_phone(str(value))


def _csv_phone(value: Any, _column: Column, _locale: Locale) -> str:
    return neutralize_formula(spaced_phone(str(value)))


def _page_count(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.count(value)


def _csv_count(value: Any, _column: Column, _locale: Locale) -> str:
    return str(int(value))


def _page_share(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.share(value)


def _csv_share(value: Any, _column: Column, locale: Locale) -> str:
    text = f"{value:.6f}"
    if float(text) in (0, 1) and value not in (0, 1):
        text = _all_decimals(value)  # it is neither none nor all
    return _with_decimal_sign(text, locale)


def _page_seconds(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.duration(value)


def _csv_seconds(value: Any, _column: Column, locale: Locale) -> str:
    """Whole seconds; less than half a second with its decimals, because it is not none."""
    text = str(round(value))
    if text == "0" and value != 0:
        text = _all_decimals(value)
    return _with_decimal_sign(text, locale)


def _page_money(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.decimal(value, 2)


def _csv_money(value: Any, _column: Column, locale: Locale) -> str:
    return _with_decimal_sign(f"{value:.2f}", locale)


def _day(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.day(value)


def _moment(value: Any, _column: Column, locale: Locale) -> str:
    return locale.formats.moment(value)


def _text(value: Any, _column: Column, _locale: Locale) -> str:
    return str(value)


def _json_as_it_is(value: Any) -> object:
    return value


def _iso(value: date) -> str:
    return value.isoformat()


_WRITERS: Final[Mapping[Kind, _Writers]] = MappingProxyType(
    {
        #                     page           CSV           workbook                   JSON
        Kind.TEXT: _Writers(_page_text, _csv_text, _as_it_is, "text", _json_as_it_is),
        Kind.CODE: _Writers(_page_code, _csv_code, _code_label, "text", _json_as_it_is),
        Kind.STATUS: _Writers(_page_status, _status_label, _status_label, "text", _json_as_it_is),
        Kind.PHONE: _Writers(_phone, _csv_phone, _phone, "text", _json_as_it_is),
        Kind.COUNT: _Writers(_page_count, _csv_count, _as_it_is, "number", _json_as_it_is),
        Kind.SHARE: _Writers(_page_share, _csv_share, _as_it_is, "number", _json_as_it_is),
        Kind.SECONDS: _Writers(_page_seconds, _csv_seconds, _as_it_is, "number", _json_as_it_is),
        Kind.MONEY: _Writers(_page_money, _csv_money, _as_it_is, "number", _json_as_it_is),
        Kind.DAY: _Writers(_day, _day, _day, "text", _iso),
        Kind.MOMENT: _Writers(_moment, _moment, _as_it_is, "moment", _iso),
        Kind.KEY: _Writers(_text, _csv_text, _text, "text", _json_as_it_is),
    }
)


def _with_decimal_sign(text: str, locale: Locale) -> str:
    return text if locale.language == "en" else text.replace(".", ",")


def _all_decimals(number: float) -> str:
    """``number`` with all its decimals, without an exponent."""
    return f"{Decimal(repr(float(number))):f}"


def _typed(text: str) -> str:
    """``text`` with spaces as people type them, so that they find it in a file."""
    return text.replace("\u00a0", " ")
