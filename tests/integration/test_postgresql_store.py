"""A store that is published to PostgreSQL: what readers see, limits, lost servers and kills."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import duckdb
import psycopg
import pyarrow as pa
import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import URL, make_url

from app.factory import create_app, parts_of
from app.settings import Settings
from app.store_addresses import publisher_of
from queries.compiling import Compiler
from queries.engines.base import Engine, EngineLimits
from queries.engines.postgresql.publisher import PostgreSQLPublisher
from queries.engines.postgresql.reader import PostgreSQLEngine
from queries.engines.publishing import LockLost, TargetLost
from queries.errors import QueryTimeout, StoreUnavailable
from queries.tables import message_days, messages
from sources.owner import Owner
from sources.publishing.rows import StoreRows, present_version
from tests.integration.conftest import ALWAYS, ROOT, descendants, until
from tests.integration.test_merging import CASE, Loads, message
from tests.integration.test_merging import loads as loads  # noqa: PLC0414 - a fixture
from tests.oracle.awkward import write_awkward
from tests.oracle.oracle import read_rows
from tests.published import publish, reading
from tests.services import POSTGRESQL_PASSWORD, PostgreSQLServer, pgbouncer, postgresql_server

pytestmark = pytest.mark.integration

ZONE = Settings().time_zone
#: A question that takes longer than any test.
ENDLESS = "select count(*) from generate_series(1, 1000000000000) as numbers"


# --- helpers ------------------------------------------------------------------------------------


@pytest.fixture
def settings(loads: Loads, postgresql: PostgreSQLServer) -> Settings:
    """Return the settings of a reader and a writer of the store of ``loads``."""
    loads.store.parent.mkdir(parents=True, exist_ok=True)
    return reading("postgresql", loads.store, lambda: postgresql)


def at(settings: Settings, address: URL) -> Settings:
    """Return ``settings`` with another address of the published store."""
    url = address.render_as_string(hide_password=False).replace(" ", "%20")
    return replace(settings, store_url=url)


@contextmanager
def engine_of(
    settings: Settings, *, query_seconds: float = 30, connections: int = 4, zone: str = ZONE
) -> Iterator[PostgreSQLEngine]:
    limits = EngineLimits(query_seconds=query_seconds)
    engine = PostgreSQLEngine(make_url(settings.store_url), limits, zone, connections)
    with closing(engine):
        yield engine


@contextmanager
def asking(settings: Settings) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Give a connection of the test's own to the database."""
    address = settings.store_url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def running(settings: Settings) -> int:
    """Return how many sessions of the database work on something, the test's own left out."""
    with asking(settings) as connection:
        row = connection.execute(
            """select count(*) from pg_stat_activity where datname = current_database()
            and pid <> pg_backend_pid() and state <> 'idle' and backend_type = 'client backend'"""
        ).fetchone()
    assert row
    return int(row[0])


def bodies(engine: Engine) -> list[str | None]:
    with engine.snapshot() as snapshot:
        return bodies_in(engine, snapshot)


def bodies_in(engine: Engine, snapshot: Any) -> list[str | None]:
    sql, parameters = Compiler(engine.dialect).compiled(
        select(messages.c.body).order_by(messages.c.message_id)
    )
    return [body for (body,) in snapshot.fetch(sql, parameters).rows]


def versions(settings: Settings) -> list[str]:
    """Return the schemas that hold tables of a version."""
    with asking(settings) as connection:
        return [
            name
            for (name,) in connection.execute(
                "select nspname from pg_namespace where nspname ~ '^consumo_'"
            ).fetchall()
        ]


# --- rows ---------------------------------------------------------------------------------------


