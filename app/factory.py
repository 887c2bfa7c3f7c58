"""Makes a whole app: joins the store's owner, cache, metrics, routes and page.

Two apps can live in one process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dash import Dash
from flask import Flask

from app.access import download_tickets
from app.access.authenticators import Authenticator, Everybody, ProxyUsers, TokenHolders
from app.access.configured_tokens import token_verifier
from app.access.download_tickets import TICKET_CODEC, DownloadTickets
from app.access.gate import Gate
from app.access.identity import current_identity, current_scope
from app.access.reveals import AuditedReader, NothingRevealed, Recorder, Reveals
from app.access.tokens import TokenVerifier
from app.ahead_metrics import AheadCollector
from app.callback_requests import refuse_forged_callback
from app.http_app import EXTENSION, check_requests, new_app, receive_webhooks
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
from app.routes import api, embed, exports, health, session, static
from app.routes import metrics as metrics_route
from app.routes.answers import RequestContext
from app.routes.static import StaticFiles
from app.security import check_address, content_policy, secure_response
from app.settings import SettingError, Settings, networks
from app.sharing import Sharing
from app.source_metrics import SourceCollector
from app.store_addresses import UNREADABLE_FILE, has_file_of_each_account, reading_engine
from callbacks import page
from callbacks.ahead_counts import AheadCounts
from callbacks.dependencies import Dependencies
from callbacks.side_by_side import SideBySide
from components.panels import PANELS
from components.panels.view import Panel
from components.signed_in import SignedIn
from queries.cache import SingleFlightCache
from queries.engines.base import Engine
from queries.reader import Reader
from queries.runner import Runner
from queries.user_scope import EVERYTHING
from sources.audit import AuditFile
from sources.keeper import Keeper
from sources.owner import Owner
from sources.webhooks.receiver import Receiver


@dataclass(frozen=True, slots=True)
class OwnStore:
    """The store of this process: ``owner`` has it, and ``keeper`` is the thread that loads.

    ``receiver`` takes the webhooks of WhatsApp; None where settings have none.
    """

    owner: Owner
    keeper: Keeper
    receiver: Receiver | None

    def close(self) -> None:
        """Close the store, so that another process can open it. A load under way is undone."""
        if self.receiver:
            self.receiver.stop()
        self.keeper.stop()


@dataclass(frozen=True, slots=True)
class Consumo:
    """The parts of one app, from which ``create_app`` joined it.

    ``server`` is the Flask app, and ``dash`` the page on it. ``engine`` runs queries, ``reader``
    answers them. ``side_by_side`` are the threads that read the panels of the page. ``sharing`` is
    what it shares with other servers. ``own_store`` is None where a
    published store is read. ``static_files`` are the files of the page, ``metrics`` the numbers at
    ``/metrics``.
    """

    server: Flask
    dash: Dash
    engine: Engine
    reader: Reader
    side_by_side: SideBySide
    sharing: Sharing
    own_store: OwnStore | None
    static_files: StaticFiles
    metrics: Metrics

    @property
    def owner(self) -> Owner:
        """The owner of the process's own store; ``LookupError`` where it has none."""
        return self._own_store.owner

    @property
    def keeper(self) -> Keeper:
        """The keeper of the process's own store; ``LookupError`` where it has none."""
        return self._own_store.keeper

    @property
    def receiver(self) -> Receiver | None:
        """The receiver of webhooks, if there is one."""
        return self.own_store.receiver if self.own_store else None

    @property
    def _own_store(self) -> OwnStore:
        if self.own_store is None:
            raise LookupError("a published store is read")
        return self.own_store

    def close(self) -> None:
        """Close the store, so that another process can open it, and end the app's threads.

        This waits for them. A load under way is undone; the next process that opens the store
        does it again. From then on the app answers with 503 what needs the store.
        """
        self.side_by_side.close()
        self.sharing.close()
        if self.own_store:
            self.own_store.close()
        else:
            self.engine.close()


