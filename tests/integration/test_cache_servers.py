"""Answers are right with any cache: memory, Redis, and one that is down, silent or damaged."""

import hashlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from flask.testing import FlaskClient

from app import cache_backends
from app.cache_backends import CircuitBreaker, MemoryBytes
from app.factory import create_app, parts_of
from app.settings import Settings
from queries.result import ResultSet
from tests.oracle.awkward import write_awkward
from tests.panels import PERIOD_SLUGS
from tests.services import RedisServer, import_files, redis_server

QUESTIONS = [
    {"start": "2018-01-01", "end": "2026-12-31", "bucket": "month"},
    {"start": "2026-10-01", "end": "2026-11-20", "basis": "opened", "kind": "hsm"},
]
ASKED = [(slug, question) for question in QUESTIONS for slug in PERIOD_SLUGS]
DIGEST_BYTES = 16
NOW = datetime(2026, 11, 22, 15, 40, tzinfo=UTC)

Answers = list[Any]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("cached")
    return import_files(folder, *write_awkward(folder, 21, 100))[0]


@contextmanager
def app(url: str, **settings: Any) -> Iterator[FlaskClient]:
    # Answers about running days say until which minute they go.
    made = create_app(Settings(store_url=url, **settings), clock=lambda: NOW)
    with closing(parts_of(made)):
        yield made.test_client()


def ask(client: FlaskClient, asked: list[tuple[str, dict[str, str]]]) -> Answers:
    found = []
    for slug, question in asked:
        response = client.get(f"/api/v1/panels/{slug}", query_string=question)
        assert response.status_code == 200, response.get_data(as_text=True)[:500]
        found.append(json.loads(response.get_data()))
    return found


def page(client: FlaskClient) -> Answers:
    return ask(client, ASKED)


def cache_answers(client: FlaskClient) -> bool:
    response = client.get("/readyz")
    assert response.status_code == 200  # a server without its cache stays in use
    return bool(json.loads(response.get_data())["cache"])


@pytest.fixture(scope="module")
def right(url: str) -> Answers:
    """The right answers of the page, computed without a cache."""
    with app(url, cache_megabytes=0) as client:
        found = page(client)
    assert found[-1]["rows"]
    return found


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """A Redis with a longer time limit, since even a sound one can be slow on a busy machine."""
    monkeypatch.setattr(cache_backends, "REDIS_SECONDS", 30.0)
    with redis_server(tmp_path) as started:
        yield started


@pytest.fixture
def kept(server: RedisServer) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(server.url) as client:
        yield client


def sealed_at(kept: redis.Redis, key: bytes) -> bytes:
    found = kept.get(key)
    assert isinstance(found, bytes)
    return found


def is_sealed(found: bytes) -> bool:
    """Return whether ``found`` begins with the digest of the rest."""
    digest, content = found[:DIGEST_BYTES], found[DIGEST_BYTES:]
    return digest == hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()


def rows_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which every later statement that reaches the store is added."""
    from queries.engines.duckdb.reader import DuckDBSnapshot  # noqa: PLC0415 - what is watched

    fetched: list[str] = []
    plain = DuckDBSnapshot.fetch

    def watched(self: DuckDBSnapshot, sql: str, parameters: tuple[object, ...]) -> ResultSet:
        fetched.append(sql)
        return plain(self, sql, parameters)

    monkeypatch.setattr(DuckDBSnapshot, "fetch", watched)
    return fetched


# --- Redis --------------------------------------------------------------------------------------


def test_answers_in_redis_are_used_instead_of_the_store(
    url: str, right: Answers, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = rows_read(monkeypatch)
    with app(url, cache_url=server.url) as client:
        assert cache_answers(client)
        assert page(client) == right
        first = len(fetched)
        assert first >= len(ASKED)
        assert page(client) == right
    # Another process finds what this one computed. Dash lays the page out at the first request, in
    # both processes for nobody.
    with app(url, cache_url=server.url) as client:
        assert cache_answers(client)
        assert page(client) == right
    assert len(fetched) == first


def test_redis_holds_json_with_a_digest_and_no_pickles(
    url: str, right: Answers, server: RedisServer, kept: redis.Redis
) -> None:
    with app(url, cache_url=server.url) as client:
        assert page(client) == right
    keys = list(kept.scan_iter())
    assert len(keys) >= len(ASKED)
    for key in keys:
        assert key.startswith(b"consumo:")
        assert 0 < kept.ttl(key) <= 86_400  # type: ignore[operator]
        sealed = sealed_at(kept, key)
        assert is_sealed(sealed)
        content = sealed[DIGEST_BYTES:]
        names, types, _ = json.loads(content)
        assert len(names) == len(types) > 0
        # Neither flask-caching's mark of a pickle nor one of pickle's own beginnings.
        assert not content.startswith((b"!", b"\x80", b"(", b"]", b"}", b"c"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: os.urandom(64),
        lambda _: b"",
        lambda _: b"\x80\x04K\x01.",
        lambda _: b"!\x80\x04K\x01.",
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[:DIGEST_BYTES],
        lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]),
        lambda sealed: bytes(DIGEST_BYTES) + sealed[DIGEST_BYTES:],
    ],
    ids=["random", "empty", "pickle", "marked", "short", "digest", "flipped", "unsealed"],
)
def test_damaged_cache_entries_are_computed_again(
    url: str,
    right: Answers,
    server: RedisServer,
    kept: redis.Redis,
    damage: Callable[[bytes], bytes],
) -> None:
    asked = ASKED[:6]
    with app(url, cache_url=server.url) as client:
        client.get("/")
        kept.flushdb()  # of what the start of the page asked, which is not asked again
        assert ask(client, asked) == right[:6]
        keys = set(kept.scan_iter())
        for key in keys:
            kept.set(key, damage(sealed_at(kept, key)))
        assert ask(client, asked) == right[:6]
        assert set(kept.scan_iter()) == keys
        assert all(is_sealed(sealed_at(kept, key)) for key in keys)


def test_redis_values_of_another_type_are_computed_again(
    url: str, right: Answers, server: RedisServer, kept: redis.Redis
) -> None:
    with app(url, cache_url=server.url) as client:
        ask(client, ASKED[:2])
        for key in list(kept.scan_iter()):
            kept.delete(key)
            kept.rpush(key, "a list")
        assert ask(client, ASKED[:2]) == right[:2]


def test_answers_stay_right_when_redis_dies(url: str, right: Answers, server: RedisServer) -> None:
    half = len(ASKED) // 2
    with app(url, cache_url=server.url) as client:
        found = ask(client, ASKED[:half])
        server.kill()
        found += ask(client, ASKED[half:])
        assert found == right
        assert page(client) == right
        assert not cache_answers(client)


def test_answers_are_right_without_a_reachable_redis(url: str, right: Answers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with app(url, cache_url=f"redis://127.0.0.1:{port}/0") as client:
        assert page(client) == right
        assert not cache_answers(client)


def test_redis_that_never_answers_costs_few_calls(url: str, right: Answers) -> None:
    """A listening socket accepts connections and never answers, so each call would time out."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as hole:
        port = hole.getsockname()[1]
        with app(url, cache_url=f"redis://127.0.0.1:{port}/0") as client:
            done = threading.Event()
            found: Answers = []

            def ask_all() -> None:
                found.extend(ask(client, ASKED[:6]))
                done.set()

            asking = threading.Thread(target=ask_all)
            asking.start()
            in_time = done.wait(5.0)  # redis-py's own time-outs would make it minutes
            asking.join(60)
        hole.settimeout(0.2)
        calls = 0
        with suppress(TimeoutError):
            while True:
                hole.accept()[0].close()
                calls += 1
    assert in_time
    assert found == right[:6]
    assert 1 <= calls <= 6  # of over twenty questions to the cache


