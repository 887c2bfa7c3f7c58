"""Rows of import files as texts, a few thousand at a time, and the rows that are none."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sources.contract import ImportFile


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


def sound(table: pa.Table, rejects: list[Reject], file: ImportFile) -> Batch:
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
        table = table.filter(without_lines(table["line"], faults))
        rejects = rejects + list(faults.values())
    return Batch(table, tuple(rejects))


def without_lines(lines: pa.ChunkedArray, faulty: Iterable[int]) -> pa.ChunkedArray:
    """Which of ``lines`` are not among the faulty ones."""
    return pc.invert(pc.is_in(lines, value_set=pa.array(faulty, pa.int64())))
