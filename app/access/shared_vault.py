"""A vault in Redis, for servers of which any may get the secret that another one gave out.

Redis never sees a secret: an entry is found by one hash of it, and is encrypted with a key that is
another. So who reads Redis, or a copy of it, can neither use a ticket nor see what it stands for,
and who writes into Redis can make none.
"""

import base64
import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import redis
from cryptography.fernet import Fernet, InvalidToken

from app.access.one_time import Vault, new_secret
from app.cache_backends import RedisLink

log = logging.getLogger(__name__)

_T = TypeVar("_T")

_KEY: Final = "consumo-shared:once:"


@dataclass(frozen=True, slots=True)
class Codec(Generic[_T]):
    """How values of one kind become JSON, and again values.

    ``from_json`` raises ``ValueError``, ``TypeError``, ``KeyError`` or ``AttributeError`` for what
    is no such value.
    """

    to_json: Callable[[_T], object]
    from_json: Callable[[Any], _T]


class SharedVault(Generic[_T]):
    """Keeps values of one ``kind`` in the Redis of ``link`` until one server takes them.

    While Redis does not answer, values are kept in ``local``, where only this server finds them;
    those that are in Redis are then not found. A value is in one of the two only, so that it can
    never be taken twice.
    """

    def __init__(self, link: RedisLink, kind: str, codec: Codec[_T], local: Vault[_T]) -> None:
        self.seconds = local.seconds
        self._link = link
        self._kind = kind
        self._codec = codec
        self._local = local

    def put(self, value: _T) -> str:
        """Keep ``value``; return the secret, which nobody can guess and an address can hold."""
        secret = new_secret()
        sealed = _cipher(secret).encrypt(json.dumps(self._codec.to_json(value)).encode())
        milliseconds = round(self.seconds * 1_000)
        try:
            self._link.call(lambda client: client.set(self._name(secret), sealed, px=milliseconds))
        except redis.RedisError:
            # Under another secret: Redis may have kept the value although it did not say so.
            log.warning("Redis keeps no secret", extra={"event": "vault_is_local"})
            return self._local.put(value)
        return secret

    def take(self, secret: str) -> _T | None:
        """Return the value kept under ``secret`` and forget it; None if there is none any more."""
        found = self._found(secret, lambda client, name: client.getdel(name))
        return self._local.take(secret) if found is None else found

    def peek(self, secret: str) -> _T | None:
        """Return the value kept under ``secret``, which stays there; None if there is none."""
        found = self._found(secret, lambda client, name: client.get(name))
        return self._local.peek(secret) if found is None else found

    def _found(self, secret: str, ask: Callable[[redis.Redis, str], object]) -> _T | None:
        try:
            sealed = self._link.call(lambda client: ask(client, self._name(secret)))
            return None if sealed is None else self._opened(secret, sealed)
        except redis.RedisError:
            log.warning("Redis knows no secret now", extra={"event": "vault_is_local"})
        except (InvalidToken, ValueError, TypeError, KeyError, AttributeError):
            # Somebody else wrote it, or a server of another version.
            log.warning("a value of Redis is not ours", extra={"event": "vault_value_refused"})
        return None

    def _opened(self, secret: str, sealed: bytes) -> _T:
        return self._codec.from_json(json.loads(_cipher(secret).decrypt(sealed)))

    def _name(self, secret: str) -> str:
        return f"{_KEY}{self._kind}:{_digest('name', secret).hex()}"


def _cipher(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_digest("value", secret)))


def _digest(purpose: str, secret: str) -> bytes:
    """Return a hash of ``secret``, which has 256 random bits: a slow hash would add nothing."""
    return hashlib.sha256(f"{purpose}:{secret}".encode("utf-8", "surrogatepass")).digest()
