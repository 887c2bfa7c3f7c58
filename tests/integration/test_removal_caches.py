"""Answers that were cached before an erasure are gone after it, from memory and from Redis."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis

from app import cache_backends
from app.cache_backends import MemoryBytes
from app.commands.common import owner_of_store
from app.factory import create_app, parts_of
from app.settings import Settings
from sources.inbox import HandIn
from sources.load_waiting import wait_for_load
from sources.removal_orders import RemovalOrder, RemovalReport
from tests.integration.conftest import ALWAYS, Here, until
from tests.integration.removals import NAME, Rowset, import_rows
from tests.integration.test_erased_files import NAME_BYTES, files_with
from tests.integration.test_erasure import case, message
from tests.services import RedisServer, redis_server

pytestmark = pytest.mark.integration

ORDER = RemovalOrder(person=NAME)


@pytest.fixture
def loaded(here: Here, store: Path) -> Path:
    rows = Rowset(
        [case("c1", NAME), case("c2", "Bia")],
        [message("m1", "c1", direction="out", body=f"Oi {NAME}"), message("m2", "c2")],
    )
    import_rows(here, store, rows)
    return store


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """A Redis with a longer time limit, since even a sound one can be slow on a busy machine."""
    monkeypatch.setattr(cache_backends, "REDIS_SECONDS", 30.0)
    with redis_server(tmp_path) as started:
        yield started


def removed(settings: Settings) -> RemovalReport:
    """Hand the order in, as a command does, and return the report of whoever carries it out."""
    owner = owner_of_store(settings)
    ticket = owner.inbox.hand_in(HandIn.to_remove(ORDER), lambda _folder: {})
    outcome = wait_for_load(owner, ticket, lambda *_: None)
    assert outcome.removal
    assert not outcome.refusal
    return outcome.removal


def details(settings: Settings) -> tuple[bytes, RemovalReport, bytes]:
    """Ask a server for the table before and after an erasure; return the answers and its report."""
    app = create_app(settings)
    with closing(parts_of(app)) as parts:
        until(lambda: parts.owner.is_open, "the store")
        client = app.test_client()
        before = client.post("/api/v1/panels/details", json=ALWAYS).get_data()
        report = removed(settings)
        after = client.post("/api/v1/panels/details", json=ALWAYS).get_data()
    return before, report, after


def test_a_server_forgets_what_it_kept_in_memory(
    loaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[tuple[MemoryBytes, str]] = []
    plain = MemoryBytes.set

    def watched(self: MemoryBytes, key: str, value: bytes, *rest: object) -> bool:
        if NAME.encode() in value:
            kept.append((self, key))
        return plain(self, key, value)

    monkeypatch.setattr(MemoryBytes, "set", watched)
    before, report, after = details(Settings(store_url=f"duckdb:///{loaded}"))
    assert b"m1" in before
    assert kept
    assert report.is_cache_empty
    assert [cache.get(key) for cache, key in kept] == [None] * len(kept)
    assert b"m1" not in after


def test_a_server_forgets_what_it_kept_in_redis(loaded: Path, server: RedisServer) -> None:
    with redis.Redis.from_url(server.url) as kept:
        kept.set("of another program", "stays")
        before, report, after = details(
            Settings(store_url=f"duckdb:///{loaded}", cache_url=server.url)
        )
        assert b"m1" in before
        assert report.is_cache_empty
        assert b"m1" not in after
        values = [kept.get(key) for key in kept.scan_iter()]
        assert not [value for value in values if NAME.encode() in bytes(value or b"")]
        assert kept.get("of another program") == b"stays"


def test_a_command_empties_redis_where_no_server_runs(loaded: Path, server: RedisServer) -> None:
    with redis.Redis.from_url(server.url) as kept:
        kept.mset({f"consumo:{number}": NAME for number in range(2_500)})
        kept.set("of another program", "stays")
        report = removed(Settings(store_url=f"duckdb:///{loaded}", cache_url=server.url))
        assert report.is_cache_empty
        assert kept.keys() == [b"of another program"]


def test_a_redis_that_is_away_is_told_and_all_else_is_removed(
    here: Here, loaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSUMO_CACHE_URL", "redis://127.0.0.1:1/0")
    done = here("erase", "--person", NAME, store=loaded)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == "Store: 1 cases, 1 messages, 0 texts masked."
    assert done.stderr.splitlines()[-1].startswith("The cache of CONSUMO_CACHE_URL does not answer")
    assert files_with(loaded.parent, NAME_BYTES) == set()
