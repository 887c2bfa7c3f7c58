"""Makes a whole app: joins the store's owner, cache, metrics, routes and page.

Two apps can live in one process.
"""

import time
import uuid
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dash import Dash
from flask import Flask, g, request

from app.access.authenticators import Authenticator, Everybody, ProxyUsers, TokenHolders
from app.access.configured_tokens import token_verifier
from app.access.download_tickets import DownloadTickets
from app.access.gate import Gate
from app.access.identity import current_identity, current_scope
from app.access.rate_limits import RateLimits
from app.access.reveals import AuditedReader, Reveals
from app.access.tokens import TokenVerifier
from app.cache_backends import CircuitBreaker, make_cache
from app.callback_requests import refuse_forged_callback
from app.errors import response_to
from app.http_parser import MAX_BODY_BYTES
from app.metrics import Metrics, Sources, StoreCollector
from app.page_files import (
    ASSETS,
    BASIC_PLOTLY,
    NEIGHBOURS,
    JoinedDash,
    PageFiles,
    Shell,
    put_page_files,
)
from app.routes import api, embed, exports, health, session, static, webhooks
from app.routes import metrics as metrics_route
from app.routes.answers import RequestContext
from app.routes.static import StaticFiles
from app.security import (
    ANY_PAGE,
    AllowedHosts,
    check_address,
    check_host,
    content_policy,
    secure_response,
)
from app.settings import SettingError, Settings, networks
from app.source_metrics import SourceCollector
from app.waitress_server import ARRIVED_AT, LOGGED_PATH
from app.webhook_metrics import ReceiverCollector, WebhookMetrics
from callbacks import page
from callbacks.dependencies import Dependencies
from components.locale import Locale
from components.panels import PANELS
from components.panels.view import Panel
from components.signed_in import SignedIn
from queries.cache import ASKED_AT, SingleFlightCache
from queries.engines.base import EngineLimits
from queries.reader import Reader
from queries.runner import Runner
from queries.user_scope import EVERYTHING
from sources.audit import AuditFile
from sources.keeper import Keeper
from sources.owner import Owner
from sources.webhooks.receiver import Receiver

#: The key of the app's ``Consumo`` in ``Flask.extensions``.
_EXTENSION: Final = "consumo"


@dataclass(frozen=True, slots=True)
class Consumo:
    """The parts of one app, from which ``create_app`` joined it.

    ``server`` is the Flask app, and ``dash`` the page on it. ``owner`` has the store; ``keeper`` is
    the thread that opens the store and loads what commands hand in; ``reader`` answers queries.
    ``static_files`` are the files of the page, ``metrics`` the numbers at ``/metrics``.
    ``receiver`` takes the webhooks of WhatsApp; None where settings have none.
    """

    server: Flask
    dash: Dash
    owner: Owner
    keeper: Keeper
    reader: Reader
    static_files: StaticFiles
    metrics: Metrics
    receiver: Receiver | None

    def close(self) -> None:
        """Close the store, so that another process can open it, and end the app's threads.

        This waits for them. A load under way is undone; the next process that opens the store
        does it again. From then on the app answers with 503 what needs the store.
        """
        if self.receiver:
            self.receiver.stop()
        self.keeper.stop()


