"""Where the parts are joined: one call makes one whole app, and two can live in one process."""

import base64
import hashlib
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

from dash import Dash
from dash.exceptions import DependencyException
from flask import Flask, Response, abort, g, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound

from app.caching import CircuitBreaker, make_cache
from app.front import ARRIVED_AT
from app.hosts import Hosts, any_of
from app.metrics import CountedReader, Metrics, Sources, StoreCollector
from app.page_calls import CALLS, is_call
from app.page_files import ASSETS, BASIC_PLOTLY, NEIGHBOURS, JoinedDash, put_page_files
from app.routes import api, exports, health, static
from app.routes import metrics as metrics_route
from app.routes.answers import RequestContext, error_response, json_response
from app.routes.static import StaticFiles
from app.settings import Settings
from callbacks import page
from callbacks.dependencies import Dependencies
from components.error_messages import http_error_message
from components.index import START
from components.locale import Locale
from components.panels import PANELS
from components.panels.view import Panel
from queries.cache import ASKED_AT, SingleFlightCache
from queries.engines.duckdb import DuckDBLimits
from queries.reader import Reader
from queries.runner import Runner
from sources.owner import Keeper, Owner

MAX_BODY_BYTES: Final = 4 * 2**20
#: What Dash raises before any callback runs when a request is not one of its own pages.
_FORGED: Final = (LookupError, TypeError, AttributeError, RecursionError, ValueError)
#: What it raises for a script that is none of its own.
_NO_FILE: Final = (DependencyException, LookupError, OSError, ValueError)
#: Where Dash serves scripts of its packages, those of all its folders.
_SUITES: Final = "/_dash-component-suites/"
_EXTENSION: Final = "consumo"


@dataclass(frozen=True, slots=True)
class Consumo:
    """One app and what it is made of."""

    server: Flask
    dash: Dash
    owner: Owner
    keeper: Keeper
    reader: Reader
    static_files: StaticFiles

    def close(self) -> None:
        """Give the store back, so that another process can take it."""
        self.keeper.stop()


