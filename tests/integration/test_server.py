"""A running server: imports meanwhile, health, processes and log."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from queries.engines.base import EngineLimits
from sources.demo import write_demo
from sources.owner import Owner
from tests.integration.conftest import (
    ROOT,
    THESE_YEARS,
    Command,
    Here,
    Server,
    environment,
    is_alive,
    running_server,
    until,
    write_csv,
)

pytestmark = pytest.mark.integration

CASES = """case_id,person_name,channel,case_type,opened_at
    c1,Ana,WhatsApp,Dúvida,2026-11-01T12:00:00Z"""
MESSAGES = """message_id,case_id,direction,sent_at
    m1,c1,in,2026-11-01T12:00:00Z"""
LARGE = 15_000
Arguments = tuple[str, Path, str, Path]
Files = tuple[Arguments, Arguments]


def owner_of(store: Path) -> Owner:
    return Owner(store, EngineLimits(), "America/Sao_Paulo", lambda: datetime.now(UTC))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def files(folder: Path) -> Files:
    """Arguments of imports: of one message, and of so many that the load takes a while."""
    cases = write_csv(folder / "given" / "cases.csv", CASES)
    messages = write_csv(folder / "given" / "messages.csv", MESSAGES)
    large = write_demo(folder / "large", LARGE, 1, datetime(2026, 11, 18, 18, 40, tzinfo=UTC))
    pairs = ((cases, messages), large)
    small, many = (("--cases", pair[0], "--messages", pair[1]) for pair in pairs)
    return small, many


@pytest.fixture(scope="module")
def store(folder: Path) -> Path:
    """The store of ``server``."""
    return folder / "running" / "consumo.duckdb"


@pytest.fixture(scope="module")
def server(store: Path, here: Here, files: Files) -> Iterator[Server]:
    """A server shared by the tests of this file, which change nothing but add messages."""
    assert here("import", *files[0], store=store).exit_code == 0
    with running_server(store, "--access-log") as running:
        yield running


def messages(server: Server) -> int:
    return int(server.panel("details", page_size=1)["total"])


class Reading(threading.Thread):
    """Asks the API repeatedly; ``heard`` has the answers by panel and data version."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.heard: dict[tuple[str, int], set[str]] = {}
        self.statuses: set[int] = set()
        self._server = server
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.is_set():
            for slug in ("messages-by-origin", "messages-by-status", "indicators", "details"):
                status, content = self._server.get(f"/api/v1/panels/{slug}", THESE_YEARS)
                self.statuses.add(status)
                version = content.get("data_version", 0)
                answer = str(content.get("total", content.get("rows")))
                self.heard.setdefault((slug, version), set()).add(answer)

    def finish(self) -> None:
        self._done.set()
        self.join()


def test_what_is_imported_meanwhile_is_seen_whole_and_at_once(
    server: Server, store: Path, command: Command, here: Here, files: Files, tmp_path: Path
) -> None:
    small, large = files
    before = server.panel("indicators", **THESE_YEARS)
    reading = Reading(server)
    reading.start()
    try:
        done = command("import", *large, store=store)
        new = before["data_version"] + 1
        until(
            lambda: server.panel("indicators", **THESE_YEARS)["data_version"] == new,
            "the new numbers",
            seconds=5,
        )
        until(lambda: ("details", new) in reading.heard, "a reader that sees them")
    finally:
        reading.finish()
    assert messages(server) == before["rows"][0]["messages"] + LARGE
    assert reading.statuses == {200}
    versions = {version for _, version in reading.heard}
    assert versions == {before["data_version"], new}
    # What belongs to one version was the same each time, and all of it or nothing of it.
    assert all(len(answers) == 1 for answers in reading.heard.values())
    there = before["rows"][0]["messages"]
    assert reading.heard["details", before["data_version"]] == {str(there)}
    assert reading.heard["details", new] == {str(there + LARGE)}
    # Apart from the number of the load, the report is that of a store without a server.
    alone = tmp_path / "consumo.duckdb"
    here("import", *small, store=alone)
    assert done.returncode == 0
    report = here("import", *large, store=alone).stdout
    assert report.startswith("Load 2:")
    assert done.stdout == report.replace("Load 2:", f"Load {new}:")
    assert here("import", *large, store=store).stdout.startswith("Nothing new: these files are")


