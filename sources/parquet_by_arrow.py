"""Reads Parquet files through Arrow: values of every type become the texts that a CSV would have.

A value that cannot be read rejects its row, never the whole file.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.contract import NOT_READ, Holds, ImportFile, UnreadableFile
from sources.header_checks import check_columns
from sources.headers import Header
from sources.row_batches import Batch, Reject, RowFaults, batch_of, without_lines

#: Small, because a batch must fit into memory even if a dictionary repeats a long text in all rows.
BATCH_ROWS: Final = 5_000
#: The seconds of the years 1 to 9999; other times cannot be written out.
_FIRST_SECOND: Final = -62_135_596_800
_LAST_SECOND: Final = 253_402_300_799
_PER_SECOND: Final = {"s": 1, "ms": 1_000, "us": 1_000_000}
_BYTES_A_CHARACTER: Final = 4
_TOO_MANY_DIGITS: Final = "more digits than a number of this type holds; write it as text"


def parquet_batches(path: Path, file: ImportFile) -> Iterator[Batch]:
    """Yield all rows of the Parquet file at ``path`` as texts, in batches of some thousand.

    ``line`` is the number of the row, from 1. A value that cannot become text rejects its row.
    Raises ``UnreadableFile`` if the file is damaged or its columns cannot be imported as ``file``.
    """
    parquet_columns(path, file)
    try:
        yield from _batches(path, file)
    except (pa.ArrowInvalid, OSError) as error:
        raise _damaged(path) from error


def parquet_columns(path: Path, file: ImportFile) -> list[str]:
    """Return the names of all columns of the Parquet file at ``path``, in their order.

    Columns that are not imported are included. Raises ``UnreadableFile`` if the file is damaged, if
    its column names do not fit ``file`` (see ``check_columns``), or if an imported column has a
    type that cannot become text, as lists.
    """
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise _damaged(path) from error
    # Programs write Parquet: its names are taken as they stand.
    check_columns(path, Header(tuple(schema.names), tuple(schema.names)), file)
    given = [name for name in file.column_names if name in schema.names]
    if lists := [name for name in given if pa.types.is_nested(schema.field(name).type)]:
        raise UnreadableFile(f"{path.name} has lists, not values, in {', '.join(lists)}")
    if others := [name for name in given if not _is_readable(schema.field(name).type)]:
        types = ", ".join(f"{name} ({schema.field(name).type})" for name in others)
        raise UnreadableFile(f"{path.name} has neither texts, numbers nor times in {types}")
    return list(schema.names)


def _damaged(path: Path) -> UnreadableFile:
    return UnreadableFile(
        f"{path.name} is not a whole Parquet file: it is damaged or cut short; copy it again"
    )


def _batches(path: Path, file: ImportFile) -> Iterator[Batch]:
    line = 1
    given = pq.read_schema(path).names
    names = [name for name in file.column_names if name in given]
    # Texts stay in dictionaries until their length is known: written out, a few bytes may become
    # gigabytes. Old 96-bit times are read in microseconds: nanoseconds would overflow.
    with pq.ParquetFile(path, read_dictionary=names, coerce_int96_timestamp_unit="us") as parquet:
        for batch in parquet.iter_batches(batch_size=BATCH_ROWS, columns=names):
            rows = pa.Table.from_batches([batch])
            lines = pa.chunked_array([range(line, line + rows.num_rows)], pa.int64())
            line += rows.num_rows
            rows, lines, rejects = _reject_long_texts(rows, lines, file)
            faults = RowFaults()
            arrays = {"line": lines}
            for name in file.column_names:
                arrays[name], reasons = _texts(rows, name)
                for at, reason in reasons.items():
                    faults.add(lines[at].as_py(), name, reason)
            table = pa.table(arrays)
            if faults.lines:
                table = table.filter(without_lines(lines, faults.lines))
            yield batch_of(table, [*rejects, *faults.rejects()], file)


def _reject_long_texts(
    rows: pa.Table, lines: pa.ChunkedArray, file: ImportFile
) -> tuple[pa.Table, pa.ChunkedArray, list[Reject]]:
    """Return the rows and lines that are kept, and rejects for rows with far too long texts.

    Far too long are texts of more bytes than the allowed characters can have; only columns whose
    texts are in dictionaries are checked.
    """
    faults: dict[int, Reject] = {}
    for column in file.columns:
        if column.name not in rows.column_names or not _is_text_dictionary(rows[column.name]):
            continue
        for chunk in rows[column.name].chunks:
            # Bytes are counted here, as they need not be text; characters are counted later.
            length = pc.binary_length(chunk.dictionary)
            too_long = pc.greater(length, _BYTES_A_CHARACTER * column.max_characters)
            if pc.any(too_long).as_py():
                reason = f"longer than {column.max_characters} characters"
                rejected = lines.filter(pc.fill_null(pc.take(too_long, chunk.indices), False))
                faults |= {at: Reject(at, column.name, reason) for at in rejected.to_pylist()}
    if faults:
        kept = without_lines(lines, faults)
        rows, lines = rows.filter(kept), lines.filter(kept)
    return rows, lines, list(faults.values())


def _is_text_dictionary(column: pa.ChunkedArray) -> bool:
    return pa.types.is_dictionary(column.type) and _is_text(column.type.value_type)


def _is_text(type_: pa.DataType) -> bool:
    return any(
        is_it(type_)
        for is_it in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_string_view,
            pa.types.is_binary,
            pa.types.is_large_binary,
            pa.types.is_binary_view,
            pa.types.is_fixed_size_binary,
        )
    )


def _is_readable(type_: pa.DataType) -> bool:
    type_ = _plain(type_)
    return (
        _is_text(type_)
        or isinstance(type_, pa.UuidType)
        or any(
            is_it(type_)
            for is_it in (
                pa.types.is_timestamp,
                pa.types.is_floating,
                pa.types.is_decimal,
                pa.types.is_integer,
                pa.types.is_boolean,
                pa.types.is_date,
                pa.types.is_time,
                pa.types.is_null,
            )
        )
    )


def _plain(type_: pa.DataType) -> pa.DataType:
    """Return the type of the values behind dictionaries and extension types, but for UUIDs."""
    if isinstance(type_, pa.BaseExtensionType) and not isinstance(type_, pa.UuidType):
        return _plain(type_.storage_type)
    return _plain(type_.value_type) if pa.types.is_dictionary(type_) else type_


def _texts(rows: pa.Table, name: str) -> tuple[pa.ChunkedArray, dict[int, str]]:
    """Return a column as texts, and faults: why a value cannot be written, by its place, from 0.

    Such a value is null, as are all values of a column that ``rows`` do not have.
    """
    if name not in rows.column_names:
        return pa.nulls(rows.num_rows, pa.string()), {}
    column = rows[name]
    if not column.type.equals(plain := _plain(column.type)):
        column = column.cast(plain)
    if pa.types.is_timestamp(plain):
        return _times(column)
    if _is_text(plain):
        return _utf8(column)
    if pa.types.is_floating(plain):
        return _floats(column)
    return _plain_texts(column), {}


def _plain_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as texts; its type is one of which every value has a text."""
    if pa.types.is_decimal(column.type):
        return _each(column, _decimal_text)
    return _each(column, str) if isinstance(column.type, pa.UuidType) else column.cast(pa.string())


