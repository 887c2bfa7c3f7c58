"""Lets one process at a time compute the bytes of a key, where several share a cache.

The process that computes has the lease of the key. The others wait for the bytes to be in the
cache. Whatever fails here, or takes too long, only makes a process compute the bytes itself.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain, repeat
from typing import Final, Literal, Protocol

from queries.errors import QueryTimeout

log = logging.getLogger(__name__)

#: How a computation ended that left no bytes: the query ran out of time, or it failed otherwise.
Ending = Literal["timeout", "failed"]

#: Pauses between two looks for the bytes of another process: at first short, as most queries are.
_FIRST_PAUSES: Final = (0.002, 0.004, 0.008, 0.016, 0.032)
_PAUSE_SECONDS: Final = 0.05


class Leases(Protocol):
    """Leases of keys, which all processes see. All methods may raise any exception.

    A lease ends by itself some seconds after the process that has it has died.
    """

    def take(self, key: str, token: str) -> str:
        """Return the token that has the lease of ``key``: ``token`` where nobody had it."""

    def end(self, key: str, token: str, ending: Ending | None) -> None:
        """End the lease of ``key`` if ``token`` has it; let others know of the ``ending``."""

    def ending(self, token: str) -> str | None:
        """Return with what ending the computation of ``token`` ended, if others need to know."""


class SharedFlights:
    """Computes the bytes of a key in one process for all that need them now.

    A request waits at most ``wait_seconds`` for another process, which should be a little more than
    the time limit of queries. ``clock`` returns seconds as ``time.monotonic`` does; ``sleep`` waits
    for so many seconds.
    """

    def __init__(
        self,
        leases: Leases,
        wait_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._leases = leases
        self._wait_seconds = wait_seconds
        self._clock = clock
        self._sleep = sleep

    def get(
        self, key: str, look_up: Callable[[], bytes | None], compute: Callable[[], bytes]
    ) -> bytes:
        """Return the bytes of ``key``: those of another process, or those that ``compute`` returns.

        ``look_up`` returns the bytes that are in the cache; ``compute`` puts them there.

        Raises ``QueryTimeout`` where the query of the process that was waited for ran out of time:
        the same query would take as long once more, and burden the store once for each process.
        Its other errors are not shared: then this process computes. Raises what ``compute`` raises.
        """
        token = secrets.token_hex(16)
        other: str | None = None
        until = self._clock() + self._wait_seconds
        pauses = _pauses()
        while True:
            try:
                holder = self._leases.take(key, token)
                ending = self._leases.ending(other) if other not in (None, holder) else None
            except Exception:
                log.warning("leases cannot be read", extra={"event": "lease_failed"})
                return compute()
            if holder == token:
                return self._compute(key, token, look_up, _raising(ending, compute))
            if ending:
                return _raising(ending, compute)()
            if self._clock() >= until:
                return compute()
            other = holder
            self._sleep(next(pauses))
            if (answer := look_up()) is not None:
                return answer

    def _compute(
        self,
        key: str,
        token: str,
        look_up: Callable[[], bytes | None],
        compute: Callable[[], bytes],
    ) -> bytes:
        """Compute under the lease that ``token`` has."""
        ending: Ending | None = "failed"
        try:
            # Another process may have put them there since this one looked.
            answer = look_up()
            if answer is None:
                answer = compute()
            ending = None
            return answer
        except QueryTimeout:
            ending = "timeout"
            raise
        finally:
            with suppress(Exception):  # it ends by itself soon
                self._leases.end(key, token, ending)


def _raising(ending: str | None, compute: Callable[[], bytes]) -> Callable[[], bytes]:
    """Return ``compute``; after a time-out of another process, a function that raises it."""
    if ending != "timeout":
        return compute

    def time_out() -> bytes:
        raise QueryTimeout("the same query of another process ran out of time")

    return time_out


def _pauses() -> Iterator[float]:
    return chain(_FIRST_PAUSES, repeat(_PAUSE_SECONDS))
