"""Two writers of one ClickHouse server or cluster, both alive, on the way over the network.

NOT RUN where this was written: no server could be had there. ``make test-cluster`` runs this and,
against the same server, all tests of ClickHouse that otherwise use the engine inside their process
(chdb). That engine knows neither HTTP nor replication, and lets one process in: so only this run
shows the way over the network, users and passwords, ``?cluster=NAME`` (tables on all servers, by
``ReplicatedMergeTree``), stopping a query on another server, and two writers at the same time. All
else is the same code for both.

``CLICKHOUSE_URL`` is the address as ``CONSUMO_STORE_URL`` has it. The user needs the right to make
and drop databases; those that are made have names that begin with ``consumo_test_``.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from app.settings import Settings
from app.store_addresses import publisher_of
from queries.engines.publishing import LockLost
from tests.integration.conftest import until
from tests.integration.test_clickhouse_store import ROOT, ids, no_postgresql, reader
from tests.integration.test_merging import CASE, Loads, message
from tests.integration.test_merging import loads as loads  # noqa: PLC0414 - a fixture
from tests.published import publish, publishing, reading

pytestmark = [pytest.mark.cluster, pytest.mark.integration]


@pytest.fixture
def settings(loads: Loads) -> Settings:
    """Return the settings of a store with one message, which is published."""
    loads.load([CASE], [message("m1")])
    settings = reading("clickhouse", loads.store, no_postgresql)
    publish(settings)
    return settings


def hold(url: str, store: str) -> None:
    """Be the only writer, and publish when a line is read. For a process of its own."""
    settings = Settings(store_url=url, work_url=f"duckdb:///{store}")
    with publishing(settings) as (_, step):
        print("held", flush=True)  # noqa: T201 - the answer of the process
        sys.stdin.readline()
        try:
            step()
        except LockLost:
            print("lost", flush=True)  # noqa: T201
        else:
            print("published", flush=True)  # noqa: T201


@contextmanager
def holder(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Give a process that is the only writer."""
    call = f"hold({settings.store_url!r}, {str(settings.own_store)!r})"
    with subprocess.Popen(
        [sys.executable, "-c", f"from tests.cluster.test_two_writers import hold; {call}"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_writer_waits_for_one_that_lives(settings: Settings) -> None:
    with holder(settings), closing(publisher_of(settings)) as second:
        for _ in range(20):
            assert not second.lock()


def test_the_next_writer_takes_over_when_one_is_killed(settings: Settings) -> None:
    with holder(settings) as first, closing(publisher_of(settings)) as second:
        assert not second.lock()
        os.kill(first.pid, signal.SIGKILL)
        until(second.lock, "the second writer is the only one")
        published = second.published()
        assert published is not None
        assert published.version == 1


def test_a_writer_that_was_stopped_publishes_nothing_afterwards(
    loads: Loads, settings: Settings
) -> None:
    loads.load([CASE], [message("m2", "13:00")])
    with holder(settings) as first, reader(settings) as engine:
        os.kill(first.pid, signal.SIGSTOP)
        with closing(publisher_of(settings)) as second:
            until(second.lock, "the second writer is the only one")
            os.kill(first.pid, signal.SIGCONT)
            assert first.communicate("now\n", timeout=60)[0] == "lost\n"
        assert ids(engine) == ["m1"]
