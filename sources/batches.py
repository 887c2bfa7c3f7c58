"""Rows of import files as texts, a few thousand at a time, and the rows that are none."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from sources.contract import ImportFile, UnreadableFile

MAX_COLUMNS: Final = 1_000


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


def check_columns(path: Path, names: list[str], file: ImportFile) -> None:
    """Raise ``UnreadableFile`` unless ``names`` are columns of ``file``, each given once."""
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
