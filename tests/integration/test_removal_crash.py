"""Removals that are killed, stopped or fail: either nothing is removed, or the rest follows."""

import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from queries.engines.base import EngineLimits
from sources.demo import write_demo
from sources.inbox import HandIn, Inbox
from sources.loading.load_order import LoadAbandoned
from sources.owner import Owner
from sources.removal_orders import RemovalOrder, RemovalReport
from tests.integration.conftest import ROOT, Forker, Here, environment, owner_of
from tests.integration.removals import NAME, filled, import_rows, random_rows, stored
from tests.integration.test_crash import NEWEST, until_said
from tests.integration.test_erased_files import NAME_BYTES, files_with

pytestmark = pytest.mark.integration

ORDER = RemovalOrder(person=NAME)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, here: Here) -> Path:
    """A store with rows of the person; tests work on copies of it."""
    store = tmp_path_factory.mktemp("before") / "consumo.duckdb"
    import_rows(here, store, filled(random_rows(2), [NAME]))
    return store


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory, here: Here, before: Path) -> Path:
    """The same store after an erasure without any failure."""
    store = tmp_path_factory.mktemp("after") / "consumo.duckdb"
    shutil.copyfile(before, store)
    assert here("erase", "--person", NAME, store=store).exit_code == 0
    return store


@pytest.fixture
def store(tmp_path: Path, before: Path) -> Path:
    copy = tmp_path / "var" / "consumo.duckdb"
    copy.parent.mkdir()
    shutil.copyfile(before, copy)
    return copy


def hand_in(store: Path, order: RemovalOrder = ORDER) -> str:
    return Inbox(store).hand_in(HandIn.to_remove(order), lambda _folder: {})


