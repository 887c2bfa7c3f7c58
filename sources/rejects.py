"""Writes the rejected rows of a load to a CSV file, and sums them up for the command's report."""

import csv
import filecmp
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any, Final, Self

import duckdb

from sources.durable_files import put_new
from sources.path_checks import is_of_store

#: File (``cases`` or ``messages``), line, column and reason.
Row = tuple[str, int, str, str]
_FIRST_ROWS: Final = 5


@dataclass(frozen=True, slots=True)
class Rejects:
    """A summary of the rejected rows of a load.

    The file at ``path`` lists all of them. ``first`` are the first five, by file and line.
    ``reason`` is the most frequent reason, and ``with_reason`` how many rows have it.
    """

    path: Path
    first: tuple[Row, ...]
    reason: str
    with_reason: int

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """Return the ``Rejects`` of ``content``, a dict made by ``dataclasses.asdict`` and JSON."""
        return cls(
            Path(content["path"]),
            tuple((row[0], row[1], row[2], row[3]) for row in content["first"]),
            content["reason"],
            content["with_reason"],
        )


def list_rejects_of(
    cursor: duckdb.DuckDBPyConnection, load_id: int, *, store: Path, wanted: Path | None
) -> Rejects | None:
    """Write the rejects of the load ``load_id`` to a new file; return their summary, or None.

    None means that there are none. The file is ``wanted`` if that is given and can be made, else
    ``rejects-<load_id>.csv`` in the folder of ``store``, the store's file. ``cursor`` reads the
    store. Raises ``OSError`` if neither can be written.
    """
    rows = cursor.execute(
        'select file, line, "column", reason from rejects where load_id = ? order by file, line',
        [load_id],
    ).fetchall()
    if not rows:
        return None
    if wanted and is_of_store(wanted, store):
        wanted = None  # no command of ours asks for that
    return list_rejects(rows, wanted, store.with_name(f"rejects-{load_id}.csv"))


def list_rejects(rows: Sequence[Row], wanted: Path | None, beside: Path) -> Rejects:
    """Write ``rows``, at least one, to a new CSV file, and return a summary of them.

    ``rows`` are sorted by file and line. The file is ``wanted`` if that is given and can be made,
    else ``beside``, with a number in its name if there is a file already. No file is replaced, but
    one that lists exactly these rows is taken as the list. Raises ``OSError`` if ``beside`` cannot
    be written.
    """
    [(reason, with_reason)] = Counter(row[3] for row in rows).most_common(1)
    return Rejects(
        _write_list(rows, wanted, beside), tuple(rows[:_FIRST_ROWS]), reason, with_reason
    )


def _write_list(rows: Sequence[Row], wanted: Path | None, beside: Path) -> Path:
    if wanted:
        try:
            if _put(rows, wanted):
                return wanted
        except OSError:
            pass  # the path was checked at the hand-in; what happened since must not lose the list
    return next(path for path in _numbered(beside) if _put(rows, path))


def _numbered(path: Path) -> Iterator[Path]:
    """Yield ``path``, then the same name with -2, -3 and so on before its ending."""
    return chain((path,), (path.with_stem(f"{path.stem}-{number}") for number in count(2)))


def _put(rows: Sequence[Row], path: Path) -> bool:
    """Write ``rows`` to ``path``; return False where something else than this list is there.

    Raises ``OSError`` where it cannot be written.
    """
    aside = path.with_name(f".rejects-{uuid.uuid4().hex}.part")
    try:
        with aside.open("x", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(["file", "line", "column", "reason"])
            writer.writerows(rows)
        try:
            put_new(aside, path)
        except FileExistsError:
            return path.is_file() and filecmp.cmp(aside, path, shallow=False)
    finally:
        aside.unlink(missing_ok=True)
    return True