def test_texts_come_as_they_were(loads: Loads, settings: Settings) -> None:
    r"""Also what means something in CSV, and lines that end the rows in PostgreSQL's: ``\.``."""
    texts = [
        *(
            'a "quoted" one',
            "a, b",
            "tab\there",
            "back\\slash",
            "\\N",
            "\\.",
            "NULL",
            "'",
            "é ß 한",
        ),
        *("two\nlines", "before\n\\.\nafter", "\r\n\\.", "%s %(x)s %%", "\U0001f600"),
    ]
    rows = [
        message(f"m{number:02}", body=text.replace("\r\n", "\n"))
        for number, text in enumerate(texts)
    ]
    loads.load([CASE], [*rows, message("n0")])
    publish(settings)
    with duckdb.connect(str(loads.store), read_only=True) as connection:
        right = connection.execute("select body from messages order by message_id").fetchall()
    assert "before\n\\.\nafter" in [body for (body,) in right]
    with engine_of(settings) as engine:
        assert bodies(engine) == [body for (body,) in right]
    # The same by changes.
    loads.load([CASE], [message("o0", body="again\n\\.\n")])
    publish(settings)
    with engine_of(settings) as engine:
        assert bodies(engine) == [*(body for (body,) in right), "again\n\\.\n"]


def test_texts_are_in_the_order_of_their_bytes(loads: Loads, settings: Settings) -> None:
    texts = ["b", "a", "B", "é", "z", "_", "~", "Z", "10", "9", " x", "\U0001f600", "\uffee"]
    loads.load([CASE], [message(f"m{n}", body=text) for n, text in enumerate(texts)])
    publish(settings)
    with engine_of(settings) as engine, engine.snapshot() as snapshot:
        statement = select(messages.c.body).order_by(messages.c.body)
        rows = snapshot.fetch(*Compiler(engine.dialect).compiled(statement)).rows
    with duckdb.connect(str(loads.store), read_only=True) as connection:
        right = connection.execute("select body from messages order by body").fetchall()
    assert rows == right
    assert len({body for (body,) in rows}) == len(texts)


def test_a_download_has_arrows_types_and_reads_no_more_than_is_taken(
    loads: Loads, settings: Settings
) -> None:
    loads.load([CASE], [message("m1", body="olá")])
    publish(settings)
    statement = """select s.number::bigint as number, m.body, m.sent_at, m.sent_day, m.is_bot,
        m.reply_seconds, array[1.5::float8, null] as times, null::varchar as nothing
        from messages m cross join generate_series(1, 25001) as s (number) order by 1"""
    with engine_of(settings) as engine:
        with engine.snapshot() as snapshot:
            batches = list(snapshot.stream(statement, ()))
        assert [batch.num_rows for batch in batches] == [10_000, 10_000, 5_001]
        assert batches[0].schema.types == [
            *(pa.int64(), pa.string(), pa.timestamp("us"), pa.date32(), pa.bool_()),
            *(pa.float64(), pa.list_(pa.float64()), pa.string()),
        ]
        assert batches[2].column("number").to_pylist()[-1] == 25_001
        assert batches[2].column("times").to_pylist()[-1] == [1.5, None]
        with engine.snapshot() as snapshot:
            assert list(snapshot.stream(f"{statement} limit 0", ())) == []
            # So many rows would never end: one batch is made, and closing ends the rest.
            begun = snapshot.stream("select generate_series(1, 1000000000000)", ())
            assert next(begun).num_rows == 10_000
            begun.close()
            assert snapshot.fetch("select 1", ()).rows == [(1,)]
        assert running(settings) == 0


# --- time limits --------------------------------------------------------------------------------


def test_the_time_limit_stops_the_work_on_the_server(loads: Loads, settings: Settings) -> None:
    loads.load([CASE], [message("m1", body="olá")])
    publish(settings)
    with engine_of(settings, query_seconds=0.2) as engine:
        with engine.snapshot() as snapshot, pytest.raises(QueryTimeout):
            snapshot.fetch(ENDLESS, ())
        assert running(settings) == 0
        with engine.snapshot() as snapshot, pytest.raises(QueryTimeout):
            next(snapshot.stream(ENDLESS, ()))
        assert running(settings) == 0
        # The limit is that of the transaction: the session has none afterwards.
        assert bodies(engine) == ["olá"]
        assert engine.supply().silent_seconds == 0


