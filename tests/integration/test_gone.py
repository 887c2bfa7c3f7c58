"""A store is removed, moved or replaced while it is open: no load is reported as successful."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from queries.errors import StoreUnavailable
from sources.inbox import HandIn, HandInGone, Inbox, copy_files
from sources.load_waiting import wait_for_load
from sources.owner import Owner
from sources.store_errors import StoreGone
from tests.integration.conftest import (
    Command,
    Here,
    owner_of,
    running_server,
    until,
    write_csv,
)

pytestmark = pytest.mark.integration

CASES = """case_id,person_name,channel,case_type,opened_at
    c1,Ana,WhatsApp,Dúvida,2026-11-01T12:00:00Z"""
MESSAGES = """message_id,case_id,direction,sent_at
    first,c1,in,2026-11-01T12:00:00Z"""
GONE = "is not the file that was opened"


@pytest.fixture
def files(tmp_path: Path) -> list[object]:
    """Arguments that import a case with its second message."""
    return arguments(tmp_path / "second", "second")


@pytest.fixture
def loaded(here: Here, store: Path, tmp_path: Path) -> Path:
    """A store that holds a case and a message."""
    assert here("import", *arguments(tmp_path / "first", "first"), store=store).exit_code == 0
    return store


def arguments(folder: Path, message: str) -> list[object]:
    cases = write_csv(folder / "cases.csv", CASES)
    messages = write_csv(folder / "messages.csv", MESSAGES.replace("first", message))
    return ["--cases", cases, "--messages", messages]


def hand_in(store: Path, files: list[object]) -> str:
    given = {"cases": Path(str(files[1])), "messages": Path(str(files[3]))}
    return Inbox(store).hand_in(HandIn("files", "default", demo=False), copy_files(given))


def messages_of(store: Path) -> list[object]:
    with closing(owner_of(store)) as owner:
        owner.open()
        with owner.snapshot() as snapshot:
            return snapshot.fetch("select message_id from messages order by 1", ()).column(
                "message_id"
            )


def _remove(store: Path) -> None:
    store.unlink()


def _move_away(store: Path) -> None:
    store.rename(store.with_name("elsewhere"))


def _replace(store: Path) -> None:
    shutil.copy(store, store.with_name("other"))
    store.with_name("other").rename(store)


def _remove_folder(store: Path) -> None:
    shutil.rmtree(store.parent)
    store.parent.mkdir()


@pytest.mark.parametrize(
    ("lose", "after"),
    [
        (_remove, ["second"]),
        (_move_away, ["second"]),
        (_replace, ["first", "second"]),
    ],
)
def test_a_server_whose_store_is_gone_says_so_and_keeps_what_is_handed_in(
    command: Command,
    loaded: Path,
    files: list[object],
    lose: Callable[[Path], None],
    after: list[str],
) -> None:
    with running_server(loaded) as server:
        lose(loaded)
        assert server.get("/readyz")[0] == 503
        done = command("import", *files, store=loaded)
        assert done.returncode == 2
        assert not done.stdout
        assert f"consumo.duckdb {GONE}" in done.stderr.splitlines()[-1]
        assert "What was handed in is kept" in done.stderr.splitlines()[-1]
        assert len(Inbox(loaded).waiting()) == 1
        # The file is still open and could be read; a number from it would be gone tomorrow.
        assert server.get("/api/v1/panels/indicators")[0] == 503
        assert server.get("/readyz")[0] == 503
    logged = server.output.read_text().splitlines()
    assert len([line for line in logged if GONE in line]) == 1
    with running_server(loaded):
        until(lambda: not Inbox(loaded).waiting(), "the load")
    assert messages_of(loaded) == after


def test_a_store_that_is_put_back_is_served_again(
    command: Command, loaded: Path, files: list[object]
) -> None:
    elsewhere = loaded.with_name("elsewhere")
    with running_server(loaded) as server:
        loaded.rename(elsewhere)
        assert server.get("/readyz")[0] == 503
        assert command("import", *files, store=loaded).returncode == 2
        elsewhere.rename(loaded)
        until(lambda: not Inbox(loaded).waiting(), "the load")
        assert server.get("/readyz")[0] == 200
        assert server.panel("details")["total"] == 2


@pytest.mark.parametrize("step", ["reading cases", "committing"])
def test_a_store_that_goes_during_a_load(loaded: Path, files: list[object], step: str) -> None:
    """A load committed to a file that was removed counts as not loaded."""
    ticket = hand_in(loaded, files)
    elsewhere = loaded.with_name("elsewhere")

    def lose(at: str, _rows: int) -> None:
        if at == step:
            loaded.rename(elsewhere)

    with closing(owner_of(loaded)) as owner:
        owner.open()
        with pytest.raises(StoreGone):
            owner.take_in(lose)
        told = owner.inbox.take_outcome(ticket)
        assert told
        assert told.load is None
        assert GONE in str(told.refusal)
        assert owner.inbox.waiting() == [ticket]
        elsewhere.rename(loaded)
        owner.take_in()
        settled = owner.inbox.take_outcome(ticket)
        assert settled
        assert settled.load
        assert settled.load.load_id == 2
        assert not owner.inbox.waiting()
    assert messages_of(loaded) == ["first", "second"]


def test_no_answer_comes_from_a_removed_file(loaded: Path) -> None:
    with closing(owner_of(loaded)) as owner:
        owner.open()
        _remove_folder(loaded)
        for locale in (owner.snapshot, owner.optimistic_snapshot):
            with pytest.raises(StoreUnavailable, match=GONE), locale():
                pass


def test_compaction_makes_another_file_and_loses_none(loaded: Path) -> None:
    before = loaded.stat().st_ino
    with closing(owner_of(loaded)) as owner:
        owner.open()
        owner.compact()
        assert loaded.stat().st_ino != before
        owner.check_in_place()
        with owner.snapshot() as snapshot:
            assert snapshot.data_version == 1


def test_a_lock_that_is_removed_still_locks(
    command: Command, loaded: Path, files: list[object]
) -> None:
    with running_server(loaded) as server:
        loaded.with_name(f"{loaded.name}.lock").unlink()
        done = command("compact", store=loaded)
        assert (done.returncode, "stop it first" in done.stderr) == (2, True)
        assert command("import", *files, store=loaded).returncode == 0
        assert server.panel("details")["total"] == 2


def test_an_inbox_that_is_removed_is_made_again(
    command: Command, loaded: Path, files: list[object]
) -> None:
    with running_server(loaded) as server:
        shutil.rmtree(Inbox(loaded).folder)
        assert command("import", *files, store=loaded).returncode == 0
        assert server.panel("details")["total"] == 2


def test_import_does_not_wait_for_files_removed_from_the_inbox(
    loaded: Path, files: list[object]
) -> None:
    ticket = hand_in(loaded, files)
    waiting: Owner = owner_of(loaded)

    def remove(_seconds: float) -> None:
        shutil.rmtree(waiting.inbox.folder)

    with closing(owner_of(loaded)) as owner:
        owner.open()
        with pytest.raises(HandInGone, match="hand it in again"):
            wait_for_load(waiting, ticket, lambda *_: None, sleep=remove)
