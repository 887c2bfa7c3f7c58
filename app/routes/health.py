"""``/healthz`` (this process lives) and ``/readyz`` (it can do its work)."""

import os
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final, Protocol

from flask import Blueprint, Response

from app.access.gate import open_to_everyone
from app.routes.answers import json_response
from queries.errors import StoreUnavailable
from queries.reader import Reader
from queries.user_scope import EVERYTHING

ALIVE: Final = "/healthz"
READY: Final = "/readyz"

#: Returns what ``/readyz`` shows; ``ready`` decides on the status.
Readiness = Callable[[], Mapping[str, object]]


class ProbedCache(Protocol):
    """A cache that can be tried, as ``cache_backends.CircuitBreaker``."""

    def get(self, key: str) -> object:
        """Return the value of ``key``."""

    def set(self, key: str, value: bytes) -> object:
        """Store ``value``."""


def blueprint(readiness: Readiness, cache: ProbedCache | None = None) -> Blueprint:
    """Return the routes ``/healthz`` and ``/readyz``, by which monitoring checks the server.

    ``/healthz`` always answers 200. ``/readyz`` answers 200 where ``ready`` of ``readiness`` is
    true, else 503. It also shows whether ``cache`` answers, which does not change the status.
    """
    routes = Blueprint("health", __name__)

    @routes.get(ALIVE)
    @open_to_everyone
    def alive() -> Response:
        return json_response({"alive": True})

    @routes.get(READY)
    @open_to_everyone
    def ready() -> Response:
        parts = dict(readiness())
        # Without its cache the server is slower but answers, so it stays in use.
        if cache is not None:
            parts["cache"] = probe(cache)
        status = HTTPStatus.OK if parts["ready"] else HTTPStatus.SERVICE_UNAVAILABLE
        return json_response(parts, status)

    return routes


def reader_is_ready(reader: Reader, stale_seconds: float) -> Readiness:
    """Return the readiness of a server of the page: the store answers ``reader``.

    A published store may be silent for ``stale_seconds``, while the server answers from what it
    has.
    """

    def readiness() -> Mapping[str, object]:
        answers = _store_answers(reader)
        silent_seconds = reader.supply().silent_seconds
        is_ready = answers and silent_seconds <= stale_seconds
        silence = {"silent_seconds": round(silent_seconds)} if silent_seconds else {}
        return {"ready": is_ready, "store": answers, **silence}

    return readiness


def _store_answers(reader: Reader) -> bool:
    try:
        reader.version(EVERYTHING)
    except StoreUnavailable:
        return False
    return True


def probe(cache: ProbedCache) -> bool:
    """Store a value in ``cache`` and return whether the cache returns it; False for any error."""
    token = os.urandom(8)
    try:
        cache.set("readyz", token)
        return bool(cache.get("readyz") == token)
    except Exception:
        return False