def test_a_download_may_take_longer_than_the_limit_after_its_first_rows(
    loads: Loads, settings: Settings
) -> None:
    loads.load([CASE], [message("m1")])
    publish(settings)
    slow_later = """select number, case when number > 10000 then pg_sleep(0.7)::text end
        from generate_series(1, 10001) as s (number)"""
    with engine_of(settings, query_seconds=0.5) as engine, engine.snapshot() as snapshot:
        assert sum(batch.num_rows for batch in snapshot.stream(slow_later, ())) == 10_001
        with pytest.raises(QueryTimeout):
            snapshot.fetch(ENDLESS, ())


def test_closing_ends_questions_that_run(loads: Loads, settings: Settings) -> None:
    loads.load([CASE], [message("m1")])
    publish(settings)
    with engine_of(settings) as engine, ThreadPoolExecutor(1) as pool:

        def ask() -> None:
            with engine.snapshot() as snapshot:
                snapshot.fetch(ENDLESS, ())

        asked = pool.submit(ask)
        until(lambda: running(settings) == 1, "the question")
        engine.close()
        with pytest.raises(StoreUnavailable, match="closed"):
            asked.result()
    until(lambda: running(settings) == 0, "the end of the question on the server")


def test_no_more_connections_are_opened_than_are_allowed(loads: Loads, settings: Settings) -> None:
    loads.load([CASE], [message("m1", body="olá")])
    publish(settings)
    with engine_of(settings, connections=1) as engine:
        with engine.snapshot() as snapshot:
            with pytest.raises(StoreUnavailable, match="in use"):
                bodies(engine)
            assert bodies_in(engine, snapshot) == ["olá"]
        assert bodies(engine) == ["olá"]
        assert engine.supply().silent_seconds == 0


# --- versions -----------------------------------------------------------------------------------


def test_a_reader_keeps_its_version_and_old_tables_go_when_nobody_reads_them(
    loads: Loads, settings: Settings
) -> None:
    loads.load([CASE], [message("m1", body="the secret")])
    publish(settings)
    with engine_of(settings) as engine:
        with engine.snapshot() as before:
            # Nothing was asked of the table yet when all rows are replaced.
            loads.load([CASE], [message("m1", body="forgotten")])
            publish_all(settings)
            assert bodies_in(engine, before) == ["the secret"]
            assert before.data_version == 1
            with engine.snapshot() as after:
                assert bodies_in(engine, after) == ["forgotten"]
                assert after.data_version == 2
            assert len(versions(settings)) == 2
        # What is read no more goes with the next thing that the writer does.
        publish(settings)
        assert len(versions(settings)) == 1
        assert bodies(engine) == ["forgotten"]


def test_changes_are_seen_by_new_snapshots_only(loads: Loads, settings: Settings) -> None:
    loads.load([CASE], [message("m1", body="one")])
    publish(settings)
    with engine_of(settings) as engine, engine.snapshot() as before:
        loads.load([CASE], [message("m2", "13:00", body="two")])
        state = publish(settings)
        assert (state.changes, state.wholes) == (1, 0)
        assert bodies_in(engine, before) == ["one"]
        assert bodies(engine) == ["one", "two"]


def publish_all(settings: Settings) -> None:
    """Publish all rows, as a writer does after a gap."""
    with closing(publisher_of(settings)) as publisher:
        assert publisher.lock()
        with publishing_owner(settings) as owner:
            publisher.publish_all(rows_of(owner, None), lambda *_: None)


def rows_of(owner: Owner, after: int | None) -> StoreRows:
    with closing(owner.engine.cursor()) as cursor:
        return StoreRows(present_version(cursor), after, owner.engine.cursor, owner.whole_file)


@contextmanager
def publishing_owner(settings: Settings) -> Iterator[Owner]:
    assert settings.own_store
    limits = EngineLimits("1GB", 2, 30)
    owner = Owner(settings.own_store, limits, settings.time_zone, lambda: datetime.now(UTC))
    owner.open()
    with closing(owner):
        yield owner


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("drop schema consumo cascade", "run the writer"),
        ("delete from consumo.publication", "run the writer"),
        ("update {schema}.store_facts set value = '1' where name = 'schema_version'", "layout 1"),
        ("update {schema}.store_facts set value = 'UTC' where name = 'time_zone'", "of UTC"),
    ],
)
def test_what_cannot_be_read_is_said(
    loads: Loads, settings: Settings, change: str, said: str
) -> None:
    loads.load([CASE], [message("m1")])
    publish(settings)
    with asking(settings) as connection:
        connection.execute(change.format(schema=versions(settings)[0]).encode())
    with engine_of(settings) as engine:
        with pytest.raises(StoreUnavailable, match=said):
            bodies(engine)
        assert engine.supply().silent_seconds == 0


