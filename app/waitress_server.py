"""The web server: waitress, with limits on what one client may occupy (see docs/operation.md).

One thread reads all requests and sends all answers; threads of pools compute the answers. So a
client that sends or reads slowly occupies a connection, and no thread but that of its download.
"""

import logging
import re
import socket
import struct
import sys
import time
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, Task, ThreadedTaskDispatcher, WSGITask

from app.http_parser import MAX_BODY_BYTES, MAX_HEAD_BYTES, RequestParser
from app.logs import ACCESS_LOG
from app.security import REFUSAL_HEADERS

access_log = logging.getLogger(ACCESS_LOG)

#: How the access log writes a path that it does not show.
_NO_PATH: Final = "-"
#: The statuses of answers to addresses that are certainly ours: with content, or not changed.
_SUCCESSES: Final = frozenset({"200", "204", "304"})
#: The characters of all our paths.
_OUR_PATH: Final = re.compile(r"[A-Za-z0-9/._-]{1,200}")
#: Key in a request's WSGI environment: when the request was complete, in monotonic seconds.
ARRIVED_AT: Final = "consumo.arrived_at"
#: Key in a request's WSGI environment, where the application stores the path that the access log
#: may show of a request that was not answered with success: it holds no value of the request.
LOGGED_PATH: Final = "consumo.logged_path"