def create_app(
    settings: Settings,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    basic_plotly: Path | None = BASIC_PLOTLY,
    panels: Sequence[Panel] = PANELS,
) -> Flask:
    """A WSGI app that serves page, API and downloads of the store that ``settings`` name.

    ``clock`` gives the present as an aware time; ``basic_plotly`` is the small plotly.js, None for
    the whole one; ``panels`` are those of page, API and downloads. ``parts_of(app).close()`` ends
    it.
    """
    server = Flask("consumo_whatsapp", static_folder=None)
    server.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        COMPRESS_STREAMING_ENDPOINT_CONDITIONAL=["_dash_assets.static"],
    )
    owner = Owner(settings.store_path, _limits(settings), settings.time_zone, clock)
    cache = CircuitBreaker(
        make_cache(server, settings.cache_url, settings.cache_megabytes), time.monotonic
    )
    flights = SingleFlightCache(cache)
    metrics = Metrics([panel.slug for panel in panels])
    queries = [panel.query for panel in panels]
    reader = CountedReader(metrics, Runner(owner, flights), settings.zone, clock, queries)
    keeper = Keeper(owner)
    keeper.start()
    default_locale = Locale.of(settings.language)
    context = RequestContext(reader, lambda: settings.default_scope, settings.language)

    metrics.watch(server)
    metrics.add(
        StoreCollector(Sources(flights, reader.loads, lambda: len(owner.inbox.waiting()), clock))
    )
    hosts = Hosts(settings.hosts)
    server.before_request(lambda: _mark_request(hosts))
    server.register_blueprint(api.blueprint(context))
    server.register_blueprint(exports.blueprint(context, max(1, settings.web_threads // 2)))
    server.register_blueprint(health.blueprint(reader, lambda: health.probe(cache)))
    server.register_blueprint(metrics_route.blueprint(metrics))
    static_files = StaticFiles()
    server.register_blueprint(static.blueprint(static_files, *NEIGHBOURS))
    server.register_error_handler(Exception, lambda error: _failed(error, default_locale))

    dash = _dash(server, static_files, basic_plotly, settings.language)
    dependencies = Dependencies(
        reader=reader,
        scope_for=lambda: settings.default_scope,
        clock=clock,
        time_zone=settings.zone,
        default_language=settings.language,
        embedding=settings.embedding,
    )
    page.register(dash, dependencies, panels)
    server.before_request(lambda: _check_call(dash))
    policy = _content_policy(dash, settings.frame_ancestors)
    server.after_request(lambda response: _with_headers(response, policy))

    server.extensions[_EXTENSION] = Consumo(server, dash, owner, keeper, reader, static_files)
    return server


def parts_of(server: Flask) -> Consumo:
    """What ``create_app`` joined."""
    parts: Consumo = server.extensions[_EXTENSION]
    return parts


def _limits(settings: Settings) -> DuckDBLimits:
    return DuckDBLimits(settings.memory_limit, settings.threads, settings.query_seconds)


def _dash(
    server: Flask, static_files: StaticFiles, basic_plotly: Path | None, language: str
) -> Dash:
    """Dash with every developers' switch off, whatever the environment says."""
    dash = JoinedDash(
        "consumo_whatsapp",
        static_files=static_files,
        files=put_page_files(static_files, basic_plotly),
        language=language,
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


def _mark_request(hosts: Hosts) -> None:
    """A request gets an id; an address that nobody serves gets no page (Dash would send it)."""
    g.request_id = uuid.uuid4().hex
    ASKED_AT.set(request.environ.get(ARRIVED_AT))
    if not hosts.allow(request.headers.get("Host", any_of(""))):
        abort(HTTPStatus.BAD_REQUEST)
    is_page = request.endpoint == "/<path:path>"
    if is_page:
        abort(HTTPStatus.NOT_FOUND)


def _check_call(dash: Dash) -> None:
    if request.path == CALLS and request.method == "POST":
        body = request.get_json()
        if not is_call(body, dash.callback_map):
            abort(HTTPStatus.BAD_REQUEST)


def _failed(error: Exception, default_locale: Locale) -> Response:
    if isinstance(error, HTTPException) and error.code is not None:
        locale: Locale = g.get("locale", default_locale)
        message = http_error_message(error.code, locale.texts)
        content = {"error": {"code": f"http_{error.code}", "message": message}}
        response = json_response(content, HTTPStatus(error.code))
        if allowed := dict(error.get_headers()).get("Allow"):
            response.headers["Allow"] = allowed
        return response
    if request.path.startswith(_SUITES) and isinstance(error, _NO_FILE):
        return _failed(NotFound(), default_locale)
    if request.path.startswith("/_dash") and isinstance(error, _FORGED):
        # What no page of ours sends: a fault of the request, and no news for the log.
        return _failed(BadRequest(), default_locale)
    return error_response(error, default_locale)


def _content_policy(dash: Dash, frame_ancestors: str) -> str:
    start = base64.b64encode(hashlib.sha256(START.encode()).digest()).decode()
    scripts = " ".join([f"'sha256-{start}'", *dash.csp_hashes()])
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "object-src 'none'",
            f"frame-ancestors {frame_ancestors}",
        )
    )


def _with_headers(response: Response, policy: str) -> Response:
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Request-ID"] = g.get("request_id", "")
    return _kept(response)


def _kept(response: Response) -> Response:
    """How long browsers keep what Dash answers; our own routes have said it already."""
    cache = response.cache_control
    if not request.path.startswith(_SUITES):
        if "Cache-Control" not in response.headers:
            # Answers hold what customers wrote; the page names the files of this very version.
            kept = "private, no-cache" if request.endpoint == "/" else "no-store"
            response.headers["Cache-Control"] = kept
    elif request.method in ("GET", "HEAD") and response.status_code == HTTPStatus.OK:
        cache.public = True
        if cache.max_age is None:
            cache.no_cache = True
        else:
            cache.immutable = True
        response.add_etag()
        response.make_conditional(request)
    return response
