"""The server process: one, with threads, because one process owns the store."""

import contextlib
import errno
import gc
import json
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, NoReturn

from flask import Flask

from app.factory import MAX_BODY_BYTES, create_app, parts_of
from app.front import Front, Limits, Pools
from app.hosts import any_of
from app.logs import be_silent, log_strays, set_up_access_log, set_up_logs
from app.routes.exports import is_download
from app.routes.health import ALIVE, READY
from app.routes.metrics import METRICS
from app.settings import Settings
from components.error_messages import http_error_message
from components.locale import Locale

#: How long requests under way may take when the server is told to end, and the store after them.
_GRACE_SECONDS: Final = 3.0
_CLOSING_SECONDS: Final = 10.0
#: Each costs a file and, while it is open, a look at it in each turn of the loop.
_CONNECTIONS: Final = 1_000
#: Files beside connections: the store, its temporary files, answers that wait for their readers.
_OTHER_FILES: Final = 300


class CannotListen(OSError):
    """An address that cannot be listened on; its text says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on ``host`` and ``port``. Raises ``CannotListen``."""
    name = host.strip("[]")
    where = f"[{name}]" if ":" in name else name
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise CannotListen(
            f"the name {name} is not known here: give --host an address of this machine, "
            "as 127.0.0.1"
        ) from None
    # Of a name with both, the older kind of address is the one that all programs ask.
    family, kind, protocol, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(socket.SOMAXCONN)
    except OSError as error:
        listening.close()
        raise CannotListen(_why_not(error, where, port)) from None
    return listening


def _why_not(error: OSError, where: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"{where}:{port} is taken: end what uses it, or choose another --port"
        case errno.EACCES | errno.EPERM:
            return (
                f"this user may not listen on port {port}: choose a --port from 1024, or let a "
                "proxy listen there"
            )
        case errno.EADDRNOTAVAIL:
            return (
                f"{where} is not an address of this machine: give --host one that is, as "
                "127.0.0.1, or 0.0.0.0 for all of them"
            )
    return f"{where}:{port} cannot be listened on: {error.strerror}"


class Ending:
    """Knows whether the process is to end: INT and TERM say so, a second time at once.

    Nothing is lost by an end at any moment: what is handed in is loaded by the next start.
    """

    def __init__(self) -> None:
        self.asked = False
        self._wake: Callable[[], object] | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def wakes(self, wake: Callable[[], object]) -> None:
        """Call ``wake`` at the first signal; before there is one, a signal ends the process."""
        self._wake = wake

    def _ask(self, *_: object) -> None:
        if self.asked or self._wake is None:
            end_process(0)
        self.asked = True
        self._wake()


def end_process(code: int) -> NoReturn:
    """End now. Python's own end would wait for threads that wait for clients or the store, and its
    libraries would tell of what they had no time to put away.
    """
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def serve(
    settings: Settings, listening: socket.socket, ending: Ending, *, access_log: bool
) -> NoReturn:
    """Serve the page on ``listening`` until ``ending`` is asked for, then end the process."""
    set_up_logs()
    log_strays()
    if access_log:
        set_up_access_log()
    server = warm_app(settings)
    limits = Limits(connections=_connections(), body_bytes=MAX_BODY_BYTES)
    front = Front(server, listening, _pools(settings), limits, _refusals(settings))
    ending.wakes(front.pull_trigger)
    front.serve(lambda: not ending.asked)
    front.finish(_GRACE_SECONDS)
    be_silent()
    closing = threading.Thread(target=parts_of(server).close, daemon=True)
    closing.start()
    closing.join(_CLOSING_SECONDS)
    end_process(0)


def warm_app(settings: Settings) -> Flask:
    """The app with what its first request would make else, so that none is slower than others."""
    server = create_app(settings)
    # Dash registers its libraries at the first page: let that be this one.
    server.test_client().get("/", headers={"Host": any_of(settings.hosts)})
    threading.Thread(target=parts_of(server).static_files.compress, daemon=True).start()
    # What is there now stays: the collector need not walk through it with each sweep.
    gc.collect()
    gc.freeze()
    return server


def _pools(settings: Settings) -> Pools:
    """Threads for each kind of request, so that none of them waits for another kind."""
    downloads = max(1, settings.web_threads // 2)
    threads = {
        "page": settings.web_threads,
        # Two more than are answered at a time: they tell the others that there is no room.
        "downloads": downloads + 2,
        "alive": 1,
        "watching": 2,
    }

    def of_path(path: str) -> str:
        if path == ALIVE:
            return "alive"
        if path in (READY, METRICS):
            return "watching"
        return "downloads" if is_download(path) else "page"

    return Pools(threads, of_path, refusals="watching", by_pace="downloads")


def _refusals(settings: Settings) -> Callable[[HTTPStatus], bytes]:
    texts = Locale.of(settings.language).texts

    def body(status: HTTPStatus) -> bytes:
        error = {"code": f"http_{status.value}", "message": http_error_message(status, texts)}
        return json.dumps({"error": error}, ensure_ascii=False).encode()

    return body


def _connections() -> int:
    """How many connections fit beside the other files of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS + _OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _CONNECTIONS
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(50, most - _OTHER_FILES)
