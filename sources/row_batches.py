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


class RowFaults:
    """What is wrong with rows: all faults of a line become one reject."""

    def __init__(self) -> None:
        self._faults: dict[int, list[tuple[str, str]]] = {}

    def add(self, line: int, column: str, reason: str) -> None:
        """Note that ``column`` of the row at ``line`` is wrong because of ``reason``."""
        self._faults.setdefault(line, []).append((column, reason))

    @property
    def lines(self) -> Iterable[int]:
        """The lines of the rows that are wrong."""
        return self._faults.keys()

    def rejects(self) -> list[Reject]:
        """Return a reject for each line; with several faults its reason names the columns."""
        return [_reject(line, faults) for line, faults in self._faults.items()]


def _reject(line: int, faults: list[tuple[str, str]]) -> Reject:
    if len(faults) == 1:
        return Reject(line, *faults[0])
    columns = ", ".join(dict.fromkeys(column for column, _ in faults))
    return Reject(line, columns, "; ".join(f"{column}: {reason}" for column, reason in faults))


def batch_of(table: pa.Table, rejects: list[Reject], file: ImportFile) -> Batch:
    """Return a batch of the rows ``table`` and the rejected rows ``rejects``.

    ``table`` has the columns of ``file`` and ``line``. Rows with a text that is too long for its
    column, or with a NUL character, which some engines cannot store, become rejects.
    """
    faults = RowFaults()
    for column in file.columns:
        texts = table[column.name]
        too_long = pc.greater(pc.utf8_length(texts), column.max_characters)
        for is_faulty, reason in (
            (too_long, f"longer than {column.max_characters} characters"),
            (pc.match_substring(texts, "\0"), "has a NUL"),
        ):
            if pc.any(is_faulty).as_py():
                for line in table["line"].filter(is_faulty).to_pylist():
                    faults.add(line, column.name, reason)
    if faults.lines:
        table = table.filter(without_lines(table["line"], faults.lines))
    return Batch(table, (*rejects, *faults.rejects()))


def without_lines(lines: pa.ChunkedArray, faulty: Iterable[int]) -> pa.ChunkedArray:
    """Return for each of ``lines`` whether it is not in ``faulty``, as Booleans to filter by."""
    return pc.invert(pc.is_in(lines, value_set=pa.array([*faulty], pa.int64())))
