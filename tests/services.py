"""What tests need beside Python: services of the machine, a Redis of their own, the import command.

``python -m tests.services`` (``make services``) installs what is missing where it may: Debian's
packages as root, Playwright's own Chromium otherwise. ``make test`` does it once, before workers of
pytest ask for the services; where one cannot be had its tests skip with one sentence.
"""

import csv
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tools.quietly import run_quietly

ROOT = Path(__file__).resolve().parents[1]
LOG = ROOT / ".cache" / "services.log"

_CASE_COLUMNS = (
    "account",
    "case_id",
    "case_number",
    "person_name",
    "channel",
    "case_type",
    "team",
    "opened_at",
    "closed_at",
)
_MESSAGE_COLUMNS = (
    "account",
    "message_id",
    "case_id",
    "direction",
    "status",
    "kind",
    "template_name",
    "template_category",
    "business_number",
    "phone",
    "body",
    "sent_at",
    "agent",
    "is_bot",
    "error_code",
    "error_title",
)

Row = Mapping[str, str]


# --- services -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Service:
    """Something that tests ask of the machine.

    ``problem`` tells why it cannot be used, None where it works; ``packages`` are Debian's that
    bring it, ``otherwise`` a command that may bring it without them.
    """

    name: str
    packages: tuple[str, ...]
    problem: Callable[[], str | None]
    otherwise: tuple[str, ...] = ()

    @property
    def sentence(self) -> str | None:
        """Why tests that need it are skipped, and what to do about it; None where it works."""
        if (problem := self.problem()) is None:
            return None
        install = f"apt-get install {' '.join(self.packages)}"
        return f"{self.name} cannot be used here ({problem}): install it (Debian: {install})"


@cache
def _problem_of_redis() -> str | None:
    return None if shutil.which("redis-server") else "no redis-server"


@cache
def _problem_of_chromium() -> str | None:
    """Tried, not guessed: driver and browser each need libraries that may be missing."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.chromium"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return None
    said = done.stdout + done.stderr
    if library := re.search(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object", said):
        return f"{library[1]} is missing"
    has_driver = "BrowserType.launch" in said
    return "it does not start" if has_driver else "Playwright's driver does not start"


REDIS = Service("Redis", ("redis-server",), _problem_of_redis)
#: The browser, and the driver by which tests use it: its Node needs a library that Debian's minimum
#: has not.
CHROMIUM = Service(
    "Chromium",
    ("chromium", "libatomic1"),
    _problem_of_chromium,
    (sys.executable, "-m", "playwright", "install", "chromium"),
)
SERVICES = (REDIS, CHROMIUM)


def need(service: Service) -> None:
    """Skip the test at hand where ``service`` cannot be used."""
    if sentence := service.sentence:
        pytest.skip(sentence)


def provide(services: Sequence[Service], *, may_install: bool) -> None:
    """Get what is missing where that is possible; say what is done and what stays missing.

    ``may_install`` tells whether Debian's packages may be installed.
    """
    lacking = _lacking(services)
    if lacking and may_install:
        _install([package for service in lacking for package in service.packages])
        lacking = _lacking(lacking)
    for service in lacking:
        if service.otherwise:
            print(f"Fetching {service.name} for the tests (what is said: {_short(LOG)})…")
            run_quietly(service.otherwise, LOG)
    for service in _lacking(lacking):
        print(f"Tests that need {service.name} are skipped: {service.sentence}.")


def _lacking(services: Sequence[Service]) -> list[Service]:
    _problem_of_redis.cache_clear()
    _problem_of_chromium.cache_clear()
    return [service for service in services if service.sentence]


def _install(packages: Sequence[str]) -> None:
    print(
        f"Installing {', '.join(packages)} for the tests "
        f"(a minute or two; what apt says: {_short(LOG)})…",
        flush=True,
    )
    for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        # Another apt of the machine may hold the lock for a while.
        command = ["apt-get", "-o", "DPkg::Lock::Timeout=60", *step]
        run_quietly(command, LOG, variables={"DEBIAN_FRONTEND": "noninteractive"})


def _short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- the store --------------------------------------------------------------------------------


def import_rows(folder: Path, cases: Sequence[Row], messages: Sequence[Row]) -> str:
    """Write two import files, load them, and return the store's address."""
    paths = folder / "cases.csv", folder / "messages.csv"
    for path, rows, columns in zip(
        paths, (cases, messages), (_CASE_COLUMNS, _MESSAGE_COLUMNS), strict=True
    ):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
    url, said = import_files(folder, *paths)
    assert " 0 rows rejected" in said, said
    return url


def import_files(folder: Path, cases: Path, messages: Path) -> tuple[str, str]:
    """Load two files by the command; return the store's address and what the command said."""
    url = f"duckdb:///{folder / 'store.duckdb'}"
    done = subprocess.run(
        [sys.executable, "-m", "app", "import", "--cases", str(cases), "--messages", str(messages)],
        cwd=ROOT,
        env={**os.environ, "CONSUMO_STORE_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return url, done.stdout


# --- Redis ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RedisServer:
    """A Redis that was started for one test."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """A Redis that is ready, on a free port of 127.0.0.1; skips the test where there is none."""
    need(REDIS)
    server = _start_redis(folder)
    try:
        yield server
    finally:
        server.kill()
        assert server.process.stdout is not None
        server.process.stdout.close()


def _start_redis(folder: Path) -> RedisServer:
    said = ""
    options = ["--dir", str(folder), "--save", "", "--appendonly", "no", "--daemonize", "no"]
    for _ in range(5):  # another process may take the free port before Redis does
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(port), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if "Ready to accept connections" in line:
                return RedisServer(f"redis://127.0.0.1:{port}/0", process)
        process.wait()
        process.stdout.close()
    pytest.fail(f"Redis does not start:\n{said}")


if __name__ == "__main__":
    provide(SERVICES, may_install=os.geteuid() == 0 and shutil.which("apt-get") is not None)