def create_app(
    settings: Settings,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    basic_plotly: Path | None = BASIC_PLOTLY,
    panels: Sequence[Panel] = PANELS,
) -> Flask:
    """Return a WSGI app that serves the page, the API and the downloads of one store.

    ``settings`` name the store. Where it is this process's own, the app starts a thread that opens
    it as soon as no other process has it open, and then loads the files that commands hand in.
    Until the store is open, queries are answered with 503; so they are while a published store was
    never reached. ``parts_of(app).close()`` ends the threads and closes the store.

    ``clock`` returns the present time with a time zone. ``basic_plotly`` is the path of the small
    plotly.js; with None the page loads the whole one. ``panels`` are shown on the page, and
    answered by the API and the downloads. Raises ``SettingError`` if the cache of ``settings``,
    the keys of its tokens or the password of its store cannot be used.
    """
    _check_accounts(settings)
    readers = authenticator(settings, clock)
    server = new_app()
    sharing = Sharing(server, settings)
    flights = sharing.flights
    metrics = Metrics([panel.slug for panel in panels])
    engine = _engine(settings, clock, flights)
    queries = [panel.query for panel in panels]
    reveals = Reveals(AuditFile(settings.own_files).record, sharing.limits)
    runner = Runner(engine, flights, answers_when_silent=settings.is_published)

    def reader_that_tells(recorder: Recorder) -> AuditedReader:
        return AuditedReader(
            recorder, metrics, runner, settings.zone, clock, queries, settings.reply_target
        )

    reader = reader_that_tells(reveals)
    context = RequestContext(reader, current_scope, settings.language)

    metrics.watch(server)
    tickets = DownloadTickets(
        now=lambda: clock().timestamp(),
        vault=sharing.vault("ticket", download_tickets.SECONDS, TICKET_CODEC),
    )
    check_requests(server, settings, lambda server: Gate(server, readers, tickets), reader.panels)
    server.before_request(check_address)
    server.register_blueprint(api.blueprint(context))
    downloads_at_once = max(1, settings.web_threads // 2)
    titles = {panel.slug: panel.title for panel in panels}
    server.register_blueprint(
        exports.blueprint(
            context, titles, sharing.limits, tickets, sharing.board, downloads_at_once
        )
    )
    if settings.auth == "token":
        codes = sharing.vault("code", session.CODE_SECONDS, session.SESSION_CODEC)
        server.register_blueprint(session.blueprint(lambda: clock().timestamp(), codes=codes))
    server.register_blueprint(
        health.blueprint(health.reader_is_ready(reader, settings.stale_seconds), sharing.cache)
    )
    server.register_blueprint(
        metrics_route.blueprint(metrics, settings.metrics_token, is_open=settings.auth == "none")
    )
    server.register_blueprint(embed.blueprint())
    own_store = _keep(server, settings, engine, metrics) if isinstance(engine, Owner) else None
    handed_in = None if own_store is None else lambda: len(own_store.owner.inbox.waiting())
    supply = reader.supply if settings.is_published else None
    metrics.add(StoreCollector(Sources(flights, reader.loads, handed_in, clock, supply)))
    metrics.add(SourceCollector(lambda: reader.sources(EVERYTHING), clock))
    ahead_counts = AheadCounts()
    metrics.add(AheadCollector(ahead_counts))
    static_files = StaticFiles()
    server.register_blueprint(static.blueprint(static_files, *NEIGHBOURS))

    files = put_page_files(static_files, basic_plotly, panels)
    shell = Shell(settings.language, settings.auth, settings.frame_ancestors)
    dash = _dash(server, static_files, files, shell)
    side_by_side = SideBySide()
    dependencies = Dependencies(
        reader=reader,
        scope_for=current_scope,
        signed_in_for=_signed_in,
        clock=clock,
        time_zone=settings.zone,
        default_language=settings.language,
        deployment=settings.deployment,
        side_by_side=side_by_side,
        reader_in_advance=reader_that_tells(NothingRevealed()),
        ahead_counts=ahead_counts,
    )
    page.register(dash, dependencies, panels)
    server.before_request(lambda: refuse_forged_callback(dash.callback_map))
    policy = content_policy(dash.csp_hashes(), settings.frame_ancestors)
    server.after_request(lambda response: secure_response(response, policy))

    server.extensions[EXTENSION] = Consumo(
        server, dash, engine, reader, side_by_side, sharing, own_store, static_files, metrics
    )
    return server


def _check_accounts(settings: Settings) -> None:
    """Raise ``SettingError`` where each account is in a file of its own and nobody names one."""
    if has_file_of_each_account(settings) and not settings.uses_tokens:
        raise SettingError(
            "CONSUMO_STORE_URL with {account} needs CONSUMO_AUTH=token, or proxy with tokens: "
            "each token names its account"
        )


def _engine(
    settings: Settings, clock: Callable[[], datetime], flights: SingleFlightCache
) -> Engine:
    """Return what runs the queries: the owner of this process's store, or a reader's engine."""
    if not settings.is_published:
        limits, zone = settings.engine_limits, settings.time_zone
        return Owner(settings.own_files, limits, zone, clock, flights.forget)
    try:
        return reading_engine(settings)
    except OSError as error:
        raise SettingError(UNREADABLE_FILE) from error


def _keep(server: Flask, settings: Settings, owner: Owner, metrics: Metrics) -> OwnStore:
    """Start the threads of the process's own store: the keeper, and the receiver of webhooks."""
    keeper = Keeper(owner)
    keeper.start()
    return OwnStore(owner, keeper, receive_webhooks(server, settings, owner, metrics))


def parts_of(server: Flask) -> Consumo:
    """Return the parts of ``server``, which ``create_app`` made; ``KeyError`` for any other app."""
    parts: Consumo = server.extensions[EXTENSION]
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


def _signed_in() -> SignedIn | None:
    """Return what the page says of the reader of the current request; None without a sign-in."""
    identity = current_identity()
    if not identity.is_known:
        return None
    scope = identity.scope
    return SignedIn(identity.name or "", scope.accounts, scope.teams, scope.channels)


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
