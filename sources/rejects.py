"""The list of a load's rejected rows, for people: a file of all, and the first few."""

import csv
import filecmp
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Final

from sources.disk import put_new
from sources.inbox import Rejects

#: File, line, column and reason.
Row = tuple[str, int, str, str]
_SHOWN_ROWS: Final = 5


def list_rejects(rows: Sequence[Row], wanted: Path | None, beside: Path) -> Rejects:
    """List ``rows`` in a new file: ``wanted`` where that can be, else ``beside`` the store.

    A file that has the name already stays as it is, and ``beside`` gets a number; unless it holds
    this very list, as it does when a load is asked for once more.
    """
    [(reason, with_reason)] = Counter(row[3] for row in rows).most_common(1)
    return Rejects(_listed(rows, wanted, beside), tuple(rows[:_SHOWN_ROWS]), reason, with_reason)


def _listed(rows: Sequence[Row], wanted: Path | None, beside: Path) -> Path:
    if wanted:
        try:
            if _put(rows, wanted):
                return wanted
        except OSError:
            pass  # checked when it was handed in; what happened since must not lose the list
    return next(path for path in _numbered(beside) if _put(rows, path))


def _numbered(path: Path) -> Iterator[Path]:
    return chain((path,), (path.with_stem(f"{path.stem}-{number}") for number in count(2)))


def _put(rows: Sequence[Row], path: Path) -> bool:
    """Whether ``path`` now holds ``rows``; it does not where something else is there."""
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
