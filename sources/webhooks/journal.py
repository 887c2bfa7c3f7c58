"""The journal of the receiver: what WhatsApp sent, on the disk before it is answered.

It is a folder of files, the segments, to which one thread writes. All bodies that wait at a moment
are written and synced together, so that many requests at once share one sync. A segment is closed
after half a second; from then on ``intake`` may hand it in. Each process has segments of its own:
it locks the one that it writes to, and a segment without a lock is closed, also where the process
was killed.
"""

import fcntl
import json
import logging
import os
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sources.durable_files import sync

log = logging.getLogger(__name__)

#: How long a segment is written to, in seconds.
_SEGMENT_SECONDS: Final = 0.5
#: How many bytes of bodies are written with one sync.
_BYTES_AT_ONCE: Final = 4 * 2**20
#: How often a body that waits looks whether the thread still writes.
_LOOK_SECONDS: Final = 1.0
_SUFFIX: Final = ".jsonl"


@dataclass(frozen=True, slots=True)
class Record:
    """A body as WhatsApp sent it, and the header with its signature."""

    body: str
    signature: str

    def to_line(self) -> bytes:
        """Return this record as one line, which ``records_in`` reads."""
        return json.dumps({"body": self.body, "signature": self.signature}).encode() + b"\n"


class JournalClosed(OSError):
    """Nothing can be written any more, because the process ends."""


class Journal:
    """The journal in ``folder``, which is made where it is missing.

    ``on_closed`` is called with the path of each segment when it is closed, also of those that a
    killed process left. It must return soon: bodies wait meanwhile.
    """

    def __init__(self, folder: Path, on_closed: Callable[[Path], object] = lambda _: None) -> None:
        self.folder = folder
        self._on_closed = on_closed
        self._waiting: queue.Queue[tuple[bytes, Future[None]] | None] = queue.Queue()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhook-journal", daemon=True)

    def start(self) -> None:
        """Start the thread that writes. Raises ``OSError`` if the folder cannot be made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.closed():
            self._tell_closed(path)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, close the segment, and end the thread."""
        self._ends.set()
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def append(self, record: Record) -> None:
        """Write ``record``, and return when it is on the disk.

        Raises ``OSError`` if it cannot be written; it may then be there or not.
        """
        if self._ends.is_set():
            raise JournalClosed("the journal is closed")
        written: Future[None] = Future()
        self._waiting.put((record.to_line(), written))
        while not wait([written], timeout=_LOOK_SECONDS).done:
            if not self._thread.is_alive():
                raise JournalClosed("the journal is closed")
        written.result()

    def closed(self) -> list[Path]:
        """Return the segments to which no process writes any more, oldest first."""
        return [path for path in sorted(self.folder.glob(f"*{_SUFFIX}")) if not _is_locked(path)]

    def waiting_bytes(self) -> int:
        """Return the size of all segments."""
        return sum(size_of(path) for path in self.folder.glob(f"*{_SUFFIX}"))

    def _run(self) -> None:
        segment: _Segment | None = None
        while not (self._ends.is_set() and self._waiting.empty()):
            batch = self._next_batch(segment)
            if batch:
                segment = self._write(segment, batch)
            if segment and (segment.is_over or self._ends.is_set()):
                self._close(segment)
                segment = None
        if segment:
            self._close(segment)
        self._refuse_waiting()

    def _next_batch(self, segment: "_Segment | None") -> list[tuple[bytes, Future[None]]]:
        """Return what waits, at most some megabytes; [] where the segment ends or the thread."""
        batch: list[tuple[bytes, Future[None]]] = []
        size = 0
        timeout = segment.seconds_left if segment else None
        try:
            one = self._waiting.get(timeout=timeout)
            while one is not None:
                batch.append(one)
                size += len(one[0])
                if size > _BYTES_AT_ONCE:
                    break
                one = self._waiting.get_nowait()
        except queue.Empty:
            pass
        return batch

    def _write(
        self, segment: "_Segment | None", batch: list[tuple[bytes, Future[None]]]
    ) -> "_Segment | None":
        """Write ``batch``, tell those who wait, and return the segment to go on with."""
        try:
            segment = segment or _Segment(self.folder)
            segment.write(b"".join(line for line, _ in batch))
        except OSError as error:
            for _, written in batch:
                written.set_exception(error)
            # What was written in part would spoil the lines behind it.
            if segment:
                self._close(segment)
            return None
        for _, written in batch:
            written.set_result(None)
        return segment

    def _close(self, segment: "_Segment") -> None:
        segment.close()
        self._tell_closed(segment.path)

    def _tell_closed(self, path: Path) -> None:
        try:
            self._on_closed(path)
        except OSError:
            # Whatever is not forwarded then: events must go on being taken and loaded.
            log.exception("a segment is not forwarded", extra={"event": "segment_not_forwarded"})

    def _refuse_waiting(self) -> None:
        while not self._waiting.empty():
            if waiting := self._waiting.get():
                waiting[1].set_exception(JournalClosed("the journal is closed"))


class _Segment:
    """The segment of this process that is written to. It is locked until it is closed."""

    def __init__(self, folder: Path) -> None:
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:12]}{_SUFFIX}"
        self.path = folder / name
        aside = folder / f".{name}"
        self._file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Only now others see it: without a lock it would be closed.
        aside.rename(self.path)
        sync(folder)
        self._until = time.monotonic() + _SEGMENT_SECONDS

    @property
    def seconds_left(self) -> float:
        return max(0.0, self._until - time.monotonic())

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._until

    def write(self, lines: bytes) -> None:
        left = memoryview(lines)
        while left:
            left = left[os.write(self._file, left) :]
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)


def records_in(path: Path) -> Iterator[Record]:
    """Yield the records of a segment, or of several joined ones.

    A last line that is not whole is left out: nobody was told that it is on the disk. Raises
    ``OSError``, and ``ValueError`` or ``KeyError`` for a damaged line.
    """
    with path.open("rb") as opened:
        for line in opened:
            if line.endswith(b"\n"):
                content = json.loads(line)
                yield Record(content["body"], content["signature"])


def bodies_in(path: Path) -> Iterator[str]:
    """Yield the bodies of the records of a segment; see ``records_in``."""
    for record in records_in(path):
        yield record.body


def copy_whole_lines(segments: list[Path], target: Path) -> None:
    """Write the whole lines of ``segments`` to ``target``, a new file. Raises ``OSError``."""
    with target.open("xb") as written:
        for path in segments:
            content = path.read_bytes()
            written.write(content[: content.rfind(b"\n") + 1])


def _is_locked(path: Path) -> bool:
    try:
        opened = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return True  # somebody removed it just now
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(opened)
    return False


def size_of(path: Path) -> int:
    """Return the size of the file at ``path``; 0 where somebody has removed it."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
