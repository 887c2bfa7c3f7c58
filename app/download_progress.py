"""Progress of downloads. The page makes a ticket for each, and asks by it how far it is."""

import errno
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

#: 128 random bits that the page makes, so that nobody can guess the ticket of another.
TICKET: Final = re.compile(r"[0-9a-f]{32}")
#: A download is forgotten when nobody has asked about it for so long.
KEPT_SECONDS: Final = 600.0
MOST_TICKETS: Final = 200

#: ``waiting``: no row is written yet; ``stopped``: the reader stopped it; ``broken``: the
#: connection ended before the file did.
State = Literal["waiting", "running", "done", "failed", "stopped", "broken"]
_ENDED: Final = frozenset({"done", "failed", "stopped", "broken"})


class Ended(ConnectionResetError):
    """Raised to end an answer before its end.

    The server cuts the connection, so that no browser takes the file for complete, and does not log
    it, because connections that clients reset are frequent.
    """

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the download was ended")


@dataclass(slots=True)
class Progress:
    """One download: ``rows`` of ``total`` are written, without the row of headers.

    ``message`` is the sentence for the reader when it failed. One thread writes this, others read.
    """

    state: State = "waiting"
    rows: int = 0
    total: int | None = None
    message: str | None = None
    asked_to_stop: bool = False

    def wrote(self, rows: int) -> None:
        """Count ``rows`` more. Raises ``Ended`` when the reader has asked to stop."""
        self.state = "running"
        self.rows += rows
        if self.asked_to_stop:
            self.end("stopped")
            raise Ended

    def end(self, state: State, message: str | None = None) -> None:
        """Note how the download ended. Only the first call counts."""
        if self.state not in _ENDED:
            self.state, self.message = state, message

    def shown(self) -> dict[str, Any]:
        """Return the progress as JSON for the page."""
        content = {"state": self.state, "rows": self.rows, "total": self.total}
        return content | ({"message": self.message} if self.message else {})


class Tickets:
    """The progress of each download by its ticket, for at most 200 downloads and 10 minutes each.

    Where somebody sends many forged tickets, the oldest downloads lose their progress, but go on.
    ``clock`` returns monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_ticket: OrderedDict[str, tuple[float, Progress]] = OrderedDict()

    def begin(self, ticket: str | None) -> Progress:
        """Return the progress of a new download, which is 0 rows.

        Nobody can ask about a download without a ticket. A ticket that is used again, as by
        browsers that retry, belongs to the newer download from then on. Raises ``ValueError`` for a
        text that is not a ticket.
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
        """Return the progress of the download with ``ticket``, or None."""
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