def test_readers_may_have_a_user_who_can_only_read(loads: Loads, settings: Settings) -> None:
    user = f"reader_{uuid4().hex[:8]}"
    address = make_url(settings.store_url).set(username=user, password="reading")
    reading_settings = at(settings, address)
    loads.load([CASE], [message("m1", body="olá")])
    with asking(settings) as connection:
        connection.execute(f"create role {user} login password 'reading'".encode())
        publish(settings)
        with engine_of(reading_settings) as engine, pytest.raises(StoreUnavailable, match="user"):
            bodies(engine)
        for grant in ("usage on schemas", "select on tables"):
            connection.execute(f"alter default privileges grant {grant} to {user}".encode())
        connection.execute(b"drop schema consumo cascade")
        for _ in range(2):  # each publication of all rows makes new tables
            publish_all(settings)
            with engine_of(reading_settings) as engine:
                assert bodies(engine) == ["olá"]


# --- the lock -----------------------------------------------------------------------------------


def test_one_writer_at_a_time(settings: Settings) -> None:
    with closing(publisher_of(settings)) as first, closing(publisher_of(settings)) as second:
        assert first.lock()
        assert first.lock()
        assert not second.lock()
        with pytest.raises(LockLost):
            second.published()
        first.close()
        assert second.lock()
        assert not first.lock()


def test_a_writer_that_lost_its_session_can_publish_nothing(
    loads: Loads, settings: Settings
) -> None:
    """Not even what it was publishing: the next one may have published since."""
    loads.load([CASE], [message("m1", body="one")])
    publish(settings)
    loads.load([CASE], [message("m2", "13:00", body="two")])
    with (
        closing(publisher_of(settings)) as first,
        closing(publisher_of(settings)) as second,
        publishing_owner(settings) as owner,
    ):
        assert first.lock()

        def end_the_session(step: str, _rows: int) -> None:
            if step == "messages":
                with asking(settings) as connection:
                    connection.execute(
                        """select pg_terminate_backend(pid) from pg_locks
                        where locktype = 'advisory' and database = (
                            select oid from pg_database where datname = current_database())"""
                    )
                until(second.lock, "the lock of the next writer")

        with pytest.raises(TargetLost):
            first.publish_all(rows_of(owner, None), end_the_session)
        assert not first.lock()
    with engine_of(settings) as engine:
        assert bodies(engine) == ["one"]


def test_what_progress_raises_ends_the_publication(loads: Loads, settings: Settings) -> None:
    loads.load([CASE], [message("m1", body="one")])
    publish(settings)
    loads.load([CASE], [message("m2", "13:00", body="two")])

    def stop(step: str, _rows: int) -> None:
        if step == "messages":
            raise KeyboardInterrupt

    with closing(publisher_of(settings)) as publisher, publishing_owner(settings) as owner:
        assert publisher.lock()
        for publish_rows, after in ((publisher.publish_all, None), (publisher.publish_changes, 1)):
            with pytest.raises(KeyboardInterrupt):
                publish_rows(rows_of(owner, after), stop)
            with engine_of(settings) as engine:
                assert bodies(engine) == ["one"]
        # The lock is still there, and the same can be published.
        publisher.publish_changes(rows_of(owner, 1), lambda *_: None)
        known = publisher.published()
        assert known
        assert known.version == 2
    with engine_of(settings) as engine:
        assert bodies(engine) == ["one", "two"]


# --- kills --------------------------------------------------------------------------------------


