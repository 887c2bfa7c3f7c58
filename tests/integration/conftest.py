"""Helpers and fixtures for tests with the real store, command and server."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from app.cli import cli
from app.factory import create_app, parts_of
from app.settings import Settings
from queries.engines.base import EngineLimits
from sources.owner import Owner
from tests.panels import SUMMARY_SLUGS
from tests.services import PostgreSQLServer, postgresql_server

ROOT = Path(__file__).resolve().parents[2]
CUSTOMER_CARE = ROOT.parent / "shared" / "data" / "customer-care"
#: How long tests wait for something that must happen; no test asserts how fast it is.
PATIENCE_SECONDS = 60.0
#: A period of all days that are allowed.
ALWAYS = {"start": "1900-01-01", "end": "2100-12-31"}
#: The period for graphs: for ``ALWAYS`` they would have thousands of empty buckets.
THESE_YEARS = {"start": "2018-01-01", "end": "2026-12-31"}

Answers = dict[str, Any]
Command = Callable[..., subprocess.CompletedProcess[str]]
Here = Callable[..., Result]
Csv = Callable[[str], Path]


def owner_of(store: Path) -> Owner:
    """Return an owner of ``store`` with default settings that is not open yet."""
    return Owner(store, EngineLimits(), Settings().time_zone, lambda: datetime.now(UTC))


def environment(store: Path) -> dict[str, str]:
    """Return the environment of a command on ``store``, with every other setting at its default."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONSUMO_")}
    return {**kept, "CONSUMO_STORE_URL": f"duckdb:///{store}"}


