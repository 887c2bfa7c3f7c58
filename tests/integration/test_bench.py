"""The floor of the benchmark gives our numbers, and its simulated users send the right requests."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import pytest

from bench import floor_sql
from bench.concurrency import distinct_selections, refresh_forms
from bench.floor_sql import Statement
from bench.load_client import Load, run_load
from bench.query_layer import TIME_ZONE, FloorMismatch, UnboundedCache, check_floor, make_reader
from bench.scenarios import (
    BASES,
    DATA_END,
    FilterValues,
    Scenario,
    read_filter_values,
    scenarios,
)
from bench.stores import write_addition
from queries.engines.base import EngineLimits
from queries.engines.duckdb.reader import DuckDBEngine
from queries.filters import Basis
from sources.demo import write_demo
from tests.panels import PERIOD_SLUGS
from tests.services import import_files

MESSAGES = 6_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    import_files(folder, *write_demo(folder, MESSAGES, 7, DATA_END))
    return folder / "store.duckdb"


@pytest.fixture
def engine(store: Path) -> Iterator[DuckDBEngine]:
    with closing(DuckDBEngine(store, EngineLimits(), TIME_ZONE)) as engine:
        yield engine


def test_scenarios_filter_by_values_of_the_store_and_always_by_the_same(
    engine: DuckDBEngine,
) -> None:
    with closing(engine.cursor()) as cursor:
        values: FilterValues = read_filter_values(cursor)
        assert values == read_filter_values(cursor)
        of_case = "select count(*) from cases where counted and case_number = any($1)"
        for cases, expected in ((values.few_cases, 20), (values.many_cases, 670)):
            assert len(set(cases)) == len(cases) >= expected
            assert cursor.execute(of_case, [list(cases)]).fetchall() == [(len(cases),)]
        assert len(values.channels) >= 3
        assert len(values.case_types) >= 3


def test_the_floor_gives_our_numbers(engine: DuckDBEngine) -> None:
    """Page 3 is added because this small store has no rows on the pages of the scenarios."""
    reader = make_reader(engine, UnboundedCache())
    with closing(engine.cursor()) as cursor:
        checked = [*scenarios(read_filter_values(cursor)), Scenario("page 3", 30, page=2)]
        for scenario in checked:
            for basis in BASES:
                check_floor(reader, cursor, scenario, basis)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("messages_by_origin", "sum(messages)", "1 + sum(messages)"),
        ("messages_by_status", "sum(messages)", "2 * sum(messages)"),
        ("cases_over_time", "sum(created)", "1 + sum(created)"),
        ("templates", "sum(answered)", "1 + sum(answered)"),
        ("failures", "sum(number)", "1 + sum(number)"),
        ("hsm_in_window", "sum(in_window)", "1 + sum(in_window)"),
        ("indicators_of_messages", "<= $before_end", "<= $before_end - 7"),
        ("indicators_of_responses", "0.9", "0.8"),
        ("costs", "sum(messages)", "1 + sum(messages)"),
        ("costs", "3 - grouping", "2 - grouping"),
        ("days", "between $start", "between $start + 1"),
        ("page", "limit $rows", "limit $rows + 1"),
    ],
)
def test_a_floor_with_wrong_numbers_is_rejected(
    engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch, name: str, before: str, after: str
) -> None:
    right = getattr(floor_sql, name)

    def wrong(*arguments: Any) -> Statement:
        sql, parameters = right(*arguments)
        assert before in sql
        return sql.replace(before, after), parameters

    monkeypatch.setattr(floor_sql, name, wrong)
    reader = make_reader(engine, UnboundedCache())
    with closing(engine.cursor()) as cursor, pytest.raises(FloorMismatch):
        check_floor(reader, cursor, Scenario("30 days", 30), Basis.SENT)


def test_added_messages_are_all_new_and_some_continue_older_cases(tmp_path: Path) -> None:
    write_demo(tmp_path, MESSAGES, 7, DATA_END)
    import_files(tmp_path, tmp_path / "cases.parquet", tmp_path / "messages.parquet")
    for number in (1, 2):
        more = tmp_path / str(number)
        write_addition(tmp_path, more, number, 500)
        _, report = import_files(tmp_path, more / "cases.parquet", more / "messages.parquet")
        assert "and 500 messages new or changed, 0 rows rejected" in report
    engine = DuckDBEngine(tmp_path / "store.duckdb", EngineLimits(), TIME_ZONE)
    with closing(engine), closing(engine.cursor()) as cursor:
        ((count, newest),) = cursor.execute(
            "select count(*), max(sent_at) from messages"
        ).fetchall()
        ((old_cases,),) = cursor.execute(
            """select count(distinct case_key) from messages join cases using (case_key)
            where ends_with(message_id, '-1') and not ends_with(case_id, '-1')"""
        ).fetchall()
    assert count == MESSAGES + 1_000
    assert newest > DATA_END.replace(tzinfo=None)
    assert old_cases


# --- users ----------------------------------------------------------------------------------------


class QuietServer(ThreadingHTTPServer):
    """Logs no errors: simulated users may close a connection in the middle of an answer."""

    daemon_threads = False

    def handle_error(self, *_: object) -> None:
        pass


class RecordingServer:
    """A server that answers every GET with ``status`` and records its path and connection."""

    def __init__(self, status: int = 200) -> None:
        recorder = self
        self.paths: list[str] = []
        self.connections: set[object] = set()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                recorder.paths.append(self.path)
                recorder.connections.add(self.client_address)
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self.server = QuietServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


def load(address: str, seconds: float, count: int) -> Load:
    """Return a load of three users with ``count`` different selections."""
    (form,) = refresh_forms(None)
    selections = distinct_selections(("WhatsApp Cobrança", "b"))
    replacements = [
        {
            "@start@": period.start.isoformat(),
            "@end@": period.end.isoformat(),
            "@channel@": form.encode_channel(channel),
        }
        for period, channel in (next(selections) for _ in range(count))
    ]
    return Load(address, 3, seconds, form.requests, form.headers, replacements)


def test_each_refresh_has_its_own_filters_and_connections_stay_open() -> None:
    with RecordingServer() as server:
        measured = run_load(load(server.address, 0.3, 5_000))
    assert len(measured.refreshes_ms) > 3
    asked = Counter(path.partition("?")[2] for path in server.paths)
    # The comparison is asked near the screen only, and single costs for downloads only.
    panels = len(PERIOD_SLUGS) - 2
    assert set(asked.values()) == {panels}, (
        "a refresh asks for every panel once, and no other refresh has its filters"
    )
    assert len(set(server.paths)) == len(server.paths)
    assert len(server.connections) == 3 * panels
    assert "start=2026-10-03&end=2026-11-01&channel=WhatsApp%20Cobran%C3%A7a" in asked


def test_an_answer_that_fails_ends_the_load() -> None:
    with RecordingServer(status=503) as server, pytest.raises(RuntimeError, match="503"):
        run_load(load(server.address, 0.3, 100))


def test_a_load_without_unused_filters_ends_and_repeats_none() -> None:
    with RecordingServer() as server, pytest.raises(RuntimeError, match="no unused filter"):
        run_load(load(server.address, 60, 4))


def test_the_data_of_the_benchmark_end_on_the_same_local_day() -> None:
    assert DATA_END.astimezone(ZoneInfo(TIME_ZONE)).date() == DATA_END.date()
    assert datetime(2026, 11, 1, 12, tzinfo=UTC) == DATA_END