def publish_step_by_step(address: str, store: str, after: str) -> None:
    """Publish, and wait for a line of standard input at each step. A process of its own runs this.

    ``after`` is the version whose changes are published; "" to publish all rows.
    """
    settings = Settings(store_url=address, work_url=f"duckdb:///{store}")
    publisher = publisher_of(settings)
    until(publisher.lock, "the lock of the one that was killed")

    def wait(step: str, rows: int) -> None:
        print(step, rows, flush=True)  # noqa: T201 - the test reads it
        sys.stdin.readline()

    with publishing_owner(settings) as owner:
        if after:
            publisher.publish_changes(rows_of(owner, int(after)), wait)
        else:
            publisher.publish_all(rows_of(owner, None), wait)
    print("done", flush=True)  # noqa: T201
    sys.stdin.readline()


@contextmanager
def running_function(name: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Call a function of this module in a process of its own, which is killed in the end."""
    code = (
        f"import sys; from tests.integration.test_postgresql_store import {name};"
        f"{name}(*sys.argv[1:])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


class Watcher:
    """Reads all the time, from several threads, and notes what each snapshot shows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ended = threading.Event()
        self.seen: list[tuple[int, int, int]] = []
        self.failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._watch) for _ in range(2)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _watch(self) -> None:
        compiler = Compiler(self._engine.dialect)
        counts = (
            select(func.sum(message_days.c.messages)),
            select(func.count()).select_from(messages),
        )
        while not self._ended.is_set():
            try:
                with self._engine.snapshot() as snapshot:
                    rolled, counted = (
                        int(snapshot.fetch(*compiler.compiled(count)).rows[0][0])
                        for count in counts
                    )
                    self.seen.append((snapshot.data_version, rolled, counted))
            except Exception as error:  # the test fails with it
                self.failures.append(error)


@pytest.mark.parametrize(
    ("after", "kills"), [(None, (1, 3, 5, 9, 14)), (1, (1, 3, 4, 6))], ids=["all", "changes"]
)
def test_a_writer_killed_at_any_step_leaves_whole_versions(
    loads: Loads, settings: Settings, tmp_path: Path, after: int | None, kills: tuple[int, ...]
) -> None:
    case_rows, message_rows = (read_rows(path)[0] for path in write_awkward(tmp_path, 5, cases=60))
    half = {row["case_id"] for row in case_rows[:30]}
    loads.load(
        [row for row in case_rows if row["case_id"] in half],
        [row for row in message_rows if row["case_id"] in half],
    )
    publish(settings)
    loads.load(case_rows, message_rows)
    with duckdb.connect(str(loads.store), read_only=True) as connection:
        [(stored,)] = connection.execute("select count(*) from messages").fetchall()
    with engine_of(settings) as engine, Watcher(engine) as watcher:
        until(lambda: watcher.seen or watcher.failures, "the first answer")
        old = watcher.seen[0]
        assert old[0] == 1
        assert old[1] == old[2] < stored
        steps = [killed_at(settings, after, number) for number in kills]
        assert "messages" in steps
        assert "done" not in steps
        assert set(watcher.seen) == {old}
        # The next writer takes over, and publishes what was not.
        with closing(publisher_of(settings)) as publisher:
            until(publisher.lock, "the lock of the next writer")
        publish(settings)
        until(lambda: watcher.seen[-1][0] == 2, "the new version")
    assert not watcher.failures
    assert set(watcher.seen) == {old, (2, stored, stored)}
    assert len(versions(settings)) == 1


def killed_at(settings: Settings, after: int | None, number: int) -> str:
    """Kill a publishing process at its step of this number, from 1; return the step."""
    arguments = settings.store_url, str(settings.own_store), str(after or "")
    with running_function("publish_step_by_step", *arguments) as process:
        assert process.stdin
        assert process.stdout
        for _ in range(number - 1):
            process.stdout.readline()
            process.stdin.write("\n")
            process.stdin.flush()
        step = process.stdout.readline().split()[0]
        process.kill()
        process.wait()
    return step


def hold_the_lock_in_a_long_statement(address: str) -> None:
    """Be the writer, and let the server work for a minute. A process of its own runs this."""
    publisher = PostgreSQLPublisher(make_url(address))
    assert publisher.lock()
    print("locked", flush=True)  # noqa: T201 - the test reads it
    publisher._locked().execute(b"select pg_sleep(60)")  # noqa: SLF001 - as an index takes long


