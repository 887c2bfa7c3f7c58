"""Caches by their setting: invalid ones are refused, and an unreachable one counts as empty."""

import time

import pytest
from flask import Flask

from app.cache_backends import CircuitBreaker, make_cache
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
