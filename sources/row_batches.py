"""Batches of rows of an import file: some thousand rows as texts, and the rejected rows."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sources.contract import ImportFile


@dataclass(frozen=True, slots=True)
class Reject:
    """A row of an import file that is not loaded, and why.

    ``line`` is its line in a CSV or its number in a Parquet file, from 1. ``column`` is the column
    that is wrong, "" if it is the whole row. ``reason`` is half a sentence for people.
    """

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of an import file, as texts, and the rows between them that are rejected.

    ``table`` has ``line`` (a whole number) and all columns of the kind of file as texts; a missing
    value is null, and so is a whole column that the file lacks. Rejected rows are not in ``table``.
    """

    table: pa.Table
    rejects: tuple[Reject, ...] = ()


def batch_of(table: pa.Table, rejects: list[Reject], file: ImportFile) -> Batch:
    """Return a batch of the rows ``table`` and the rejected rows ``rejects``.

    ``table`` has the columns of ``file`` and ``line``. Rows with a text that is too long for its
    column, or with a NUL character, which some engines cannot store, become rejects.
    """
    faults: dict[int, Reject] = {}
    for column in reversed(file.columns):
        texts = table[column.name]
        too_long = pc.greater(pc.utf8_length(texts), column.max_characters)
        for is_faulty, reason in (
            (too_long, f"longer than {column.max_characters} characters"),
            (pc.match_substring(texts, "\0"), "has a NUL"),
        ):
            if pc.any(is_faulty).as_py():
                lines = table["line"].filter(is_faulty).to_pylist()
                faults |= {line: Reject(line, column.name, reason) for line in lines}
    if faults:
        table = table.filter(without_lines(table["line"], faults))
        rejects = rejects + list(faults.values())
    return Batch(table, tuple(rejects))


def without_lines(lines: pa.ChunkedArray, faulty: Iterable[int]) -> pa.ChunkedArray:
    """Return for each of ``lines`` whether it is not in ``faulty``, as Booleans to filter by."""
    return pc.invert(pc.is_in(lines, value_set=pa.array(faulty, pa.int64())))