def test_a_writer_killed_while_the_server_works_for_it_lets_the_next_one_in(
    settings: Settings,
) -> None:
    """The server would else notice only at the end of the statement that nobody waits for it."""
    with (
        running_function("hold_the_lock_in_a_long_statement", settings.store_url) as process,
        closing(publisher_of(settings)) as next_one,
    ):
        assert process.stdout
        assert process.stdout.readline() == "locked\n"
        until(lambda: running(settings) == 1, "the long statement")
        assert not next_one.lock()
        process.kill()
        until(next_one.lock, "the lock of the next writer")


# --- servers that are lost ----------------------------------------------------------------------


def test_a_server_that_is_started_again_costs_nobody_an_error(loads: Loads) -> None:
    with postgresql_server() as server:
        settings = published(loads, server)
        with engine_of(settings, connections=3) as engine:
            with engine.snapshot(), engine.snapshot(), engine.snapshot():
                pass
            server.stop()
            server.start_again()
            assert bodies(engine) == ["olá"]
            assert engine.supply().silent_seconds == 0


def test_cached_answers_continue_while_the_server_is_away(
    loads: Loads, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with postgresql_server() as server:
        settings = published(loads, server)
        app = create_app(settings)
        with closing(parts_of(app)) as parts:
            client = app.test_client()

            def asked(slug: str, **query: str) -> tuple[int, Any]:
                answer = client.get(f"/api/v1/panels/{slug}", query_string={**ALWAYS, **query})
                return answer.status_code, answer.get_json()

            known = asked("messages-by-status", bucket="month")
            assert known[0] == 200
            server.stop()
            assert asked("messages-by-status", bucket="month") == known
            status, answer = asked("messages-by-status", bucket="month", team="x")
            assert (status, answer["error"]["code"]) == (503, "store_unavailable")
            first = parts.reader.supply().silent_seconds
            assert first > 0
            until(lambda: parts.reader.supply().silent_seconds > first, "a longer silence")
            server.start_again()
            until(
                lambda: asked("messages-by-status", bucket="month", team="x")[0] == 200,
                "answers of the server",
            )
            assert parts.reader.supply().silent_seconds == 0
    assert_nothing_is_told(caplog, server)


def assert_nothing_is_told(caplog: pytest.LogCaptureFixture, server: PostgreSQLServer) -> None:
    assert POSTGRESQL_PASSWORD not in caplog.text
    assert POSTGRESQL_PASSWORD.replace(" ", "%20") not in caplog.text
    assert str(server.port) not in caplog.text


def published(loads: Loads, server: PostgreSQLServer, **options: str) -> Settings:
    """Publish a store of one message, and return the settings of its reader."""
    loads.load([CASE], [message("m1", body="olá")])
    settings = reading("postgresql", loads.store, lambda: server)
    address = make_url(settings.store_url).update_query_dict(options)
    settings = at(settings, address)
    publish(settings)
    return settings


def test_a_server_that_hangs_is_given_up(loads: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes connections, and answers nothing: neither a question nor its own time limit."""
    monkeypatch.setattr("queries.engines.postgresql.pool.ANSWER_SECONDS", 0.5)
    with postgresql_server() as server:
        settings = published(loads, server)
        with engine_of(settings) as engine:
            assert bodies(engine) == ["olá"]
            with engine.snapshot():
                pass
            with stopped(server), pytest.raises(StoreUnavailable, match="does not answer"):
                bodies(engine)
            assert engine.supply().silent_seconds > 0
            until(lambda: answers(engine), "answers after the server goes on")
            assert engine.supply().silent_seconds == 0


def answers(engine: Engine) -> bool:
    try:
        return bodies(engine) == ["olá"]
    except StoreUnavailable:
        return False


@contextmanager
def stopped(server: PostgreSQLServer) -> Iterator[None]:
    """Let no process of the server run."""
    family = [server.process.pid, *descendants(server.process.pid)]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in family:
            os.kill(pid, signal.SIGCONT)


def test_a_wrong_password_is_told_to_nobody(
    settings: Settings, postgresql: PostgreSQLServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = make_url(settings.store_url).set(password="hush hush")
    given = at(settings, wrong)
    with engine_of(given) as engine, pytest.raises(StoreUnavailable) as unread:
        bodies(engine)
    with closing(publisher_of(given)) as publisher, pytest.raises(TargetLost) as unwritten:
        publisher.lock()
    for error in (unread.value, unwritten.value):
        told = "".join(traceback.format_exception(error))
        assert "hush" not in f"{error}{caplog.text}"
        assert str(postgresql.port) not in f"{error}{caplog.text}"
        assert "password" not in told.splitlines()[-1]


def test_an_error_of_a_statement_tells_neither_sql_nor_values(
    loads: Loads, settings: Settings
) -> None:
    loads.load([CASE], [message("m1")])
    publish(settings)
    statement = "select body::integer, %s::integer from messages"
    with (
        engine_of(settings) as engine,
        engine.snapshot() as snapshot,
        pytest.raises(RuntimeError) as refused,
    ):
        snapshot.fetch(statement, ("hush",))
    assert "hush" not in str(refused.value)
    assert "body" not in str(refused.value)
    assert refused.value.__suppress_context__


# --- poolers and TLS ----------------------------------------------------------------------------


def test_readers_go_through_a_pooler_that_lends_sessions_by_the_transaction(
    loads: Loads,
    settings: Settings,
    postgresql: PostgreSQLServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Each waits for the three before it, on a busy machine for longer than a server may be silent.
    monkeypatch.setattr("queries.engines.postgresql.pool.ANSWER_SECONDS", 60.0)
    loads.load([CASE], [message("m1", body="olá")])
    publish(settings)
    with pgbouncer(postgresql) as port:
        address = make_url(settings.store_url).set(port=port)
        pooled = at(settings, address)
        with engine_of(pooled, connections=8, query_seconds=5) as engine:

            def ask(_: int) -> tuple[list[str | None], int]:
                with engine.snapshot() as snapshot:
                    many = "select number from generate_series(1, 20001) as s (number)"
                    rows = sum(batch.num_rows for batch in snapshot.stream(many, ()))
                    return bodies_in(engine, snapshot), rows

            # More readers than sessions: they take turns.
            with ThreadPoolExecutor(8) as pool:
                assert set(map(str, pool.map(ask, range(64)))) == {str((["olá"], 20_001))}
            with engine.snapshot() as snapshot, pytest.raises(QueryTimeout):
                snapshot.fetch("select pg_sleep(60)", ())
        # Nothing of it is left to whoever is lent the session next.
        url = pooled.store_url.replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
            for _ in range(4):
                assert connection.execute("show search_path").fetchall() == [('"$user", public',)]
                assert connection.execute("show statement_timeout").fetchall() == [("0",)]


def test_the_certificate_of_the_server_is_checked_where_the_address_says_so(
    loads: Loads, tmp_path: Path
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    certificate = make_certificate(tmp_path, "right")
    other = make_certificate(tmp_path, "other")

    def with_certificate(folder: Path) -> list[str]:
        for path in (certificate, certificate.with_suffix(".key")):
            shutil.copy(path, folder)
            (folder / path.name).chmod(0o600)
        return [
            "ssl=on",
            f"ssl_cert_file={folder / certificate.name}",
            f"ssl_key_file={folder / certificate.with_suffix('.key').name}",
        ]

    with postgresql_server(with_certificate) as server:
        settings = published(loads, server, sslmode="verify-full", sslrootcert=str(certificate))
        with engine_of(settings) as engine, engine.snapshot() as snapshot:
            assert bodies_in(engine, snapshot) == ["olá"]
            encrypted = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
            assert snapshot.fetch(encrypted, ()).rows == [(True,)]
        address = make_url(settings.store_url).update_query_dict({"sslrootcert": str(other)})
        given = at(settings, address)
        with engine_of(given) as engine, pytest.raises(StoreUnavailable):
            bodies(engine)


def make_certificate(folder: Path, name: str) -> Path:
    """Make a key and a certificate of 127.0.0.1 that is its own authority."""
    path = folder / f"{name}.crt"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", f"/CN={name}", "-out", str(path)),
            *("-keyout", str(path.with_suffix(".key")), "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    return path