def _utf8(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, dict[int, str]]:
    """Return texts or bytes as UTF-8, and faults by place.

    Arrow does not check that the texts of a file are UTF-8.
    """
    column = column.cast(pa.large_binary())
    try:
        return column.cast(pa.string()), {}
    except pa.ArrowInvalid:
        texts: list[str | None] = []
        faults = {}
        for at, value in enumerate(column.to_pylist()):
            try:
                texts.append(None if value is None else value.decode())
            except UnicodeDecodeError:
                texts.append(None)
                faults[at] = "not UTF-8"
        return pa.chunked_array([texts], pa.string()), faults


def _times(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, dict[int, str]]:
    """Return times in ISO 8601 (in UTC where the column has a zone), and faults by place."""
    type_, faults = column.type, {}
    if type_.unit in _PER_SECOND:
        numbers, unit = column.cast(pa.int64()), _PER_SECOND[type_.unit]
        outside = pc.or_(
            pc.less(numbers, _FIRST_SECOND * unit),
            pc.greater(numbers, _LAST_SECOND * unit + unit - 1),
        )
        places = pc.indices_nonzero(pc.fill_null(outside, False)).to_pylist()
        faults = dict.fromkeys(places, NOT_READ[Holds.TIME])
        column = pc.if_else(outside, pa.scalar(None, type_), column)
    in_utc = column.cast(pa.timestamp(type_.unit))
    if type_.unit == "ns":
        # A cast would round towards 1970, and make earlier times a microsecond late.
        in_utc = pc.floor_temporal(in_utc, unit="microsecond")
    in_utc = in_utc.cast(pa.timestamp("us"), safe=False)
    pattern = "%Y-%m-%dT%H:%M:%SZ" if type_.tz else "%Y-%m-%dT%H:%M:%S"
    return pc.strftime(in_utc, format=pattern), faults


def _each(column: pa.ChunkedArray, text: Callable[[Any], str]) -> pa.ChunkedArray:
    """Return ``text(value)`` for each value of a column; null stays null."""
    texts = [None if value is None else text(value) for value in column.to_pylist()]
    return pa.chunked_array([texts], pa.string())


def _floats(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, dict[int, str]]:
    """Return the shortest decimals of numbers, without exponents, and faults by place."""
    numbers = column.to_numpy()
    faults = _float_faults(numbers)
    texts = [
        None if at in faults or np.isnan(number) else np.format_float_positional(number, trim="-")
        for at, number in enumerate(numbers)
    ]
    return pa.chunked_array([texts], pa.string()), faults


def _float_faults(numbers: "np.ndarray[Any, np.dtype[Any]]") -> dict[int, str]:
    """Return why numbers cannot be written out, by their places, from 0.

    From ``limit`` on neighbouring whole numbers have the same float, so that digits of an id or a
    phone may be lost.
    """
    limit = 2.0 ** (np.finfo(numbers.dtype).nmant + 1)
    with np.errstate(invalid="ignore"):
        tests = (
            (np.isinf(numbers), "infinite; expected a number"),
            (np.abs(numbers) >= limit, _TOO_MANY_DIGITS),
            ((numbers == 0) & np.signbit(numbers), "minus zero; expected 0"),
        )
    faults: dict[int, str] = {}
    for is_faulty, reason in reversed(tests):
        faults |= dict.fromkeys(np.flatnonzero(is_faulty).tolist(), reason)
    return faults


def _decimal_text(value: Decimal) -> str:
    """Return a decimal without an exponent, and a whole number without a point: 5 for 5.00."""
    return format(value.to_integral_value() if value == value.to_integral_value() else value, "f")
