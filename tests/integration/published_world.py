"""A writer and servers of the page, as processes of their own, on one published store."""

import itertools
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from app.settings import Settings
from tests.integration.conftest import (
    PATIENCE_SECONDS,
    ROOT,
    Server,
    environment,
    running_server,
    until,
    write_csv,
)

#: How many messages each load has: one case with all of them.
MESSAGES = 40


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


def done(process: subprocess.Popen[bytes]) -> str:
    """Wait for a command that must succeed; return what it said on standard error."""
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    return errors.decode()


def messages(server: Server) -> int:
    return int(server.panel("indicators")["rows"][0]["messages"])


def metric(server: Server, name: str) -> float | None:
    with urlopen(f"{server.url}/metrics", timeout=PATIENCE_SECONDS) as response:
        text = response.read().decode()
    found = re.search(rf"^{name}(?:\{{[^}}]*\}})? ([\d.e+-]+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def kill_writers(world: World, kills: int) -> set[int]:
    """Kill a writer at random moments, while it loads and publishes; nothing may be lost.

    Return how many messages a server of the page showed just before each kill. Without a writer
    the commands load what they handed in themselves, and the last writer publishes all of it.
    """
    draw = random.Random(int.from_bytes(os.urandom(2)))
    numbers = itertools.count(1)
    handed_in = 0
    seen: set[int] = set()
    with ExitStack() as stack:
        with world.writer():
            done(world.hand_in(next(numbers)))
            handed_in += 1
            page = stack.enter_context(world.page())
            until(lambda: messages(page) == MESSAGES, "the first load")
        for _ in range(kills):
            with world.writer("/healthz") as writer:
                commands = [world.hand_in(next(numbers)) for _ in range(2)]
                handed_in += 2
                time.sleep(draw.uniform(0.3, 3.0))  # any moment will do
                seen.add(messages(page))
                writer.process.kill()
                writer.process.wait()
                for command in commands:
                    done(command)
        with world.writer():
            until(lambda: messages(page) == MESSAGES * handed_in, "all that was handed in")
            assert page.panel("details")["total"] == MESSAGES * handed_in
    return seen
