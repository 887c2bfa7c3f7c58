"""Reads import files, CSV or Parquet, as batches of texts, and checks which columns they have."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Final

import pyarrow as pa

from sources.contract import WHITE_SPACE, ImportFile, UnreadableFile
from sources.csv_records import Records
from sources.file_kinds import AS_CSV, EMPTY, check_kind, is_parquet, kind_of_text, no_file_of
from sources.header_checks import check_columns, likeness
from sources.parquet_by_arrow import parquet_batches, parquet_columns
from sources.row_batches import Batch, Reject, batch_of

#: The most rows in a batch of a CSV.
BATCH_ROWS: Final = 20_000
#: A batch of long rows holds fewer of them.
BATCH_CHARACTERS: Final = 20_000_000
_DELIMITERS: Final = (",", ";")
#: Separators that are recognised, for a helpful sentence, but not accepted.
_OTHER_DELIMITERS: Final = {"\t": "tabs", "|": "the sign |"}
#: In how many records at the beginning of a file a header is looked for.
_RECORDS_ABOVE_HEADER: Final = 20
_WITHOUT_NAME: Final = "a column without a name"


@dataclass(slots=True)
class _Rows:
    """The rows of the next batch."""

    lines: list[int] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def read_batches(path: Path, file: ImportFile) -> Iterator[Batch]:
    """Yield all rows of the import file at ``path``, CSV or Parquet, in batches of some thousand.

    Rows keep their order. Rows that cannot be read are among the rejects of their batch. ``line``
    is the line on which a CSV row begins, from 1, or the number of a Parquet row, from 1; a CSV
    record that cannot be read has a reject for each of its lines. Raises ``UnreadableFile`` if the
    whole file cannot be read as ``file``.
    """
    with _disk_errors_named(path):
        check_kind(path, file)
        yield from (parquet_batches if is_parquet(path) else _csv_batches)(path, file)


def columns_of(path: Path, file: ImportFile) -> list[str]:
    """Return the names of all columns of the file at ``path``, in their order.

    Columns that are not imported are included; columns of a CSV without a name are left out. Raises
    ``UnreadableFile`` if a required column of ``file`` is missing or the file cannot be read.
    """
    with _disk_errors_named(path):
        check_kind(path, file)
        if is_parquet(path):
            return parquet_columns(path, file)
        with _csv_records(path, file) as (header, _):
            return [name for name in _names(header) if name]


@contextmanager
def _disk_errors_named(path: Path) -> Iterator[None]:
    """Raise ``UnreadableFile`` with a sentence on ``path`` where the block has an ``OSError``."""
    try:
        yield
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror or error}") from error


def _csv_batches(path: Path, file: ImportFile) -> Iterator[Batch]:
    """Yield the rows of a CSV; see ``read_batches``."""
    with _csv_records(path, file) as (header, records):
        names = _names(header)
        width, gathered, full = len(header), _Rows(), BATCH_CHARACTERS
        for line, cells in records:
            if len(cells) == width and cells != header:
                gathered.lines.append(line)
                gathered.cells.append(cells)
            elif not cells:
                gathered.rejects += records.take_rejects()
            elif cells == header:
                gathered.rejects.append(Reject(line, "", "a header in mid-file"))
            elif any(cells[width:]):
                gathered.rejects.append(Reject(line, "", "more cells than the header has"))
            else:
                gathered.lines.append(line)
                gathered.cells.append(cells[:width] + [""] * (width - len(cells)))
            rows = len(gathered.lines) + len(gathered.rejects)
            if rows >= BATCH_ROWS or records.characters > full:
                full = records.characters + BATCH_CHARACTERS
                yield _batch(gathered, names, file)
                gathered = _Rows()
        yield _batch(gathered, names, file)


@contextmanager
def _csv_records(path: Path, file: ImportFile) -> Iterator[tuple[list[str], Records]]:
    """Give the cells of the header and the records after it.

    The separator is the one with which the header has the required columns.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        delimiter = _delimiter(text, path, file)
        text.seek(0)
        records = Records(text, delimiter)
        yield records.header(), records