def create_app(
    settings: Settings,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    basic_plotly: Path | None = BASIC_PLOTLY,
    panels: Sequence[Panel] = PANELS,
) -> Flask:
    """Return a WSGI app that serves the page, the API and the downloads of one store.

    ``settings`` name the store. The app starts a thread that opens the store as soon as no other
    process has it open, and then loads the files that commands hand in. Until the store is open,
    queries are answered with 503. ``parts_of(app).close()`` ends the thread and closes the store.

    ``clock`` returns the present time with a time zone. ``basic_plotly`` is the path of the small
    plotly.js; with None the page loads the whole one. ``panels`` are shown on the page, and
    answered by the API and the downloads. Raises ``SettingError`` if the cache of ``settings``
    or the keys of its tokens cannot be used.
    """
    readers = authenticator(settings, clock)
    server = Flask("consumo_whatsapp", static_folder=None)
    server.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        COMPRESS_STREAMING_ENDPOINT_CONDITIONAL=["_dash_assets.static"],
    )
    cache = CircuitBreaker(
        make_cache(server, settings.cache_url, settings.cache_megabytes), time.monotonic
    )
    flights = SingleFlightCache(cache)
    owner = Owner(settings.store_path, _limits(settings), settings.time_zone, clock, flights.forget)
    metrics = Metrics([panel.slug for panel in panels])
    queries = [panel.query for panel in panels]
    limits = RateLimits(settings.exports_per_minute, settings.reveals_per_minute)
    reveals = Reveals(AuditFile(settings.store_path).record, limits)
    runner = Runner(owner, flights)
    reader = AuditedReader(
        reveals, metrics, runner, settings.zone, clock, queries, settings.reply_target
    )
    keeper = Keeper(owner)
    keeper.start()
    default_locale = Locale.of(settings.language)
    context = RequestContext(reader, current_scope, settings.language)

    metrics.watch(server)
    metrics.add(
        StoreCollector(Sources(flights, reader.loads, lambda: len(owner.inbox.waiting()), clock))
    )
    metrics.add(SourceCollector(lambda: reader.sources(EVERYTHING), clock))
    hosts = AllowedHosts(settings.hosts)
    server.before_request(lambda: _begin_request(reader.panels))
    server.before_request(lambda: check_host(hosts))
    tickets = DownloadTickets(now=lambda: clock().timestamp())
    server.before_request(Gate(server, readers, tickets).check)
    server.before_request(check_address)
    server.register_blueprint(api.blueprint(context))
    downloads_at_once = max(1, settings.web_threads // 2)
    titles = {panel.slug: panel.title for panel in panels}
    server.register_blueprint(
        exports.blueprint(context, titles, limits, tickets, downloads_at_once)
    )
    if settings.auth == "token":
        server.register_blueprint(session.blueprint(lambda: clock().timestamp()))
    server.register_blueprint(health.blueprint(reader, lambda: health.probe(cache)))
    server.register_blueprint(
        metrics_route.blueprint(metrics, settings.metrics_token, is_open=settings.auth == "none")
    )
    server.register_blueprint(embed.blueprint())
    receiver = _receive_webhooks(server, settings, owner, metrics)
    static_files = StaticFiles()
    server.register_blueprint(static.blueprint(static_files, *NEIGHBOURS))
    server.register_error_handler(Exception, lambda error: response_to(error, default_locale))

    files = put_page_files(static_files, basic_plotly, panels)
    shell = Shell(settings.language, settings.auth, settings.frame_ancestors)
    dash = _dash(server, static_files, files, shell)
    dependencies = Dependencies(
        reader=reader,
        scope_for=current_scope,
        signed_in_for=_signed_in,
        clock=clock,
        time_zone=settings.zone,
        default_language=settings.language,
        deployment=settings.deployment,
    )
    page.register(dash, dependencies, panels)
    server.before_request(lambda: refuse_forged_callback(dash.callback_map))
    policy = content_policy(dash.csp_hashes(), settings.frame_ancestors)
    server.after_request(lambda response: secure_response(response, policy))

    server.extensions[_EXTENSION] = Consumo(
        server, dash, owner, keeper, reader, static_files, metrics, receiver
    )
    return server


def parts_of(server: Flask) -> Consumo:
    """Return the parts of ``server``, which ``create_app`` made; ``KeyError`` for any other app."""
    parts: Consumo = server.extensions[_EXTENSION]
    return parts


def authenticator(settings: Settings, clock: Callable[[], datetime]) -> Authenticator:
    """Return what finds out who sends a request, in the mode ``settings.auth``.

    ``clock`` returns the present time with a time zone. Raises ``SettingError`` for keys that
    cannot be used.
    """
    if settings.auth == "none":
        return Everybody(settings.default_scope)
    verifier = _verifier(settings, clock) if settings.uses_tokens else None
    if verifier and settings.auth == "token":
        return TokenHolders(verifier)
    addresses = networks(settings.proxy_addresses)
    return ProxyUsers(settings.proxy_header, addresses, settings.default_scope, verifier)


def _verifier(settings: Settings, clock: Callable[[], datetime]) -> TokenVerifier:
    try:
        return token_verifier(settings, lambda: clock().timestamp())
    except ValueError as error:
        raise SettingError(str(error)) from None


def _receive_webhooks(
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


def _signed_in() -> SignedIn | None:
    """Return what the page says of the reader of the current request; None without a sign-in."""
    identity = current_identity()
    if not identity.is_known:
        return None
    scope = identity.scope
    return SignedIn(identity.name or "", scope.accounts, scope.teams, scope.channels)


def _limits(settings: Settings) -> EngineLimits:
    return EngineLimits(settings.memory_limit, settings.threads, settings.query_seconds)


def _dash(server: Flask, static_files: StaticFiles, files: PageFiles, shell: Shell) -> Dash:
    """Return the Dash app on ``server``. Its developer tools are off, even if DASH_DEBUG is set.

    ``files`` are the files that the page loads; ``shell`` is what its HTML says.
    """
    dash = JoinedDash(
        "consumo_whatsapp",
        static_files=static_files,
        files=files,
        shell=shell,
        server=server,
        assets_folder=str(ASSETS),
        serve_locally=True,
        compress=True,
        update_title="",
        enable_mcp=False,
        add_log_handler=False,
    )
    dash.enable_dev_tools(
        debug=False,
        dev_tools_ui=False,
        dev_tools_props_check=False,
        dev_tools_serve_dev_bundles=False,
        dev_tools_hot_reload=False,
    )
    return dash


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
