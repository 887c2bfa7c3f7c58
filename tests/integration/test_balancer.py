"""Two readers behind Debian's nginx with one Redis: 16 users see no failure while readers end.

nginx runs ``deploy/nginx.conf`` itself. Readers are killed, and restarted one after the other,
while users ask for pages, panels, callbacks and downloads. Their answers are compared with those of
a single server.
"""

import http.client
import json
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app.settings import Settings, variable
from tests.integration.access.conftest import Asked, call_of
from tests.integration.conftest import (
    PATIENCE_SECONDS,
    ROOT,
    Server,
    environment,
    free_port,
    until,
)
from tests.oracle.awkward import write_awkward
from tests.panels import PERIOD_SLUGS, SUMMARY_SLUGS
from tests.published import GetPostgreSQL, publish, reading
from tests.services import (
    NGINX,
    REDIS,
    NginxServer,
    PostgreSQLServer,
    import_files,
    need,
    nginx_server,
    redis_server,
)

pytestmark = pytest.mark.integration

USERS = 16
#: How often each user asks for everything while something happens to the readers.
LEAST_ROUNDS = 2
#: Half as many downloads run at a time in one reader; all users may download from one.
WEB_THREADS = 2 * USERS
#: The kind of readers that each have a store of their own, of the same content.
COPIES = "copies"
#: It is over: what is asked of running days depends on the minute.
PERIOD = {"start": "2018-01-01", "end": "2026-10-31", "bucket": "month"}
TOKEN = "only-for-prometheus"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("balanced")
    import_files(folder, *write_awkward(folder, 31, 150))
    return folder / "store.duckdb"


# --- readers --------------------------------------------------------------------------------------


@dataclass
class Reader:
    """A server at a fixed port that can be ended and started again."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def start(self) -> None:
        """Start it; ``is_ready`` says when it answers."""
        with (self.folder / "said.txt").open("ab") as written:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env={**environment(self.folder / "store.duckdb"), **self.settings},
                stdout=written,
                stderr=subprocess.STDOUT,
            )

    def is_ready(self) -> bool:
        assert self.process
        output = self.folder / "said.txt"
        return Server(self.process, f"http://127.0.0.1:{self.port}", output).is_up("/readyz")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def end(self) -> None:
        """Let it end by SIGTERM, and wait until it has."""
        assert self.process
        self.process.terminate()
        assert self.process.wait(PATIENCE_SECONDS * 2) == 0

    def cache_hits(self) -> float:
        """Return how many answers came from the cache."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        counts = dict(line.split(" ") for line in lines if line.startswith("consumo_cache_"))
        return float(counts["consumo_cache_hits_total"])


@dataclass
class Balanced:
    """nginx before two readers."""

    nginx: NginxServer
    readers: list[Reader]

    def start(self) -> None:
        """Start the readers that do not run, and return when both are ready."""
        for reader in self.readers:
            if reader.has_ended:
                reader.start()
        for reader in self.readers:
            until(reader.is_ready, "a reader that is ready", 2 * PATIENCE_SECONDS)


@contextmanager
def balanced(kind: str, store: Path, folder: Path, postgresql: GetPostgreSQL) -> Iterator[Balanced]:
    """Run nginx before two readers of what ``store`` holds; ``Balanced.start`` starts these."""
    need(NGINX)
    need(REDIS)
    own = folder / "store.duckdb"
    shutil.copyfile(store, own)
    with ExitStack() as opened:
        kept = opened.enter_context(redis_server(folder))
        readers = [Reader(folder / f"reader-{number}") for number in (1, 2)]
        for reader in readers:
            reader.folder.mkdir()
            opened.callback(reader.kill)
        common = {"cache_url": kept.url, "metrics_token": TOKEN, "web_threads": WEB_THREADS}
        chosen = _settings(kind, own, readers, postgresql)
        for reader, settings in zip(readers, chosen, strict=True):
            reader.settings.update(_variables(replace(settings, **common)))  # type: ignore[arg-type]
        nginx = folder / "nginx"
        nginx.mkdir()
        ports = [reader.port for reader in readers]
        yield Balanced(opened.enter_context(nginx_server(nginx, ports, free_port())), readers)