def _delimiter(text: IO[str], path: Path, file: ImportFile) -> str:
    """Return the separator with which the header has the required columns of ``file``.

    Raises ``UnreadableFile`` where none does.
    """
    names: dict[str, list[str]] = {"": []}
    failure: csv.Error | None = None
    for delimiter in (*_DELIMITERS, *_OTHER_DELIMITERS):
        text.seek(0)
        try:
            names[delimiter] = _names(Records(text, delimiter).header())
        except csv.Error as error:
            failure = error
    required = {*file.required_names}
    best = max(names, key=lambda mark: (len(required & {*names[mark]}), len(names[mark])))
    missing = required - {*names[best]}
    if missing and (kind := kind_of_text(path)):
        raise no_file_of(path, file, *kind)
    if missing and failure:
        raise UnreadableFile(f"{path.name} has no readable header: {failure}")
    if not any(names.get(mark) for mark in _DELIMITERS):
        raise no_file_of(path, file, *EMPTY)
    if missing and (line := _line_of_header(text, required)):
        raise UnreadableFile(
            f"{path.name} has its header in line {line}: remove the lines above it"
        )
    check_columns(path, names[best], file)
    if best not in _DELIMITERS:
        separated = f"separated by {_OTHER_DELIMITERS[best]}"
        raise no_file_of(path, file, separated, "save it with commas or semicolons")
    return best


def _line_of_header(text: IO[str], required: set[str]) -> int:
    """Return the line that names all required columns, as below a title; 0 where none does."""
    for delimiter in (*_DELIMITERS, *_OTHER_DELIMITERS):
        text.seek(0)
        for line, cells in islice(Records(text, delimiter), _RECORDS_ABOVE_HEADER):
            if required <= {*_names(cells)}:
                return line
    return 0


def _names(header: list[str]) -> list[str]:
    return [name.strip(WHITE_SPACE) for name in header]


def _batch(gathered: _Rows, header: list[str], file: ImportFile) -> Batch:
    lines, cells, rejects = gathered.lines, gathered.cells, list(gathered.rejects)
    try:
        table = _table(lines, cells, header, file)
    except UnicodeEncodeError:
        known = [index for index, name in enumerate(header) if name in file.column_names]
        broken = [not _is_utf8([row[index] for index in known]) for row in cells]
        rejects += [
            Reject(line, "", f"not UTF-8: {AS_CSV}")
            for line, bad in zip(lines, broken, strict=True)
            if bad
        ]
        lines = [line for line, bad in zip(lines, broken, strict=True) if not bad]
        cells = [row for row, bad in zip(cells, broken, strict=True) if not bad]
        table = _table(lines, cells, header, file)
    return batch_of(table, rejects, file)


def _table(
    lines: list[int], cells: list[list[str]], header: list[str], file: ImportFile
) -> pa.Table:
    columns = dict(zip(header, zip(*cells, strict=True), strict=True)) if cells else {}
    arrays = {"line": pa.array(lines, pa.int64())}
    for name in file.column_names:
        values = columns.get(name)
        arrays[name] = (
            pa.array(values, pa.string()) if values else pa.nulls(len(lines), pa.string())
        )
    return pa.table(arrays)


def _is_utf8(row: list[str]) -> bool:
    return not any("\ud800" <= character <= "\udfff" for cell in row for character in cell)


def check_readable(path: Path, file: ImportFile) -> None:
    """Raise ``UnreadableFile`` if the file at ``path`` cannot be imported as ``file``.

    That is so if its header lacks a required column or cannot be read. The rows are not checked.
    """
    columns_of(path, file)


def ignored_columns(path: Path, file: ImportFile) -> tuple[str, ...]:
    """Return the names of the columns at ``path`` that are not imported: ``file`` has none such.

    Columns without a name are listed once, as “a column without a name”; those of a CSV only if
    they hold a value, because many tables end in empty cells. To find that out, such a CSV is read
    to its first such value. Raises ``UnreadableFile`` as ``columns_of`` does.
    """
    names = [name for name in columns_of(path, file) if name not in file.column_names]
    ignored = [name for name in names if name.strip(WHITE_SPACE)]
    if len(ignored) < len(names) or (not is_parquet(path) and _has_values_without_name(path, file)):
        ignored.append(_WITHOUT_NAME)
    return tuple(ignored)


def _has_values_without_name(path: Path, file: ImportFile) -> bool:
    """Return whether a CSV has values in columns without a name."""
    with _disk_errors_named(path), _csv_records(path, file) as (header, records):
        places = [place for place, name in enumerate(_names(header)) if not name]
        if not places:
            return False
        for _, cells in records:
            records.take_rejects()
            if any(
                cell.strip(WHITE_SPACE) for place in places for cell in cells[place : place + 1]
            ):
                return True
        return False


def missing_columns(path: Path, file: ImportFile) -> tuple[str, ...]:
    """Return what the page cannot show because the file at ``path`` lacks optional columns.

    Each text is half a sentence, as “without the column team: the filter and the column of teams
    stay empty”. Columns without which nothing is missing on the page are left out. Raises
    ``UnreadableFile`` as ``columns_of`` does.
    """
    names = columns_of(path, file)
    return tuple(
        f"without the column {column.name}{likeness(column.name, names)}: {column.without}"
        for column in file.columns
        if column.without and column.name not in names
    )
