"""The engine is closed while threads read: it closes at once, and the readers are told."""

import threading
from pathlib import Path

import pytest

from queries.engines.base import EngineLimits
from queries.engines.duckdb.reader import DuckDBEngine
from queries.errors import StoreChanged, StoreUnavailable

pytestmark = pytest.mark.integration

#: Some seconds of work, if nothing interrupts it.
LONG = "select sum(a.range * b.range) from range(30000) a, range(30000) b"
READERS = 4


@pytest.mark.parametrize("optimistic", [False, True])
def test_it_closes_while_queries_run(tmp_path: Path, *, optimistic: bool) -> None:
    """DuckDB itself refuses to close a connection while one of its cursors works."""
    engine = DuckDBEngine(tmp_path / "store.duckdb", EngineLimits(), "UTC")
    told: list[BaseException] = []
    reading = threading.Barrier(READERS + 1)

    def read() -> None:
        with engine.optimistic_snapshot() if optimistic else engine.snapshot() as snapshot:
            reading.wait()
            snapshot.fetch(LONG, ())

    def tell() -> None:
        try:
            read()
        except BaseException as error:
            told.append(error)

    threads = [threading.Thread(target=tell) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    reading.wait()
    engine.close()
    for thread in threads:
        thread.join()
    assert [type(error) for error in told] == [
        StoreChanged if optimistic else StoreUnavailable
    ] * READERS
    with pytest.raises(StoreUnavailable), engine.snapshot():
        pass
    assert not engine.is_open
