"""CSV and Parquet files as Arrow tables of texts, a few thousand rows at a time."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.contract import ImportFile, UnreadableFile

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

BATCH_ROWS: Final = 20_000
#: A dictionary may spread few bytes over many rows: a batch of the longest texts must fit.
PARQUET_BATCH_ROWS: Final = 5_000
MAX_COLUMNS: Final = 1_000
#: A cell may be as long as a message with everything in it, not as long as a file.
MAX_CELL_CHARACTERS: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not taken: where it stands, and why."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as texts: ``line`` and one column for each of the file's contract, null where empty."""

    table: pa.Table
    rejects: tuple[Reject, ...] = ()


@dataclass(slots=True)
class _Rows:
    """Rows gathered for one batch."""

    lines: list[int] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def read_batches(path: Path, file: ImportFile) -> Iterator[Batch]:
    """All rows of ``path``. Raises ``UnreadableFile`` when it cannot be taken at all.

    ``line`` is the line on which a CSV row begins (the header is line 1), or the number of a
    Parquet row from 1.
    """
    reader = _parquet_batches if is_parquet(path) else _csv_batches
    try:
        yield from reader(path, file)
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror or error}") from error


def check_readable(path: Path, file: ImportFile) -> None:
    """Raise ``UnreadableFile`` with a sentence unless ``path`` has the columns it needs."""
    try:
        if is_parquet(path):
            _parquet_columns(path, file)
        else:
            with _csv_rows(path, file):
                pass
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror or error}") from error


def is_parquet(path: Path) -> bool:
    """Whether ``path`` begins as Parquet files do, whatever its name."""
    with path.open("rb") as opened:
        return opened.read(4) == b"PAR1"


def _csv_batches(path: Path, file: ImportFile) -> Iterator[Batch]:
    with _csv_rows(path, file) as (header, rows):
        width, gathered = len(header), _Rows()
        while True:
            line = rows.line_num + 1
            try:
                row = next(rows, None)
            except csv.Error as error:
                row = []
                gathered.rejects.append(Reject(line, "", f"not a CSV row: {error}"))
            if row is None:
                break
            if any(row[width:]):
                gathered.rejects.append(Reject(line, "", "more cells than the header has"))
            elif row:
                gathered.lines.append(line)
                gathered.cells.append(row[:width] + [""] * (width - len(row)))
            if len(gathered.lines) >= BATCH_ROWS:
                yield _batch(gathered, header, file)
                gathered = _Rows()
        yield _batch(gathered, header, file)


@contextmanager
def _csv_rows(path: Path, file: ImportFile) -> Iterator[tuple[list[str], "CsvReader"]]:
    """The header's names and a reader that stands behind the header."""
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        first = text.readline()
        delimiter = max(",;", key=first.count)
        text.seek(0)
        rows = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            header = [name.strip() for name in next(rows, [])]
        except csv.Error as error:
            raise UnreadableFile(f"{path.name} has no readable header: {error}") from error
        _check_columns(path, header, file)
        yield header, rows


def _batch(gathered: _Rows, header: list[str], file: ImportFile) -> Batch:
    lines, cells, rejects = gathered.lines, gathered.cells, list(gathered.rejects)
    try:
        table = _table(lines, cells, header, file)
    except UnicodeEncodeError:
        known = [index for index, name in enumerate(header) if name in file.column_names]
        broken = [not _is_utf8([row[index] for index in known]) for row in cells]
        rejects += [
            Reject(line, "", "not UTF-8") for line, bad in zip(lines, broken, strict=True) if bad
        ]
        lines = [line for line, bad in zip(lines, broken, strict=True) if not bad]
        cells = [row for row, bad in zip(cells, broken, strict=True) if not bad]
        table = _table(lines, cells, header, file)
    return _sound(table, rejects, file)


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


def _sound(table: pa.Table, rejects: list[Reject], file: ImportFile) -> Batch:
    """The rows without texts of absurd length or with a NUL, which not every engine could keep."""
    faults: dict[int, Reject] = {}
    for column in reversed(file.columns):
        texts = table[column.name]
        too_long = pc.greater(pc.utf8_length(texts), column.max_characters)
        for found, reason in (
            (too_long, f"longer than {column.max_characters} characters"),
            (pc.match_substring(texts, "\0"), "has a NUL"),
        ):
            if pc.any(found).as_py():
                lines = table["line"].filter(found).to_pylist()
                faults |= {line: Reject(line, column.name, reason) for line in lines}
    if faults:
        table = table.filter(_is_not(table["line"], faults))
        rejects = rejects + list(faults.values())
    return Batch(table, tuple(rejects))


