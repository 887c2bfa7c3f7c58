"""Processes are killed at any moment: a load is then there as a whole or not at all."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from sources.demo import write_demo
from sources.inbox import HandIn, Inbox, copy_files
from sources.store_errors import StoreBusy
from tests.integration.conftest import (
    ROOT,
    Forker,
    Here,
    answers,
    environment,
    owner_of,
    running_server,
    until,
    without_version,
    write_csv,
)

pytestmark = pytest.mark.integration

#: Enough for a load of a second or two, most of it in the steps after reading.
LARGE = 15_000
#: Enough for a load that cannot be over before it is stopped.
LARGER = 200_000
CASES = """case_id,person_name,channel,case_type,opened_at
    c1,Ana,WhatsApp,Dúvida,2026-11-01T12:00:00Z"""
MESSAGES = """message_id,case_id,direction,sent_at
    first,c1,in,2026-11-01T12:00:00Z"""
NEWEST = datetime(2026, 11, 18, 18, 40, tzinfo=UTC)
Files = dict[str, Path]
Contents = dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("large")
    paths = write_demo(folder, LARGE, 1, NEWEST)
    return dict(zip(("cases", "messages"), paths, strict=True))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, here: Here) -> Path:
    """A store with one message; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("before")
    cases = write_csv(folder / "cases.csv", CASES)
    messages = write_csv(folder / "messages.csv", MESSAGES)
    store = folder / "consumo.duckdb"
    assert here("import", "--cases", cases, "--messages", messages, store=store).exit_code == 0
    return store


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, here: Here, before: Path, large: Files
) -> tuple[Path, list[str]]:
    """The store ``after``, and the progress steps that its load reported, in order."""
    store = tmp_path_factory.mktemp("after") / "consumo.duckdb"
    shutil.copyfile(before, store)
    done = here("import", *arguments(large), store=store)
    assert done.exit_code == 0, done.stderr
    store_named, *told = done.stderr.splitlines()
    assert store_named == f"Store: {store}"
    steps = [line.rstrip("0123456789,. ") for line in told]
    return store, list(dict.fromkeys(steps))


@pytest.fixture(scope="module")
def after(whole: tuple[Path, list[str]]) -> Path:
    """The same store with the large files in it, loaded without any failure."""
    return whole[0]


@pytest.fixture
def store(tmp_path: Path, before: Path) -> Path:
    copy = tmp_path / "consumo.duckdb"
    shutil.copyfile(before, copy)
    return copy


def arguments(files: Files) -> list[object]:
    return [part for name, path in files.items() for part in (f"--{name}", path)]


def extra(folder: Path, number: int) -> Path:
    """Write a small file with unique content, for an import that only starts the owner."""
    return write_csv(folder / f"extra-{number}.csv", MESSAGES.replace("first", f"extra-{number}"))


def is_free(store: Path) -> bool:
    owner = owner_of(store)
    try:
        owner.open()
    except StoreBusy:
        return False
    owner.close()
    return True


def contents(store: Path) -> Contents:
    """All rows of the large files in ``store``, which nobody holds; opening it is the first test.

    It is opened as its owner opens it, and nothing that waits is loaded.
    """
    owner = owner_of(store)
    owner.open()
    with closing(owner), owner.snapshot() as snapshot:
        rows: Contents = {}
        for table, key in (("cases", "case_id"), ("messages", "message_id")):
            found = snapshot.fetch(
                f"select * from {table} where account = 'demo' order by {key}", ()
            )
            # Keys are given out in the order of loads, which is not at stake here.
            kept = [name for name in found.names if name not in ("case_key", "person_id")]
            rows[table] = list(zip(*(found.column(name) for name in kept), strict=True))
        return rows


def loads(store: Path) -> list[tuple[str, int]]:
    """Tickets of the loads with their messages, in order."""
    with duckdb.connect(str(store), read_only=True) as connection:
        return connection.execute(
            "select ticket, messages_written from loads order by load_id"
        ).fetchall()


def has_it_all(store: Path, after: Path) -> None:
    """Check that every file of the inbox was loaded exactly once, and that the inbox is empty."""
    assert contents(store) == contents(after)
    tickets = [ticket for ticket, _ in loads(store)]
    assert len(tickets) == len(set(tickets))
    assert [messages for _, messages in loads(store)].count(LARGE) == 1
    inbox = Inbox(store)
    assert not inbox.waiting()
    assert not [entry for entry in inbox.folder.iterdir() if entry.is_dir()]


# --- the command ---------------------------------------------------------------------------------


def test_import_killed_after_each_step(
    forker: Forker, here: Here, store: Path, whole: tuple[Path, list[str]], large: Files
) -> None:
    """Each start of the command takes up what waits, is killed one step later, and loses nothing.

    The first one hands the large files in; the others bring a small file each.
    """
    after, steps = whole
    untouched = contents(store)
    expected = contents(after)
    assert len(steps) >= 9
    assert steps[-1] == "committing"
    for number, step in enumerate(steps):
        given = ["--messages", extra(store.parent, number)] if number else arguments(large)
        importing = forker.start("import", *given, store=store)
        said = until_said(importing.errors, step)
        importing.kill()
        assert said, f"the import ended before {step!r}"
        found = contents(store)
        if step != "committing":
            assert found == untouched, f"half a load after {step!r}"
            assert len(Inbox(store).waiting()) == number + 1
        assert found in (untouched, expected), f"half a load after {step!r}"

    assert here("import", "--messages", extra(store.parent, 0), store=store).exit_code == 0
    has_it_all(store, after)
    # The store had one load; then came the large one and the small ones, each once.
    assert [messages for _, messages in loads(store)] == [1, LARGE, *[1] * len(steps)]
    small = [row for row in answers(store, "details")["details"] if "extra" in row["message_id"]]
    assert len(small) == len(steps)


