"""A writer and servers that read what it publishes, as processes of their own.

The writers are killed at any moment: readers see whole versions, and nothing that was handed in is
lost.
"""

import itertools
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.settings import Settings
from tests.integration.conftest import (
    ALWAYS,
    ROOT,
    Server,
    environment,
    running_server,
    until,
    write_csv,
)
from tests.published import reading

pytestmark = pytest.mark.integration

#: ClickHouse inside a process cannot be shared by several processes.
KINDS = ("files", "postgresql")
KILLS = 3


@dataclass(frozen=True)
class World:
    """A place to publish to, and the writer's store."""

    settings: Settings
    store: Path

    @property
    def variables(self) -> dict[str, str]:
        return {
            "store_url": self.settings.store_url,
            "work_url": self.settings.work_url,
            "local_folder": self.settings.local_folder,
        }

    @contextmanager
    def writer(self, wait_until: str = "/readyz", *options: str) -> Iterator[Server]:
        with running_server(
            self.store, *options, command="writer", wait_until=wait_until, **self.variables
        ) as server:
            yield server

    @contextmanager
    def page(self, wait_until: str = "/readyz") -> Iterator[Server]:
        with running_server(self.store, wait_until=wait_until, **self.variables) as server:
            yield server

    def hand_in(self, number: int, messages: int = 40) -> subprocess.Popen[bytes]:
        """Start ``import`` of one case with so many messages, which all of its loads have."""
        folder = self.store.parent / f"in-{number}"
        cases = write_csv(
            folder / "cases.csv",
            f"""case_id,person_name,channel,case_type,opened_at
            c{number},Pessoa {number},WhatsApp,Troca,2026-10-{number % 28 + 1:02}T12:00:00Z""",
        )
        lines = "\n".join(
            f"m{number}-{place},c{number},out,read,2026-10-{number % 28 + 1:02}T13:{place:02}:00Z"
            for place in range(messages)
        )
        rows = write_csv(
            folder / "messages.csv", f"message_id,case_id,direction,status,sent_at\n{lines}"
        )
        return subprocess.Popen(
            [sys.executable, "-m", "app", "import", "--cases", str(cases), "--messages", str(rows)],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    @property
    def environment(self) -> dict[str, str]:
        given = {f"CONSUMO_{name.upper()}": text for name, text in self.variables.items()}
        return {**environment(self.store), **given}


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    store = tmp_path / "work" / "work.duckdb"
    store.parent.mkdir()
    settings = reading(
        request.param, store, lambda: request.getfixturevalue("postgresql"), publish_seconds=0.1
    )
    return World(settings, store)


def done(process: subprocess.Popen[bytes]) -> str:
    """Wait for a command that must succeed; return what it said on standard error."""
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    return errors.decode()


def messages(server: Server) -> int:
    return int(server.panel("indicators")["rows"][0]["messages"])


def metric(server: Server, name: str) -> float | None:
    with subprocess.Popen(["curl", "-s", f"{server.url}/metrics"], stdout=subprocess.PIPE) as asked:
        text = asked.communicate()[0].decode()
    found = re.search(rf"^{name}(?:\{{[^}}]*\}})? ([\d.e+-]+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def test_what_is_imported_is_loaded_by_the_writer_and_seen_by_readers(world: World) -> None:
    with world.page("/healthz") as page:
        # Nothing is published yet: the page is up and says so.
        status, ready = page.get("/readyz")
        assert (status, ready["store"]) == (503, False)
        assert page.get("/api/v1/panels/cases", ALWAYS)[0] == 503
        with world.writer() as writer:
            assert str(world.store) in done(world.hand_in(1))
            until(lambda: page.get("/readyz")[0] == 200, "a published store")
            until(lambda: messages(page) == 40, "the first load")
            done(world.hand_in(2))
            until(lambda: messages(page) == 80, "the second load")
            assert metric(writer, "consumo_writer") == 1
            until(lambda: metric(writer, "consumo_published_load_id") == 2, "its number")
            assert metric(writer, "consumo_publish_lag_seconds") == 0
            assert metric(writer, "consumo_publish_failures_total") == 0
        # Without a writer readers go on.
        assert messages(page) == 80
        assert metric(page, "consumo_silent_seconds") == 0
        age = metric(page, "consumo_published_age_seconds")
        assert age is not None
        assert age > 0


def test_commands_without_the_writers_store_say_what_to_set(world: World) -> None:
    for command in (["demo"], ["backup", "copy.duckdb"], ["check"], ["writer"]):
        variables = {**world.environment}
        del variables["CONSUMO_WORK_URL"]
        run = subprocess.run(
            [sys.executable, "-m", "app", *command],
            cwd=ROOT,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 2
        assert "CONSUMO_WORK_URL" in run.stderr
        assert len(run.stderr.strip().splitlines()) == 1


def test_a_writer_needs_a_place_to_publish_to(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "app", "writer"],
        cwd=ROOT,
        env=environment(tmp_path / "consumo.duckdb"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert run.stderr.strip().startswith("CONSUMO_STORE_URL names no published store")


def test_a_second_writer_waits_and_takes_over_after_a_crash(world: World) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(world.writer())
        done(world.hand_in(1))
        page = stack.enter_context(world.page())
        second = stack.enter_context(world.writer("/healthz"))
        status, ready = second.get("/readyz")
        assert (status, ready["writer"]) == (503, False)
        assert metric(second, "consumo_writer") == 0
        first.process.kill()
        first.process.wait()
        until(lambda: second.get("/readyz")[0] == 200, "the second writer's turn")
        done(world.hand_in(2))
        until(lambda: messages(page) == 80, "a load by the second writer")


def test_a_writer_that_is_stopped_lets_the_next_one_in_at_once(world: World) -> None:
    with world.writer() as first, world.writer("/healthz") as second:
        first.end()
        until(lambda: second.get("/readyz")[0] == 200, "the second writer's turn")


def test_kills_at_any_moment_lose_nothing_and_show_nothing_half(world: World) -> None:
    draw = random.Random(int.from_bytes(os.urandom(2)))
    numbers = itertools.count(1)
    handed_in = 0
    seen: set[int] = set()
    with ExitStack() as stack:
        with world.writer():
            done(world.hand_in(next(numbers)))
            handed_in += 1
            page = stack.enter_context(world.page())
            until(lambda: messages(page) == 40, "the first load")
        for _ in range(KILLS):
            with world.writer("/healthz") as writer:
                commands = [world.hand_in(next(numbers)) for _ in range(2)]
                handed_in += 2
                patience = draw.uniform(0.3, 3.0)
                with pytest.raises(subprocess.TimeoutExpired):
                    writer.process.wait(patience)
                seen.add(messages(page))
                writer.process.kill()
                writer.process.wait()
                # Without a writer the commands load what they handed in themselves.
                for command in commands:
                    done(command)
        with world.writer():
            until(lambda: messages(page) == 40 * handed_in, "all that was handed in")
            table = page.panel("details")["total"]
            assert table == 40 * handed_in
    # One load is one case with 40 messages: a half one would be another number.
    assert all(number % 40 == 0 for number in seen)