def test_two_imports_at_once_are_both_loaded(server: Server, store: Path, folder: Path) -> None:
    before = messages(server)
    commands = []
    for name in ("a", "b"):
        path = write_csv(folder / f"{name}.csv", MESSAGES.replace("m1", f"both-{name}"))
        commands.append(
            subprocess.Popen(
                [sys.executable, "-m", "app", "import", "--messages", str(path)],
                cwd=ROOT,
                env=environment(store),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
    said = [process.communicate(timeout=60)[0] for process in commands]
    assert [process.returncode for process in commands] == [0, 0]
    assert all("1 messages new or changed, 0 rows rejected" in report for report in said)
    assert len({report.split(":")[0] for report in said}) == 2
    until(lambda: messages(server) == before + 2, "the messages of both")


def test_import_reports_refusals_as_it_does_without_a_server(
    server: Server, store: Path, here: Here, folder: Path
) -> None:
    version = server.panel("indicators")["data_version"]
    done = here("demo", "--messages", 10, store=store)
    assert done.exit_code == 2
    assert "the store holds real data" in done.stderr
    path = write_csv(folder / "bad.csv", MESSAGES.replace("c1", "nowhere"))
    done = here("import", "--messages", path, store=store)
    assert "0 messages new or changed, 1 rows rejected" in done.stdout
    assert f"Rejected rows: {store.parent}" in done.stdout
    until(lambda: server.panel("indicators")["data_version"] == version + 1, "the load's number")


def test_an_unknown_address_is_not_found(server: Server) -> None:
    for path in ("/nothing", "/api/v1/panels/nothing", "/export/nothing.csv", "/api/v1"):
        status, content = server.get(path)
        assert (path, status) == (path, 404)
        assert content["error"]["code"] == "http_404"


def test_the_access_log_has_paths_without_query_strings(server: Server) -> None:
    assert server.get("/api/v1/panels/cases", {**THESE_YEARS, "person": "Ana Secreta"})[0] == 200
    until(lambda: "GET /api/v1/panels/cases 200" in server.output.read_text(), "the logged request")
    logged = server.output.read_text()
    assert "?" not in logged
    assert "Secreta" not in logged
    assert "start=" not in logged
    # A query that was written as a path is one all the same.
    assert server.get("/api/v1/panels/details%3Fperson=Ana%20Secreta")[0] == 404
    assert server.get("/Ana-Secreta")[0] == 404
    assert server.get("/api/v1/panels/Ana-Secreta?x=y")[0] == 400
    assert server.get("/api/v1/panels/cases?x=y")[0] == 400
    for line in (
        "GET /api/v1/panels/<slug> 404",
        "GET - 404",
        "GET /api/v1/panels/<slug> 400",
        "GET /api/v1/panels/cases 400",
    ):
        until(lambda line=line: line in server.output.read_text(), line)  # type: ignore[misc]
    assert "Secreta" not in server.output.read_text()


def test_the_address_is_printed(server: Server) -> None:
    first = server.output.read_text().splitlines()[0]
    assert first.startswith(f"Consumo WhatsApp on {server.url} ")


def test_a_store_that_an_import_holds(store: Path, tmp_path: Path) -> None:
    """The server starts nevertheless, reports not ready, and becomes ready when the import ends."""
    held = owner_of(tmp_path / "held.duckdb")
    held.open()  # as an import does
    try:
        with running_server(held.path, wait_until="/healthz") as server:
            status, content = server.get("/readyz")
            assert (status, content["store"]) == (503, False)
            status, content = server.get("/api/v1/panels/indicators", THESE_YEARS)
            assert (status, content["error"]["code"]) == (503, "store_unavailable")
            held.close()
            until(lambda: server.is_up("/readyz"), "the store")
            assert server.panel("indicators", **THESE_YEARS)["rows"][0]["messages"] == 0
    finally:
        held.close()


def test_a_terminated_server_leaves_no_process(here: Here, files: Files, tmp_path: Path) -> None:
    store = tmp_path / "consumo.duckdb"
    assert here("import", *files[0], store=store).exit_code == 0
    with running_server(store) as server:
        assert messages(server) == 1
        path = write_csv(tmp_path / "more.csv", MESSAGES.replace("m1", "m2"))
        assert here("import", "--messages", path, store=store).exit_code == 0
        family = server.family()
        assert family == [server.process.pid]
        server.end()
        assert server.process.returncode == 0
        assert not any(map(is_alive, family))
    owner = owner_of(store)
    owner.open()  # nobody holds it any more
    owner.close()
    assert not store.with_name(f"{store.name}.wal").exists()