def until(happened: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Call ``happened`` until its result is true, and return that result.

    Fail the test with ``what`` in the message after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while not (found := happened()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)
    return found


# --- commands ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def command() -> Command:
    """Run the command as users do: as a separate process, in the project's folder."""

    def run(*args: object, store: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app", *map(str, args)],
            cwd=ROOT,
            env=environment(store),
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE_SECONDS,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def here() -> Here:
    """Run the command inside this process, which saves the time to start Python."""

    def run(*args: object, store: Path | None = None, address: str | None = None) -> Result:
        variables = {"CONSUMO_STORE_URL": f"duckdb:///{store}" if store else address}
        done = CliRunner().invoke(cli, list(map(str, args)), env=variables)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return run


@dataclass
class Forked:
    """A command that runs in a forked process; ``errors`` is its standard error, read by line."""

    pid: int
    errors: IO[str]

    def kill(self) -> None:
        """Kill it as a power failure would, and return once it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.errors.read()  # returns once no process has it open for writing
        self.errors.close()


class Forker:
    """Starts commands quickly, by forking a process that has imported everything already."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from tests.integration.conftest import fork_commands; fork_commands()",
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, *args: object, store: Path) -> Forked:
        self._count += 1
        errors = self._folder / f"errors-{self._count}"
        os.mkfifo(errors)
        order = {"args": [str(arg) for arg in args], "store": str(store), "errors": str(errors)}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Forked(int(self._process.stdout.readline()), errors.open())

    def close(self) -> None:
        assert self._process.stdout
        self._process.communicate(timeout=PATIENCE_SECONDS)


def fork_commands() -> None:
    """Fork a child for each order that is read from standard input; print the id of its process.

    An order is one line with a JSON object: ``args``, ``store`` and ``errors``. The process that
    ``Forker`` starts runs this.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # let the system reap the children
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid:
            print(pid, flush=True)  # noqa: T201 - Forker reads it
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(order["errors"], os.O_WRONLY), 2)
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os.environ["CONSUMO_STORE_URL"] = f"duckdb:///{order['store']}"
        try:
            cli(order["args"])
        finally:
            os._exit(0)


@pytest.fixture(scope="session")
def forker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forker]:
    started = Forker(tmp_path_factory.mktemp("forked"))
    yield started
    started.close()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let processes started by the test react to Ctrl-C (SIGINT).

    Where the tests run in the background they would inherit that SIGINT is ignored.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


# --- servers ----------------------------------------------------------------------------------


@dataclass
class Server:
    """A running server; ``output`` is the file with all that it prints and logs."""

    process: subprocess.Popen[bytes]
    url: str
    output: Path

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        """Get an address; return the status and the body, parsed as JSON."""
        address = f"{self.url}{path}?{urlencode(query or {}, doseq=True)}".rstrip("?")
        try:
            with urlopen(address, timeout=PATIENCE_SECONDS) as response:
                return response.status, json.load(response)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    def panel(self, slug: str, **query: Any) -> Any:
        """Return a panel's answer from the API, for all days unless ``query`` has a period.

        Fail where the status is not 200.
        """
        status, content = self.get(f"/api/v1/panels/{slug}", {**ALWAYS, **query})
        assert status == 200, content
        return content

    def is_up(self, path: str) -> bool:
        """Return whether ``path`` answers with status 200; fail where the server has ended."""
        assert self.process.poll() is None, self.output.read_text()
        try:
            return self.get(path)[0] == 200
        except OSError:
            return False

    def family(self) -> list[int]:
        """Return the ids of the process and of all its descendants."""
        return [self.process.pid, *descendants(self.process.pid)]

    def end(self) -> None:
        """End the server with SIGTERM and wait until none of its processes is left."""
        family = self.family()
        self.process.terminate()
        self.process.wait(timeout=PATIENCE_SECONDS)
        until(lambda: not any(map(is_alive, family)), "the end of all processes of the server")


def descendants(pid: int) -> list[int]:
    """Return the ids of the descendants of ``pid``, read from /proc."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _status_fields(int(entry.name))):
            parents[int(entry.name)] = int(fields[1])
    found = [pid]
    for parent in found:
        found += [child for child, its_parent in parents.items() if its_parent == parent]
    return found[1:]


def is_alive(pid: int) -> bool:
    """Return whether ``pid`` runs; a zombie, which only waits to be reaped, does not."""
    fields = _status_fields(pid)
    return bool(fields) and fields[0] != "Z"


def _status_fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; an empty list for no process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_server(
    store: Path,
    *options: str,
    wait_until: str = "/readyz",
    command: str = "serve",
    **settings: object,
) -> Iterator[Server]:
    """Run a server on ``store`` at a free port, and end it with the block.

    ``command`` is ``serve`` or ``writer``. Yield it once ``wait_until`` answers with status 200.
    ``settings`` are environment variables without their prefix ``CONSUMO_``, in any case. The
    server leads its own session and process group, so that a test can signal the group as a
    terminal does.
    """
    port = free_port()
    output = store.with_name(f"server-{port}.txt")
    with output.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", command, "--port", str(port), *options],
            cwd=ROOT,
            env={
                **environment(store),
                **{f"CONSUMO_{name.upper()}": str(value) for name, value in settings.items()},
            },
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(process, f"http://127.0.0.1:{port}", output)
    try:
        until(lambda: server.is_up(wait_until), f"{wait_until} of the server")
        yield server
    finally:
        if process.poll() is None:
            server.end()


# --- answers and files ------------------------------------------------------------------------


def answers(store: Path, *slugs: str) -> Answers:
    """Return the API's answers about all of ``store``: panels with both bases, and the whole table.

    The keys are such as "cases sent", then "details" and "data_version".
    """
    server = create_app(Settings(store_url=f"duckdb:///{store}"))
    with contextlib.closing(parts_of(server)):
        client = server.test_client()

        def asked(slug: str, **query: object) -> Any:
            response = client.post(f"/api/v1/panels/{slug}", json=query)
            assert response.status_code == 200, response.get_data(as_text=True)
            return response.get_json()

        found: Answers = {
            f"{slug} {basis}": asked(slug, **THESE_YEARS, basis=basis)["rows"]
            for slug in slugs or SUMMARY_SLUGS
            if slug != "details"
            for basis in ("sent", "opened")
        }
        table: list[Any] = []
        total = 1
        while len(table) < total:
            page = asked("details", **ALWAYS, page=len(table) // 1_000, page_size=1_000)
            total = page["total"]
            table += page["rows"]
        return {**found, "details": table, "data_version": page["data_version"]}


def without_version(found: Answers) -> Answers:
    """Return the answers without the data version, which depends on the number of loads."""
    return {name: rows for name, rows in found.items() if name != "data_version"}


@pytest.fixture(scope="module")
def client(server: Flask) -> FlaskClient:
    """Return a client of the fixture ``server``, which each test module defines for itself."""
    return server.test_client()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return the path for a new store; its folder does not exist yet."""
    return tmp_path / "var" / "consumo.duckdb"


@pytest.fixture(scope="session")
def customer_care() -> Path:
    if not CUSTOMER_CARE.is_dir():
        pytest.skip(f"the real conversations of {CUSTOMER_CARE} are not here")
    return CUSTOMER_CARE


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    """Give a PostgreSQL that all tests of the process share; each makes a database of its own."""
    with postgresql_server() as server:
        yield server


def write_csv(path: Path, text: str) -> Path:
    """Write a file with the lines of ``text`` without their indentation; return its path."""
    lines = [line.strip() for line in text.strip().splitlines()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