#: How much output may wait for its client, a part of it in a file, so that the thread that made it
#: is free.
_BUFFERED_OUTPUT_BYTES: Final = 16 * 2**20
#: The same for downloads, whose thread waits for the reader: their progress is that of the reader.
_BUFFERED_DOWNLOAD_BYTES: Final = 2**20
#: Small enough for the progress of a download to be true, large enough for fast connections.
_SOCKET_OUTPUT_BYTES: Final = 256 * 1024
_POLL_SECONDS: Final = 1
#: Value of SO_LINGER (on, 0 seconds): closing the connection drops what is not sent yet.
_RESET: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may occupy. Times are in seconds.

    ``connections``: how many may be open at a time, of all clients. ``body_bytes``: the largest
    body of a request. ``head``: the time in which request line and headers must arrive; ``body``:
    the time for a whole request; ``idle``: the time that a connection may wait without a request. A
    client must receive ``pace_bytes`` of an answer in each ``pace`` seconds. ``drain``: how long
    the server still reads, and drops, what a refused client sends, so that the client can read the
    answer.
    """

    connections: int = 1_000
    body_bytes: int = MAX_BODY_BYTES
    head: float = 15.0
    body: float = 60.0
    idle: float = 60.0
    pace: float = 60.0
    pace_bytes: int = 64 * 1024
    drain: float = 2.0


@dataclass(frozen=True, slots=True)
class Pools:
    """The pools of threads that compute answers.

    ``threads``: the number of threads of each pool, by the pool's name. ``of_path``: returns the
    name of the pool that answers requests for a path.
    """

    threads: Mapping[str, int]
    of_path: Callable[[str], str]
    #: The pool that answers refused requests.
    refusals: str
    #: The pool of downloads, whose threads wait for their readers.
    by_pace: str


class WaitressServer(TcpWSGIServer):
    """Serves the WSGI app ``application`` on ``listening``, a socket that listens already.

    ``pools`` compute the answers. ``refused`` returns the JSON body of the answer with a status,
    for a request that the server itself refuses. Call ``serve``, then ``finish``.
    """

    def __init__(
        self,
        application: Callable[..., Any],
        listening: socket.socket,
        pools: Pools,
        limits: Limits,
        refused: Callable[[HTTPStatus], bytes],
    ) -> None:
        self.limits = limits
        self.refused = refused
        self._looks_at = 0.0
        adjustments = Adjustments(
            sockets=[listening],
            ident=None,
            log_socket_errors=False,
            max_request_header_size=MAX_HEAD_BYTES,
            max_request_body_size=limits.body_bytes + 1,
            outbuf_high_watermark=_BUFFERED_OUTPUT_BYTES,
            server_name=listening.getsockname()[0],
        )
        adjustments.socket_options = [
            (socket.SOL_TCP, socket.TCP_NODELAY, 1),
            (socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_OUTPUT_BYTES),
        ]
        self.pools = pools
        self.adj_by_pace = copy(adjustments)
        self.adj_by_pace.outbuf_high_watermark = _BUFFERED_DOWNLOAD_BYTES
        super().__init__(
            application,
            _sock=listening,
            dispatcher=_Dispatcher(pools),
            adj=adjustments,
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
            bind_socket=False,
        )
        self.channel_class = Channel

    def serve(self, goes_on: Callable[[], bool]) -> None:
        """Serve requests for as long as ``goes_on()`` returns true.

        It is asked at least once a second, and at once after a call of ``pull_trigger``.
        """
        while goes_on():
            self._between_turns()
            wasyncore.poll2(_POLL_SECONDS, self._map)

    def finish(self, seconds: float) -> None:
        """Take no new connections; return when all requests are answered, or after ``seconds``.

        The listening socket is closed at once, so that a proxy asks another server. A request that
        arrives on an open connection until then is still answered, as the last one of it.
        """
        self.accepting = False
        self.socket.close()
        wasyncore.dispatcher.del_channel(self)
        until = time.monotonic() + seconds
        self.serve(lambda: self.is_busy and time.monotonic() < until)

    def close_connections(self) -> None:
        """Close the listening socket and every connection, whatever has not been sent yet."""
        for open_socket in list(self._map.values()):
            open_socket.close()

    @property
    def is_busy(self) -> bool:
        """Whether any request is still unanswered, or any answer not yet sent completely."""
        return any(channel.is_busy for channel in list(self.active_channels.values()))

    def readable(self) -> bool:
        """Return whether the server accepts another connection now.

        waitress calls this in each turn of its loop.
        """
        return bool(self.accepting) and len(self.active_channels) < self.limits.connections

    def _between_turns(self) -> None:
        """Parse requests that waited for an earlier answer; close connections that exceed a limit.

        This must not happen within a turn of waitress's loop: a new connection may get the file
        number of one that was just closed, and the loop would take one for the other.
        """
        now = time.monotonic()
        is_time = now >= self._looks_at
        if is_time:
            self._looks_at = now + _POLL_SECONDS
        for channel in list(self.active_channels.values()):
            try:
                channel.parse_next()
                if is_time:
                    channel.enforce_limits(now)
            except Exception:
                # A failure of one connection must not stop the others.
                channel.handle_error()
        if len(self.active_channels) >= self.limits.connections:
            self._make_room()

    def _make_room(self) -> None:
        """Close the connection that has been without a request for longest."""
        idle = [channel for channel in self.active_channels.values() if not channel.is_busy]
        if idle:
            min(idle, key=lambda channel: channel.quiet_since).handle_close()


class Channel(HTTPChannel):
    """One connection of a client. Its requests are answered one after the other.

    That also holds if a client sends several requests without waiting for answers (pipelining).
    ``quiet_since`` is when the last answer was made, or before the first answer when the connection
    began, in monotonic seconds.
    """

    parser_class = RequestParser
    server: WaitressServer
    request: RequestParser | None
    will_close: bool

    def __init__(self, server: WaitressServer, *args: Any, **options: Any) -> None:
        self.quiet_since = time.monotonic()
        self._begun_at = 0.0
        self._ahead = b""
        self._ends_early = False
        self._sent = 0
        self._pace = (self.quiet_since, 0)
        self._drains_until: float | None = None
        self._held = b""
        super().__init__(server, *args, **options)
        self.task_class = AppTask
        self.error_task_class = RefusalTask

    @property
    def is_busy(self) -> bool:
        """Whether a request of this connection is unanswered, or its answer not yet all sent."""
        return bool(self.requests) or self.total_outbufs_len > 0

    def parse_next(self) -> None:
        """Parse the next request that has arrived already, if the answer before it is sent."""
        if self._ahead and not self.is_busy:
            self.received(b"")

    def enforce_limits(self, now: float) -> None:
        """Check the times of ``Limits`` at the moment ``now``, in monotonic seconds.

        A request that does not arrive in time is answered with 408. The connection is closed if it
        is idle for too long or its client reads too slowly. Only the thread that reads and sends
        may call this.
        """
        limits = self.server.limits
        if not self.total_outbufs_len:
            self._pace = (now, self._sent)
        if self._drains_until is not None:
            if now > self._drains_until:
                self.handle_close()
        elif self.total_outbufs_len:
            self._enforce_pace(now)
        elif self.requests:
            return  # the client waits for us
        elif self.request is not None:
            is_head = not self.request.headers_finished
            # A client that sends blank lines only is cut as one that sends nothing.
            is_late = is_head and now - self.quiet_since > limits.idle + limits.head
            if is_late or now - self._begun_at > (limits.head if is_head else limits.body):
                self._give_up_waiting()
        elif now - self.quiet_since > limits.idle:
            self.handle_close()

    def readable(self) -> bool:
        """Return whether to read bytes from the client now.

        No, while a request that was sent ahead still waits to be parsed.
        """
        if self._drains_until is not None:
            return True
        return bool(super().readable()) and not self._ahead

    def writable(self) -> bool:
        """Return whether there is something to send to the client now."""
        return self._drains_until is None and bool(super().writable())

    def received(self, data: bytes) -> bool:
        """Take ``data``, bytes from the client, and give the first complete request to its pool.

        Later requests wait until it is answered. Return False, and drop the bytes, if the
        connection is about to close; else return True.
        """
        with self.requests_lock:
            if self._drains_until is not None or self.will_close or self.close_when_flushed:
                return False
            self._ahead += data
            while self._ahead and not self.requests:
                self._parse()
        return True

    def service(self) -> None:
        """Compute and write the answer to the first request. A thread of a pool calls this."""
        request, server = self.requests[0], self.server
        by_pace = server.pools.of_path(request.path) == server.pools.by_pace
        self.adj = server.adj_by_pace if by_pace else server.adj
        super().service()
        self.quiet_since = time.monotonic()

    def hold(self, header: bytes) -> None:
        """Keep ``header``, the status and headers of an answer, until the next ``write_soon``.

        The first bytes of the body then leave with it: a proxy that has got a header cannot ask
        another server any more, should this process be killed before the body follows.
        """
        self._held = header

    def write_soon(self, data: Any) -> int:
        """Send ``data`` after the header that is held, if there is one; return its length.

        It may be nothing, so that only the header is sent.
        """
        held, self._held = self._held, b""
        if held and isinstance(data, bytes):
            super().write_soon(held + data)
            return len(data)
        if held:
            super().write_soon(held)
        return super().write_soon(data) or 0

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 - waitress calls it so
        """Send as much of ``data`` as the system takes now, and return how many bytes that was.

        ``do_close`` is passed on to waitress: whether an error of the socket closes the connection.
        """
        sent: int = super().send(data, do_close=do_close)
        self._sent += sent
        return sent

    def handle_close(self) -> None:
        """Close the connection.

        After a refused request only the server's side is closed at first, for up to
        ``Limits.drain`` seconds, so that the client can read the answer.
        """
        if self.will_close and self._ends_early and self._drains_until is None:
            # Closing now, with bytes of the client unread, would reset the connection, and the
            # client would lose the answer.
            self.will_close = False
            self._drains_until = time.monotonic() + self.server.limits.drain
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                super().handle_close()
            return
        super().handle_close()

    def handle_error(self) -> None:
        """Log the error that was just raised for this connection, and close the connection."""
        self.logger.error("connection failed", exc_info=sys.exc_info())
        super().handle_close()

    def _parse(self) -> None:
        """Give the received bytes to the request that is being read; queue it when complete."""
        if self.request is None:
            self.request = self.parser_class(self.adj)
            self._begun_at = time.monotonic()
        request = self.request
        taken = request.received(self._ahead)
        self._ahead = self._ahead[taken:]
        if request.completed:
            self.sent_continue = False
            self.request = None
            if not request.empty:
                self._queue(request)
        elif request.expect_continue and request.headers_finished and not self.sent_continue:
            self.send_continue()

    def _queue(self, request: RequestParser) -> None:
        if request.error:
            self._ahead, self._ends_early = b"", True
        request.arrived_at = time.monotonic()
        self.requests.append(request)
        self.server.add_task(self)

    def _give_up_waiting(self) -> None:
        with self.requests_lock:
            if request := self.request:
                self.request = None
                request.refuse(HTTPStatus.REQUEST_TIMEOUT)
                self._queue(request)

    def _enforce_pace(self, now: float) -> None:
        """Close the connection of a client that takes its answer too slowly."""
        since, sent = self._pace
        limits = self.server.limits
        if self._sent - sent >= limits.pace_bytes:
            self._pace = (now, self._sent)
        elif now - since > limits.pace:
            # The system would try for many minutes to send what it has buffered for this reader.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.handle_close()


class _Logged(Task):
    """A task that writes a line to the access log."""

    def service(self) -> None:
        begun = time.monotonic()
        try:
            super().service()
        finally:
            if access_log.isEnabledFor(logging.INFO):
                self._log(time.monotonic() - begun)

    @property
    def safe_path(self) -> str:
        """The path for the access log if the request was not answered with success."""
        return _NO_PATH

    def _log(self, seconds: float) -> None:
        request = self.request
        status = self.status.partition(" ")[0]
        path = _path_of(request) if status in _SUCCESSES else self.safe_path
        fields = {
            "method": request.command,
            "path": path,
            "status": int(status),
            "seconds": round(seconds, 6),
            "bytes": self.content_bytes_written,
        }
        access_log.info("%s %s %s", request.command, path, status, extra={"fields": fields})


def _path_of(request: RequestParser) -> str:
    """Return the path of a request that was answered with success, or ``-`` for an odd one."""
    path: str = request.path
    return path if _OUR_PATH.fullmatch(path) else _NO_PATH


class AppTask(_Logged, WSGITask):
    """The work of answering one request with the WSGI app."""

    wrote_header: bool
    _environment: Mapping[str, Any] = MappingProxyType({})

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment of the request, with ``ARRIVED_AT`` in it."""
        environment: dict[str, Any] = super().get_environment()
        environment[ARRIVED_AT] = self.request.arrived_at
        self._environment = environment
        return environment

    @property
    def safe_path(self) -> str:
        """What the application has stored as ``LOGGED_PATH``.

        The address of a request that was refused may hold values, as a query does that was written
        as a path; and nobody has checked who sent it.
        """
        return str(self._environment.get(LOGGED_PATH, _NO_PATH))

    def write(self, data: bytes) -> None:
        """Send ``data``, a part of the answer's body; in answer to HEAD only the headers."""
        if self.request.command == "HEAD":
            data = b""
        if self.complete and not self.wrote_header:
            self.channel.hold(self.build_response_header())
            self.wrote_header = True
        super().write(data)
        self.channel.write_soon(b"")  # the header of an answer that has no bytes yet
        if self.chunked_response:
            self.content_bytes_written += len(data)

    def set_close_on_finish(self) -> None:
        """Let the connection be closed after this answer, but only if the client needs that.

        It does if the answer has a body of unknown length that is not chunked, in HTTP/1.0, if the
        client asks for it, or after a failure in the middle of an answer. waitress itself would
        also close after empty answers and chunked ones.
        """
        connection = self.request.headers.get("CONNECTION", "").lower()
        ends_itself = self.chunked_response or not self.has_body
        if self.wrote_header or self.version == "1.0" or connection == "close" or not ends_itself:
            super().set_close_on_finish()

    def build_response_header(self) -> bytes:
        """Return status and headers; a server that ends says that it closes the connection.

        A proxy then sends its next request elsewhere.
        """
        if not self.channel.server.accepting:
            super().set_close_on_finish()
        header: bytes = super().build_response_header()
        return header

    def finish(self) -> None:
        """Send the rest of the answer: its last chunk, or the headers if there is no body."""
        if self.request.command != "HEAD":
            super().finish()
        elif not self.wrote_header:
            self.write(b"")  # sends the headers, and nothing else


class RefusalTask(_Logged, ErrorTask):
    """The work of answering, with JSON, a request that is refused before the app gets it."""

    def execute(self) -> None:
        """Write the answer: the status of the request's ``error``, and the body for this status.

        The connection is closed after it.
        """
        error = self.request.error
        status = HTTPStatus(error.code)
        body = self.channel.server.refused(status)
        self.status = f"{status.value} {status.phrase}"
        self.response_headers += [("Content-Type", "application/json"), *REFUSAL_HEADERS]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Dispatcher:
    """Gives each request to the pool that answers its path."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._threads: dict[str, ThreadedTaskDispatcher] = {}
        for name, count in pools.threads.items():
            self._threads[name] = ThreadedTaskDispatcher()
            self._threads[name].set_thread_count(count)

    def add_task(self, channel: Channel) -> None:
        """Let a thread of the right pool answer the first request of ``channel``."""
        request = channel.requests[0]
        name = self._pools.refusals if request.error else self._pools.of_path(request.path)
        self._threads[name].add_task(channel)
