"""``/healthz`` (this process lives) and ``/readyz`` (store and cache answer)."""

import os
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response

from app.access.gate import open_to_everyone
from app.routes.answers import json_response
from queries.errors import StoreUnavailable
from queries.reader import Reader

ALIVE: Final = "/healthz"
READY: Final = "/readyz"


def blueprint(reader: Reader, cache_answers: Callable[[], bool]) -> Blueprint:
    """Return the routes ``/healthz`` and ``/readyz``, by which monitoring checks the server.

    ``/healthz`` always answers 200. ``/readyz`` answers 200 if the store answers, else 503. It also
    shows what ``cache_answers`` returns, which does not change the status.
    """
    routes = Blueprint("health", __name__)

    @routes.get(ALIVE)
    @open_to_everyone
    def alive() -> Response:
        return json_response({"alive": True})

    @routes.get(READY)
    @open_to_everyone
    def ready() -> Response:
        parts = {"store": _store_answers(reader), "cache": cache_answers()}
        # Without its cache the server is slower but answers, so it stays in use.
        status = HTTPStatus.OK if parts["store"] else HTTPStatus.SERVICE_UNAVAILABLE
        return json_response({"ready": parts["store"], **parts}, status)

    return routes


def _store_answers(reader: Reader) -> bool:
    try:
        reader.version()
    except StoreUnavailable:
        return False
    return True


def probe(cache: object) -> bool:
    """Store a value in ``cache`` and return whether the cache returns it; False for any error.

    ``cache`` has ``get`` and ``set``, as ``cache_backends.CircuitBreaker`` has.
    """
    token = os.urandom(8)
    try:
        cache.set("readyz", token)  # type: ignore[attr-defined]
        return bool(cache.get("readyz") == token)  # type: ignore[attr-defined]
    except Exception:
        return False
