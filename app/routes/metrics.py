"""``/metrics``: the metrics in Prometheus' text format."""

import hmac
from typing import Final

from flask import Blueprint, Response, request

from app.access.authenticators import NotSignedIn, bearer_token
from app.access.gate import open_to_everyone
from app.metrics import CONTENT_TYPE, Metrics

METRICS: Final = "/metrics"


def blueprint(metrics: Metrics, credential: str, *, is_open: bool) -> Blueprint:
    """Return the route ``/metrics``, which answers with the present values of ``metrics``.

    It needs ``credential`` as its bearer token; tokens of readers are not taken. Where
    ``credential`` is "", the route is open if ``is_open``, else it refuses everybody.
    """
    routes = Blueprint("metrics", __name__)

    @routes.get(METRICS)
    @open_to_everyone  # it has a credential of its own
    def numbers() -> Response:
        if not (is_open and not credential):
            _check(credential)
        response = Response(metrics.text(), content_type=CONTENT_TYPE)
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes


def _check(credential: str) -> None:
    given = bearer_token(request) or ""
    if not credential or not hmac.compare_digest(given.encode(), credential.encode()):
        raise NotSignedIn("credential" if given else "missing")