def contents(store: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows of a store, after an owner has opened it, which loads nothing."""
    with closing(owner_of(store)) as owner:
        owner.open()
    return stored(store)


STEPS = (
    *("looking through cases", "looking through messages", "ordering messages"),
    *("deriving messages", "deriving cases", "deriving answers", "writing", "counting"),
    *("committing", "writing the file anew"),
)


@pytest.mark.parametrize("step", STEPS)
def test_an_erasure_that_is_killed_is_done_by_the_next_owner(
    forker: Forker, here: Here, store: Path, before: Path, after: Path, step: str
) -> None:
    erasing = forker.start("erase", "--person", NAME, store=store)
    said = until_said(erasing.errors, step)
    erasing.kill()
    assert said
    found = contents(store)
    assert found in (stored(before), stored(after))
    if STEPS.index(step) < STEPS.index("committing"):
        assert found == stored(before)
        assert len(Inbox(store).waiting()) == 1
    # Any command that opens the store goes on with what waits; this one finds nothing left to do.
    done = here("erase", "--person", NAME, store=store)
    assert done.stdout.splitlines()[0] == "Store: nothing left."
    assert not Inbox(store).waiting()
    assert files_with(store.parent, NAME_BYTES) == set()
    assert stored(store) == stored(after)


def test_what_was_committed_is_completed_with_the_first_report(
    store: Path, after: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test makes sure that the kill comes between the commit and the rest."""

    def power_failure(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    ticket = hand_in(store)
    with closing(owner_of(store)) as owner, monkeypatch.context() as patched:
        owner.open()
        patched.setattr("sources.erased_files.mask_audit", power_failure)
        with pytest.raises(KeyboardInterrupt):
            owner.take_in()
    assert files_with(store.parent, NAME_BYTES)
    with closing(owner_of(store)) as owner:
        owner.open()
        # The file was written anew when it was opened: an erasure was the newest load.
        assert files_with(store.parent, NAME_BYTES) == {
            f"consumo.duckdb.inbox/{ticket}/manifest.json"
        }
        owner.take_in()
    outcome = Inbox(store).take_outcome(ticket)
    assert outcome
    assert outcome.removal
    assert outcome.removal.cases > 0
    assert files_with(store.parent, NAME_BYTES) == set()
    assert stored(store) == stored(after)


def test_a_file_that_cannot_be_changed_is_told_and_the_second_run_completes_it(
    here: Here, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("sources.owner.put_in_place", full)
        done = here("erase", "--person", NAME, store=store)
    assert done.exit_code == 1
    told = done.stderr.splitlines()[-1]
    assert told == (
        "the rows are removed, but their values may still be in files of the store: "
        "the disk is full; run the same command again"
    )
    assert done.stdout.splitlines()[0].startswith("Store: ")
    assert files_with(store.parent, NAME_BYTES) == {"consumo.duckdb"}
    done = here("erase", "--person", NAME, store=store)
    assert done.exit_code == 0
    assert files_with(store.parent, NAME_BYTES) == set()


def test_a_transaction_that_fails_removes_nothing(
    here: Here, store: Path, before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_inbox: Inbox, _ticket: str, _report: RemovalReport) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Inbox, "note_removal", fail)
    done = here("erase", "--person", NAME, store=store)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1] == "nothing was removed: the disk is full"
    assert stored(store) == stored(before)
    assert not Inbox(store).waiting()


# --- stopping -------------------------------------------------------------------------------------


@pytest.fixture
def large(here: Here, tmp_path: Path) -> Path:
    """A store in which an erasure takes a second or two."""
    store = tmp_path / "large" / "consumo.duckdb"
    paths = write_demo(tmp_path, 60_000, 2, NEWEST)
    done = here("import", "--cases", paths[0], "--messages", paths[1], store=store)
    assert done.exit_code == 0
    return store


@pytest.mark.usefixtures("interruptible")
def test_a_purge_stopped_with_control_c_removes_nothing(large: Path) -> None:
    untouched = contents(large)
    purging = subprocess.Popen(
        [sys.executable, "-m", "app", "purge", "--before", "2026-11-01"],
        cwd=ROOT,
        env=environment(large),
        stderr=subprocess.PIPE,
        text=True,
    )
    with purging:
        assert purging.stderr
        assert until_said(purging.stderr, "deriving messages")
        purging.send_signal(signal.SIGINT)
        said = purging.stderr.read()
    assert purging.returncode == 130, said
    assert said.splitlines()[-1] == "Stopped; nothing was removed."
    assert not Inbox(large).waiting()
    assert contents(large) == untouched


def test_a_removal_is_cancelled_until_its_rows_are_removed(store: Path) -> None:
    inbox = Inbox(store)
    first, second = hand_in(store), hand_in(store)
    assert inbox.cancel_removal(first)
    inbox.note_removal(second, RemovalReport(cases=1))
    assert not inbox.cancel_removal(second)
    assert inbox.waiting() == [second]
    assert inbox.noted_removal(second) == RemovalReport(cases=1)


def test_a_server_that_is_told_to_end_leaves_the_removal_to_the_next_one(
    store: Path, before: Path
) -> None:
    ticket = hand_in(store)
    with closing(owner_of(store)) as owner:
        owner.open()

        def stop(step: str, _rows: int) -> None:
            if step == "deriving messages":
                owner.abandon()

        with pytest.raises(LoadAbandoned):
            owner.take_in(stop)
    assert Inbox(store).waiting() == [ticket]
    assert stored(store) == stored(before)


def test_loads_behind_a_removal_wait_when_the_store_cannot_be_opened_again(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [hand_in(store), hand_in(store, RemovalOrder(person="Bia"))]

    def damage(copy: Path, path: Path) -> None:
        copy.replace(path)
        path.write_bytes(b"no store")

    with closing(owner_of(store)) as owner:
        owner.open()
        monkeypatch.setattr("sources.owner.put_in_place", damage)
        owner.take_in()
        assert not owner.is_open
    assert Inbox(store).waiting() == tickets[1:]
    outcome = Inbox(store).take_outcome(tickets[0])
    assert outcome
    assert "the rows are removed, but" in str(outcome.refusal)


def test_time_limits_of_queries_do_not_stop_a_removal(store: Path, after: Path) -> None:
    limits = EngineLimits(query_seconds=1e-6)
    with closing(Owner(store, limits, "America/Sao_Paulo", lambda: NEWEST)) as owner:
        owner.open()
        hand_in(store)
        owner.take_in()
        assert not owner.inbox.waiting()
    assert stored(store) == stored(after)
