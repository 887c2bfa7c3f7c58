"""Erases a person's value from the files beside the store: lists of rejects, reports, audit file.

With ``is_trial`` the functions count, and change nothing. All raise ``OSError``.
"""

import csv
import json
import re
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sources.audit import AuditFile
from sources.durable_files import sync
from sources.inbox import Inbox

#: Replaces the value in a text.
Mask = Callable[[str], str]

_LIST_OF_REJECTS: Final = re.compile(r"rejects-[0-9]+(-[0-9]+)?\.csv")
#: Who looked is no customer, even of the same name.
_WHO: Final = "who"


def mask_rejects(store_path: Path, mask: Mask, *, is_trial: bool) -> int:
    """Mask the value in the lists of rejects beside the store; return in how many rows it stood."""
    rows = 0
    for path in sorted(store_path.parent.glob("rejects-*.csv")):
        if _LIST_OF_REJECTS.fullmatch(path.name) and path.is_file():
            rows += _mask_list(path, mask, is_trial=is_trial)
    return rows


def mask_audit(store_path: Path, mask: Mask, *, is_trial: bool) -> int:
    """Mask the value in the audit file; return in how many records it stood."""
    audit = AuditFile(store_path)

    def masked(record: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value if name == _WHO else masked_value(value, mask)
            for name, value in record.items()
        }

    if is_trial or not audit.path.exists():
        return audit.count(masked)
    return audit.rewrite(masked)


def mask_reports(inbox: Inbox, mask: Mask, *, is_trial: bool) -> int:
    """Mask the value in the reports of the inbox; return in how many reports it stood."""
    return sum(_mask_report(path, mask, is_trial=is_trial) for path in inbox.reports())


def remove_unfinished(inbox: Inbox, *, is_trial: bool) -> int:
    """Remove what ended commands left in the inbox; return how many hand-ins and copies it was.

    It may hold the value, and nothing will ever be done with it.
    """
    left = inbox.unfinished()
    if not is_trial:
        for path in left:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    return len(left)


def masked_value(value: Any, mask: Mask) -> Any:
    """Return ``value``, as JSON has it, with all its texts masked, the keys of objects included."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [masked_value(one, mask) for one in value]
    if isinstance(value, dict):
        return {mask(name): masked_value(one, mask) for name, one in value.items()}
    return value


def _mask_report(path: Path, mask: Mask, *, is_trial: bool) -> bool:
    """Mask the value in a report; return whether it stood there."""
    # The command that waits may take the report at any moment.
    with suppress(FileNotFoundError):
        report = json.loads(path.read_text())
        masked = masked_value(report, mask)
        if masked != report:
            if not is_trial:
                _replace(path, lambda aside: aside.write_text(json.dumps(masked)))
            return True
    return False


def _mask_list(path: Path, mask: Mask, *, is_trial: bool) -> int:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as opened:
        rows = list(csv.reader(opened))
    masked = [[mask(cell) for cell in row] for row in rows]
    changed = sum(new != old for new, old in zip(masked, rows, strict=True))

    def write(aside: Path) -> None:
        with aside.open("w", encoding="utf-8", errors="surrogateescape", newline="") as opened:
            csv.writer(opened).writerows(masked)

    if changed and not is_trial:
        _replace(path, write)
    return changed


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Replace the file at ``path`` by the one that ``write`` makes at the path that it gets."""
    aside = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        write(aside)
        shutil.copymode(path, aside)
        sync(aside)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    sync(path.parent)
