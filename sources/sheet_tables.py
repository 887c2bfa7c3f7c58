"""Reads a sheet of a workbook (.xlsx, .xls, .ods) as batches of texts, as a CSV would have them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from sources.contract import ImportFile, UnreadableFile
from sources.csv_tables import BATCH_ROWS, GatheredRows
from sources.file_kinds import EMPTY, no_file_of
from sources.header_checks import check_columns
from sources.headers import Header
from sources.row_batches import Batch, Reject

#: From this number on a spreadsheet keeps no single digits: ids and phones have to be texts.
_DIGITS_LOST: Final = 10**15
_TOO_MANY_DIGITS: Final = "more digits than a spreadsheet keeps; format its column as text"


def sheet_batches(path: Path, file: ImportFile) -> Iterator[Batch]:
    """Yield the rows of the workbook at ``path`` in batches of some thousand.

    They come from the first sheet that has the required columns in its first row that is not empty.
    ``line`` is the number of the row in the sheet. Raises ``UnreadableFile`` if there is no such
    sheet or the workbook cannot be read.
    """
    with _opened(path) as workbook:
        sheet, header, first = _sheet_of(workbook, path, file)
        width, gathered = len(header.given), GatheredRows()
        for line, values in _rows(sheet):
            if line <= first:
                continue
            if faults := _faults(values, header, file):
                gathered.rejects.append(Reject(line, ", ".join(faults), _TOO_MANY_DIGITS))
            else:
                gathered.add(line, [_text(value) for value in values], width)
            if len(gathered) >= BATCH_ROWS:
                yield gathered.batch(header, file)
                gathered = GatheredRows()
        yield gathered.batch(header, file)


def sheet_header(path: Path, file: ImportFile) -> Header:
    """Return the header of the sheet that ``sheet_batches`` reads. Raises the same errors."""
    with _opened(path) as workbook:
        return _sheet_of(workbook, path, file)[1]


@contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            yield workbook
    except PasswordError as error:
        raise UnreadableFile(f"{path.name} has a password: save it without one") from error
    except CalamineError as error:
        raise UnreadableFile(
            f"{path.name} is not a whole workbook: it is damaged or cut short; copy it again"
        ) from error


def _sheet_of(
    workbook: CalamineWorkbook, path: Path, file: ImportFile
) -> tuple[CalamineSheet, Header, int]:
    """Return the sheet to read, its header and the row of the header."""
    found: list[tuple[CalamineSheet, Header, int]] = []
    for name in workbook.sheet_names:
        sheet = workbook.get_sheet_by_name(name)
        for line, values in _rows(sheet):
            header = Header.of(_without_empty_end([_text(value) for value in values]), file)
            found.append((sheet, header, line))
            break
    if not found:
        raise no_file_of(path, file, *EMPTY)
    best = max(found, key=lambda of: _fit(of[1], file))
    check_columns(path, best[1], file)
    return best


def _fit(header: Header, file: ImportFile) -> tuple[int, int]:
    """Return how many of the required columns a header has, and how many of all."""
    names = {*header.names}
    return len(names & {*file.required_names}), len(names & {*file.column_names})


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    """Yield the number and the values of each row that is not empty."""
    start = sheet.start
    if start is None:
        return
    for line, values in enumerate(sheet.iter_rows(), start[0] + 1):
        if any(value not in ("", None) for value in values):
            yield line, values


def _without_empty_end(names: list[str]) -> list[str]:
    while names and not names[-1]:
        names.pop()
    return names


def _faults(values: list[Any], header: Header, file: ImportFile) -> list[str]:
    """Return the columns whose number may have lost digits."""
    return [
        name
        for name, value in zip(header.names, values, strict=False)
        if isinstance(value, int | float)
        and abs(value) >= _DIGITS_LOST
        and name in file.column_names
    ]


def _text(value: Any) -> str:
    """Return a value as a CSV has it: whole numbers without a fraction, times in ISO 8601."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return str(value)