# --- a cache that rests -------------------------------------------------------------------------


class Failing:
    """A cache that fails until it is repaired."""

    def __init__(self) -> None:
        self.calls = 0
        self.works = False

    def get(self, key: str) -> object:
        self.calls += 1
        if not self.works:
            raise redis.ConnectionError(key)
        return b"found"

    def set(self, key: str, value: bytes) -> object:
        return self.get(key)


def test_after_a_failure_the_cache_pauses_and_is_then_used_again() -> None:
    now = 100.0
    cache = Failing()
    resting = CircuitBreaker(cache, lambda: now)  # type: ignore[arg-type]
    with pytest.raises(redis.ConnectionError):
        resting.get("a")
    cache.works = True
    assert [resting.get("a"), resting.set("a", b"x"), cache.calls] == [None, None, 1]
    now += 60.0
    assert [resting.get("a"), resting.set("a", b"x"), cache.calls] == [b"found", b"found", 3]


# --- memory -------------------------------------------------------------------------------------


def test_memory_is_bounded_and_the_least_recently_used_goes_first() -> None:
    cache = MemoryBytes(1_000)
    for number in range(50):
        assert cache.set(f"k{number}", bytes(100))
        assert cache.get("k0") is not None  # used all the time
    held = [number for number in range(50) if cache.get(f"k{number}") is not None]
    assert held == [0, *range(41, 50)]


def test_memory_refuses_what_does_not_fit_and_keeps_the_rest() -> None:
    cache = MemoryBytes(1_000)
    assert cache.set("small", bytes(10))
    assert not cache.set("large", bytes(1_001))
    assert cache.get("large") is None
    assert cache.get("small") == bytes(10)
    assert cache.set("all", bytes(1_000))
    assert cache.get("small") is None


def test_memory_is_safe_among_threads() -> None:
    cache = MemoryBytes(2_000)
    together = threading.Barrier(4, timeout=20)
    failures: list[BaseException] = []

    def use(thread: int) -> None:
        together.wait()
        try:
            for number in range(3_000):
                cache.set(f"{thread}-{number % 60}", bytes(100))
                assert cache.get(f"{number % 4}-{number % 60}") in (None, bytes(100))
        except BaseException as error:  # told below, in the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures


def test_the_page_stays_right_in_a_memory_that_holds_almost_nothing(
    url: str, right: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app(url, cache_megabytes=0) as client:
        assert page(client) == right
    fetched = rows_read(monkeypatch)
    with app(url) as client:
        assert page(client) == right
        first = len(fetched)
        assert page(client) == right
    assert len(fetched) == first


def test_the_pause_of_a_failed_cache_is_measured_in_monotonic_time() -> None:
    """A wall clock that is set back must not make the pause last for hours."""
    breaker = CircuitBreaker(Failing(), time.monotonic)  # type: ignore[arg-type]
    with pytest.raises(redis.ConnectionError):
        breaker.set("a", b"x")
    assert 0 < breaker.paused_until - time.monotonic() <= 10
