"""A server that gets SIGINT or SIGTERM at any moment ends silently with exit code 0."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from tests.integration.conftest import (
    PATIENCE_SECONDS,
    ROOT,
    Here,
    environment,
    free_port,
    until,
)
from tests.integration.raw import connect, connections, get

pytestmark = pytest.mark.integration

SIGNALS = [signal.SIGINT, signal.SIGTERM]
ROWS = 150_000
ALWAYS = "start=1900-01-01&end=2100-12-31"
DOWNLOAD = f"/export/details.csv?{ALWAYS}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, here: Here) -> Path:
    made = tmp_path_factory.mktemp("ending") / "consumo.duckdb"
    done = here("demo", "--messages", ROWS, "--until", "2026-11-18", store=made)
    assert done.exit_code == 0, done.output
    return made


@pytest.fixture(autouse=True)
def the_store_is_whole_and_free_afterwards(store: Path) -> Iterator[None]:
    """Check after each test that the store has all rows in one file, which no process holds."""
    yield
    assert not store.with_name(f"{store.name}.wal").exists()
    with duckdb.connect(str(store)) as connection:
        assert connection.execute("select count(*) from messages").fetchone() == (ROWS,)


class Started:
    """A server in its own process group, as a terminal starts it; Ctrl-C signals the group."""

    def __init__(self, store: Path, *command: str) -> None:
        self.port = free_port()
        self.output = store.with_name(f"ending-{self.port}.txt")
        given = command or (sys.executable, "-m", "app", "serve", "--port", str(self.port))
        with self.output.open("wb") as written:
            self.process = subprocess.Popen(
                [part.replace("PORT", str(self.port)) for part in given],
                cwd=ROOT,
                env=environment(store),
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_it_serves(self) -> None:
        def serves() -> bool:
            assert self.process.poll() is None, self.output.read_text()
            try:
                with connect(self.port) as client:
                    client.sendall(get("/readyz", "Connection: close"))
                    return client.recv(12) == b"HTTP/1.1 200"
            except OSError:
                return False

        until(serves, "the server")

    def tell(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)

    def has_ended(self) -> None:
        """Check that it exits with code 0 and printed only the greeting and JSON log lines."""
        assert self.process.wait(PATIENCE_SECONDS) == 0, self.output.read_text()
        _, _, _, *logged = [*self.output.read_text().splitlines(), "", "", ""]
        levels = [json.loads(line)["level"] for line in logged if line]
        assert set(levels) <= {"info"}, logged


@contextmanager
def started(store: Path, *command: str) -> Iterator[Started]:
    made = Started(store, *command)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
            made.process.wait()


@pytest.mark.parametrize("number", SIGNALS)
def test_with_open_connections(store: Path, number: signal.Signals) -> None:
    with started(store) as server:
        server.wait_until_it_serves()
        with (
            connections(server.port, 10, b""),
            connections(server.port, 10, b"GET / HT"),
            connections(server.port, 10, get("/healthz")),
        ):
            server.tell(number)
            server.has_ended()


@pytest.mark.parametrize("number", SIGNALS)
def test_while_its_libraries_are_loaded(store: Path, number: signal.Signals) -> None:
    with started(store) as server:
        maps = Path(f"/proc/{server.process.pid}/maps")
        until(lambda: "duckdb" in maps.read_text(), "the first of them")
        server.tell(number)
        server.has_ended()


@pytest.mark.parametrize("number", SIGNALS)
def test_while_it_starts(store: Path, number: signal.Signals) -> None:
    with started(store) as server:
        until(lambda: "Consumo WhatsApp on" in server.output.read_text(), "the greeting")
        server.tell(number)
        server.has_ended()


@pytest.mark.parametrize("number", SIGNALS)
def test_while_somebody_downloads(store: Path, number: signal.Signals) -> None:
    with started(store) as server:
        server.wait_until_it_serves()
        with connect(server.port, SO_RCVBUF=4_096) as reader:
            reader.sendall(get(DOWNLOAD))
            assert reader.recv(12) == b"HTTP/1.1 200"
            server.tell(number)
            server.has_ended()


def test_a_second_signal_while_it_ends(store: Path) -> None:
    with started(store) as server:
        server.wait_until_it_serves()
        with connect(server.port, SO_RCVBUF=4_096) as reader:
            reader.sendall(get(DOWNLOAD))
            assert reader.recv(12) == b"HTTP/1.1 200"
            server.tell(signal.SIGINT)
            until(lambda: not is_open(server.port), "the end of its listening")
            server.tell(signal.SIGINT)
            server.has_ended()


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS).close()
    except ConnectionRefusedError:
        return False
    return True


def test_from_a_shell_that_replaces_itself_with_exec(store: Path) -> None:
    """As `make run` starts it."""
    command = f"exec {sys.executable} -m app serve --port PORT"
    with started(store, "/bin/sh", "-c", command) as server:
        server.wait_until_it_serves()
        server.tell(signal.SIGINT)
        server.has_ended()


def test_while_it_loads(store: Path, here: Here, tmp_path: Path) -> None:
    """The load is rolled back, and the next start loads it once."""
    new = tmp_path / "consumo.duckdb"
    with started(new) as server:
        server.wait_until_it_serves()
        command = [sys.executable, "-m", "app", "demo", "--messages", "60000"]
        importing = subprocess.Popen(
            command, cwd=ROOT, env=environment(new), stderr=subprocess.PIPE, text=True
        )
        assert importing.stderr
        for line in importing.stderr:
            if not line.startswith("writing"):
                break  # the server's own steps
        server.tell(signal.SIGINT)
        server.has_ended()
        # The command goes on by itself: it owns the store now.
        importing.communicate(timeout=PATIENCE_SECONDS)
    assert importing.returncode == 0
    assert "already" not in here("demo", "--messages", 1, "--if-empty", store=new).output


def test_the_next_server_has_the_same_rows(store: Path) -> None:
    with started(store) as server:
        server.wait_until_it_serves()
        server.tell(signal.SIGTERM)
        server.has_ended()
    with started(store) as server:
        server.wait_until_it_serves()
        with connect(server.port) as client:
            client.sendall(get(f"/api/v1/panels/details?{ALWAYS}&page_size=1", "Connection: close"))
            received = b""
            while chunk := client.recv(65_536):
                received += chunk
        assert json.loads(received.partition(b"\r\n\r\n")[2])["total"] == ROWS
        server.tell(signal.SIGTERM)
        server.has_ended()
