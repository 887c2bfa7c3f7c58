"""The limits of the web server for its clients, tested with a small application."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import pytest

from app.server import grace_seconds
from app.settings import Settings
from app.waitress_server import Channel, Limits, Pools, WaitressServer
from tests.integration.conftest import PATIENCE_SECONDS, until
from tests.integration.raw import ask, connect, get, read_all, replies

pytestmark = [
    pytest.mark.integration,
    # waitress leaves the file of an answer that waits to the garbage collector when it shortens it.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

#: More than the system and the server keep for a client that does not read.
LARGE = 48 * 2**20
#: Less than the server keeps, and more than it keeps of what is made at a reader's pace.
KEPT = 12 * 2**20
#: A limit that a test waits for, and one that it never reaches.
SHORT, LONG = 0.3, 600.0
PATIENT = Limits(head=LONG, body=LONG, idle=LONG, pace=LONG)


@dataclass
class Application:
    """Answers by path; some answers wait until ``gate`` is set."""

    gate: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    ended: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        if path == "/unchanged":
            start("304 Not Modified", [("ETag", '"1"')])
            return []
        if path == "/waits":
            self.waiting.release()
            assert self.gate.wait(PATIENCE_SECONDS)
        if path in ("/large", "/kept", "/failing", "/stream"):
            start("200 OK", [("Content-Type", "text/plain")])
            return self._chunks(path)
        if environ["REQUEST_METHOD"] == "POST":
            self.bodies.append(environ["wsgi.input"].read())
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    def _chunks(self, path: str) -> Iterator[bytes]:
        try:
            size = {"/large": LARGE, "/kept": KEPT}.get(path, 3 * 65_536)
            for number in range(size // 65_536):
                if path == "/failing" and number == 2:
                    raise ConnectionResetError
                if path == "/stream" and number == 2:
                    self.waiting.release()
                    assert self.gate.wait(PATIENCE_SECONDS)
                yield b"x" * 65_536
        finally:
            self.ended.set()


@dataclass
class Served:
    port: int
    application: Application
    front: WaitressServer
    end: Callable[[], None]


@contextmanager
def serving(limits: Limits = PATIENT, threads: int = 1) -> Iterator[Served]:
    """Run a web server with a pool of ``threads`` for each first letter of a path."""
    listening = socket.create_server(("127.0.0.1", 0))
    application = Application()
    names = ("w", "l", "k", "f", "s", "u", "o", "")
    pools = Pools(dict.fromkeys(names, threads), lambda path: path[1:2], refusals="", by_pace="l")
    front = WaitressServer(
        application, listening, pools, limits, lambda status: status.phrase.encode()
    )
    ended = threading.Event()
    thread = threading.Thread(target=front.serve, args=(lambda: not ended.is_set(),))
    thread.start()

    def end() -> None:
        """Let the server serve no longer, as a signal does; its end is up to the test."""
        ended.set()
        front.pull_trigger()
        thread.join()

    try:
        yield Served(listening.getsockname()[1], application, front, end)
    finally:
        application.gate.set()
        if not ended.is_set():
            end()
        front.close_connections()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A server that is shared by the tests that leave nothing open."""
    with serving() as made:
        yield made


def read_until(client: socket.socket, end: bytes) -> bytes:
    received = b""
    while not received.endswith(end):
        received += client.recv(65_536)
    return received


def closed_after(client: socket.socket) -> bytes:
    """Read until the server closes the connection; fail where it does not."""
    client.settimeout(PATIENCE_SECONDS)
    return read_all(client)


# --- time limits --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "begin", [b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ", b"\r\nGET "]
)
def test_a_request_with_endless_headers_is_ended(begin: bytes) -> None:
    limits = Limits(head=SHORT, body=LONG, idle=LONG, pace=LONG)
    with serving(limits) as served, connect(served.port) as client:
        client.sendall(begin)
        [reply] = replies(closed_after(client))
        assert (reply.status, reply.body) == (408, b"Request Timeout")


def test_slow_single_bytes_do_not_extend_the_time_limit_of_headers() -> None:
    """The time limit is for all headers together, not for the time between two bytes."""
    limits = Limits(head=SHORT, body=LONG, idle=LONG, pace=LONG)
    with serving(limits) as served, connect(served.port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nX-A: ")
        client.settimeout(0.05)
        received = b""

        def answered() -> bool:
            nonlocal received
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                client.send(b"x")
            with contextlib.suppress(TimeoutError):
                received += client.recv(65_536)
            return bool(received)

        until(answered, "the end of the patience")
        assert b" 408 " in received


@pytest.mark.parametrize(
    "begin",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n12345678",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n1234",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n",
    ],
)
def test_a_request_with_an_unfinished_body_is_ended(begin: bytes) -> None:
    limits = Limits(head=LONG, body=SHORT, idle=LONG, pace=LONG)
    with serving(limits) as served, connect(served.port) as client:
        client.sendall(begin)
        [reply] = replies(closed_after(client))
        assert reply.status == 408
        assert served.application.bodies == []


