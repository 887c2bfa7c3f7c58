"""What servers share by a Redis: cache, leases, tickets, codes, limits and progress of downloads.

Without a Redis all of it is in the memory of this process. Where a Redis does not answer, each part
goes on in memory; its module says what that means.
"""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from flask import Flask

from app.access.one_time import OneTimeVault, Vault
from app.access.rate_limits import RateLimits, SharedCounter
from app.access.shared_vault import Codec, SharedVault
from app.cache_backends import CircuitBreaker, Pause, RedisLink, make_cache
from app.download_progress import Board, ProgressBoard
from app.redis_leases import LEASE_SECONDS, RedisLeases
from app.settings import Settings
from app.shared_progress import SharedBoard
from queries.cache import SingleFlightCache
from queries.shared_flights import SharedFlights

_T = TypeVar("_T")

#: How much longer than a query may take a request waits for that of another server.
_BEYOND_SECONDS: Final = LEASE_SECONDS


class Sharing:
    """Makes the shared parts of the app ``server`` with ``settings``.

    ``close`` ends their threads. Raises ``SettingError`` for a cache that cannot be used.
    """

    def __init__(self, server: Flask, settings: Settings) -> None:
        pause = Pause(time.monotonic)
        #: The cache of answers, as monitoring asks it.
        self.cache = CircuitBreaker(
            make_cache(server, settings.cache_url, settings.cache_megabytes), time.monotonic, pause
        )
        has_redis = not settings.cache_url.startswith("memory:")
        self._link = RedisLink(settings.cache_url, pause) if has_redis else None
        self._ends: list[Callable[[], None]] = []
        #: The answers of the cache, each computed once for all that need it now.
        self.flights = SingleFlightCache(self.cache, shared=self._shared(settings.query_seconds))
        #: Counts downloads and reveals.
        self.limits = RateLimits(
            settings.exports_per_minute,
            settings.reveals_per_minute,
            SharedCounter(self._link) if self._link else None,
        )
        #: Keeps the progress of downloads.
        self.board: Board = self._board()

    def vault(self, kind: str, seconds: float, codec: Codec[_T]) -> Vault[_T]:
        """Return a vault for secrets of one ``kind``, which hold for ``seconds``."""
        local: OneTimeVault[_T] = OneTimeVault(seconds, time.monotonic)
        return SharedVault(self._link, kind, codec, local) if self._link else local

    def close(self) -> None:
        """End the threads of the shared parts, and wait for them."""
        for end in self._ends:
            end()

    def _shared(self, query_seconds: float) -> SharedFlights | None:
        if not self._link:
            return None
        most_seconds = query_seconds + _BEYOND_SECONDS
        leases = RedisLeases(self._link, most_seconds)
        self._ends.append(leases.close)
        return SharedFlights(leases, most_seconds)

    def _board(self) -> Board:
        if not self._link:
            return ProgressBoard(time.monotonic)
        board = SharedBoard(self._link)
        self._ends.append(board.close)
        return board
