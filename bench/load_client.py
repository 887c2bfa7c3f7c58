"""``python -m bench.load_client``: users who refresh the page again and again, in one lean process.

Reads a ``Load`` as JSON from its input and writes what it measured to its output. A user is a
thread with a connection a request, kept open, as a browser has; a refresh sends all its requests
and is complete when the last answer is read. Answers are read, not looked into. Every refresh asks
what none before it asked.
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

#: Questions as what stands for the signs in a path or body, one mapping a question.
Questions = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Load:
    """What to do: each request is ``[method, path, body]``, with signs that a question replaces."""

    address: str
    users: int
    seconds: float
    requests: list[list[str]]
    headers: dict[str, str]
    questions: Questions


@dataclass(frozen=True, slots=True)
class Measured:
    """Every complete refresh in milliseconds, the seconds they took together, our own CPU time."""

    refreshes_ms: list[float]
    seconds: float
    client_cpu_seconds: float


def put_under(load: Load) -> Measured:
    """Run the load; the first refresh of each user is not counted.

    Raises ``RuntimeError`` for an answer other than 200 and where questions run out.
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
        except Exception as error:  # a thread's failure must be told by the process
            failures.append(error)
            ready.abort()
            end.set()
        finally:
            user.leave()

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
        if number >= len(self._load.questions):
            raise RuntimeError("no questions are left that nobody has asked")
        question = self._load.questions[number]
        asked = [[_filled(part, question) for part in one] for one in self._load.requests]
        for connection, request in zip(self._connections, asked, strict=True):
            self._send(connection, request)
        for connection, request in zip(self._connections, asked, strict=True):
            try:
                self._read(connection)
            except (HTTPException, ConnectionError):
                # The server had closed a connection that was idle: browsers ask once more.
                connection.close()
                self._send(connection, request)
                self._read(connection)

    def leave(self) -> None:
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
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"an answer was {answer.status}")


def _filled(text: str, question: dict[str, str]) -> str:
    for sign, value in question.items():
        text = text.replace(sign, value)
    return text


def main() -> None:
    # 16 users have some hundred connections.
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    given: dict[str, Any] = json.load(sys.stdin)
    json.dump(asdict(put_under(Load(**given))), sys.stdout)


if __name__ == "__main__":
    main()
