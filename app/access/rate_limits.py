"""Limits how often one subject may download, and see phones or texts, within a minute."""

import hashlib
import logging
import math
import threading
import time
from typing import Final, Protocol

import redis
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from app.cache_backends import RedisLink
from queries.errors import TooManyRequests

log = logging.getLogger(__name__)

_EXPORTS: Final = "exports"
_REVEALS: Final = "reveals"
_KEY: Final = "consumo-shared:limits"


class Counter(Protocol):
    """Counts what subjects do."""

    def free_at(self, limit: RateLimitItem, kind: str, subject: str) -> float | None:
        """Count one more; return None, or where ``limit`` forbids it when the next is allowed.

        That is in seconds since 1970.
        """


class MemoryCounter:
    """Counts in the memory of this process. Several threads may use it at the same time."""

    def __init__(self) -> None:
        # Two threads in the storage at once would start its timer twice, which fails.
        self._lock = threading.Lock()
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def free_at(self, limit: RateLimitItem, kind: str, subject: str) -> float | None:
        """Count one more; see ``Counter``."""
        with self._lock:
            return _free_at(self._limiter, limit, kind, subject)


class SharedCounter:
    """Counts in the Redis of ``link``, for all servers that use it.

    While Redis does not answer, this server counts in its own memory: so a subject may then have as
    many from each server, and never any number. Subjects are in Redis as hashes only. The clocks of
    the servers must not differ by more than some seconds.
    """

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._local = MemoryCounter()

    def free_at(self, limit: RateLimitItem, kind: str, subject: str) -> float | None:
        """Count one more; see ``Counter``."""
        hashed = hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()
        try:
            found: float | None = self._link.call(
                lambda client: _free_at(_limiter_of(client), limit, kind, hashed)
            )
        except redis.RedisError:
            log.warning("limits are counted here only", extra={"event": "limits_are_local"})
            return self._local.free_at(limit, kind, subject)
        return found


def _limiter_of(client: redis.Redis) -> MovingWindowRateLimiter:
    """Return a limiter on the connections of ``client``; it connects to nothing by itself."""
    pool = client.connection_pool
    return MovingWindowRateLimiter(
        RedisStorage("redis://", connection_pool=pool, key_prefix=_KEY, wrap_exceptions=False)
    )


def _free_at(
    limiter: MovingWindowRateLimiter, limit: RateLimitItem, kind: str, subject: str
) -> float | None:
    if limiter.hit(limit, kind, subject):
        return None
    return float(limiter.get_window_stats(limit, kind, subject).reset_time)


class RateLimits:
    """Counts the downloads and reveals of each subject.

    A subject may have so many ``exports_per_minute`` and ``reveals_per_minute``. ``counter`` counts
    them; None stands for the memory of this process. Several threads may use it at the same time.
    """

    def __init__(
        self, exports_per_minute: int, reveals_per_minute: int, counter: Counter | None = None
    ) -> None:
        self._counter = counter or MemoryCounter()
        self._exports = RateLimitItemPerMinute(exports_per_minute)
        self._reveals = RateLimitItemPerMinute(reveals_per_minute)

    def count_export(self, subject: str) -> None:
        """Count a download of ``subject``. Raises ``TooManyRequests`` if it is one too many."""
        self._count(self._exports, _EXPORTS, subject)

    def count_reveal(self, subject: str) -> None:
        """Count an answer with phones or texts. Raises ``TooManyRequests`` for one too many."""
        self._count(self._reveals, _REVEALS, subject)

    def _count(self, limit: RateLimitItem, kind: str, subject: str) -> None:
        free_at = self._counter.free_at(limit, kind, subject)
        if free_at is not None:
            # At the very moment ``free_at`` the oldest one still counts.
            raise TooManyRequests(max(1, math.floor(free_at - time.time()) + 1))
