"""The two places where answers are cached: the memory of this process, or Redis.

Both are back ends of flask-caching that keep bytes; nothing is pickled. The cache may be down:
``queries.cache`` then computes the answer. Calls to Redis time out after 0.2 seconds, so that a
Redis that does not answer delays a request only shortly.
"""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
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
REDIS_SECONDS: Final = 0.2
#: How long Redis is not asked after a failure, so that an outage costs one time-out and not many.
_PAUSE_SECONDS: Final = 5.0
#: After a day Redis drops an entry.
_KEEP_SECONDS: Final = 86_400
#: How many entries of Redis are dropped by one call.
_KEYS_AT_ONCE: Final = 1_000
#: Our keys in Redis begin with this: other programs may use the same database.
_PREFIX: Final = "consumo:"


class MemoryBytes(BaseCache):
    """A cache in the memory of this process, for at most ``max_bytes`` of values together.

    When it is full, the entries that were not used for the longest time are dropped. Several
    threads may use it at the same time.
    """

    def __init__(self, max_bytes: int) -> None:
        super().__init__()
        self._items: LRUCache[str, bytes] = LRUCache(max_bytes, getsizeof=len)
        self._lock = threading.Lock()

    @classmethod
    def factory(cls, app: Flask, config: Any, args: Any, kwargs: Any) -> "MemoryBytes":
        """Return a new ``MemoryBytes``; flask-caching calls this.

        Its size is ``config["CONSUMO_CACHE_BYTES"]``; the other arguments are not used.
        """
        return cls(config["CONSUMO_CACHE_BYTES"])

    def get(self, key: str) -> bytes | None:
        """Return the value stored for ``key``, or None."""
        with self._lock:
            return self._items.get(key)

    def set(self, key: str, value: bytes, timeout: int | timedelta | None = None) -> bool:
        """Store ``value`` for ``key`` and return True; return False if it is larger than the cache.

        ``timeout`` is ignored: entries do not expire.
        """
        with self._lock:
            if len(value) > self._items.maxsize:
                return False
            self._items[key] = value
            return True

    def clear(self) -> bool:
        """Drop all values and return True."""
        with self._lock:
            self._items.clear()
        return True


class RedisBytes(BaseCache):
    """A cache in Redis at the address ``url``; each entry expires after a day.

    An entry is never out of date, because its key names the version of the data; it expires only to
    make room. The methods raise ``redis.RedisError`` if Redis reports an error, or takes
    longer than 0.2 seconds to connect or to answer. Making a ``RedisBytes`` raises ``SettingError``
    if Redis's client does not accept ``url``; it does not connect yet.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._client = redis_client(url)

    @classmethod
    def factory(cls, app: Flask, config: Any, args: Any, kwargs: Any) -> "RedisBytes":
        """Return a new ``RedisBytes``; flask-caching calls this.

        Its address is ``config["CONSUMO_CACHE_URL"]``; the other arguments are not used.
        """
        return cls(config["CONSUMO_CACHE_URL"])

    def get(self, key: str) -> bytes | None:
        """Return the value stored for ``key``, or None."""
        value = self._client.get(_PREFIX + key)
        return value if isinstance(value, bytes) else None

    def set(self, key: str, value: bytes, timeout: int | timedelta | None = None) -> bool:
        """Store ``value`` for a day and return True; return False if Redis did not store it.

        ``timeout`` is ignored.
        """
        return bool(self._client.set(_PREFIX + key, value, ex=_KEEP_SECONDS))

    def clear(self) -> bool:
        """Drop all values of this product, whichever server stored them, and return True.

        Other keys of the database stay.
        """
        keys = self._client.scan_iter(match=f"{_PREFIX}*", count=_KEYS_AT_ONCE)
        while some := list(islice(keys, _KEYS_AT_ONCE)):
            self._client.unlink(*some)
        return True


def redis_client(url: str) -> redis.Redis:
    """Return a client of the Redis at ``url`` whose calls fail after 0.2 seconds; not connected.

    Raises ``SettingError`` if Redis's client does not accept ``url``.
    """
    try:
        client = redis.Redis.from_url(
            url,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        # This opens no connection, but finds options that Redis's client does not know.
        client.connection_pool.make_connection()
        # An option of the address could make texts of what are bytes for us.
        client.connection_pool.connection_kwargs["decode_responses"] = False
    except (ValueError, TypeError, AttributeError, redis.RedisError):
        # The sentence does not repeat the address, which may hold a password.
        raise SettingError(CACHE_URL_SENTENCE) from None
    return client


def is_redis_address(url: str) -> bool:
    """Return whether ``url`` is a valid ``redis://`` or ``rediss://`` address.

    It needs a host. The path may be empty or the number of a database. Options after ``?`` must be
    known to Redis's client. Nothing is connected to.
    """
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
    """Return the cache of the app ``server``: in memory if ``url`` is ``memory://``, else in Redis.

    ``megabytes`` is the size of a cache in memory; 0 stores nothing, and Redis ignores it. This
    does not connect to Redis. Raises ``SettingError`` for an address that Redis's client does not
    accept, or a negative size.
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


