"""The audit file beside the store: who saw or took what, one JSON object a line.

Records are only ever added. ``rewrite`` exists for the erasure of a person's data, which may stand
in filters that a record holds.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sources.durable_files import sync

#: Only the user of the server may read the file.
_MODE: Final = 0o600
#: The key under which a line is kept that cannot be read.
_UNREADABLE: Final = "unreadable"


class AuditFile:
    """The audit file of the store at ``store_path``: ``<store>.audit.jsonl``.

    Threads and processes may use it at the same time: ``<store>.audit.lock`` is locked meanwhile.
    """

    def __init__(self, store_path: Path) -> None:
        # A store has one audit file, whichever link names it.
        real = Path(os.path.realpath(store_path))
        self.path = real.with_name(f"{real.name}.audit.jsonl")
        self._lock_path = real.with_name(f"{real.name}.audit.lock")

    def record(self, entry: Mapping[str, object]) -> None:
        """Add ``entry`` as one line, and wait until it is on the disk.

        Values that JSON does not know become texts. Raises ``OSError`` if it cannot be written.
        """
        line = _line(entry)
        with self._locked():
            is_new = not self.path.exists()
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _MODE)
            with os.fdopen(descriptor, "r+b", buffering=0) as file:
                # A process that was killed may have left half a line.
                end = os.fstat(descriptor).st_size
                if end and os.pread(descriptor, 1, end - 1) != b"\n":
                    line = b"\n" + line
                _write_all(file.fileno(), line)
                os.fsync(descriptor)
            if is_new:
                sync(self.path.parent)

    def rewrite(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
        """Replace each record by what ``change`` returns for it; return how many differ.

        A line that is no JSON object is given to ``change`` as ``{"unreadable": line}``. Where none
        differs, the file stays as it is. Raises ``OSError``; the file is then as before.
        """
        with self._locked():
            lines, changed = self._changed(change)
            if changed:
                self._replace(lines)
        return changed

    def count(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
        """Return how many records ``rewrite`` would change. Raises ``OSError``."""
        if not self.path.exists():
            return 0
        with self._locked():
            return self._changed(change)[1]

    def _changed(
        self, change: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> tuple[list[bytes], int]:
        """Return all lines as ``change`` makes them, and how many differ."""
        lines, changed = [], 0
        for line in self._lines():
            record = _record(line)
            new = change(record)
            changed += new != record
            lines.append(line if new == record else _line(new))
        return lines, changed

    def _lines(self) -> list[bytes]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        return [line + b"\n" for line in content.split(b"\n") if line]

    def _replace(self, lines: list[bytes]) -> None:
        aside = self.path.with_name(f"{self.path.name}.part")
        try:
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(lines)
            sync(aside)
            aside.replace(self.path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        sync(self.path.parent)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # A server that reads a published store may have no file of its own yet.
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, _MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _line(entry: Mapping[str, object]) -> bytes:
    text = json.dumps(entry, ensure_ascii=False, default=str)
    # Half of a character that a client sent becomes an escape, which JSON reads back.
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _record(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if isinstance(record, dict):
        return record
    return {_UNREADABLE: line.rstrip(b"\n").decode("utf-8", "replace")}


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
