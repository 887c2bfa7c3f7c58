"""Where answers are cached: flask-caching's back ends for memory and Redis, which keep bytes.

They pickle nothing. A back end may fail or stall. ``queries.cache`` treats a failure as a miss; the
time-outs here limit a stall to a fraction of a second.
"""

import re
import threading
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import redis
from cachetools import LRUCache
from flask import Flask
from flask_caching import Cache
from flask_caching.backends.base import BaseCache
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.settings import SettingError

CACHE_URL_SENTENCE: Final = (
    "CONSUMO_CACHE_URL takes memory:// or a Redis address, as redis://127.0.0.1:6379/0"
)
#: Seconds after which a call to Redis fails.
_REDIS_SECONDS: Final = 0.2
#: How long Redis is not asked after a failure, so that an outage costs one time-out and not many.
_PAUSE_SECONDS: Final = 5.0
#: After a day Redis drops an entry.
_KEEP_SECONDS: Final = 86_400
#: Our keys in Redis begin with this: other programs may use the same database.
_PREFIX: Final = "consumo:"


class MemoryBytes(BaseCache):
    """A back end that keeps values of up to ``max_bytes`` together in this process.

    Where there is no room it drops the entries that were not used for longest. Several threads may
    use it at the same time.
    """

    def __init__(self, max_bytes: int) -> None:
        super().__init__()
        self._items: LRUCache[str, bytes] = LRUCache(max_bytes, getsizeof=len)
        self._lock = threading.Lock()

    @classmethod
    def factory(cls, app: Flask, config: Any, args: Any, kwargs: Any) -> "MemoryBytes":
        """Return the back end that ``config`` describes; flask-caching calls this."""
        return cls(config["CONSUMO_CACHE_BYTES"])

    def get(self, key: str) -> bytes | None:
        """Return the value of ``key``; None where none is kept."""
        with self._lock:
            return self._items.get(key)

    def set(self, key: str, value: bytes, timeout: int | timedelta | None = None) -> bool:
        """Keep ``value``; return False where it alone is larger than the cache.

        ``timeout`` changes nothing: no entry ever gets old.
        """
        with self._lock:
            if len(value) > self._items.maxsize:
                return False
            self._items[key] = value
            return True


class RedisBytes(BaseCache):
    """A back end that keeps bytes in Redis, each for a day.

    Entries are never out of date: their keys name the version of the data. They expire to make
    room. All methods raise ``redis.RedisError`` where Redis does not answer within 0.2 seconds;
    ``SettingError`` is raised for a ``url`` that Redis's client does not take.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        try:
            self._client = redis.Redis.from_url(
                url,
                socket_timeout=_REDIS_SECONDS,
                socket_connect_timeout=_REDIS_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
            # This opens no connection, but finds options that Redis's client does not know.
            self._client.connection_pool.make_connection()
        except (ValueError, TypeError, AttributeError, redis.RedisError):
            # The sentence does not repeat the address, which may hold a password.
            raise SettingError(CACHE_URL_SENTENCE) from None

    @classmethod
    def factory(cls, app: Flask, config: Any, args: Any, kwargs: Any) -> "RedisBytes":
        """Return the back end that ``config`` describes; flask-caching calls this."""
        return cls(config["CONSUMO_CACHE_URL"])

    def get(self, key: str) -> bytes | None:
        """Return the value of ``key``; None where none is kept."""
        value = self._client.get(_PREFIX + key)
        return value if isinstance(value, bytes) else None

    def set(self, key: str, value: bytes, timeout: int | timedelta | None = None) -> bool:
        """Keep ``value`` for a day, whatever ``timeout`` says; return whether Redis took it."""
        return bool(self._client.set(_PREFIX + key, value, ex=_KEEP_SECONDS))

    def ping(self) -> bool:
        """Return True where Redis answers."""
        return bool(self._client.ping())


def is_redis_address(url: str) -> bool:
    """Return whether Redis's client accepts ``url``. Nothing is connected to."""
    try:
        parts = urlsplit(url)
        is_redis = parts.scheme in ("redis", "rediss") and bool(parts.hostname)
        # The client would silently read a path that is not a number as database 0.
        if not is_redis or not re.fullmatch(r"(/\d*)?", parts.path) or re.search(r"\s", url):
            return False
        # The client checks the options behind the address when it makes a connection object.
        redis.ConnectionPool.from_url(url).make_connection()
    except (ValueError, TypeError, redis.RedisError):
        return False
    return True


def make_cache(server: Flask, url: str, megabytes: int) -> Cache:
    """Return the cache of ``server`` at ``url``: ``memory://`` or a Redis address.

    A Redis that does not answer is not an error: answers are computed until it does. Raises
    ``SettingError`` for an address or a size that is not valid.
    """
    if megabytes < 0:
        raise SettingError("CONSUMO_CACHE_MEGABYTES takes a whole number, 0 or more")
    kind = MemoryBytes if url.startswith("memory:") else RedisBytes
    return Cache(
        server,
        config={
            "CACHE_TYPE": f"{kind.__module__}.{kind.__name__}",
            "CACHE_NO_NULL_WARNING": True,
            "CONSUMO_CACHE_URL": url,
            "CONSUMO_CACHE_BYTES": megabytes * 2**20,
        },
    )


class CircuitBreaker:
    """A cache that is left alone for five seconds after a call to it failed.

    The call that fails raises the cache's error. In the seconds after it, ``get`` and ``set``
    return None at once, so that an outage of Redis costs about one time-out every five seconds and
    not one for each answer.
    ``clock`` returns monotonic seconds.
    """

    def __init__(self, cache: Cache, clock: Any) -> None:
        self._cache = cache
        self._clock = clock
        #: When the cache is called again, by ``clock``.
        self.paused_until = 0.0

    def get(self, key: str) -> object:
        """Return the cache's value of ``key``; None where it has none or is left alone."""
        return self._call(lambda: self._cache.get(key))

    def set(self, key: str, value: bytes) -> object:
        """Let the cache keep ``value``, and return its result; None while it is left alone."""
        return self._call(lambda: self._cache.set(key, value))

    def _call(self, call: Any) -> object:
        if self._clock() < self.paused_until:
            return None
        try:
            return call()
        except Exception:
            self.paused_until = self._clock() + _PAUSE_SECONDS
            raise
