"""The app of a writer: it loads and publishes, takes webhooks, and shows no page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask

from app.access.authenticators import Everybody
from app.access.download_tickets import DownloadTickets
from app.access.gate import Gate
from app.commands.common import owner_of_store
from app.http_app import EXTENSION, check_requests, new_app, receive_webhooks
from app.metrics import Metrics
from app.publishing_metrics import PublishingCollector
from app.routes import health
from app.routes import metrics as metrics_route
from app.security import NO_PAGE, secure_response
from app.settings import SettingError, Settings
from app.source_metrics import SourceCollector
from app.store_addresses import UNREADABLE_FILE, publisher_of
from queries.cache import SingleFlightCache
from queries.reader import Reader
from queries.runner import Runner
from queries.user_scope import EVERYTHING, Scope
from sources.keeper import Keeper
from sources.owner import Owner
from sources.publishing.publication import Publishing
from sources.webhooks.receiver import Receiver


@dataclass(frozen=True, slots=True)
class Writer:
    """The parts of a writer's app."""

    owner: Owner
    keeper: Keeper
    publishing: Publishing
    receiver: Receiver | None

    def close(self) -> None:
        """End the threads, close the store, and let another writer take over."""
        if self.receiver:
            self.receiver.stop()
        self.keeper.stop()


def create_writer(
    settings: Settings,
    *,
    replace_other: bool = False,
    is_private: bool = True,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Flask:
    """Return a WSGI app that publishes the store of ``settings``, and answers no questions.

    It starts the thread that opens the store as soon as this process is the only writer.
    ``replace_other`` allows to replace what another store published. ``/metrics`` is open where
    ``is_private`` says that only this machine reaches the app, and needs its token otherwise.
    ``clock`` returns the present time with a time zone. Raises ``SettingError`` if the password of
    the published store cannot be read.
    """
    server = new_app()
    owner = owner_of_store(settings, clock)
    try:
        publisher = publisher_of(settings)
    except OSError as error:
        raise SettingError(UNREADABLE_FILE) from error
    pause = settings.publish_seconds or None
    publishing = Publishing(owner, publisher, replace_other=replace_other, pause_seconds=pause)
    keeper = Keeper(owner, publishing)
    metrics = Metrics([])
    metrics.watch(server)
    # Nobody signs in: what the writer answers holds no data of customers.
    tickets = DownloadTickets()
    check_requests(
        server, settings, lambda server: Gate(server, Everybody(Scope((), (), ())), tickets), ()
    )
    server.register_blueprint(health.blueprint(lambda: _readiness(owner, publishing)))
    server.register_blueprint(
        metrics_route.blueprint(metrics, settings.metrics_token, is_open=is_private)
    )
    receiver = receive_webhooks(server, settings, owner, metrics)
    reader = Reader(Runner(owner, _no_cache()), settings.zone, clock, ())
    metrics.add(PublishingCollector(publishing, lambda: len(owner.inbox.waiting())))
    metrics.add(SourceCollector(lambda: reader.sources(EVERYTHING), clock))
    server.after_request(lambda response: secure_response(response, NO_PAGE))
    server.extensions[EXTENSION] = Writer(owner, keeper, publishing, receiver)
    keeper.start()
    return server


def _readiness(owner: Owner, publishing: Publishing) -> Mapping[str, object]:
    """Return whether this process is the writer; another one waits until that has died."""
    return {"ready": owner.is_open, "writer": publishing.state.is_writer}


class _NoBytes:
    """A cache that keeps nothing."""

    def get(self, _key: str) -> None:
        return None

    def set(self, _key: str, _value: bytes) -> None:
        return None

    def clear(self) -> None:
        return None


def _no_cache() -> SingleFlightCache:
    return SingleFlightCache(_NoBytes())
