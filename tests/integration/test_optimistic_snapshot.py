"""Reads without a transaction never mix two versions and never report the wrong one."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from components.panels import PANELS
from queries.cache import SingleFlightCache
from queries.engines.base import EngineLimits
from queries.errors import StoreChanged
from queries.filters import Filters
from queries.period import Period
from queries.reader import Reader
from queries.runner import QuerySession, Runner
from queries.tables import messages
from queries.user_scope import EVERYTHING
from sources.inbox import HandIn, copy_files
from sources.owner import Owner
from tests.integration.test_merging import CASE, CASE_COLUMNS, MESSAGE_COLUMNS, message, written

pytestmark = pytest.mark.integration

COUNT = "select count(*) as messages from messages"
NOVEMBER = Filters(period=Period(date(2026, 11, 1), date(2026, 11, 30)))


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    held = Owner(
        tmp_path / "store.duckdb", EngineLimits(), "America/Sao_Paulo", lambda: datetime.now(UTC)
    )
    held.open()
    with closing(held):
        load(held, tmp_path, ["m1"])
        yield held


def load(owner: Owner, folder: Path, ids: list[str]) -> None:
    files = {
        "cases": written(folder / "cases.csv", CASE_COLUMNS, [CASE]),
        "messages": written(folder / "messages.csv", MESSAGE_COLUMNS, [message(i) for i in ids]),
    }
    owner.inbox.hand_in(HandIn("files", "default", demo=False), copy_files(files))
    owner.take_in()


def test_a_load_during_an_optimistic_snapshot_is_noticed(owner: Owner, tmp_path: Path) -> None:
    with owner.optimistic_snapshot() as view:
        assert view.fetch(COUNT, ()).column("messages") == [1]
        load(owner, tmp_path, ["m1", "m2"])
        with pytest.raises(StoreChanged):
            view.fetch(COUNT, ())
    with owner.optimistic_snapshot() as view:
        assert view.data_version == 2
        assert view.fetch(COUNT, ()).column("messages") == [2]


def test_a_snapshot_does_not_see_later_loads(owner: Owner, tmp_path: Path) -> None:
    with owner.snapshot() as view:
        load(owner, tmp_path, ["m1", "m2"])
        assert (view.data_version, view.fetch(COUNT, ()).column("messages")) == (1, [1])


def test_while_a_load_is_under_way_answers_come_from_a_transaction(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A query that begins during a load and ends after it sees the version before the load."""
    import sources.inbox_loading  # noqa: PLC0415 - what is interrupted

    seen = []
    plain = sources.inbox_loading.load

    def watched(*args: object, **named: object) -> object:
        with owner.optimistic_snapshot() as view:
            report = plain(*args, **named)  # type: ignore[arg-type]
            seen.append((view.data_version, view.fetch(COUNT, ()).column("messages")))
        return report

    monkeypatch.setattr(sources.inbox_loading, "load", watched)
    load(owner, tmp_path, ["m1", "m2"])
    assert seen == [(1, [1])]


def test_a_query_overtaken_by_a_load_is_run_again(owner: Owner, tmp_path: Path) -> None:
    class Nothing:
        def get(self, key: str) -> None:
            return None

        def set(self, key: str, value: bytes) -> None:
            return None

    runner = Runner(owner, SingleFlightCache(Nothing()))
    queries = [panel.query for panel in PANELS]
    reader = Reader(runner, ZoneInfo("America/Sao_Paulo"), lambda: datetime.now(UTC), queries)
    asked = []

    def ask(session: QuerySession) -> int:
        asked.append(session.data_version)
        if len(asked) == 1:
            load(owner, tmp_path, ["m1", "m2", "m3"])
        return sum(
            session.fetch(select(func.count().label("messages")).select_from(messages)).column(
                "messages"
            )
        )

    assert (runner.read(EVERYTHING, ask), asked) == (3, [1, 2])
    answer = reader.panel("messages-by-origin", NOVEMBER, EVERYTHING)
    assert (answer.data_version, sum(answer.frame["messages"])) == (2, 3)