def test_blank_lines_do_not_keep_a_connection_open() -> None:
    limits = Limits(head=SHORT, body=LONG, idle=SHORT, pace=LONG)
    with serving(limits) as served, connect(served.port) as client:
        client.settimeout(0.02)
        sent = 0

        def is_closed() -> bool:
            nonlocal sent
            sent += 1
            try:
                client.send(b"\n\r" if sent > 1 else b"\r")
                return b" 408 " in client.recv(65_536)
            except TimeoutError:
                return False
            except OSError:
                return True

        until(is_closed, "the end of the patience")


@pytest.mark.parametrize("before", [b"", get("/")])
def test_an_idle_connection_is_closed(before: bytes) -> None:
    limits = Limits(head=LONG, body=LONG, idle=SHORT, pace=LONG)
    with serving(limits) as served, connect(served.port) as client:
        client.sendall(before)
        assert [reply.status for reply in replies(closed_after(client))] == [200] * bool(before)


def test_a_client_that_reads_nothing_is_cut_off_and_frees_its_thread() -> None:
    limits = Limits(head=LONG, body=LONG, idle=LONG, pace=SHORT)
    with serving(limits) as served, connect(served.port, SO_RCVBUF=4_096) as client:
        client.sendall(get("/large"))
        assert served.application.ended.wait(PATIENCE_SECONDS)
        until(lambda: not served.front.active_channels, "the end of the connection")
        assert len(read_all(client)) < LARGE
        assert ask(served.port, get("/large", method="HEAD"), head=True).status == 200


def test_a_slow_answer_does_not_close_the_connection() -> None:
    limits = Limits(head=SHORT, body=SHORT, idle=SHORT, pace=SHORT)
    with serving(limits) as served, connect(served.port) as client:
        client.sendall(get("/waits"))
        assert served.application.waiting.acquire(timeout=PATIENCE_SECONDS)
        with connect(served.port) as other:
            assert closed_after(other) == b""  # the limits have passed
        served.application.gate.set()
        assert replies(closed_after(client))[0].body == b"ok"


# --- many of them -------------------------------------------------------------------------------


def test_a_new_client_is_served_when_idle_connections_reach_the_limit() -> None:
    limits = Limits(connections=10, head=LONG, body=LONG, idle=LONG, pace=LONG)
    with serving(limits) as served, contextlib.ExitStack() as stack:
        idle = [stack.enter_context(connect(served.port)) for _ in range(30)]
        for client in idle[::2]:
            client.sendall(b"GET / HT")
        assert ask(served.port, get("/")).body == b"ok"
        until(lambda: len(served.front.active_channels) <= 10, "room")


def test_a_busy_connection_is_not_closed_at_the_limit() -> None:
    limits = Limits(connections=3, head=LONG, body=LONG, idle=LONG, pace=LONG)
    with serving(limits) as served, connect(served.port) as client:
        client.sendall(get("/waits", "Connection: close"))
        assert served.application.waiting.acquire(timeout=PATIENCE_SECONDS)
        for _ in range(10):
            assert ask(served.port, get("/")).body == b"ok"
        served.application.gate.set()
        assert replies(closed_after(client))[0].body == b"ok"


def test_a_client_that_stops_reading_holds_no_thread_of_other_pools() -> None:
    with serving() as served, contextlib.ExitStack() as stack:
        for _ in range(4):
            client = stack.enter_context(connect(served.port, SO_RCVBUF=4_096))
            client.sendall(get("/large"))
        assert ask(served.port, get("/")).body == b"ok"


def test_an_answer_is_kept_for_a_slow_reader_and_leaves_its_thread() -> None:
    with serving() as served, connect(served.port, SO_RCVBUF=262_144) as client:
        client.sendall(get("/kept"))
        assert served.application.ended.wait(PATIENCE_SECONDS)
        assert len(client.recv(100)) == 100
        content = read_until(client, b"\r\n0\r\n\r\n")
    assert content.count(b"x") == KEPT


def test_pipelined_requests_wait_for_the_previous_answer() -> None:
    """Otherwise many large answers would wait for their client and hold a thread."""
    with serving() as served, connect(served.port, SO_RCVBUF=4_096) as client:
        client.sendall(get("/large") + get("/waits") * 20)
        until(lambda: served.application.asked, "the first request")
        assert ask(served.port, get("/")).body == b"ok"
        assert served.application.asked == ["/large", "/"]


# --- answers ------------------------------------------------------------------------------------


def test_answers_come_in_the_order_of_their_requests_on_one_connection(served: Served) -> None:
    with connect(served.port) as client:
        client.sendall(get("/") + get("/unchanged") + get("/", method="HEAD") + get("/"))
        received = b""
        while received.count(b"HTTP/1.1 ") < 4 or not received.endswith(b"ok"):
            received += client.recv(65_536)
    assert [line for line in received.split(b"\r\n") if b"HTTP/1.1 " in line] == [
        b"HTTP/1.1 200 OK",
        b"okHTTP/1.1 304 Not Modified",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK",
    ]
    assert b"Connection: close" not in received


