"""Reads import files of every kind as batches of texts, and checks which columns they have.

Each kind has a module: ``csv_tables``, ``parquet_by_arrow``, ``sheet_tables`` (workbooks) and
``prepared_rows`` (what the command has converted).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sources.contract import WHITE_SPACE, ImportFile, UnreadableFile
from sources.csv_tables import csv_batches, csv_records
from sources.file_kinds import check_kind, is_parquet, is_workbook
from sources.header_checks import likeness
from sources.headers import Header
from sources.parquet_by_arrow import parquet_batches, parquet_columns
from sources.prepared_rows import is_prepared, prepared_batches
from sources.row_batches import Batch
from sources.sheet_tables import sheet_batches, sheet_header

_WITHOUT_NAME: Final = "a column without a name"


def read_batches(path: Path, file: ImportFile) -> Iterator[Batch]:
    """Yield all rows of the import file at ``path`` in batches of some thousand.

    Rows keep their order. Rows that cannot be read are among the rejects of their batch. ``line``
    is the line on which a CSV row begins, from 1, or the number of a row of Parquet or of a sheet,
    from 1; a CSV record that cannot be read has a reject for each of its lines. Raises
    ``UnreadableFile`` if the whole file cannot be read as ``file``.
    """
    with _disk_errors_named(path):
        check_kind(path, file)
        if is_parquet(path):
            yield from prepared_batches(path) if is_prepared(path) else parquet_batches(path, file)
        else:
            yield from (sheet_batches if is_workbook(path) else csv_batches)(path, file)


def header_of(path: Path, file: ImportFile) -> Header:
    """Return the header of the file at ``path``; columns of a CSV without a name are left out.

    Raises ``UnreadableFile`` if a required column of ``file`` is missing or the file cannot be
    read. The rows are not checked.
    """
    with _disk_errors_named(path):
        check_kind(path, file)
        if is_parquet(path):
            names = tuple(parquet_columns(path, file))
            return Header(names, names)
        if is_workbook(path):
            return sheet_header(path, file).with_names_only()
        with csv_records(path, file) as (header, _, _):
            return header.with_names_only()


@contextmanager
def _disk_errors_named(path: Path) -> Iterator[None]:
    """Raise ``UnreadableFile`` with a sentence on ``path`` where the block has an ``OSError``."""
    try:
        yield
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror or error}") from error


def check_readable(path: Path, file: ImportFile) -> None:
    """Raise ``UnreadableFile`` if the file at ``path`` cannot be imported as ``file``.

    That is so if its header lacks a required column or cannot be read. The rows are not checked.
    """
    header_of(path, file)


def ignored_columns(path: Path, file: ImportFile) -> tuple[str, ...]:
    """Return the names of the columns at ``path`` that are not imported: ``file`` has none such.

    Columns without a name are listed once, as “a column without a name”; those of a CSV only if
    they hold a value, because many tables end in empty cells. To find that out, such a CSV is read
    to its first such value. Raises ``UnreadableFile`` as ``header_of`` does.
    """
    names = [name for name in header_of(path, file).names if name not in file.column_names]
    ignored = [name for name in names if name.strip(WHITE_SPACE)]
    if len(ignored) < len(names) or (_is_csv(path) and _has_values_without_name(path, file)):
        ignored.append(_WITHOUT_NAME)
    return tuple(ignored)


def _is_csv(path: Path) -> bool:
    return not is_parquet(path) and not is_workbook(path)


def _has_values_without_name(path: Path, file: ImportFile) -> bool:
    """Return whether a CSV has values in columns without a name."""
    with _disk_errors_named(path), csv_records(path, file) as (header, _, records):
        places = [place for place, name in enumerate(header.given) if not name]
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
    ``UnreadableFile`` as ``header_of`` does.
    """
    names = header_of(path, file).names
    return tuple(
        f"without the column {column.name}{likeness(column.name, names)}: {column.without}"
        for column in file.columns
        if column.without and column.name not in names
    )
