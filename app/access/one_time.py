"""Vaults keep values under secrets that each can be used once, for a short time.

``OneTimeVault`` is one in the memory of this process; ``shared_vault`` has one in Redis.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

_T = TypeVar("_T")

_SECRET_BYTES: Final = 32
#: At most so many secrets are kept; a new one then replaces the oldest.
MOST_SECRETS: Final = 10_000


class Vault(Protocol[_T]):
    """Keeps each value until it is taken, at most ``seconds`` long."""

    seconds: float

    def put(self, value: _T) -> str:
        """Keep ``value``; return the secret, which nobody can guess and an address can hold."""

    def take(self, secret: str) -> _T | None:
        """Return the value kept under ``secret`` and forget it; None if there is none any more."""

    def peek(self, secret: str) -> _T | None:
        """Return the value kept under ``secret``, which stays there; None if there is none."""


def new_secret() -> str:
    """Return a secret that nobody can guess and an address can hold."""
    return secrets.token_urlsafe(_SECRET_BYTES)


@dataclass(frozen=True, slots=True)
class _Kept(Generic[_T]):
    value: _T
    until: float


class OneTimeVault(Generic[_T]):
    """Keeps each value in memory until it is taken, at most ``seconds`` long.

    ``clock`` returns monotonic seconds. Several threads may use it at the same time.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept[_T]] = OrderedDict()

    def put(self, value: _T) -> str:
        """Keep ``value``; return the secret, which nobody can guess and an address can hold."""
        secret = new_secret()
        with self._lock:
            self._forget()
            self._kept[secret] = _Kept(value, self._clock() + self.seconds)
        return secret

    def take(self, secret: str) -> _T | None:
        """Return the value kept under ``secret`` and forget it; None if there is none any more."""
        with self._lock:
            self._forget()
            kept = self._kept.pop(secret, None)
        return kept.value if kept else None

    def peek(self, secret: str) -> _T | None:
        """Return the value kept under ``secret``, which stays there; None if there is none."""
        with self._lock:
            self._forget()
            kept = self._kept.get(secret)
        return kept.value if kept else None

    def _forget(self) -> None:
        while self._kept:
            secret, kept = next(iter(self._kept.items()))
            if kept.until > self._clock() and len(self._kept) < MOST_SECRETS:
                break
            del self._kept[secret]
