"""The audit file beside the store: one JSON object a line about each reveal of phones or texts."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class AuditFile:
    """The audit file of the store at ``store_path``; lines are only ever added to it.

    Threads and processes may use it at the same time: a lock on a file of its own keeps their lines
    apart.
    """

    def __init__(self, store_path: Path) -> None:
        self.path = store_path.with_name(f"{store_path.name}.audit.jsonl")
        self._lock_path = store_path.with_name(f"{store_path.name}.audit.lock")

    def record(self, entry: Mapping[str, object]) -> None:
        """Add ``entry`` as a line of JSON; it is on the disk when this returns.

        Raises ``OSError`` where it cannot be written.
        """
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        with self._locked():
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, line.encode("utf-8", "replace"))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
