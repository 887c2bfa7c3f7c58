"""Raw HTTP over sockets: send bytes that no client library would send, and parse the answers."""

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.integration.conftest import PATIENCE_SECONDS


@dataclass(frozen=True)
class Reply:
    """One answer; ``rest`` is what the server sent after it on the same connection."""

    status: int
    headers: dict[str, str]
    body: bytes
    rest: bytes = b""

    @property
    def error(self) -> dict[str, str]:
        """Return the ``code`` and ``message`` of a JSON error; fail for any other content."""
        assert self.headers["content-type"] == "application/json", self
        found: dict[str, str] = json.loads(self.body)["error"]
        assert found.keys() == {"code", "message"}
        return found


def connect(port: int, **options: Any) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
    for name, value in options.items():
        made.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
    return made


def read_all(client: socket.socket) -> bytes:
    """Read until the server closes or resets the connection; return all bytes."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := client.recv(65_536):
            received += chunk
    return received


def replies(received: bytes, *, head: bool = False) -> list[Reply]:
    """Parse the answers in ``received``, without interim ones (100); the last may be incomplete.

    ``head`` says that the first answer is to a HEAD request and so has no body.
    """
    found: list[Reply] = []
    while received:
        top, _, rest = received.partition(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        status = int(first.split(" ")[1])
        if status == 100:
            received = rest
            continue
        length = 0 if head and not found else int(headers.get("content-length", len(rest)))
        found.append(Reply(status, headers, rest[:length], rest[length:]))
        received = rest[length:]
    return found


def ask(port: int, request: bytes, *, head: bool = False) -> Reply:
    """Send ``request`` and read until the server closes; return the first answer."""
    with connect(port) as client:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
        found = replies(read_all(client), head=head)
    assert found, request[:200]
    return found[0]


def get(path: str, *headers: str, method: str = "GET") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


@contextlib.contextmanager
def connections(port: int, count: int, begin: bytes) -> Iterator[list[socket.socket]]:
    """Open ``count`` connections that each send ``begin`` and nothing more."""
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(connect(port)) for _ in range(count)]
        for client in made:
            client.sendall(begin)
        yield made
