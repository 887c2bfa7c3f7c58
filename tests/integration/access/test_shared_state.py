"""Two apps with one Redis, as two servers behind a balancer: any of them answers any request.

Tickets and codes hold once over both, limits count both, and each tells of the downloads of the
other. Without the Redis each goes on by itself.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import cache_backends
from app.download_progress import Ended
from app.factory import parts_of
from tests.integration.access.conftest import (
    TEXT,
    app_on,
    bearer,
    error_of,
    marks,
    ticket,
    token,
)
from tests.integration.conftest import PATIENCE_SECONDS, Here, until
from tests.services import RedisServer, redis_server

pytestmark = pytest.mark.integration

THREADS = 8
SUBJECT, NAME = "the-subject-of-eva", "Eva Prado Secreta"
PROGRESS = "c" * 32


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """A Redis with a longer time limit, since even a sound one can be slow on a busy machine."""
    monkeypatch.setattr(cache_backends, "REDIS_SECONDS", 30.0)
    with redis_server(tmp_path) as started:
        yield started


Pair = tuple[FlaskClient, FlaskClient]


@pytest.fixture
def pair(marked: Path, kept: RedisServer, tmp_path: Path) -> Iterator[Pair]:
    with ExitStack() as opened:
        made = [
            opened.enter_context(
                app_on(
                    marked,
                    new_folder(tmp_path, name),
                    cache_url=kept.url,
                    exports_per_minute=100,
                )
            )
            for name in ("first", "second")
        ]
        yield clients(made)


def clients(apps: list[Flask]) -> Pair:
    first, second = (app.test_client(use_cookies=False) for app in apps)
    for client in (first, second):
        until(lambda client=client: client.get("/readyz").status_code == 200, "the store")
    return first, second


def new_folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


def at_once(asked: list[Callable[[], Any]]) -> list[Any]:
    """Call all functions at the same moment, each in a thread; return what they return."""
    together = threading.Barrier(len(asked), timeout=PATIENCE_SECONDS)
    found: list[Any] = []

    def call(ask: Callable[[], Any]) -> None:
        together.wait()
        found.append(ask())

    threads = [threading.Thread(target=call, args=(ask,)) for ask in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert len(found) == len(asked)
    return found


def all_get(pair: Pair, address: str) -> list[TestResponse]:
    """Get an address from both servers, in several threads at the same moment."""
    asked = [lambda client=client: client.get(address, buffered=True) for client in pair]
    return at_once(asked * (THREADS // 2))


# --- tickets --------------------------------------------------------------------------------------


def test_a_ticket_of_one_server_is_redeemed_by_the_other_once(pair: Pair) -> None:
    first, second = pair
    narrow = bearer(account="default", capabilities=["export"], teams=["Suporte"])
    address = ticket(first, narrow, "/export/details.csv?start=2026-11-01&end=2026-11-30")
    assert second.head(address).status_code == 200
    found = second.get(address)
    assert found.status_code == 200
    assert marks(found.text) == {"dSW", "dSL"}
    assert TEXT not in found.text
    for client in pair:
        again = client.get(address)
        assert (again.status_code, error_of(again)["code"]) == (401, "ticket_refused")


def test_of_many_at_once_one_redeems_a_ticket(pair: Pair) -> None:
    for _ in range(3):
        found = all_get(pair, ticket(pair[0], bearer()))
        assert sorted(answer.status_code for answer in found) == [200, *[401] * (THREADS - 1)]


# --- codes ----------------------------------------------------------------------------------------


def new_code(client: FlaskClient) -> str:
    answer = client.post("/session/codes", headers=bearer())
    assert answer.status_code == 200
    code: str = answer.get_json()["code"]
    return code


def test_a_code_of_one_server_is_exchanged_by_the_other_once(pair: Pair) -> None:
    first, second = pair
    address = f"/session?code={new_code(first)}&lang=en"
    answer = second.get(address)
    assert token() in answer.headers["Set-Cookie"]
    assert answer.headers["Location"].startswith("/?lang=en&session=")
    for client in pair:
        again = client.get(address)
        assert "Set-Cookie" not in again.headers
        assert again.headers["Location"] == "/?lang=en"


def test_of_many_at_once_one_exchanges_a_code(pair: Pair) -> None:
    for _ in range(3):
        found = all_get(pair, f"/session?code={new_code(pair[0])}")
        assert sum("Set-Cookie" in answer.headers for answer in found) == 1


# --- limits ---------------------------------------------------------------------------------------


def export(client: FlaskClient, **changed: object) -> int:
    answer = client.get("/export/cases.csv", headers=bearer(**changed), buffered=True)
    if answer.status_code == 429:
        assert error_of(answer)["code"] == "too_many_requests"
        assert 1 <= int(answer.headers["Retry-After"]) <= 61
    return answer.status_code


def test_downloads_of_both_servers_count(marked: Path, kept: RedisServer, tmp_path: Path) -> None:
    limits = {"exports_per_minute": 5, "cache_url": kept.url}
    with (
        app_on(marked, new_folder(tmp_path, "first"), **limits) as first,
        app_on(marked, new_folder(tmp_path, "second"), **limits) as second,
    ):
        pair = clients([first, second])
        found = [export(pair[number % 2]) for number in range(8)]
        assert found == [*[200] * 5, *[429] * 3]
        assert export(pair[0], sub="bruno") == 200
        asked = [lambda client=client: export(client, sub="carla") for client in pair]
        at_the_same_moment = at_once(asked * THREADS)
        assert sorted(set(at_the_same_moment) - {503}) in ([200, 429], [429])
        assert at_the_same_moment.count(200) <= 5


# --- progress -------------------------------------------------------------------------------------


def progress(client: FlaskClient, name: str = PROGRESS, **changed: object) -> dict[str, Any]:
    found: dict[str, Any] = client.get(
        f"/export/progress/{name}", headers=bearer(**changed)
    ).get_json()
    return found


def ended(client: FlaskClient, state: str) -> dict[str, Any] | None:
    found = progress(client)
    return found if found["state"] == state else None


def test_each_server_tells_of_the_downloads_of_the_other(pair: Pair) -> None:
    first, second = pair
    assert progress(second)["state"] == "unknown"
    first.get(f"/export/details.csv?progress={PROGRESS}", headers=bearer(), buffered=True)
    mine = progress(first)
    assert (mine["state"], mine["rows"]) == ("done", mine["total"])
    assert mine["rows"] > 0
    until(lambda: progress(second) == mine, "the progress at the other server")
    assert progress(second, sub="eva")["state"] == "unknown"
    # The browser asks again, and the balancer sends it elsewhere.
    refused = second.get(
        f"/export/details.csv?progress={PROGRESS}&sort=nothing", headers=bearer(), buffered=True
    )
    assert refused.status_code == 400
    for client in pair:
        told = until(lambda client=client: ended(client, "failed"), "the failure")
        assert told["rows"] == 0
        assert told["message"]


def test_one_server_stops_a_download_of_the_other(
    kept: RedisServer, tmp_path: Path, here: Here
) -> None:
    store = tmp_path / "large.duckdb"
    assert here("demo", "--messages", 60_000, store=store).exit_code == 0
    with ExitStack() as opened:
        made = [
            opened.enter_context(app_on(store, new_folder(tmp_path, name), cache_url=kept.url))
            for name in ("first", "second")
        ]
        first, second = clients(made)
        download = first.get(
            f"/export/details.csv?progress={PROGRESS}&start=2018-01-01&end=2030-12-31",
            headers=bearer(account="default"),
        )
        assert download.status_code == 200
        chunks = iter(download.response)
        next(chunks)
        until(lambda: progress(second)["state"] == "running", "a download that runs")
        stopped = second.post(f"/export/progress/{PROGRESS}/stop", headers=bearer())
        assert stopped.get_json()["state"] == "running"

        mine = parts_of(made[0]).sharing.board.of(("ana", PROGRESS))
        assert mine
        until(lambda: mine.asked_to_stop, "the word to stop")
        with pytest.raises(Ended):
            deque(chunks, maxlen=0)
        assert progress(first)["state"] == "stopped"
        until(lambda: progress(second)["state"] == "stopped", "the end at the other server")


# --- Redis is away --------------------------------------------------------------------------------


def test_without_the_redis_each_server_goes_on_by_itself(
    marked: Path, kept: RedisServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    limits = {"exports_per_minute": 3, "cache_url": kept.url}
    with (
        app_on(marked, new_folder(tmp_path, "first"), **limits) as one,
        app_on(marked, new_folder(tmp_path, "second"), **limits) as other,
    ):
        pair = first, second = clients([one, other])
        lost = ticket(first, bearer())
        kept.kill()
        for client in pair:  # what Redis held is lost: a sentence, and a new one can be had
            answer = client.get(lost)
            assert (answer.status_code, error_of(answer)["code"]) == (401, "ticket_refused")
        address = ticket(first, bearer())
        assert second.get(address).status_code == 401
        assert first.get(address, buffered=True).status_code == 200
        assert first.get(address).status_code == 401
        code = f"/session?code={new_code(first)}"
        assert "Set-Cookie" not in second.get(code).headers
        assert "Set-Cookie" in first.get(code).headers
        assert "Set-Cookie" not in first.get(code).headers
        # Never without a limit: each server counts by itself.
        assert [export(second, sub="eva") for _ in range(5)] == [*[200] * 3, *[429] * 2]
        name = "d" * 32
        first.get(f"/export/cases.csv?progress={name}", headers=bearer(sub="bia"), buffered=True)
        assert progress(first, name, sub="bia")["state"] == "done"
        assert progress(second, name, sub="bia")["state"] == "unknown"
    assert not [record for record in caplog.records if record.exc_info]
    assert str(kept.url) not in caplog.text


# --- what is in Redis -----------------------------------------------------------------------------


def test_redis_holds_no_secret_and_no_name(pair: Pair, kept: RedisServer) -> None:
    first, _ = pair
    headers = bearer(sub=SUBJECT, name=NAME)
    question = "/export/details.csv?person=Ana0"
    secrets = [
        ticket(first, headers, question).partition("ticket=")[2],
        first.post("/session/codes", headers=headers).get_json()["code"],
        headers["Authorization"].partition(" ")[2],
        SUBJECT,
        NAME,
        "Ana0",
        PROGRESS,
    ]
    first.get(f"/export/cases.csv?progress={PROGRESS}", headers=headers, buffered=True)
    with redis.Redis.from_url(kept.url) as client:
        shared: list[bytes] = client.keys("consumo-shared:*")  # type: ignore[assignment]
        kinds = {key.split(b":")[1] for key in shared}
        assert {b"once", b"limits", b"progress"} <= kinds
        assert sum(key.startswith(b"consumo-shared:once:") for key in shared) == 2
        content = b"\n".join(key + b" " + (client.dump(key) or b"") for key in shared)  # type: ignore[operator]
        assert all(0 < client.pttl(key) <= 600_000 for key in shared)  # type: ignore[operator]
    for secret in secrets:
        assert secret.encode() not in content


def test_nobody_makes_a_ticket_by_writing_into_redis(pair: Pair, kept: RedisServer) -> None:
    """Nor does rubbish fail an answer: it is a ticket that is not known."""
    first, second = pair
    values = [b"", b"x", b"[]", json.dumps(["/export/details.csv", "", {}]).encode()]
    with redis.Redis.from_url(kept.url) as client:
        for value in values:
            address = ticket(first, bearer())
            [key] = client.keys("consumo-shared:once:*")  # type: ignore[misc]
            client.set(key, value)
            answer = second.get(address)
            assert (answer.status_code, error_of(answer)["code"]) == (401, "ticket_refused")
        # The value of one ticket under the name of another is none either.
        address, other = ticket(first, bearer()), ticket(first, bearer(sub="eva"))
        keys: list[bytes] = client.keys("consumo-shared:once:*")  # type: ignore[assignment]
        sealed = [client.get(key) for key in keys]
        for key, value in zip(keys, reversed(sealed), strict=True):
            client.set(key, value)  # type: ignore[arg-type]
        for refused in (address, other):
            assert second.get(refused).status_code == 401


def test_rubbish_in_redis_is_no_progress(pair: Pair, kept: RedisServer) -> None:
    first, second = pair
    first.get(f"/export/cases.csv?progress={PROGRESS}", headers=bearer(), buffered=True)
    until(lambda: progress(second)["state"] == "done", "the progress at the other server")
    with redis.Redis.from_url(kept.url) as client, suppress(StopIteration):
        [key] = client.keys("consumo-shared:progress:*")  # type: ignore[misc]
        for value in (b"", b"x" * 40, b"0" * 32 + b"[]", b"\xff" * 40):
            client.set(key, value)
            assert progress(second)["state"] == "unknown"
            assert progress(first)["state"] == "done"
