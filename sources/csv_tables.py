"""Reads CSV files as batches of texts: finds the separator and the header, rejects broken rows."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Final

import pyarrow as pa

from sources.contract import ImportFile, UnreadableFile
from sources.csv_records import Records
from sources.file_kinds import AS_CSV, EMPTY, kind_of_text, no_file_of
from sources.header_checks import check_columns
from sources.headers import Header
from sources.row_batches import Batch, Reject, batch_of

#: The most rows in a batch.
BATCH_ROWS: Final = 20_000
#: A batch of long rows holds fewer of them.
BATCH_CHARACTERS: Final = 20_000_000
_DELIMITERS: Final = (",", ";", "\t", "|")
#: In how many records at the beginning of a file a header is looked for.
RECORDS_ABOVE_HEADER: Final = 20


@dataclass(slots=True)
class GatheredRows:
    """The rows of the next batch of a table: the cells of each, its line, and the rejected ones."""

    lines: list[int] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def add(self, line: int, cells: list[str], width: int) -> None:
        """Add a row of a table whose header has ``width`` cells; one with more is a reject."""
        if any(cells[width:]):
            self.rejects.append(Reject(line, "", "more cells than the header has"))
        else:
            self.lines.append(line)
            self.cells.append(cells[:width] + [""] * (width - len(cells)))

    def __len__(self) -> int:
        return len(self.lines) + len(self.rejects)

    def batch(self, header: Header, file: ImportFile) -> Batch:
        """Return these rows as a batch with the columns of ``file``."""
        lines, cells, rejects = self.lines, self.cells, list(self.rejects)
        try:
            table = _table(lines, cells, header, file)
        except UnicodeEncodeError:
            known = [at for at, name in enumerate(header.names) if name in file.column_names]
            broken = [not _is_utf8([row[at] for at in known]) for row in cells]
            rejects += [
                Reject(line, "", f"not UTF-8: {AS_CSV}")
                for line, bad in zip(lines, broken, strict=True)
                if bad
            ]
            lines = [line for line, bad in zip(lines, broken, strict=True) if not bad]
            cells = [row for row, bad in zip(cells, broken, strict=True) if not bad]
            table = _table(lines, cells, header, file)
        return batch_of(table, rejects, file)


def csv_batches(path: Path, file: ImportFile) -> Iterator[Batch]:
    """Yield the rows of the CSV at ``path``, in UTF-8, in batches of some thousand.

    Raises ``UnreadableFile`` as ``csv_records`` does, and ``OSError`` if it cannot be read.
    """
    with csv_records(path, file) as (header, cells_of_header, records):
        width, gathered, full = len(cells_of_header), GatheredRows(), BATCH_CHARACTERS
        for line, cells in records:
            if len(cells) == width and cells != cells_of_header:
                gathered.lines.append(line)
                gathered.cells.append(cells)
            elif not cells:
                gathered.rejects += records.take_rejects()
            elif cells == cells_of_header:
                gathered.rejects.append(Reject(line, "", "a header in mid-file"))
            else:
                gathered.add(line, cells, width)
            if len(gathered) >= BATCH_ROWS or records.characters > full:
                full = records.characters + BATCH_CHARACTERS
                yield gathered.batch(header, file)
                gathered = GatheredRows()
        yield gathered.batch(header, file)


@contextmanager
def csv_records(path: Path, file: ImportFile) -> Iterator[tuple[Header, list[str], Records]]:
    """Give the header, its cells as they are, and the records after it.

    The separator is the one with which the header has the required columns. Raises
    ``UnreadableFile`` where none does.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        delimiter = _delimiter(text, path, file)
        text.seek(0)
        records = Records(text, delimiter)
        cells = records.header()
        yield Header.of(cells, file), cells, records


def _delimiter(text: IO[str], path: Path, file: ImportFile) -> str:
    """Return the separator with which the header has the required columns of ``file``.

    Raises ``UnreadableFile`` where none does.
    """
    headers = {"": Header((), ())}
    failure: csv.Error | None = None
    for delimiter in _DELIMITERS:
        text.seek(0)
        try:
            headers[delimiter] = Header.of(Records(text, delimiter).header(), file)
        except csv.Error as error:
            failure = error
    required = {*file.required_names}
    best = max(
        headers,
        key=lambda mark: (len(required & {*headers[mark].names}), len(headers[mark].names)),
    )
    missing = required - {*headers[best].names}
    if missing and (kind := kind_of_text(path)):
        raise no_file_of(path, file, *kind)
    if missing and failure:
        raise UnreadableFile(f"{path.name} has no readable header: {failure}")
    # A line of tabs alone is blank, though a header with tabs may stand there.
    if not any(headers[mark].given for mark in (",", ";") if mark in headers):
        raise no_file_of(path, file, *EMPTY)
    if missing and (line := _line_of_header(text, file)):
        raise UnreadableFile(
            f"{path.name} has its header in line {line}: remove the lines above it"
        )
    check_columns(path, headers[best], file)
    return best


def _line_of_header(text: IO[str], file: ImportFile) -> int:
    """Return the line that names all required columns, as below a title; 0 where none does."""
    required = {*file.required_names}
    for delimiter in _DELIMITERS:
        text.seek(0)
        for line, cells in islice(Records(text, delimiter), RECORDS_ABOVE_HEADER):
            if required <= {*Header.of(cells, file).names}:
                return line
    return 0


def _table(lines: list[int], cells: list[list[str]], header: Header, file: ImportFile) -> pa.Table:
    columns = dict(zip(header.names, zip(*cells, strict=True), strict=True)) if cells else {}
    arrays = {"line": pa.array(lines, pa.int64())}
    for name in file.column_names:
        values = columns.get(name)
        arrays[name] = (
            pa.array(values, pa.string()) if values else pa.nulls(len(lines), pa.string())
        )
    return pa.table(arrays)


def _is_utf8(row: list[str]) -> bool:
    return not any("\ud800" <= character <= "\udfff" for cell in row for character in cell)
