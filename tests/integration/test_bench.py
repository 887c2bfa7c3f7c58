"""The benchmark's floor gives our numbers, and its users ask what they are told to."""

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
from bench.concurrency import forms, questions
from bench.floor_sql import Statement
from bench.load_client import Load, put_under
from bench.query_layer import TIME_ZONE, NoFloor, Remembering, check_floor, make_reader
from bench.scenarios import BASES, UNTIL, Scenario, Values, scenarios, values_of
from bench.stores import write_addition
from queries.engines.duckdb import DuckDBEngine, DuckDBLimits
from queries.filters import Basis
from sources.demo import write_demo
from tests.panels import PERIOD_SLUGS
from tests.services import import_files

MESSAGES = 6_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    import_files(folder, *write_demo(folder, MESSAGES, 7, UNTIL))
    return folder / "store.duckdb"


@pytest.fixture
def engine(store: Path) -> Iterator[DuckDBEngine]:
    with closing(DuckDBEngine(store, DuckDBLimits(), TIME_ZONE)) as engine:
        yield engine


def test_what_scenarios_ask_for_is_there_and_always_the_same(engine: DuckDBEngine) -> None:
    with closing(engine.cursor()) as cursor:
        values: Values = values_of(cursor)
        assert values == values_of(cursor)
        of_case = "select count(*) from cases where counted and case_number = any($1)"
        for cases, expected in ((values.few_cases, 20), (values.many_cases, 670)):
            assert len(set(cases)) == len(cases) >= expected
            assert cursor.execute(of_case, [list(cases)]).fetchall() == [(len(cases),)]
        assert len(values.channels) >= 3
        assert len(values.case_types) >= 3


def test_the_floor_says_what_we_say(engine: DuckDBEngine) -> None:
    """Also of pages that have rows in a store as small as this one."""
    reader = make_reader(engine, Remembering())
    with closing(engine.cursor()) as cursor:
        asked = [*scenarios(values_of(cursor)), Scenario("page 3", 30, page=2)]
        for scenario in asked:
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
        ("days", "between $start", "between $start + 1"),
        ("page", "limit $rows", "limit $rows + 1"),
    ],
)
def test_a_floor_that_says_something_else_is_none(
    engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch, name: str, before: str, after: str
) -> None:
    right = getattr(floor_sql, name)

    def wrong(*wanted: Any) -> Statement:
        sql, parameters = right(*wanted)
        assert before in sql
        return sql.replace(before, after), parameters

    monkeypatch.setattr(floor_sql, name, wrong)
    reader = make_reader(engine, Remembering())
    with closing(engine.cursor()) as cursor, pytest.raises(NoFloor):
        check_floor(reader, cursor, Scenario("30 days", 30), Basis.SENT)


def test_added_messages_are_all_new_and_go_on_in_cases(tmp_path: Path) -> None:
    write_demo(tmp_path, MESSAGES, 7, UNTIL)
    import_files(tmp_path, tmp_path / "cases.parquet", tmp_path / "messages.parquet")
    for number in (1, 2):
        more = tmp_path / str(number)
        write_addition(tmp_path, more, number, 500)
        _, said = import_files(tmp_path, more / "cases.parquet", more / "messages.parquet")
        assert "and 500 messages new or changed, 0 rows rejected" in said
    engine = DuckDBEngine(tmp_path / "store.duckdb", DuckDBLimits(), TIME_ZONE)
    with closing(engine), closing(engine.cursor()) as cursor:
        ((count, newest),) = cursor.execute(
            "select count(*), max(sent_at) from messages"
        ).fetchall()
        ((old_cases,),) = cursor.execute(
            """select count(distinct case_key) from messages join cases using (case_key)
            where ends_with(message_id, '-1') and not ends_with(case_id, '-1')"""
        ).fetchall()
    assert count == MESSAGES + 1_000
    assert newest > UNTIL.replace(tzinfo=None)
    assert old_cases


# --- users ----------------------------------------------------------------------------------------


class Quiet(ThreadingHTTPServer):
    """Users may leave in the middle of an answer."""

    daemon_threads = False

    def handle_error(self, *_: object) -> None:
        pass


class Heard:
    """A server that answers anything, and what it was asked."""

    def __init__(self, status: int = 200) -> None:
        heard = self
        self.paths: list[str] = []
        self.connections: set[object] = set()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                heard.paths.append(self.path)
                heard.connections.add(self.client_address)
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
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
    (form,) = forms(None)
    asked = questions(("WhatsApp Cobrança", "b"))
    signs = [
        {
            "@start@": period.start.isoformat(),
            "@end@": period.end.isoformat(),
            "@channel@": form.written(channel),
        }
        for period, channel in (next(asked) for _ in range(count))
    ]
    return Load(address, 3, seconds, form.requests, form.headers, signs)


def test_users_ask_each_question_once_on_connections_that_stay_open() -> None:
    with Heard() as heard:
        measured = put_under(load(heard.address, 0.3, 5_000))
    assert len(measured.refreshes_ms) > 3
    asked = Counter(path.partition("?")[2] for path in heard.paths)
    panels = len(PERIOD_SLUGS)
    assert set(asked.values()) == {panels}, "a refresh is all panels, each question asked once"
    assert len(set(heard.paths)) == len(heard.paths)
    assert len(heard.connections) == 3 * panels
    assert "start=2026-10-03&end=2026-11-01&channel=WhatsApp%20Cobran%C3%A7a" in asked


def test_users_do_not_count_what_fails() -> None:
    with Heard(status=503) as heard, pytest.raises(RuntimeError, match="503"):
        put_under(load(heard.address, 0.3, 100))


def test_users_never_ask_twice() -> None:
    with Heard() as heard, pytest.raises(RuntimeError, match="no questions are left"):
        put_under(load(heard.address, 60, 4))


def test_the_benchmark_counts_days_as_the_deployment_does() -> None:
    assert UNTIL.astimezone(ZoneInfo(TIME_ZONE)).date() == UNTIL.date()
    assert datetime(2026, 11, 1, 12, tzinfo=UTC) == UNTIL
