"""Servers that share a Redis compute an answer once, also when the computing one is killed.

The processes here are real ones; each tells of a computation by a line in one file, and computes
until a further file is there.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from flask import Flask

from app import cache_backends
from app.cache_backends import CircuitBreaker, Pause, RedisLink, RedisResting, make_cache
from app.factory import create_app, parts_of
from app.redis_leases import LEASE_SECONDS, RedisLeases
from app.settings import Settings
from queries.engines.duckdb.reader import DuckDBSnapshot
from queries.result import ResultSet
from tests.integration.conftest import PATIENCE_SECONDS, ROOT, is_alive, until
from tests.oracle.awkward import write_awkward
from tests.services import RedisServer, import_files, redis_server

pytestmark = pytest.mark.integration

PROCESSES = 6
#: It forks so many processes, once it has imported what they need, and prints their ids. Each asks
#: for one key, and writes into a file of its name what it got.
PROGRAM = """
import os, sys, time
from pathlib import Path
from app import cache_backends
from app.cache_backends import CircuitBreaker, Pause, RedisBytes, RedisLink
from app.redis_leases import RedisLeases
from queries.cache import SingleFlightCache
from queries.errors import QueryTimeout
from queries.shared_flights import SharedFlights

url, folder, ending, number = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
cache_backends.REDIS_SECONDS = 10.0

def compute():
    with (folder / "computed").open("a") as lines:
        lines.write(f"{os.getpid()}\\n")
    while not (folder / "go").exists():
        time.sleep(0.01)
    if ending == "timeout":
        raise QueryTimeout
    if ending == "error":
        raise ValueError
    return b"answer"

def ask():
    pause = Pause(time.monotonic)
    leases = RedisLeases(RedisLink(url, pause), 60.0)
    store = CircuitBreaker(RedisBytes(url), time.monotonic, pause)
    cache = SingleFlightCache(store, shared=SharedFlights(leases, 60.0))
    try:
        return cache.get("key", compute, lambda found: found == b"answer").decode()
    except (QueryTimeout, ValueError) as error:
        return type(error).__name__

ids = []
for _ in range(number):
    ids.append(os.fork())
    if not ids[-1]:
        got = ask()
        (folder / f"new-{os.getpid()}").write_text(got)
        (folder / f"new-{os.getpid()}").rename(folder / str(os.getpid()))
        os._exit(0)
print(*ids, flush=True)
for _ in ids:
    os.wait()
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """A Redis with a longer time limit, since even a sound one can be slow on a busy machine."""
    monkeypatch.setattr(cache_backends, "REDIS_SECONDS", 30.0)
    with redis_server(tmp_path) as started:
        yield started


@dataclass
class Asking:
    """Processes that all ask for one key, and the folder by which they are steered."""

    folder: Path
    ids: list[int]

    def computed(self) -> list[int]:
        """Return the ids of the processes that have begun to compute, in this order."""
        told = self.folder / "computed"
        return [int(line) for line in told.read_text().split()] if told.exists() else []

    def go(self) -> list[str]:
        """Let computations end; return what the processes got that were not killed."""
        (self.folder / "go").touch()
        until(lambda: not any(map(is_alive, self.ids)), "the end of all processes")
        files = [self.folder / str(number) for number in self.ids]
        return [file.read_text() for file in files if file.exists()]


@contextmanager
def asking(server: RedisServer, folder: Path, ending: str = "answer") -> Iterator[Asking]:
    """Let several processes ask; give them once one computes."""
    options = [server.url, str(folder), ending, str(PROCESSES)]
    parent = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    asked = Asking(folder, [int(number) for number in parent.stdout.readline().split()])
    try:
        until(asked.computed, "a process that computes")
        yield asked
    finally:
        for number in asked.ids:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        parent.communicate(timeout=PATIENCE_SECONDS)


def waited_for(server: RedisServer, processes: int) -> None:
    """Wait until so many processes have asked for the lease in vain, twice."""
    with redis.Redis.from_url(server.url) as client:
        before = calls(client)
        until(lambda: calls(client) > before + 2 * processes, "questions for the lease")


