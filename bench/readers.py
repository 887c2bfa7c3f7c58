"""Measure one and two servers of the page on one published store: refreshes a second.

The users and the servers share the cores of one machine; where these are taken up, a second server
cannot add much.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Final, NoReturn

import duckdb

from bench.concurrency import SECONDS, Selection, distinct_selections, refresh_forms
from bench.load_client import Load
from bench.processes import Server, environment, running_process
from bench.recording import CHANNEL, END, START
from bench.samples import median
from bench.scenarios import read_filter_values
from tests.published import publish, reading

#: Users of all servers together.
USERS: Final = 16
SERVERS: Final = (1, 2)
_MOST_ROUNDS: Final = 3
_SELECTIONS: Final = 1_000


def measure_readers(store: Path, rounds: int) -> dict[str, Any]:
    """Publish a copy of ``store`` to files, and let 16 users refresh at one and at two servers.

    Return the refreshes a second of each round, three at most, by number of servers.
    """
    folder = store.with_suffix(".readers")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        with _servers(store, folder) as servers:
            return _measure(servers, _channels(store), min(rounds, _MOST_ROUNDS))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _servers(store: Path, folder: Path) -> Iterator[list[Server]]:
    """Run as many servers as are needed at most, on what is published of a copy of ``store``."""
    copy = folder / "work.duckdb"
    shutil.copyfile(store, copy)
    settings = reading("files", copy, _no_postgresql)
    publish(settings)
    variables = environment(store) | {
        "CONSUMO_STORE_URL": settings.store_url,
        "CONSUMO_LOCAL_FOLDER": settings.local_folder,
    }
    command = [sys.executable, "-m", "app", "serve", "--port", "{port}"]
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                running_process(command, variables, "/readyz", folder / f"server-{number}.log")
            )
            for number in range(max(SERVERS))
        ]


def _no_postgresql() -> NoReturn:
    raise LookupError("files need no PostgreSQL")


def _channels(store: Path) -> Sequence[str]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return read_filter_values(connection).channels


def _measure(servers: Sequence[Server], channels: Sequence[str], rounds: int) -> dict[str, Any]:
    selections = distinct_selections(channels)
    samples: dict[int, list[float]] = {number: [] for number in SERVERS}
    for _ in range(rounds):
        for number in SERVERS:
            chosen = servers[:number]
            clients = [
                _start(server, USERS // number, list(islice(selections, _SELECTIONS)))
                for server in chosen
            ]
            samples[number].append(round(sum(map(_refreshes_per_second, clients)), 2))
    rows = [
        {"servers": number, "refreshes_per_second": found, "median": median(found)}
        for number, found in samples.items()
    ]
    return {"users": USERS, "seconds": SECONDS, "rows": rows}


def _start(server: Server, users: int, selections: list[Selection]) -> subprocess.Popen[str]:
    """Start a process whose ``users`` ask the API of ``server``, each time another selection."""
    [form] = refresh_forms(None)
    replacements = [
        {
            START: period.start.isoformat(),
            END: period.end.isoformat(),
            CHANNEL: form.encode_channel(channel),
        }
        for period, channel in selections
    ]
    load = Load(server.address, users, SECONDS, form.requests, form.headers, replacements)
    client = subprocess.Popen(
        [sys.executable, "-m", "bench.load_client"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert client.stdin
    client.stdin.write(json.dumps(asdict(load)))
    client.stdin.close()
    return client


def _refreshes_per_second(client: subprocess.Popen[str]) -> float:
    assert client.stdout
    with client.stdout as output:
        measured = json.loads(output.read())
    if client.wait():
        raise RuntimeError("the users failed")
    return float(len(measured["refreshes_ms"]) / measured["seconds"])
