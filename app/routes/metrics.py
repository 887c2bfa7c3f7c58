"""``/metrics``: the metrics in Prometheus' text format."""

from typing import Final

from flask import Blueprint, Response

from app.metrics import CONTENT_TYPE, Metrics

METRICS: Final = "/metrics"


def blueprint(metrics: Metrics) -> Blueprint:
    """Return the route ``/metrics``, which answers with the present values of ``metrics``."""
    routes = Blueprint("metrics", __name__)

    @routes.get(METRICS)
    def numbers() -> Response:
        response = Response(metrics.text(), content_type=CONTENT_TYPE)
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes
