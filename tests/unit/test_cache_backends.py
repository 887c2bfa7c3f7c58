"""Caches by their setting: invalid ones are refused, and an unreachable one counts as empty."""

import time

import pytest
import redis
from flask import Flask

from app.cache_backends import CircuitBreaker, drop_answers, make_cache
from app.routes.health import probe
from app.settings import SettingError

SECRET = "p4ssw0rd"


@pytest.mark.parametrize(
    "address",
    [
        f"redis://:{SECRET}@127.0.0.1:99999",
        f"redis://:{SECRET}@127.0.0.1:-1",
        f"redis://:{SECRET}@127.0.0.1:port",
        f"redis://:{SECRET}@[::1",
        f"redis://:{SECRET}@127.0.0.1?socket_timeout={SECRET}",
        f"redis://:{SECRET}@127.0.0.1?unknown={SECRET}",
        f"rediss://:{SECRET}@127.0.0.1?ssl_cert_reqs={SECRET}",
        f"redis://:{SECRET}@127.0.0.1?max_connections={SECRET}",
    ],
)
def test_an_invalid_address_is_refused_with_the_name_of_its_setting(address: str) -> None:
    with pytest.raises(SettingError) as told:
        make_cache(Flask("test"), address, 64)
    assert str(told.value) == (
        "CONSUMO_CACHE_URL takes memory:// or a Redis address, as redis://127.0.0.1:6379/0"
    )
    assert told.value.__cause__ is None


def test_an_invalid_size_is_refused_with_the_name_of_its_setting() -> None:
    with pytest.raises(SettingError, match=r"^CONSUMO_CACHE_MEGABYTES takes a whole number"):
        make_cache(Flask("test"), "memory://", -5)


@pytest.mark.parametrize(
    "address",
    [
        "redis://127.0.0.1:1/0",
        "rediss://127.0.0.1:1/0",
        "redis://no-such-name.invalid/0",
        "redis://a..b/0",
    ],
)
def test_a_redis_that_does_not_answer_is_accepted_and_probed_as_away(address: str) -> None:
    assert probe(CircuitBreaker(make_cache(Flask("test"), address, 64), time.monotonic)) is False


@pytest.mark.parametrize("megabytes", [0, 1])
def test_a_memory_cache_keeps_what_fits_into_its_size(megabytes: int) -> None:
    cache = make_cache(Flask("test"), "memory://", megabytes)
    assert probe(CircuitBreaker(cache, time.monotonic)) is bool(megabytes)


def test_a_cleared_memory_cache_keeps_nothing() -> None:
    cache = CircuitBreaker(make_cache(Flask("test"), "memory://", 1), time.monotonic)
    cache.set("key", b"answer")
    assert cache.get("key") == b"answer"
    cache.clear()
    assert cache.get("key") is None


def test_a_redis_that_does_not_answer_cannot_be_cleared_also_after_a_failure() -> None:
    cache = CircuitBreaker(make_cache(Flask("test"), "redis://127.0.0.1:1/0", 64), time.monotonic)
    for _ in range(2):
        with pytest.raises(redis.RedisError):
            cache.clear()
    with pytest.raises(redis.RedisError):
        drop_answers("redis://127.0.0.1:1/0")


def test_the_memory_of_a_server_is_out_of_reach_of_a_command() -> None:
    drop_answers("memory://")