def calls(client: redis.Redis) -> int:
    """Return how many scripts Redis has run: each look at the lease is one."""
    stats: dict[str, dict[str, int]] = client.info("commandstats")  # type: ignore[assignment]
    return stats.get("cmdstat_eval", {}).get("calls", 0)


def test_processes_that_ask_at_once_compute_once(server: RedisServer, tmp_path: Path) -> None:
    with asking(server, tmp_path) as asked:
        waited_for(server, PROCESSES)
        assert asked.go() == ["answer"] * PROCESSES
        assert len(asked.computed()) == 1


def test_another_process_takes_over_from_one_that_is_killed(
    server: RedisServer, tmp_path: Path
) -> None:
    with asking(server, tmp_path) as asked:
        waited_for(server, PROCESSES)
        (first,) = asked.computed()
        os.kill(first, signal.SIGKILL)
        until(lambda: len(asked.computed()) == 2, "a computation of another process")
        waited_for(server, PROCESSES - 2)
        assert asked.go() == ["answer"] * (PROCESSES - 1)
        assert len(set(asked.computed())) == 2


def test_a_long_computation_keeps_its_lease(server: RedisServer, tmp_path: Path) -> None:
    """The lease is renewed: nobody else computes after it would have ended."""
    with asking(server, tmp_path) as asked, redis.Redis.from_url(server.url) as client:
        (key,) = client.keys("consumo-shared:lease:*")  # type: ignore[misc]
        begun = time.monotonic()

        def is_kept() -> bool:
            assert client.exists(key)
            return time.monotonic() > begun + LEASE_SECONDS + 1.0

        until(is_kept, "more time than a lease has")
        assert len(asked.computed()) == 1
        assert asked.go() == ["answer"] * PROCESSES


def test_a_time_out_is_told_to_all_that_waited(server: RedisServer, tmp_path: Path) -> None:
    """Otherwise the same slow query would run once for each process."""
    with asking(server, tmp_path, "timeout") as asked:
        waited_for(server, PROCESSES)
        assert asked.go() == ["QueryTimeout"] * PROCESSES
        assert len(asked.computed()) == 1


def test_other_errors_are_not_shared(server: RedisServer, tmp_path: Path) -> None:
    """The store of one process may fail, and that of another answer."""
    with asking(server, tmp_path, "error") as asked:
        waited_for(server, PROCESSES)
        assert asked.go() == ["ValueError"] * PROCESSES
        assert len(set(asked.computed())) == PROCESSES


def test_every_process_computes_when_redis_dies(server: RedisServer, tmp_path: Path) -> None:
    with asking(server, tmp_path) as asked:
        server.kill()
        until(lambda: len(asked.computed()) == PROCESSES, "computations of all processes")
        assert asked.go() == ["answer"] * PROCESSES


def test_a_full_redis_holds_nobody_up(server: RedisServer, tmp_path: Path) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.config_set("maxmemory", 1)
    with asking(server, tmp_path) as asked:
        until(lambda: len(asked.computed()) == PROCESSES, "computations of all processes")
        assert asked.go() == ["answer"] * PROCESSES


# --- leases in Redis ------------------------------------------------------------------------------


@pytest.fixture
def leases(server: RedisServer) -> Iterator[RedisLeases]:
    made = RedisLeases(RedisLink(server.url, Pause(time.monotonic)), 60.0)
    with closing(made):
        yield made


def test_one_token_has_a_lease_until_it_ends_it(leases: RedisLeases, server: RedisServer) -> None:
    assert [leases.take("key", token) for token in ("a", "b", "a")] == ["a", "a", "a"]
    assert leases.take("other", "b") == "b"
    leases.end("key", "b", "failed")  # not its own
    assert (leases.take("key", "c"), leases.ending("b")) == ("a", None)
    leases.end("key", "a", "timeout")
    assert (leases.take("key", "c"), leases.ending("a")) == ("c", "timeout")
    leases.end("key", "c", None)
    assert (leases.take("key", "d"), leases.ending("c")) == ("d", None)
    with redis.Redis.from_url(server.url) as client:
        keys: list[bytes] = client.keys()  # type: ignore[assignment]
        assert all(0 < client.pttl(key) <= 10_000 for key in keys)  # type: ignore[operator]


