"""What the Flask apps of the page and of the writer have in common."""

import uuid
from collections.abc import Callable, Container
from typing import Any, Final, Protocol

from flask import Flask, g, request

from app.access.gate import Gate
from app.errors import response_to
from app.http_parser import MAX_BODY_BYTES
from app.metrics import Metrics
from app.routes import webhooks
from app.security import ANY_PAGE, AllowedHosts, check_host
from app.settings import Settings
from app.waitress_server import ARRIVED_AT, LOGGED_PATH
from app.webhook_metrics import ReceiverCollector, WebhookMetrics
from components.locale import Locale
from queries.cache import ASKED_AT
from sources.owner import Owner
from sources.webhooks.receiver import Receiver

#: The key of an app's parts in ``Flask.extensions``.
EXTENSION: Final = "consumo"


class Parts(Protocol):
    """The parts of an app that its ``Flask.extensions`` hold."""

    def close(self) -> None:
        """End the app's threads, and let go of the store."""


def new_app() -> Flask:
    """Return a Flask app without routes, with the limit of bodies."""
    server = Flask("consumo_whatsapp", static_folder=None)
    server.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        COMPRESS_STREAMING_ENDPOINT_CONDITIONAL=["_dash_assets.static"],
    )
    return server


def check_requests(
    server: Flask, settings: Settings, gate: Callable[[Flask], Gate], panels: Container[str]
) -> None:
    """Let ``server`` look at each request before its route does: its host, then its sign-in.

    ``panels`` are the slugs that may stand in the log. Errors are answered as the API answers them.
    """
    hosts = AllowedHosts(settings.hosts)
    server.before_request(lambda: _begin_request(panels))
    server.before_request(lambda: check_host(hosts))
    server.before_request(gate(server).check)
    default_locale = Locale.of(settings.language)
    server.register_error_handler(Exception, lambda error: response_to(error, default_locale))


def receive_webhooks(
    server: Flask, settings: Settings, owner: Owner, metrics: Metrics
) -> Receiver | None:
    """Start the receiver of webhooks, and let ``server`` answer for it; None without settings."""
    if not settings.receives_webhooks:
        return None
    receiver = Receiver(settings.receiver, owner.path, owner.inbox)
    receiver.start()
    metrics.add(ReceiverCollector(receiver))
    server.register_blueprint(webhooks.blueprint(receiver, WebhookMetrics(metrics.registry)))
    return receiver


def close_app(server: Flask) -> None:
    """Close the parts of ``server``."""
    parts: Any = server.extensions[EXTENSION]
    parts.close()


def _begin_request(panels: Container[str]) -> None:
    """Give the current request an id for the logs, and a path for the log of requests.

    Let the cache know when it arrived. ``panels`` are the slugs of all panels.
    """
    g.request_id = uuid.uuid4().hex
    request.environ[LOGGED_PATH] = _logged_path(panels)
    ASKED_AT.set(request.environ.get(ARRIVED_AT))


def _logged_path(panels: Container[str]) -> str:
    """Return the path of the current request where it holds nothing but names that we gave.

    Otherwise it is the rule of its route, as ``/export/progress/<name>``; ``-`` without a route.
    """
    rule, given = request.url_rule, request.view_args or {}
    if rule is None or rule.rule == ANY_PAGE:
        return "-"
    is_ours = not given or (set(given) == {"slug"} and given["slug"] in panels)
    return request.path if is_ours else rule.rule
