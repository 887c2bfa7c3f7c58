"""Steps that begin without files go on with more rows than DuckDB keeps in one group (122,880)."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources.demo import write_demo
from sources.inbox import HandIn, copy_files
from sources.loading.load import derive_again
from tests.integration.conftest import owner_of

pytestmark = pytest.mark.integration

MESSAGES = 124_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    cases, messages = write_demo(folder, MESSAGES, 1, datetime(2026, 11, 18, tzinfo=UTC))
    owner = owner_of(folder / "consumo.duckdb")
    files = {"cases": cases, "messages": messages}
    ticket = owner.inbox.hand_in(HandIn("files", "default", demo=False), copy_files(files))
    owner.open()
    with closing(owner):
        owner.take_in()
    outcome = owner.inbox.take_outcome(ticket)
    assert outcome
    assert outcome.load
    return owner.path


def test_deriving_all_cases_again_loses_no_message(store: Path) -> None:
    """An upgrade does this with all cases of a store in one transaction."""

    def held() -> list[tuple[Any, ...]]:
        return connection.execute(
            """select direction, status, session_type, count(*), sum(seq), count(answered),
                count(distinct case_key)
            from messages group by all order by all"""
        ).fetchall()

    with duckdb.connect(str(store)) as connection:
        before = held()
        assert sum(row[3] for row in before) == MESSAGES
        connection.execute("begin")
        connection.execute("create temp table outdated_cases as select case_key from cases")
        derive_again(connection, "America/Sao_Paulo", "outdated_cases")
        connection.execute("commit")
        assert held() == before