def test_a_lease_without_an_end_is_none(leases: RedisLeases, server: RedisServer) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.set("consumo-shared:lease:key", "for ever")
    assert leases.take("key", "a") == "a"


def test_a_computation_that_hangs_loses_its_lease(server: RedisServer) -> None:
    link = RedisLink(server.url, Pause(time.monotonic))
    with closing(RedisLeases(link, most_seconds=0.01, seconds=0.2)) as hanging:
        assert hanging.take("key", "a") == "a"
        until(lambda: hanging.take("key", "b") == "b", "the end of the lease")


def test_a_closed_app_leaves_no_thread(server: RedisServer) -> None:
    before = set(threading.enumerate())
    RedisLeases(RedisLink(server.url, Pause(time.monotonic)), 60.0).close()
    assert set(threading.enumerate()) <= before


# --- whole apps -----------------------------------------------------------------------------------

NOW = datetime(2026, 11, 22, 15, 40, tzinfo=UTC)
QUESTION = {"start": "2018-01-01", "end": "2026-12-31", "bucket": "month"}


@contextmanager
def apps(store: Path, number: int, **settings: object) -> Iterator[list[Flask]]:
    """Give several apps, as if each were a process: each with a copy of ``store``."""
    with ExitStack() as opened:
        made = []
        for count in range(number):
            copy = store.with_name(f"copy-{count}.duckdb")
            shutil.copyfile(store, copy)
            given = Settings(store_url=f"duckdb:///{copy}", **settings)  # type: ignore[arg-type]
            app = create_app(given, clock=lambda: NOW)
            opened.enter_context(closing(parts_of(app)))
            made.append(app)
        for app in made:
            client = app.test_client()
            until(lambda client=client: client.get("/readyz").status_code == 200, "the store")
        yield made


def ask_at_once(asked: list[Callable[[], object]]) -> list[object]:
    """Call all functions at the same moment, each in a thread; return what they return."""
    together = threading.Barrier(len(asked), timeout=PATIENCE_SECONDS)
    found: list[object] = [None] * len(asked)

    def call(number: int) -> None:
        together.wait()
        found[number] = asked[number]()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(len(asked))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    return found


def test_two_apps_compute_each_statement_once(
    server: RedisServer,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path_factory.mktemp("apps")
    import_files(folder, *write_awkward(folder, 21, 100))
    fetched: list[str] = []
    plain = DuckDBSnapshot.fetch

    def slow(self: DuckDBSnapshot, sql: str, parameters: tuple[object, ...]) -> ResultSet:
        fetched.append(json.dumps([sql, parameters], default=str))
        time.sleep(0.05)  # the others ask meanwhile
        return plain(self, sql, parameters)

    with apps(folder / "store.duckdb", 2, cache_url=server.url) as both:
        monkeypatch.setattr(DuckDBSnapshot, "fetch", slow)

        def asks(app: Flask) -> Callable[[], object]:
            return lambda: (
                app.test_client()
                .get("/api/v1/panels/messages-by-status", query_string=QUESTION)
                .json
            )

        found = ask_at_once([asks(app) for app in both * 4])
    assert found[0]
    assert found == [found[0]] * 8
    assert fetched
    assert len(fetched) == len(set(fetched))


def test_cache_and_leases_rest_together_after_a_failure() -> None:
    """A Redis that never answers costs one time-out, and not one for each of them."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as hole:
        pause = Pause(time.monotonic)
        url = f"redis://127.0.0.1:{hole.getsockname()[1]}/0"
        link = RedisLink(url, pause)
        cache = CircuitBreaker(make_cache(Flask("test"), url, 1), time.monotonic, pause)
        with pytest.raises(redis.TimeoutError):
            link.call(lambda client: client.get("key"))
        assert pause.is_on
        assert cache.get("key") is None  # it would raise where Redis is called
        with pytest.raises(RedisResting):
            link.call(lambda client: pytest.fail("called"))
