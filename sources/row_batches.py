"""Batches of rows of an import file: texts of a few thousand rows, and the rejected rows."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sources.contract import ImportFile


@dataclass(frozen=True, slots=True)
class Reject:
    """A rejected row: its line, the column at fault (empty where it is the whole row), and why."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as texts: a table with ``line`` and each column of the import file; null is empty."""

    table: pa.Table
    rejects: tuple[Reject, ...] = ()


def batch_of(table: pa.Table, rejects: list[Reject], file: ImportFile) -> Batch:
    """Return a batch of the rows; those with a too long text or a NUL join the ``rejects``.

    Some engines cannot store a NUL.
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
    """Return for each of ``lines`` whether it is not one of ``faulty``."""
    return pc.invert(pc.is_in(lines, value_set=pa.array(faulty, pa.int64())))
