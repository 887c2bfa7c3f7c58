"""Runs the server process: serves an app, and ends on a signal.

It is one process with threads, because one process at a time owns a store.
"""

import contextlib
import gc
import json
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, NoReturn

from flask import Flask

from app.factory import create_app, parts_of
from app.http_app import close_app
from app.listening import listen_now
from app.logs import log_uncaught_errors, set_up_access_log, set_up_logs, stop_logging
from app.routes.exports import is_download
from app.routes.health import ALIVE, READY
from app.routes.metrics import METRICS
from app.routes.webhooks import WEBHOOKS
from app.security import allowed_host_header
from app.settings import Settings
from app.waitress_server import Limits, Pools, WaitressServer
from components.error_messages import http_error_message
from components.locale import Locale
from queries.errors import StoreUnavailable
from queries.reader import Reader
from queries.user_scope import EVERYTHING

#: How long the server waits at its end for requests that are being answered, then for the store.
#: A reader of a published store waits longer (``grace_seconds``).
_GRACE_SECONDS: Final = 3.0
_CLOSING_SECONDS: Final = 10.0
#: How long a server that starts waits for a published store, and how often it asks.
_STORE_SECONDS: Final = 10.0
_STORE_POLL_SECONDS: Final = 0.1
#: Each connection uses an open file, and is checked in each turn of the server's loop.
_CONNECTIONS: Final = 1_000
_WEBHOOK_THREADS: Final = 16
#: Open files beside connections: the store, its temporary files, buffered answers.
_OTHER_FILES: Final = 300


class Shutdown:
    """Ends the process on the signals INT (Ctrl-C) and TERM. Make it in the main thread.

    The first signal sets ``is_requested``, so that the server can finish the requests under way; a
    second signal ends the process at once, and so does the first before ``on_request`` was called.
    ``at_end`` is called last, just before the process ends. No data is lost whenever it ends: what
    was handed in is loaded at the next start.
    """

    def __init__(self, at_end: Callable[[], object] = lambda: None) -> None:
        self.is_requested = False
        self._at_end = at_end
        self._wake: Callable[[], object] | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request)

    def on_request(self, wake: Callable[[], object]) -> None:
        """From now on set ``is_requested`` and call ``wake`` at the first signal.

        Before this call, the first signal ends the process.
        """
        self._wake = wake

    def end_process(self) -> NoReturn:
        """Write out what was printed, call ``at_end``, and end the process now with code 0.

        Python's own end would wait for threads that wait for clients or the store, and libraries
        would complain about what they had no time to close.
        """
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            sys.stdout.flush()
            sys.stderr.flush()
        self._at_end()
        os._exit(0)

    def _request(self, *_: object) -> None:
        if self.is_requested or self._wake is None:
            self.end_process()
        self.is_requested = True
        self._wake()


def serve(
    settings: Settings,
    listening: socket.socket,
    shutdown: Shutdown,
    *,
    access_log: bool,
    make_app: Callable[[Settings], Flask] | None = None,
) -> NoReturn:
    """Serve an app on the socket ``listening`` until a signal requests ``shutdown``; then end.

    ``make_app`` makes it of the settings; None stands for that of the page. At the end, requests
    under way may take up to ``grace_seconds``, and closing the store up to 10 seconds. The process
    ends with code 0. Logs go to standard error; with ``access_log`` a line about each request goes
    to standard output. Raises ``SettingError`` if one of ``settings`` cannot be used, and
    ``CannotListen`` if another process has taken the port since it was opened.
    """
    set_up_logs()
    log_uncaught_errors()
    if access_log:
        set_up_access_log()
    server = (make_app or warm_app)(settings)
    listen_now(listening)
    limits = Limits(connections=_connections())
    web_server = WaitressServer(server, listening, pools(settings), limits, refusals(settings))
    shutdown.on_request(web_server.pull_trigger)
    web_server.serve(lambda: not shutdown.is_requested)
    web_server.finish(grace_seconds(settings, has_page=make_app is None))
    stop_logging()
    closing = threading.Thread(target=close_app, args=(server,), daemon=True)
    closing.start()
    closing.join(_CLOSING_SECONDS)
    shutdown.end_process()


def warm_app(settings: Settings) -> Flask:
    """Return the app of ``settings`` after one request for the page.

    The first request is slow because Dash prepares the page; so no reader has to wait for it.
    A published store is waited for, some seconds at most. Another thread still compresses the
    static files when this returns. Raises ``SettingError`` as ``create_app`` does.
    """
    server = create_app(settings)
    # Dash registers its component libraries when it first renders the page.
    server.test_client().get("/", headers={"Host": allowed_host_header(settings.hosts)})
    threading.Thread(target=parts_of(server).static_files.compress, daemon=True).start()
    if settings.is_published:
        _await_store(parts_of(server).reader, _STORE_SECONDS)
    # These objects live as long as the process: the garbage collector need not check them again.
    gc.collect()
    gc.freeze()
    return server


def grace_seconds(settings: Settings, *, has_page: bool) -> float:
    """Return how long a server that ends still answers the requests that it has.

    One that has a store must soon let go of it, because the next server waits for the store; so
    must a writer, which has no page. A reader of a published store finishes what it has begun, for
    as long as a query may take: other readers answer meanwhile.
    """
    is_reader = has_page and settings.is_published
    return max(_GRACE_SECONDS, settings.query_seconds) if is_reader else _GRACE_SECONDS


def _await_store(reader: Reader, seconds: float) -> None:
    """Return when the published store answers, or after ``seconds``.

    Until then other readers are asked: this one would answer that it has no store.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            reader.version(EVERYTHING)
        except StoreUnavailable:
            time.sleep(_STORE_POLL_SECONDS)
        else:
            return


def pools(settings: Settings) -> Pools:
    """Return a pool of threads for each kind of request, so that no kind waits for another.

    The kinds are the page and the API, downloads, webhooks, ``/healthz``, and ``/readyz`` with
    ``/metrics``.
    """
    downloads = max(1, settings.web_threads // 2)
    threads = {
        "page": settings.web_threads,
        # Two more than may run at a time: these refuse further downloads.
        "downloads": downloads + 2,
        "alive": 1,
        "watching": 2,
        # They wait for the disk together: all that wait at a moment share one sync.
        "webhooks": _WEBHOOK_THREADS,
    }

    def of_path(path: str) -> str:
        if path == ALIVE:
            return "alive"
        if path in (READY, METRICS):
            return "watching"
        if path == WEBHOOKS:
            return "webhooks"
        return "downloads" if is_download(path) else "page"

    return Pools(threads, of_path, refusals="watching", by_pace="downloads")


def refusals(settings: Settings) -> Callable[[HTTPStatus], bytes]:
    """Return a function that returns the JSON body of a request refused with a status."""
    texts = Locale.of(settings.language).texts

    def body(status: HTTPStatus) -> bytes:
        error = {"code": f"http_{status.value}", "message": http_error_message(status, texts)}
        return json.dumps({"error": error}, ensure_ascii=False).encode()

    return body


def _connections() -> int:
    """Return how many connections this process may open, after raising its limit of open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = _CONNECTIONS + _OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return _CONNECTIONS
    most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(50, most - _OTHER_FILES)
