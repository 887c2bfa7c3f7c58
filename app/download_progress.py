"""Tracks how far each download is. The page makes a name for each, and asks by this name."""

import errno
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

#: A name: 128 random bits that the page makes, so that nobody can guess the name of another.
NAME: Final = re.compile(r"[0-9a-f]{32}")
#: A download is forgotten when nobody has asked about it for so long.
KEPT_SECONDS: Final = 600.0
MOST_NAMES: Final = 200
#: Signs of ``Progress.id``.
ID_LENGTH: Final = 32

#: ``waiting``: no row is written yet; ``running``: rows are being written; ``done``: the whole file
#: is on its way; ``failed``: an error ended it; ``stopped``: the reader stopped it; ``broken``: the
#: connection ended before the file did.
State = Literal["waiting", "running", "done", "failed", "stopped", "broken"]
_ENDED: Final = frozenset({"done", "failed", "stopped", "broken"})


class Ended(ConnectionResetError):
    """Raised inside a download to end it before the file is complete: it was stopped, or it failed.

    The server then cuts the connection, so that no browser takes the file for complete. The server
    does not log it, because it takes this error for a client that closed the connection.
    """

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the download was ended")


@dataclass(slots=True)
class Progress:
    """How far one download is: ``rows`` of ``total`` rows are written, without the row of headers.

    ``state`` is one of the values of ``State``. ``total`` is None if the rows were not counted
    first. ``message`` is the sentence for the reader if the download failed, else None. The request
    that stops the download sets ``asked_to_stop``; all other fields are written by the download's
    own thread and may be read by other threads. ``id`` tells it from an earlier download of the
    same name.
    """

    state: State = "waiting"
    rows: int = 0
    total: int | None = None
    message: str | None = None
    asked_to_stop: bool = False
    id: str = field(default_factory=lambda: secrets.token_hex(ID_LENGTH // 2))

    def wrote(self, rows: int) -> None:
        """Add ``rows`` to the rows written, and set the state to ``running``.

        If the reader has asked to stop, set the state to ``stopped`` and raise ``Ended``.
        """
        self.state = "running"
        self.rows += rows
        if self.asked_to_stop:
            self.end("stopped")
            raise Ended

    def end(self, state: State, message: str | None = None) -> None:
        """Set the final ``state``: ``done``, ``failed``, ``stopped`` or ``broken``.

        ``message`` is the sentence for the reader after a failure. If the download has ended
        already, do nothing.
        """
        if self.state not in _ENDED:
            self.state, self.message = state, message

    @property
    def has_ended(self) -> bool:
        """Whether the download has ended, in whatever way."""
        return self.state in _ENDED

    def shown(self) -> dict[str, Any]:
        """Return ``state``, ``rows``, ``total`` and ``message`` as a dict for JSON.

        ``total`` may be None; ``message`` is left out if there is none.
        """
        content = {"state": self.state, "rows": self.rows, "total": self.total}
        return content | ({"message": self.message} if self.message else {})


class Board(Protocol):
    """Keeps the progress of downloads.

    ``download`` is the subject of its reader and its name (see ``NAME``).
    """

    def begin(self, download: tuple[str, str]) -> Progress:
        """Return the progress of a new download (``waiting``, 0 rows)."""

    def of(self, download: tuple[str, str]) -> Progress | None:
        """Return the progress of a download; None if it is unknown or forgotten."""

    def stop(self, download: tuple[str, str]) -> Progress | None:
        """Let a download end soon; return its progress as it is, None if it is unknown."""


class ProgressBoard:
    """Keeps the progress of the downloads of this process, in its memory.

    Each is kept under its reader and the name that the page gave it.

    Progress that nobody has asked about for 10 minutes is forgotten. At most 200 are kept: a new
    one replaces the one that nobody asked about for the longest time. The download itself goes on.
    ``clock`` is a function that returns monotonic seconds. Several threads may use this at the same
    time.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[float, Progress]] = OrderedDict()

    def begin(self, download: tuple[str, str]) -> Progress:
        """Return the progress of a new download (``waiting``, 0 rows).

        ``download`` is the subject of its reader and its name (see ``NAME``). If the reader used
        the name before, as when a browser retries, it now stands for the new download.
        """
        progress = Progress()
        with self._lock:
            self._forget()
            self._kept.pop(download, None)
            while len(self._kept) >= MOST_NAMES:
                self._kept.popitem(last=False)
            self._kept[download] = (self._clock(), progress)
        return progress

    def of(self, download: tuple[str, str]) -> Progress | None:
        """Return the progress of a download; None if it is unknown or forgotten.

        Asking keeps the progress for another ``KEPT_SECONDS``.
        """
        with self._lock:
            self._forget()
            if download not in self._kept:
                return None
            progress = self._kept.pop(download)[1]
            self._kept[download] = (self._clock(), progress)
            return progress

    def stop(self, download: tuple[str, str]) -> Progress | None:
        """Let a download end before its next rows; return its progress, None if it is unknown."""
        progress = self.of(download)
        if progress:
            progress.asked_to_stop = True
        return progress

    def __len__(self) -> int:
        return len(self._kept)

    def _forget(self) -> None:
        limit = self._clock() - KEPT_SECONDS
        while self._kept:
            asked_at, _ = next(iter(self._kept.values()))
            if asked_at > limit:
                break
            self._kept.popitem(last=False)
