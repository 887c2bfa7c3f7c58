"""Leases in Redis: they let one process at a time compute the bytes of a key."""

import threading
import time
from contextlib import suppress
from typing import Any, Final

import redis

from app.cache_backends import RedisLink
from queries.shared_flights import Ending

#: A lease whose process has died ends after so long. A process that lives renews it more often.
LEASE_SECONDS: Final = 3.0
_RENEW_SECONDS: Final = 1.0
#: For so long Redis holds how a computation ended. Whoever waits for it looks far more often.
_ENDING_SECONDS: Final = 10.0

_LEASE: Final = "consumo-shared:lease:"
_ENDING: Final = "consumo-shared:ending:"

#: Each script is one step for Redis: no other process comes between. A lease without an end, which
#: no process of ours makes, counts as none.
_TAKE: Final = """
local holder = redis.call('get', KEYS[1])
if holder and redis.call('pttl', KEYS[1]) > 0 then return holder end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
"""
_END: Final = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] ~= '' then redis.call('set', KEYS[2], ARGV[2], 'PX', ARGV[3]) end
return redis.call('del', KEYS[1])
"""
_RENEW: Final = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])
"""


class RedisLeases:
    """Leases in the Redis of ``link``; see ``queries.shared_flights.Leases``.

    Each lasts ``seconds``. A thread renews those of this process, each for at most ``most_seconds``
    in all, so that a computation that hangs does not keep it for ever. ``close`` ends the thread.
    All methods but ``close`` may raise ``redis.RedisError``.
    """

    def __init__(
        self, link: RedisLink, most_seconds: float, seconds: float = LEASE_SECONDS
    ) -> None:
        self._link = link
        self._most_seconds = most_seconds
        self._milliseconds = round(seconds * 1_000)
        self._held: dict[str, tuple[str, float]] = {}
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="leases", daemon=True)
        self._thread.start()

    def take(self, key: str, token: str) -> str:
        """Return the token that has the lease of ``key``: ``token`` where nobody had it."""
        holder = self._run(_TAKE, [_LEASE + key], token, self._milliseconds).decode("latin-1")
        if holder == token:
            with self._changed:
                self._held[token] = key, time.monotonic() + self._most_seconds
                self._changed.notify()
        return str(holder)

    def end(self, key: str, token: str, ending: Ending | None) -> None:
        """End the lease of ``key`` if ``token`` has it; let others know of the ``ending``."""
        with self._changed:
            self._held.pop(token, None)
        keys = [_LEASE + key, _ENDING + token]
        self._run(_END, keys, token, ending or "", round(_ENDING_SECONDS * 1_000))

    def ending(self, token: str) -> str | None:
        """Return with what ending the computation of ``token`` ended, if others need to know."""
        found = self._link.call(lambda client: client.get(_ENDING + token))
        return found.decode("latin-1") if found else None

    def close(self) -> None:
        """End the thread that renews, and wait for it."""
        self._closed.set()
        with self._changed:
            self._changed.notify()
        self._thread.join()

    def _run(self, script: str, keys: list[str], *values: str | int) -> Any:
        return self._link.call(lambda client: client.eval(script, len(keys), *keys, *values))

    def _renew(self) -> None:
        while not self._closed.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._held or self._closed.is_set())
            self._closed.wait(_RENEW_SECONDS)
            for key, token in self._to_renew():
                with suppress(redis.RedisError):  # then the lease ends, and another one computes
                    self._run(_RENEW, [_LEASE + key], token, self._milliseconds)

    def _to_renew(self) -> list[tuple[str, str]]:
        """Return the keys and tokens of our leases; forget those that have lasted too long."""
        now = time.monotonic()
        with self._changed:
            self._held = {token: held for token, held in self._held.items() if held[1] > now}
            return [(key, token) for token, (key, _) in self._held.items()]
