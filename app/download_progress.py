"""Tracks how far each download is. The page makes a ticket for each, and asks with this ticket."""

import errno
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

#: A ticket: 128 random bits that the page makes, so that nobody can guess the ticket of another.
TICKET: Final = re.compile(r"[0-9a-f]{32}")
#: A download is forgotten when nobody has asked about it for so long.
KEPT_SECONDS: Final = 600.0
MOST_TICKETS: Final = 200

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
    own thread and may be read by other threads.
    """

    state: State = "waiting"
    rows: int = 0
    total: int | None = None
    message: str | None = None
    asked_to_stop: bool = False

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

    def shown(self) -> dict[str, Any]:
        """Return ``state``, ``rows``, ``total`` and ``message`` as a dict for JSON.

        ``total`` may be None; ``message`` is left out if there is none.
        """
        content = {"state": self.state, "rows": self.rows, "total": self.total}
        return content | ({"message": self.message} if self.message else {})


class Tickets:
    """Keeps the progress of each download under the ticket that the page gave it.

    Progress that nobody has asked about for 10 minutes is forgotten. At most 200 are kept: a new
    one replaces the one that nobody asked about for the longest time. The download itself goes on.
    ``clock`` is a function that returns monotonic seconds. Several threads may use this at the same
    time.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_ticket: OrderedDict[str, tuple[float, Progress]] = OrderedDict()

    def begin(self, ticket: str | None) -> Progress:
        """Return the progress of a new download (``waiting``, 0 rows), and keep it for ``ticket``.

        ``ticket`` is 32 lower-case hexadecimal digits; for any other text ``ValueError`` is raised.
        With None the progress is not kept, so nobody can ask about it. If the ticket was used
        before, as when a browser retries, it now stands for the new download.
        """
        progress = Progress()
        if ticket is None:
            return progress
        if not TICKET.fullmatch(ticket):
            raise ValueError("not a ticket")
        with self._lock:
            self._forget()
            self._by_ticket.pop(ticket, None)
            while len(self._by_ticket) >= MOST_TICKETS:
                self._by_ticket.popitem(last=False)
            self._by_ticket[ticket] = (self._clock(), progress)
        return progress

    def of(self, ticket: str) -> Progress | None:
        """Return the progress of the download with ``ticket``; None if it is unknown or forgotten.

        Asking keeps the progress for another ``KEPT_SECONDS``.
        """
        with self._lock:
            self._forget()
            if ticket not in self._by_ticket:
                return None
            progress = self._by_ticket.pop(ticket)[1]
            self._by_ticket[ticket] = (self._clock(), progress)
            return progress

    def __len__(self) -> int:
        return len(self._by_ticket)

    def _forget(self) -> None:
        limit = self._clock() - KEPT_SECONDS
        while self._by_ticket:
            asked_at, _ = next(iter(self._by_ticket.values()))
            if asked_at > limit:
                break
            self._by_ticket.popitem(last=False)