def _settings(
    kind: str, store: Path, readers: list[Reader], postgresql: GetPostgreSQL
) -> Iterator[Settings]:
    """Yield the settings of each reader; the store is published first, if it is."""
    if kind == COPIES:
        for reader in readers:
            copy = reader.folder / "store.duckdb"
            shutil.copyfile(store, copy)
            yield Settings(store_url=f"duckdb:///{copy}")
        return
    published = reading(kind, store, postgresql)
    publish(published)
    for reader in readers:
        yield replace(published, work_url="", local_folder=str(reader.folder / "local"))


def _variables(settings: Settings) -> dict[str, str]:
    """Return the environment that gives ``settings``, as far as they are not the usual ones."""
    return {
        variable(given.name): str(getattr(settings, given.name))
        for given in fields(Settings)
        if getattr(settings, given.name) != getattr(Settings(), given.name)
    }


@pytest.fixture(scope="module", params=[COPIES, "files", "postgresql"])
def kept_running(
    request: pytest.FixtureRequest, store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Balanced]:
    def get_postgresql() -> PostgreSQLServer:
        server: PostgreSQLServer = request.getfixturevalue("postgresql")
        return server

    kind: str = request.param
    with balanced(kind, store, tmp_path_factory.mktemp(kind), get_postgresql) as made:
        yield made


@pytest.fixture
def both(kept_running: Balanced) -> Balanced:
    """Two readers that are ready, also after a test that killed one."""
    kept_running.start()
    return kept_running


# --- users ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    """One request of a user; ``is_download`` says that the answer is streamed."""

    path: str
    body: bytes | None = None
    is_download: bool = False