def _is_not(lines: pa.ChunkedArray, faulty: Iterable[int]) -> pa.ChunkedArray:
    return pc.invert(pc.is_in(lines, value_set=pa.array(faulty, pa.int64())))


def _parquet_batches(path: Path, file: ImportFile) -> Iterator[Batch]:
    names = _parquet_columns(path, file)
    line = 1
    # Texts stay in dictionaries until their length is known: a few bytes may stand for gigabytes.
    with pq.ParquetFile(path, read_dictionary=names) as parquet:
        for batch in parquet.iter_batches(batch_size=PARQUET_BATCH_ROWS, columns=names):
            rows = pa.Table.from_batches([batch])
            lines = pa.chunked_array([range(line, line + rows.num_rows)], pa.int64())
            line += rows.num_rows
            rows, lines, rejects = _short(rows, lines, file)
            arrays = {"line": lines}
            for name in file.column_names:
                arrays[name] = (
                    _as_text(rows[name]) if name in names else pa.nulls(rows.num_rows, pa.string())
                )
            yield _sound(pa.table(arrays), rejects, file)


def _short(
    rows: pa.Table, lines: pa.ChunkedArray, file: ImportFile
) -> tuple[pa.Table, pa.ChunkedArray, list[Reject]]:
    """Rows, their lines, and rejects for those whose dictionaries hold texts of absurd length."""
    faults: dict[int, Reject] = {}
    for column in file.columns:
        if column.name not in rows.column_names or not _is_text_dictionary(rows[column.name]):
            continue
        for chunk in rows[column.name].chunks:
            too_long = pc.greater(pc.utf8_length(chunk.dictionary), column.max_characters)
            if pc.any(too_long).as_py():
                reason = f"longer than {column.max_characters} characters"
                found = lines.filter(pc.fill_null(pc.take(too_long, chunk.indices), False))
                faults |= {at: Reject(at, column.name, reason) for at in found.to_pylist()}
    if faults:
        kept = _is_not(lines, faults)
        rows, lines = rows.filter(kept), lines.filter(kept)
    return rows, lines, list(faults.values())


def _is_text_dictionary(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A typed column as the CSV would have it; times in UTC, ISO 8601."""
    if pa.types.is_timestamp(column.type):
        in_utc = column.cast(pa.timestamp("us", column.type.tz), safe=False)
        in_utc = in_utc.cast(pa.timestamp("us"))
        return pc.strftime(in_utc, format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(pa.string())


def _parquet_columns(path: Path, file: ImportFile) -> list[str]:
    try:
        with pq.ParquetFile(path) as parquet:
            names = parquet.schema_arrow.names
            nested = [
                field.name for field in parquet.schema_arrow if pa.types.is_nested(field.type)
            ]
    except pa.ArrowInvalid as error:
        raise UnreadableFile(f"{path.name} is not a whole Parquet file") from error
    _check_columns(path, names, file)
    if lists := [name for name in file.column_names if name in nested]:
        raise UnreadableFile(f"{path.name} has lists, not values, in {', '.join(lists)}")
    return [name for name in file.column_names if name in names]


def _check_columns(path: Path, names: list[str], file: ImportFile) -> None:
    if len(names) > MAX_COLUMNS:
        raise UnreadableFile(
            f"{path.name} has {len(names)} columns, and at most {MAX_COLUMNS} are read"
        )
    counts = Counter(name for name in names if name)
    if repeated := sorted(name for name, count in counts.items() if count > 1):
        raise UnreadableFile(f"{path.name} has the column {', '.join(repeated)} more than once")
    if missing := [name for name in file.required_names if name not in names]:
        raise UnreadableFile(
            f"{path.name} is not a file of {file.name}: the column {', '.join(missing)} is missing"
        )


def ignored_columns(path: Path, file: ImportFile) -> tuple[str, ...]:
    """Columns of ``path`` that the contract does not know; they are not imported."""
    if is_parquet(path):
        with pq.ParquetFile(path) as parquet:
            names = parquet.schema_arrow.names
    else:
        with _csv_rows(path, file) as (header, _):
            names = header
    return tuple(name for name in names if name and name not in file.column_names)
