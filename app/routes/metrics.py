"""``/metrics``: numbers for an operator's Prometheus."""

from typing import Final

from flask import Blueprint, Response

from app.metrics import CONTENT_TYPE, Metrics

METRICS: Final = "/metrics"


def blueprint(metrics: Metrics) -> Blueprint:
    """The route at which ``metrics`` are read."""
    routes = Blueprint("metrics", __name__)

    @routes.get(METRICS)
    def numbers() -> Response:
        response = Response(metrics.text(), content_type=CONTENT_TYPE)
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes
