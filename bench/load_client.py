"""``python -m bench.load_client``: simulate users who refresh the page again and again.

The process reads a ``Load`` as JSON from its standard input and writes a ``Measured`` as JSON to
its standard output. Each user is a thread that keeps one connection open for each request of a
refresh. A refresh sends all its requests, and is complete when the last answer is read; the content
of the answers is ignored. No refresh sends the same requests as another one, so none of them is
answered from a cache.
"""

import json
import resource
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from itertools import count
from typing import Any
from urllib.parse import urlsplit

#: One mapping for each refresh: placeholder in a path or body → the text that replaces it.
Replacements = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Load:
    """What to run: ``users`` threads that refresh for ``seconds``.

    Each request is ``[method, path, body]``, with placeholders for which every refresh takes the
    next of ``replacements``.
    """

    address: str
    users: int
    seconds: float
    requests: list[list[str]]
    headers: dict[str, str]
    replacements: Replacements


@dataclass(frozen=True, slots=True)
class Measured:
    """The result of a load.

    ``refreshes_ms`` has an entry for each complete refresh, ``seconds`` is the length of the
    measurement, ``client_cpu_seconds`` the CPU time that this process took meanwhile.
    """

    refreshes_ms: list[float]
    seconds: float
    client_cpu_seconds: float


def run_load(load: Load) -> Measured:
    """Run the load and return what was measured; the first refresh of each user is not counted.

    Raises ``RuntimeError`` for an answer other than 200, and where the replacements run out.
    """
    times: list[float] = []
    failures: list[BaseException] = []
    numbers = count()
    ready = threading.Barrier(load.users + 1)
    end = threading.Event()

    def work() -> None:
        user = _User(load, numbers)
        try:
            user.refresh()
            ready.wait()
            while not end.is_set():
                begun = time.perf_counter()
                user.refresh()
                if not end.is_set():
                    times.append(round((time.perf_counter() - begun) * 1000, 2))
        except Exception as error:  # the main thread raises it again
            failures.append(error)
            ready.abort()
            end.set()
        finally:
            user.close()

    users = [threading.Thread(target=work) for _ in range(load.users)]
    for user in users:
        user.start()
    with suppress(threading.BrokenBarrierError):
        ready.wait()
    begun, cpu = time.perf_counter(), time.process_time()
    end.wait(load.seconds)
    end.set()
    seconds = time.perf_counter() - begun
    client_cpu_seconds = time.process_time() - cpu
    for user in users:
        user.join()
    if failures:
        raise RuntimeError(f"a user failed: {failures[0]}") from failures[0]
    return Measured(times, seconds, client_cpu_seconds)


class _User:
    def __init__(self, load: Load, numbers: "count[int]") -> None:
        self._load = load
        self._numbers = numbers
        host = urlsplit(load.address).netloc
        self._connections = [HTTPConnection(host, timeout=120) for _ in load.requests]

    def refresh(self) -> None:
        """Send every request, then read every answer."""
        number = next(self._numbers)
        if number >= len(self._load.replacements):
            raise RuntimeError("no unused filter selections are left for another refresh")
        replacement = self._load.replacements[number]
        requests = [
            [_replace(part, replacement) for part in request] for request in self._load.requests
        ]
        for connection, request in zip(self._connections, requests, strict=True):
            self._send(connection, request)
        for connection, request in zip(self._connections, requests, strict=True):
            try:
                self._read(connection)
            except (HTTPException, ConnectionError):
                # The server had closed the idle connection: send it again, as browsers do.
                connection.close()
                self._send(connection, request)
                self._read(connection)

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    def _send(self, connection: HTTPConnection, request: list[str]) -> None:
        method, path, body = request
        headers = self._load.headers
        try:
            connection.request(method, path, body.encode() or None, headers)
        except (HTTPException, ConnectionError):
            connection.close()
            connection.request(method, path, body.encode() or None, headers)

    def _read(self, connection: HTTPConnection) -> None:
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"the server answered with status {response.status}")


def _replace(text: str, replacement: dict[str, str]) -> str:
    """Return ``text`` with every placeholder replaced."""
    for placeholder, value in replacement.items():
        text = text.replace(placeholder, value)
    return text


def main() -> None:
    # 16 users with a connection for each request need more open files than the usual soft limit
    # may allow: raise it to the hard limit.
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    given: dict[str, Any] = json.load(sys.stdin)
    json.dump(asdict(run_load(Load(**given))), sys.stdout)


if __name__ == "__main__":
    main()
