"""How far downloads are: the page gives each a ticket of its own making, and asks by it."""

import errno
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

#: What a page makes: 128 random bits, so that nobody finds the ticket of another.
TICKET: Final = re.compile(r"[0-9a-f]{32}")
#: A download that nobody has heard of for so long is forgotten.
KEPT_SECONDS: Final = 600.0
MOST_TICKETS: Final = 200

#: ``waiting``: asked for, no row yet; ``stopped``: by the reader; ``broken``: nobody took the rest.
State = Literal["waiting", "running", "done", "failed", "stopped", "broken"]
_ENDED: Final = frozenset({"done", "failed", "stopped", "broken"})


class Ended(ConnectionResetError):
    """Ends an answer in its middle: the connection is cut, so no browser takes it for whole.

    Servers log a connection that was reset as nothing worth telling.
    """

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the download was ended")


@dataclass(slots=True)
class Progress:
    """One download: ``rows`` of ``total`` are written, both of the table without its headers.

    ``message`` is a sentence for the reader, of one that failed. One thread writes, others read.
    """

    state: State = "waiting"
    rows: int = 0
    total: int | None = None
    message: str | None = None
    asked_to_stop: bool = False

    def wrote(self, rows: int) -> None:
        """So many rows more. Raises ``Ended`` where the reader wants no more of them."""
        self.state = "running"
        self.rows += rows
        if self.asked_to_stop:
            self.end("stopped")
            raise Ended

    def end(self, state: State, message: str | None = None) -> None:
        """The first end is the one that counts."""
        if self.state not in _ENDED:
            self.state, self.message = state, message

    def shown(self) -> dict[str, Any]:
        """What the page is told."""
        told = {"state": self.state, "rows": self.rows, "total": self.total}
        return told | ({"message": self.message} if self.message else {})


class Tickets:
    """The downloads of one process by ticket: a bounded number, each for a bounded time.

    Forged tickets cost the oldest their progress, and no download its rows. ``clock`` gives
    seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._heard: OrderedDict[str, tuple[float, Progress]] = OrderedDict()

    def begin(self, ticket: str | None) -> Progress:
        """A new download; one without a ticket is one that nobody asks about.

        A ticket that comes again, as browsers do that try again, is of the newer download. Raises
        ``ValueError`` for what is no ticket.
        """
        progress = Progress()
        if ticket is None:
            return progress
        if not TICKET.fullmatch(ticket):
            raise ValueError("not a ticket")
        with self._lock:
            self._forget()
            self._heard.pop(ticket, None)
            while len(self._heard) >= MOST_TICKETS:
                self._heard.popitem(last=False)
            self._heard[ticket] = (self._clock(), progress)
        return progress

    def of(self, ticket: str) -> Progress | None:
        """The download of ``ticket``, None where none is known."""
        with self._lock:
            self._forget()
            if ticket not in self._heard:
                return None
            progress = self._heard.pop(ticket)[1]
            self._heard[ticket] = (self._clock(), progress)
            return progress

    def __len__(self) -> int:
        return len(self._heard)

    def _forget(self) -> None:
        limit = self._clock() - KEPT_SECONDS
        while self._heard:
            heard_at, _ = next(iter(self._heard.values()))
            if heard_at > limit:
                break
            self._heard.popitem(last=False)
