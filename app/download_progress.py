"""How far each download is. The page makes a ticket for a download, and asks with it."""

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
    """Raised in a download to end it before the file is complete: it was stopped, or it failed.

    The server then cuts the connection, so that no browser takes the file for complete. It logs
    nothing, because the error looks like a client's reset, which is frequent.
    """

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the download was ended")


@dataclass(slots=True)
class Progress:
    """How far one download is: ``rows`` of ``total`` are written, the row of headers not counted.

    ``total`` is None where nobody counted the rows before. ``message`` is the sentence for the
    reader where the download failed, else None. ``asked_to_stop`` is set by the request that stops
    the download. The thread of the download writes all other fields; other threads read them.
    """

    state: State = "waiting"
    rows: int = 0
    total: int | None = None
    message: str | None = None
    asked_to_stop: bool = False

    def wrote(self, rows: int) -> None:
        """Count ``rows`` more rows. Raises ``Ended`` where the reader has asked to stop.

        The download is then ``stopped``, else ``running``.
        """
        self.state = "running"
        self.rows += rows
        if self.asked_to_stop:
            self.end("stopped")
            raise Ended

    def end(self, state: State, message: str | None = None) -> None:
        """Set the last state, and for a failure its ``message``. Only the first call counts."""
        if self.state not in _ENDED:
            self.state, self.message = state, message

    def shown(self) -> dict[str, Any]:
        """Return ``state``, ``rows``, ``total`` and, where there is one, ``message`` for JSON."""
        content = {"state": self.state, "rows": self.rows, "total": self.total}
        return content | ({"message": self.message} if self.message else {})


class Tickets:
    """The progress of each download by its ticket.

    A download is forgotten when nobody has asked about it for 10 minutes, and, where there are more
    than 200, when it is the one that nobody asked about for longest; it goes on all the same.
    ``clock`` returns monotonic seconds. Several threads may use this at the same time.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_ticket: OrderedDict[str, tuple[float, Progress]] = OrderedDict()

    def begin(self, ticket: str | None) -> Progress:
        """Return the progress of a new download, ``waiting`` at 0 rows, and keep it by ``ticket``.

        With None it is not kept, and nobody can ask about the download. A ticket that is used
        again, as by browsers that retry, belongs to the newer download from then on. Raises
        ``ValueError`` for a text that does not match ``TICKET``.
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
        """Return the progress of the download with ``ticket``; None where unknown or forgotten.

        Asking keeps it for another ``KEPT_SECONDS``.
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
