"""Batches of rows of an import file: some thousand rows as texts, and the rejected rows."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sources.contract import ImportFile


@dataclass(frozen=True, slots=True)
class Reject:
    """A rejected row of an import file.

    ``line`` is that of ``import_files.read_batches``; ``column`` is the column at fault, "" where
    it is the whole row; ``reason`` is a clause for people.
    """

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of an import file, as texts, and the rows among them that are rejected.

    ``table`` has ``line`` (a whole number) and all columns of the import file; null stands for a
    value or a whole column that is missing. Rejected rows are in ``rejects`` only.
    """

    table: pa.Table
    rejects: tuple[Reject, ...] = ()


def batch_of(table: pa.Table, rejects: list[Reject], file: ImportFile) -> Batch:
    """Return a batch of the rows of ``table`` and the ``rejects``.

    Rows with a text that is longer than its column allows, or with a NUL character, which some
    engines cannot store, are moved to the rejects.
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
    """Return a Boolean for each of ``lines``: true where it is not one of ``faulty``."""
    return pc.invert(pc.is_in(lines, value_set=pa.array(faulty, pa.int64())))
