"""Limits how often one subject may download, and see phones or texts, within a minute."""

import math
import threading
import time
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from queries.errors import TooManyRequests

_EXPORTS: Final = "exports"
_REVEALS: Final = "reveals"


class RateLimits:
    """Counts the downloads and reveals of each subject, in the memory of this process.

    A subject may have so many ``exports_per_minute`` and ``reveals_per_minute``. Several threads
    may use it at the same time.
    """

    def __init__(self, exports_per_minute: int, reveals_per_minute: int) -> None:
        # Two threads in the storage at once would start its timer twice, which fails.
        self._lock = threading.Lock()
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._exports = RateLimitItemPerMinute(exports_per_minute)
        self._reveals = RateLimitItemPerMinute(reveals_per_minute)

    def count_export(self, subject: str) -> None:
        """Count a download of ``subject``. Raises ``TooManyRequests`` if it is one too many."""
        self._count(self._exports, _EXPORTS, subject)

    def count_reveal(self, subject: str) -> None:
        """Count an answer with phones or texts. Raises ``TooManyRequests`` for one too many."""
        self._count(self._reveals, _REVEALS, subject)

    def _count(self, limit: RateLimitItem, kind: str, subject: str) -> None:
        with self._lock:
            if self._limiter.hit(limit, kind, subject):
                return
            free_at = self._limiter.get_window_stats(limit, kind, subject).reset_time
        # At the very moment ``free_at`` the oldest one still counts.
        raise TooManyRequests(max(1, math.floor(free_at - time.time()) + 1))
