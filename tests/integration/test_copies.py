"""Back-ups and compaction keep all rows and sort them as they are best read."""

from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from queries import tables
from sources import store_copies
from tests.integration.conftest import Command, owner_of, running_server
from tests.oracle.awkward import write_awkward

pytestmark = pytest.mark.integration

TABLES = ("people", "cases", "messages", "message_events", "loads", "rejects")
CASE = "case_id,person_name,channel,case_type,opened_at\nlate,Ana,WhatsApp,x,2026-11-01T12:00:00Z\n"
#: Older than all else, so that it lies behind where it belongs.
EARLY = "message_id,case_id,direction,sent_at\nearly,late,in,2001-01-01T00:00:00Z\n"


def rows(store: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of every table of a store, in no order; no process may have it open."""
    with duckdb.connect(str(store), read_only=True) as connection:
        return {
            table: sorted(connection.execute(f"from {table}").fetchall(), key=repr)
            for table in TABLES
        }


def is_sorted(store: Path) -> bool:
    with duckdb.connect(str(store), read_only=True) as connection:
        order = connection.execute("select sent_at, message_id, account from messages").fetchall()
    return order == sorted(order)


@pytest.fixture
def store(command: Command, tmp_path: Path) -> Path:
    """A store in which an old message was loaded last, so that it is not sorted."""
    store = tmp_path / "consumo.duckdb"
    (tmp_path / "late.csv").write_text(CASE)
    (tmp_path / "early.csv").write_text(EARLY)
    awkward = write_awkward(tmp_path, 4, 60)
    for cases, messages in (awkward, (tmp_path / "late.csv", tmp_path / "early.csv")):
        done = command("import", "--cases", cases, "--messages", messages, store=store)
        assert done.returncode == 0, done.stderr
    return store


def test_a_backup_has_all_rows_of_the_store(command: Command, store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "kept" / "copy.duckdb"
    assert command("backup", copy, store=store).returncode == 0
    assert rows(copy) == rows(store)
    with closing(owner_of(copy)) as owner:
        owner.open()  # a copy is a store: its owner takes it as it is
        assert owner.holds() == "real"


def test_a_backup_beside_a_server(command: Command, store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    with running_server(store) as server:
        done = command("backup", copy, store=store)
        assert done.returncode == 0, done.stderr
        assert server.panel("indicators")["rows"]
    assert rows(copy) == rows(store)
    assert not list(tmp_path.glob("*.copy"))


def test_a_backup_overwrites_nothing(command: Command, store: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    assert command("backup", tmp_path / "mine", store=store).returncode == 2
    assert (tmp_path / "mine").read_text() == "mine"
    assert command("backup", tmp_path / "x", store=tmp_path / "none.duckdb").returncode == 2


def test_compaction_sorts_and_loses_nothing(command: Command, store: Path) -> None:
    before = rows(store)
    assert not is_sorted(store)
    assert command("compact", store=store).returncode == 0
    assert is_sorted(store)
    assert rows(store) == before


def test_the_compact_command_is_refused_while_a_server_runs(command: Command, store: Path) -> None:
    with running_server(store):
        done = command("compact", store=store)
    assert done.returncode == 2
    assert "stop it first" in done.stderr


def test_opening_compacts_a_store_that_needs_it(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(store)
    with closing(owner_of(store)) as owner:
        owner.open()
    assert not is_sorted(store)  # one message is no reason
    monkeypatch.setattr(store_copies, "MIN_UNSORTED", 1)
    monkeypatch.setattr(store_copies, "MIN_UNSORTED_SHARE", 0)
    with closing(owner_of(store)) as owner:
        owner.open()
    assert is_sorted(store)
    assert rows(store) == before


def test_a_copy_that_fails_leaves_the_store_in_use(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(store)
    monkeypatch.setitem(tables.messages.info, "order", ("no_such_column",))
    with closing(owner_of(store)) as owner:
        owner.open()
        with pytest.raises(duckdb.BinderException):
            owner.back_up(store.with_name("copy.duckdb"))
        with owner.snapshot() as snapshot:
            assert snapshot.data_version == 2
        monkeypatch.undo()
        owner.back_up(store.with_name("copy.duckdb"))
    assert rows(store) == before == rows(store.with_name("copy.duckdb"))
