"""Clients that send or read slowly or not at all must not delay other users."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from app import server as web_server
from app.factory import create_app, parts_of
from app.settings import Settings
from app.waitress_server import Limits, WaitressServer
from queries.engines.duckdb.reader import DuckDBSnapshot
from queries.errors import QueryTimeout
from tests.integration.conftest import (
    PATIENCE_SECONDS,
    THESE_YEARS,
    Here,
    Server,
    running_server,
    until,
)
from tests.integration.raw import connect, connections, get, read_all, replies

pytestmark = pytest.mark.integration

#: Rows of a download that is larger than what server and system keep for a reader.
ROWS = 150_000
EVERYTHING = "start=2018-01-01&end=2026-12-31"
READERS = 6


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, here: Here) -> Path:
    made = tmp_path_factory.mktemp("slow") / "consumo.duckdb"
    done = here("demo", "--messages", ROWS, "--until", "2026-11-18", store=made)
    assert done.exit_code == 0, done.output
    return made


@pytest.fixture(scope="module", params=[8, 1], ids=["8 threads", "1 thread"])
def server(request: pytest.FixtureRequest, store: Path) -> Iterator[Server]:
    with running_server(store, web_threads=request.param) as running:
        yield running


def slow_reader(port: int, name: str) -> socket.socket:
    """A client that requests a large download and reads only its first bytes."""
    client = connect(port, SO_RCVBUF=4_096)
    client.sendall(get(f"/export/details.csv?{EVERYTHING}&progress={name}"))
    return client


def test_a_user_is_served_beside_all_kinds_of_slow_clients(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    names = [f"{number:032x}" for number in range(READERS)]
    with (
        connections(port, 40, b""),
        connections(port, 10, b"GET / HTTP/1.1\r\nHost: loc"),
        connections(port, 10, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"),
        ExitStack() as stack,
    ):
        readers = [stack.enter_context(slow_reader(port, name)) for name in names]
        began = [reader.recv(12) for reader in readers]
        # As many as there is room for; the others are told so at once.
        assert set(began) == {b"HTTP/1.1 200", b"HTTP/1.1 503"}

        assert server.get("/healthz") == (200, {"alive": True})
        assert server.get("/readyz")[0] == 200
        with urlopen(f"{server.url}/metrics", timeout=PATIENCE_SECONDS) as numbers:
            assert b"consumo_store_up 1.0" in numbers.read()
        with urlopen(server.url, timeout=PATIENCE_SECONDS) as page:
            assert b"_dash-config" in page.read()
        assert server.panel("indicators", **THESE_YEARS)["rows"][0]["messages"] == ROWS
        assert server.panel("details", page_size=1)["total"] == ROWS

        states = {
            begin: server.get(f"/export/progress/{name}")[1]["state"]
            for begin, name in zip(began, names, strict=True)
        }
        # The downloads are under way still: the readers were slow indeed.
        assert states == {b"HTTP/1.1 200": "running", b"HTTP/1.1 503": "failed"}


def test_a_client_that_disconnects_frees_its_download_thread(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    for number in range(10, 20):
        name = f"{number:032x}"

        def begins(name: str = name) -> bool:
            with slow_reader(port, name) as reader:
                return reader.recv(12) == b"HTTP/1.1 200"

        until(begins, "a place that the reader before has left")
        until(
            lambda name=name: server.get(f"/export/progress/{name}")[1]["state"] == "broken",
            "the end of the download",
        )


# --- questions over the limit -------------------------------------------------------------------

ASKING = 50


@pytest.mark.parametrize("threads", [1, 8])
def test_equal_questions_over_the_limit_are_computed_once(
    store: Path, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    """All of them fail when the first one does; meanwhile /healthz is answered."""
    settings = Settings(
        store_url=f"duckdb:///{store.with_name('empty.duckdb')}", web_threads=threads
    )
    gate = threading.Event()
    computed = []
    fetch = DuckDBSnapshot.fetch

    def over_the_limit(self: DuckDBSnapshot, sql: str, parameters: Any) -> Any:
        if "case_type" not in sql:
            return fetch(self, sql, parameters)
        computed.append(sql)
        assert gate.wait(PATIENCE_SECONDS)
        raise QueryTimeout

    application = create_app(settings)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    front = WaitressServer(
        application,
        listening,
        web_server.pools(settings),
        Limits(),
        web_server.refusals(settings),
    )
    ended = threading.Event()
    serving = threading.Thread(target=front.serve, args=(lambda: not ended.is_set(),))
    serving.start()
    question = get(f"/api/v1/panels/cases?{EVERYTHING}&case_type=x", "Connection: close")
    try:
        monkeypatch.setattr(DuckDBSnapshot, "fetch", over_the_limit)
        with closing(parts_of(application)), connections(port, ASKING, question) as clients:
            until(lambda: computed, "the first computation")
            until(
                lambda: sum(one.is_busy for one in front.active_channels.values()) == ASKING,
                "the arrival of all questions",
            )
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE_SECONDS) as health:
                assert json.load(health) == {"alive": True}
            assert len(computed) == 1
            gate.set()
            for client in clients:
                [reply] = replies(read_all(client))
                assert (reply.status, reply.error["code"]) == (503, "query_timeout")
            assert len(computed) == 1
            with connections(port, 1, question) as [later]:
                assert replies(read_all(later))[0].status == 503
            assert len(computed) == 2
    finally:
        gate.set()
        ended.set()
        front.pull_trigger()
        serving.join()
        front.close_connections()