def test_a_connection_stays_open_after_a_chunked_answer(served: Served) -> None:
    served.application.gate.set()
    with connect(served.port) as client:
        client.sendall(get("/stream") + get("/", "Connection: close"))
        received = read_all(client)
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert received.count(b"10000\r\n" + b"x" * 65_536 + b"\r\n") == 3
    assert b"\r\n0\r\n\r\nHTTP/1.1 200 OK" in received
    assert received.endswith(b"\r\n\r\nok")


def test_the_first_bytes_come_before_the_last_are_made() -> None:
    with serving() as served, connect(served.port) as client:
        client.sendall(get("/stream"))
        received = b""
        while received.count(b"x") < 2 * 65_536:
            received += client.recv(65_536)
        assert not served.application.ended.is_set()
        served.application.gate.set()
        while not received.endswith(b"\r\n0\r\n\r\n"):
            received += client.recv(65_536)


def test_an_answer_that_fails_halfway_is_cut_off(served: Served) -> None:
    with connect(served.port) as client:
        client.sendall(get("/failing"))
        received = read_all(client)
    assert received.count(b"x" * 65_536) == 2
    assert not received.endswith(b"0\r\n\r\n")


def test_a_body_in_chunks_is_whole(served: Served) -> None:
    request = (
        b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    served.application.bodies.clear()
    content = bytes(range(256)) * 4_000
    sizes = (1, 3, 70_000, 10_000)
    parts, at = [], 0
    while at < len(content):
        size = sizes[len(parts) % len(sizes)]
        part = content[at : at + size]
        parts.append(b"%x\r\n%b\r\n" % (len(part), part))
        at += size
    assert ask(served.port, request + b"".join(parts) + b"0\r\n\r\n").status == 200
    assert served.application.bodies == [content]


def test_a_client_that_expects_100_continue_gets_it(served: Served) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    served.application.bodies.clear()
    with connect(served.port) as client:
        client.sendall(head)
        assert client.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"ab")
        client.shutdown(socket.SHUT_WR)
        assert read_all(client).endswith(b"ok")
    assert served.application.bodies == [b"ab"]


def test_a_body_too_large_is_refused_before_it_is_sent(served: Served) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n"
    with connect(served.port) as client:
        client.sendall(head)
        [reply] = replies(read_all(client))
    assert reply.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_headers_leave_with_the_first_bytes_of_the_body(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that has got only the headers of a killed server could ask no other one."""
    sent: list[bytes] = []
    plain = Channel.send

    def watched(self: Channel, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002
        sent.append(bytes(data))
        return plain(self, data, do_close=do_close)

    monkeypatch.setattr(Channel, "send", watched)
    for path in ("/other", "/failing"):
        sent.clear()
        ask(served.port, get(path, "Connection: close"))
        top, _, body = sent[0].partition(b"\r\n\r\n")
        assert top.startswith(b"HTTP/1.1 200")
        assert body


# --- the end --------------------------------------------------------------------------------------


def test_a_server_that_ends_answers_what_it_has_and_takes_nothing_new() -> None:
    """A proxy then asks another server: at once, and also on connections that it keeps open."""
    with serving(threads=2) as served, connect(served.port) as busy, connect(served.port) as kept:
        kept.sendall(get("/other"))
        assert b"connection" not in read_until(kept, b"ok").lower()
        busy.sendall(get("/waits"))
        assert served.application.waiting.acquire(timeout=PATIENCE_SECONDS)
        served.end()
        ending = threading.Thread(target=served.front.finish, args=(PATIENCE_SECONDS,))
        ending.start()
        until(lambda: not is_open(served.port), "the end of its listening")
        kept.sendall(get("/other"))
        [last] = replies(closed_after(kept))
        assert (last.status, last.headers["connection"], last.body) == (200, "close", b"ok")
        served.application.gate.set()
        [answer] = replies(read_until(busy, b"ok"))  # the end of the process closes this one
        assert (answer.status, answer.headers["connection"], answer.body) == (200, "close", b"ok")
        ending.join(PATIENCE_SECONDS)
        assert not ending.is_alive()


def is_open(port: int) -> bool:
    try:
        connect(port).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_server_that_ends_waits_no_longer_than_it_may() -> None:
    with serving() as served, connect(served.port) as busy:
        busy.sendall(get("/waits"))
        assert served.application.waiting.acquire(timeout=PATIENCE_SECONDS)
        served.end()
        served.front.finish(SHORT)
        assert served.front.is_busy


def test_a_reader_finishes_queries_and_who_has_a_store_lets_go_of_it() -> None:
    published = Settings(store_url="file:///srv/published", query_seconds=45.0)
    own = Settings(query_seconds=45.0)
    assert grace_seconds(published, has_page=True) == 45.0
    assert grace_seconds(published, has_page=False) == 3.0  # a writer
    assert grace_seconds(own, has_page=True) == 3.0
    assert grace_seconds(replace(published, query_seconds=0.5), has_page=True) == 3.0
