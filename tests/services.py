"""What integration tests need beside Python: the import command, and a Redis of their own.

Redis is Debian's: installed when root and missing. It listens on a private loopback port, writes
nothing, and ends with the test that started it; where there is none, its tests skip with SENTENCE.
"""

import csv
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SENTENCE = "no redis-server: install it (Debian: apt-get install redis-server) to run these tests"

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


@cache
def find_redis() -> str | None:
    """The path of a redis-server, installed first where that is possible; else None."""
    if found := shutil.which("redis-server"):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        install = ["install", "-y", "--no-install-recommends", "redis-server"]
        for command in (["update"], install):
            subprocess.run(
                ["apt-get", "-qq", *command], check=False, env=environment, capture_output=True
            )
    return shutil.which("redis-server")


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """A Redis that is ready, on a free port of 127.0.0.1; skips the test where there is none."""
    binary = find_redis()
    if binary is None:
        pytest.skip(SENTENCE)
    server = _start_redis(binary, folder)
    try:
        yield server
    finally:
        server.kill()
        assert server.process.stdout is not None
        server.process.stdout.close()


def _start_redis(binary: str, folder: Path) -> RedisServer:
    said = ""
    options = ["--dir", str(folder), "--save", "", "--appendonly", "no", "--daemonize", "no"]
    for _ in range(5):  # another process may take the free port before Redis does
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            [binary, "--bind", "127.0.0.1", "--port", str(port), *options],
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