def until_said(errors: Iterator[str], step: str) -> str:
    """Return the first line that begins with ``step``; empty where the command ends without it."""
    return next((line for line in errors if line.startswith(step)), "")


@pytest.mark.parametrize("milliseconds", [0, 5, 20, 60])
def test_import_killed_while_it_commits(
    forker: Forker, here: Here, store: Path, after: Path, large: Files, milliseconds: int
) -> None:
    untouched = contents(store)
    importing = forker.start("import", *arguments(large), store=store)
    assert until_said(importing.errors, "committing")
    time.sleep(milliseconds / 1000)  # the moment of the failure, not a wait for anything
    importing.kill()
    assert contents(store) in (untouched, contents(after))
    assert here("import", "--messages", extra(store.parent, 0), store=store).exit_code == 0
    has_it_all(store, after)
    assert [messages for _, messages in loads(store)] == [1, LARGE, 1]


def test_import_killed_while_it_hands_in(
    forker: Forker, here: Here, store: Path, after: Path, large: Files
) -> None:
    """An incomplete inbox entry is not loaded; its folder is kept for a day, as if in use."""
    rng = random.Random(20261122)
    inbox = Inbox(store)
    for _ in range(5):
        importing = forker.start("import", *arguments(large), store=store)
        time.sleep(rng.uniform(0, 0.05))  # the moment of the failure
        importing.kill()
    waiting = len(inbox.waiting())
    assert here("import", *arguments(large), store=store).exit_code == 0
    for entry in inbox.folder.iterdir():
        os.utime(entry, (0, 0))
    assert contents(store) == contents(after)
    has_it_all(store, after)  # opening swept what was old
    assert len(loads(store)) == 2, waiting


def test_a_load_that_was_committed_and_not_yet_settled(
    here: Here, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test makes sure that the kill comes between the commit and the removal of the entry."""

    def power_failure(*_: object) -> None:
        raise KeyboardInterrupt

    ticket = hand_in(store, {"messages": extra(store.parent, 1)})
    owner = owner_of(store)
    owner.open()
    with closing(owner), monkeypatch.context() as patched:
        patched.setattr(Inbox, "settle", power_failure)
        with pytest.raises(KeyboardInterrupt):
            owner.take_in()
    assert Inbox(store).waiting() == [ticket]
    assert here("import", "--messages", extra(store.parent, 2), store=store).exit_code == 0
    assert [name for name, _ in loads(store)][1] == ticket
    assert [messages for _, messages in loads(store)] == [1, 1, 1]
    assert not Inbox(store).waiting()


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("step", ["reading messages", "ordering messages"])
def test_import_stopped_with_control_c(store: Path, tmp_path: Path, step: str) -> None:
    untouched = contents(store)
    paths = write_demo(tmp_path / "larger", 6 * LARGE, 2, NEWEST)
    importing = subprocess.Popen(
        [sys.executable, "-m", "app", "import", "--cases", paths[0], "--messages", paths[1]],
        cwd=ROOT,
        env=environment(store),
        stderr=subprocess.PIPE,
        text=True,
    )
    with importing:
        assert importing.stderr
        assert until_said(importing.stderr, step)
        importing.send_signal(signal.SIGINT)
        said = importing.stderr.read()
    assert importing.returncode == 130, said
    assert "Stopped; what was handed in is kept, and loaded next time." in said
    assert "Traceback" not in said
    assert len(Inbox(store).waiting()) == 1
    assert contents(store) == untouched


# --- the server ----------------------------------------------------------------------------------


def hand_in(store: Path, files: Files) -> str:
    """Put the files into the inbox, as ``import`` does first."""
    return Inbox(store).hand_in(HandIn("files", "default", demo=False), copy_files(files))


def test_server_killed_during_a_load(store: Path, before: Path, after: Path, large: Files) -> None:
    """It is killed repeatedly, at any moment of the load; each start begins the load again."""
    rng = random.Random(7)
    inbox = Inbox(store)
    untouched = contents(store)
    ticket = hand_in(store, large)
    for _ in range(3):
        with running_server(store) as server:
            time.sleep(rng.uniform(0.1, 0.6))  # the moment of the failure
            server.process.kill()
            server.process.wait()
        until(lambda: is_free(store), "the release of the store")
    assert contents(store) in (untouched, contents(after))
    with running_server(store) as server:
        until(lambda: not inbox.waiting(), "the load")
        assert server.panel("details", page_size=1)["total"] == LARGE + 1
    has_it_all(store, after)
    assert [name for name, _ in loads(store)][1:] == [ticket]
    assert without_version(answers(store)) == without_version(answers(after))


@pytest.mark.parametrize("reading", [True, False])
def test_server_told_to_end_during_a_load(store: Path, tmp_path: Path, reading: bool) -> None:  # noqa: FBT001
    """It ends with all its processes without waiting for the load, which leaves no trace."""
    untouched = contents(store)
    paths = write_demo(tmp_path / "larger", LARGER, 2, NEWEST)
    inbox = Inbox(store)
    with running_server(store) as server:
        ticket = hand_in(store, dict(zip(("cases", "messages"), paths, strict=True)))

        def is_at_it() -> bool:
            far = inbox.progress(ticket)
            return bool(far) and far[0].startswith("reading") == reading

        until(is_at_it, "the load")
        server.end()
        assert server.process.returncode == 0
    assert inbox.waiting() == [ticket]
    assert contents(store) == untouched
    assert [messages for _, messages in loads(store)] == [1]