def ask(port: int, request: Request) -> tuple[int, bytes]:
    """Return status and body of the whole answer; raises ``OSError`` or ``HTTPException``."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        method = "GET" if request.body is None else "POST"
        headers = {} if request.body is None else {"Content-Type": "application/json"}
        connection.request(method, request.path, request.body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def requests_of(port: int) -> list[Request]:
    """Return what users ask: page, layout, panels, callbacks, a long question and downloads."""
    query = urlencode(PERIOD)
    _, known = ask(port, Request("/_dash-dependencies"))
    callbacks = [
        call_of(one, Asked(PERIOD, {}, parts=SUMMARY_SLUGS))
        for one in json.loads(known)
        if not one["clientside_function"]
    ]
    return [
        Request("/"),
        Request("/_dash-layout"),
        *(Request(f"/api/v1/panels/{slug}?{query}") for slug in PERIOD_SLUGS),
        Request("/api/v1/panels/details", json.dumps(PERIOD).encode()),
        *(Request("/_dash-update-component", json.dumps(body).encode()) for body in callbacks[:6]),
        Request(f"/export/cases.csv?{query}", is_download=True),
        Request(f"/export/details.csv?{query}", is_download=True),
    ]


@dataclass
class User:
    """Asks for everything again and again, and notes what went wrong."""

    port: int
    requests: list[Request]
    right: dict[Request, bytes]
    retries: int = 0
    rounds: int = 0
    failures: list[str] = field(default_factory=list)

    def use(self, goes_on: Callable[[], bool]) -> None:
        while goes_on() or self.rounds < LEAST_ROUNDS:
            for request in self.requests:
                self._ask(request)
            self.rounds += 1

    def _ask(self, request: Request) -> None:
        try:
            self._check(request)
        except (OSError, http.client.HTTPException) as error:
            # A download that has begun cannot be taken over: browsers ask for it once more.
            self.retries += 1
            if not request.is_download:
                self.failures.append(f"{request.path[:60]} {type(error).__name__}")
                return
            try:
                self._check(request)
            except (OSError, http.client.HTTPException) as second:
                self.failures.append(f"{request.path[:60]} {type(second).__name__} twice")

    def _check(self, request: Request) -> None:
        status, body = ask(self.port, request)
        if status not in (200, 204):
            self.failures.append(f"{request.path[:60]} {status}")
        elif request in self.right and comparable(body) != self.right[request]:
            self.failures.append(f"{request.path[:60]} differs")


def comparable(body: bytes) -> bytes:
    """Return ``body`` without the time of the answer, which API answers name."""
    if not body.startswith(b"{"):
        return body
    content = json.loads(body)
    content.pop("generated_at", None)
    return json.dumps(content, sort_keys=True).encode()


@contextmanager
def users(
    nginx: NginxServer, requests: list[Request], right: dict[Request, bytes]
) -> Iterator[list[User]]:
    """Let all users ask for as long as the block runs; check afterwards that nothing failed."""
    everybody = [User(nginx.port, requests, right) for _ in range(USERS)]
    ended = threading.Event()
    threads = [
        threading.Thread(target=user.use, args=(lambda: not ended.is_set(),)) for user in everybody
    ]
    for thread in threads:
        thread.start()
    try:
        yield everybody
    finally:
        ended.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS * 3)
    assert not any(thread.is_alive() for thread in threads)
    assert Counter(failure for user in everybody for failure in user.failures) == Counter()


def all_asked(everybody: list[User], rounds: int) -> bool:
    return all(user.rounds >= rounds for user in everybody)


def upstreams(line: str) -> int:
    """Return how many readers nginx asked for the request of this line of its log."""
    return line.partition(" upstream=")[2].partition(" upstream_status=")[0].count(",") + 1


# --- tests ----------------------------------------------------------------------------------------


def test_both_readers_answer_alike_and_share_what_they_computed(both: Balanced) -> None:
    first, second = both.readers
    asked = requests_of(first.port)
    assert static_files(first.port) == static_files(second.port) != []
    answers = numbers(first.port, asked)
    assert numbers(second.port, asked) == answers
    assert numbers(both.nginx.port, asked) == answers
    assert ask(both.nginx.port, Request("/metrics"))[0] == 404
    # On a busy machine a call to Redis may take too long, and then Redis rests for a while.
    ends = iter(f"2026-{month:02}-{day:02}" for month in range(1, 10) for day in range(1, 28))
    until(lambda: is_shared(first, second, next(ends)), "answers that the other reader computed")


def is_shared(first: Reader, second: Reader, end: str) -> bool:
    """Return whether ``second`` finds in the cache all that only ``first`` was asked before."""
    asked = [
        Request(f"/api/v1/panels/{slug}?{urlencode({**PERIOD, 'end': end})}")
        for slug in PERIOD_SLUGS
    ]
    answers = numbers(first.port, asked)
    hits_before = second.cache_hits()
    assert numbers(second.port, asked) == answers
    return second.cache_hits() - hits_before >= len(asked)


def static_files(port: int) -> list[bytes]:
    """Return the addresses of the files that the page loads: either reader serves those of both."""
    return re.findall(rb'"(/static/[^"]+)"', ask(port, Request("/"))[1])


def numbers(port: int, asked: list[Request]) -> dict[Request, bytes]:
    """Return the answers that hold numbers; the page itself names the time at which it was made."""
    return {
        request: comparable(ask(port, request)[1])
        for request in asked
        if request.path.startswith(("/api", "/export"))
    }


def test_nobody_sees_that_a_reader_is_killed(both: Balanced) -> None:
    first, _ = both.readers
    asked = requests_of(first.port)
    right = numbers(first.port, asked)
    logged = len(both.nginx.access_log)
    with users(both.nginx, asked, right) as everybody:
        until(lambda: all_asked(everybody, 1), "a round of every user", PATIENCE_SECONDS * 3)
        first.kill()
        rounds = max(user.rounds for user in everybody)
        until(lambda: all_asked(everybody, rounds + 1), "further rounds", PATIENCE_SECONDS * 3)
    assert max(user.retries for user in everybody) <= 1
    # nginx itself asked the other one, and each request at most twice.
    assert max(upstreams(line) for line in both.nginx.access_log[logged:]) == 2


def test_a_rolling_restart_fails_nobody(both: Balanced) -> None:
    asked = requests_of(both.readers[0].port)
    with users(both.nginx, asked, {}) as everybody:
        until(lambda: all_asked(everybody, 1), "a round of every user", PATIENCE_SECONDS * 3)
        for reader in both.readers:
            reader.end()
            both.start()
    assert [user.retries for user in everybody] == [0] * USERS


def test_logs_of_nginx_hold_no_questions(both: Balanced) -> None:
    secret = "person=Ana+Souza+Secreta"
    assert ask(both.nginx.port, Request(f"/api/v1/panels/cases?{secret}"))[0] == 200
    both.readers[0].kill()
    both.readers[1].kill()
    assert ask(both.nginx.port, Request(f"/api/v1/panels/cases?{secret}"))[0] == 502

    def said() -> str:
        paths = [path for path in both.nginx.folder.iterdir() if path.suffix == ".txt"]
        return "".join(path.read_text() for path in paths)

    # nginx writes the line after it has answered.
    until(lambda: "/api/v1/panels/cases 502" in said(), "the line of the last request")
    assert "Secreta" not in said()
