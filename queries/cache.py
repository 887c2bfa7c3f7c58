"""Answers that were computed before, as bytes; a cache that fails is a cache that is empty."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Protocol

from queries.scope import Scope

log = logging.getLogger(__name__)


class ByteCache(Protocol):
    """What keeps bytes by key: flask-caching, or anything with these two methods."""

    def get(self, key: str) -> object: ...

    def set(self, key: str, value: bytes) -> object: ...


def cache_key(data_version: int, scope: Scope, sql: str, parameters: tuple[object, ...]) -> str:
    """The key of an answer: equal for equal questions to equal data, and only for those."""
    question = json.dumps([data_version, asdict(scope), sql, parameters], default=_typed)
    return hashlib.sha256(question.encode()).hexdigest()


def _typed(value: object) -> list[str]:
    """A parameter that JSON does not know (a date), told apart from a text that looks like it."""
    return [type(value).__name__, str(value)]


class SingleFlightCache:
    """Computes each missing answer once, however many ask for it at the same time."""

    def __init__(self, store: ByteCache) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._flights: dict[str, tuple[threading.Lock, int]] = {}

    def get(
        self, key: str, compute: Callable[[], bytes], is_sound: Callable[[bytes], bool]
    ) -> bytes:
        """The bytes of ``key``; those in the cache only when they are ``is_sound``."""
        if (found := self._look_up(key, is_sound)) is not None:
            return found
        with self._flight(key):
            if (found := self._look_up(key, is_sound)) is not None:
                return found
            computed = compute()
            self._keep(key, computed)
            return computed

    def _look_up(self, key: str, is_sound: Callable[[bytes], bool]) -> bytes | None:
        try:
            found = self._store.get(key)
        except Exception:
            log.warning("cache cannot be read", extra={"event": "cache_read_failed"})
            return None
        return found if isinstance(found, bytes) and is_sound(found) else None

    def _keep(self, key: str, value: bytes) -> None:
        try:
            self._store.set(key, value)
        except Exception:
            log.warning("cache cannot be written", extra={"event": "cache_write_failed"})

    @contextmanager
    def _flight(self, key: str) -> Iterator[None]:
        with self._guard:
            lock, waiting = self._flights.get(key, (threading.Lock(), 0))
            self._flights[key] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, waiting = self._flights[key]
                if waiting == 1:
                    del self._flights[key]
                else:
                    self._flights[key] = (lock, waiting - 1)