def drop_answers(url: str) -> None:
    """Drop all answers that servers keep in the cache at ``url``, for a process that is no server.

    ``memory://`` is the memory of a server, which another process cannot reach: nothing is done.
    Raises ``redis.RedisError`` if Redis does not answer, and ``SettingError`` as ``RedisBytes``.
    """
    if not url.startswith("memory:"):
        RedisBytes(url).clear()


class Pause:
    """Five seconds in which something that has failed is not called.

    ``clock`` returns monotonic seconds. ``until`` is when the last pause ends, by ``clock``.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.until = 0.0

    @property
    def is_on(self) -> bool:
        """Whether it must not be called now."""
        return self._clock() < self.until

    def begin(self) -> None:
        """Begin a pause now."""
        self.until = self._clock() + _PAUSE_SECONDS


class CircuitBreaker:
    """Passes ``get`` and ``set`` on to ``cache``, but not in the five seconds after a call failed.

    The call that fails raises the error of ``cache``. In the five seconds after it, ``get`` and
    ``set`` return None without a call, so that requests do not each wait for a Redis that is down.
    Calls that were already under way when the first one failed still wait for their own time-out.
    ``clock`` is a function that returns monotonic seconds. ``pause`` is shared with other callers
    of the same Redis.
    """

    def __init__(
        self, cache: Cache, clock: Callable[[], float], pause: Pause | None = None
    ) -> None:
        self._cache = cache
        self._pause = pause or Pause(clock)

    @property
    def paused_until(self) -> float:
        """When the cache is called again, by the clock."""
        return self._pause.until

    def get(self, key: str) -> object:
        """Return the value stored for ``key``; None if there is none or ``cache`` is not called."""
        return self._call(lambda: self._cache.get(key))

    def set(self, key: str, value: bytes) -> object:
        """Store ``value`` for ``key``; return whether it was stored.

        Return None if ``cache`` is not called.
        """
        return self._call(lambda: self._cache.set(key, value))

    def clear(self) -> object:
        """Drop all values, also in the five seconds after a failure."""
        return self._cache.clear()

    def _call(self, call: Callable[[], object]) -> object:
        if self._pause.is_on:
            return None
        try:
            return call()
        except Exception:
            self._pause.begin()
            raise


class RedisResting(redis.ConnectionError):
    """Redis is not called, because a call failed within the last five seconds."""


class RedisLink:
    """Calls the Redis at ``url``, but not in the five seconds after a call of ``pause`` failed.

    Making one raises ``SettingError`` for an address that Redis's client does not accept; it does
    not connect yet. Several threads may use it at the same time.
    """

    def __init__(self, url: str, pause: Pause) -> None:
        self._client = redis_client(url)
        self._pause = pause

    def call(self, use: Callable[[redis.Redis], Any]) -> Any:
        """Return what ``use`` returns of a client.

        Raises ``redis.RedisError`` where Redis fails, and ``RedisResting`` in the pause after it.
        """
        if self._pause.is_on:
            raise RedisResting
        try:
            return use(self._client)
        except redis.RedisError:
            self._pause.begin()
            raise
