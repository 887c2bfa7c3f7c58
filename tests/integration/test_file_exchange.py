"""The store's file is replaced by a compacted copy while other threads read it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from queries.engines.base import EngineLimits
from queries.errors import StoreChanged, StoreUnavailable
from sources import store_copies
from sources.demo import write_demo
from sources.inbox import HandIn, copy_files
from sources.owner import Owner
from tests.integration.conftest import PATIENCE_SECONDS
from tests.integration.test_crash import NEWEST

pytestmark = pytest.mark.integration

MESSAGES = 30_000
COUNT = "select count(*) as messages from messages"
#: Runs until it is interrupted.
ENDLESS = (
    "select count(*) from range(1000000000) a, range(1000000) b where a.range * b.range % 7 = 3"
)


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    held = Owner(
        tmp_path / "store.duckdb",
        EngineLimits(query_seconds=PATIENCE_SECONDS),
        "America/Sao_Paulo",
        lambda: datetime.now(UTC),
    )
    held.open()
    paths = write_demo(tmp_path, MESSAGES, 1, NEWEST)
    files = dict(zip(("cases", "messages"), paths, strict=True))
    held.inbox.hand_in(HandIn("demo", "demo", demo=True), copy_files(files))
    held.take_in()
    with closing(held):
        yield held


def count(owner: Owner) -> object:
    with owner.snapshot() as view:
        return view.fetch(COUNT, ()).column("messages")[0]


def test_a_download_that_goes_on_is_ended_and_the_next_one_is_whole(owner: Owner) -> None:
    with owner.snapshot() as view:
        batches = view.stream("select body from messages", ())
        next(batches)
        owner.compact()
        with pytest.raises(StoreUnavailable):
            list(batches)
        with pytest.raises(StoreUnavailable):
            view.fetch(COUNT, ())
    with owner.snapshot() as view:
        rows = sum(batch.num_rows for batch in view.stream("select body from messages", ()))
    assert rows == MESSAGES


def test_a_query_that_goes_on_is_ended(owner: Owner) -> None:
    begun = threading.Event()

    def ask(optimistic: bool) -> None:  # noqa: FBT001
        with owner.optimistic_snapshot() if optimistic else owner.snapshot() as view:
            begun.set()
            view.fetch(ENDLESS, ())

    for optimistic, expected in ((True, StoreChanged), (False, StoreUnavailable)):
        begun.clear()
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(ask, optimistic)
            assert begun.wait(PATIENCE_SECONDS)
            owner.compact()
            assert isinstance(asked.exception(PATIENCE_SECONDS), expected)
    assert count(owner) == MESSAGES


def test_short_queries_all_find_their_rows(owner: Owner) -> None:
    """None fails, and none is told that the file is gone: those that are late wait."""
    done = threading.Event()

    def ask() -> int:
        asked = 0
        while not done.is_set():
            assert count(owner) == MESSAGES
            asked += 1
        return asked

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        try:
            for _ in range(5):
                owner.compact()
        finally:
            done.set()
        assert all(one.result(PATIENCE_SECONDS) for one in asking)


def test_a_copy_that_cannot_take_the_place_leaves_the_store_in_use(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_copy: Path, _path: Path) -> None:
        raise OSError("input/output error")

    monkeypatch.setattr("sources.owner.put_in_place", fail)
    with pytest.raises(OSError, match="input/output error"):
        owner.compact()
    monkeypatch.undo()
    assert count(owner) == MESSAGES
    assert not list(owner.path.parent.glob("*.compact*"))


def test_what_a_killed_compaction_left_is_removed(owner: Owner) -> None:
    copy = owner.path.with_name(f"{owner.path.name}.compact")
    left = [copy, Path(f"{copy}.wal"), Path(f"{copy}.rows")]
    owner.close()
    left[0].touch()
    left[1].touch()
    left[2].mkdir()
    owner.open()
    assert not [path for path in left if path.exists()]


def test_a_folder_with_the_name_of_a_copy_does_not_keep_the_store_closed(owner: Owner) -> None:
    owner.close()
    owner.path.with_name(f"{owner.path.name}.compact").mkdir()
    owner.open()
    assert count(owner) == MESSAGES


def test_a_store_that_cannot_be_opened_again_is_closed(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keeper of a server then opens it as at its start."""
    put_in_place = store_copies.put_in_place

    def damage(copy: Path, path: Path) -> None:
        put_in_place(copy, path)
        path.write_bytes(b"no store")

    monkeypatch.setattr("sources.owner.put_in_place", damage)
    with pytest.raises(Exception, match="not a valid DuckDB"):
        owner.compact()
    assert not owner.is_open
    with pytest.raises(StoreUnavailable):
        count(owner)
