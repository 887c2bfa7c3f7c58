"""The store in ClickHouse: answers, snapshots, time limits, the lease, and writers that are killed.

The engine itself runs inside the tests' process, by chdb; what cannot be reached has a server's
address. ``tests/cluster`` has what needs a server.
"""

import os
import random
import re
import socket
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import ARRAY, Double, Integer, String, case, cast, func, literal, null, select
from sqlalchemy.engine import make_url

from app.settings import Settings
from app.store_addresses import publisher_of, reading_engine
from queries.compiling import Compiler
from queries.engines.base import EngineLimits
from queries.engines.clickhouse import reader as reader_module
from queries.engines.clickhouse.connections import Clients, StoreLost, Target
from queries.engines.clickhouse.leases import ClickHouseLeases
from queries.engines.clickhouse.pointer import move_pointer, newest_pointer
from queries.engines.clickhouse.publisher import ClickHousePublisher
from queries.engines.clickhouse.reader import ClickHouseEngine
from queries.engines.publishing import LockLost, TargetLost
from queries.errors import QueryTimeout, StoreChanged, StoreUnavailable
from queries.phone_masks import PHONES_IN_NAME, PHONES_IN_TEXT
from queries.result import DAY, OTHER, TEXT, TIME, ResultSet
from queries.sql_functions import (
    Statement,
    fold,
    is_one_of_keys,
    masked_name_in,
    masked_text_in,
    percentiles,
)
from queries.tables import cases, messages
from sources.owner import Owner
from sources.publishing.publication import Publishing
from tests.integration.conftest import until
from tests.integration.test_merging import CASE, Loads, message
from tests.integration.test_merging import loads as loads  # noqa: PLC0414 - a fixture
from tests.published import CLUSTER_URL, publish, publishing, reading

pytest.importorskip("chdb", reason="chdb, ClickHouse in a process, is not installed")
pytestmark = pytest.mark.integration
in_this_process = pytest.mark.skipif(
    bool(os.environ.get(CLUSTER_URL)), reason="the store is on a server, not in this process"
)

ROOT = Path(__file__).resolve().parents[2]
#: Texts that a careless writer of SQL would take for something else.
HOSTILE = (
    "D'Ávila",
    "a\\",
    "\\'; DROP DATABASE consumo; --",
    "100%_",
    "%s %(name)s %%",
    "{version:Identifier}",
    "{x:String}",
    "/* a comment",
    "two\nlines\tand a tab",
    "“quotes” \u2018of\u2019 all «sorts»",
    "\U0001f44d\u200d",
    " ",
)
PASSWORD = "very-secret"
UNREACHABLE = "clickhousedb://reports:" + PASSWORD + "@{host}:{port}/reports"


@pytest.fixture
def settings(loads: Loads) -> Settings:
    """Return the settings of a reader and a writer of the store of ``loads``, which is published.

    It has one case with one message.
    """
    loads.load([CASE], [message("m1")])
    settings = reading("clickhouse", loads.store, no_postgresql)
    publish(settings)
    return settings


def no_postgresql() -> Any:
    raise AssertionError("not needed")


@contextmanager
def reader(settings: Settings) -> Iterator[ClickHouseEngine]:
    engine = reading_engine(settings)
    assert isinstance(engine, ClickHouseEngine)
    with closing(engine):
        yield engine


def asked(engine: ClickHouseEngine, statement: Statement) -> ResultSet:
    with engine.snapshot() as snapshot:
        return snapshot.fetch(*Compiler(engine.dialect).compiled(statement))


def ids(engine: ClickHouseEngine) -> list[str]:
    return sorted(asked(engine, select(messages.c.message_id)).column("message_id"))


def target(settings: Settings) -> Target:
    return Target.of(make_url(settings.store_url))


@contextmanager
def client_of(settings: Settings) -> Iterator[Any]:
    """Give a client of the engine that readers and writers use too."""
    clients = Clients(target(settings), 1, 60)
    with closing(clients), clients.one() as client:
        yield client


# --- answers ----------------------------------------------------------------------------------


def test_values_come_back_as_plain_python(settings: Settings) -> None:
    statement = select(
        literal("text").label("text"),
        cast(date(1905, 3, 4), cases.c.opened_day.type).label("day"),
        cast(datetime(1905, 3, 4, 5, 6, 7, 89), cases.c.opened_at.type).label("time"),  # noqa: DTZ001
        cases.c.counted.label("flag"),
        (cases.c.case_key > 0).label("condition"),
        func.count().label("number"),
        (cast(func.count(), Double) / 2.0).label("half"),
        cast(null(), Integer).label("nothing"),
        percentiles(cast(cases.c.case_key, Double)).label("both"),
        cast(null(), ARRAY(Double())).label("neither"),
    ).group_by(cases.c.counted, cases.c.case_key)
    with reader(settings) as engine:
        found = asked(engine, statement)
    [row] = found.rows
    assert row == (
        *("text", date(1905, 3, 4), datetime(1905, 3, 4, 5, 6, 7, 89), True, True),  # noqa: DTZ001
        *(1, 0.5, None, [1.0, 1.0], None),
    )
    assert [type(value) for value in row[:6]] == [str, date, datetime, bool, bool, int]
    assert found.kinds == (TEXT, DAY, TIME, *[OTHER] * 7)


def test_an_answer_without_rows_has_its_names_and_kinds(settings: Settings) -> None:
    statement = select(cases.c.team, cases.c.opened_day, func.max(cases.c.opened_at).label("last"))
    nobody = statement.where(cases.c.team == "nobody").group_by(cases.c.team, cases.c.opened_day)
    with reader(settings) as engine:
        found = asked(engine, nobody)
    assert (found.names, found.kinds) == (("team", "opened_day", "last"), (TEXT, DAY, TIME))
    assert found.rows == []


def test_columns_of_joined_tables_keep_their_names(settings: Settings) -> None:
    joined = cases.join(messages, messages.c.case_key == cases.c.case_key)
    statement = select(messages.c.message_id, cases.c.account, cases.c.case_id)
    with reader(settings) as engine:
        found = asked(engine, statement.select_from(joined))
    assert found.names == ("message_id", "account", "case_id")


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_in_a_question_stay_texts(settings: Settings, text: str) -> None:
    statement = select(
        literal(text).label("same"),
        case((literal(text).in_([text, "other"]), "yes"), else_="no").label("in"),
        case((is_one_of_keys(literal(text), [text, *HOSTILE]), "yes"), else_="no").label("keys"),
        case(
            (cast(literal(text), String).contains(text[-1:], autoescape=True), "yes"), else_="no"
        ).label("contains"),
    )
    with reader(settings) as engine:
        assert asked(engine, statement).rows == [(text, "yes", "yes", "yes")]


def test_texts_are_folded_as_the_writer_folds_them(settings: Settings) -> None:
    """All letters that Python knows, and some words: the stored folded names are the writer's."""
    letters = [chr(point) for point in range(1, 0x110000)]
    known = [one for one in letters if unicodedata.category(one) not in ("Cn", "Cs", "Co")]
    words = [
        "ΟΔΟΣ",
        "Σίσυφος",
        "İstanbul",
        "São João",
        "Æsir",
        "ŒUVRE",
        "한국어",
        "हिन्दी",
        "a\u0301",
    ]
    sample = [*words, *known]
    with duckdb.connect() as connection:
        expected = connection.execute(
            "select strip_accents(lower(unnest(?::varchar[])))", [sample]
        ).fetchall()
    with reader(settings) as engine:
        compiled = Compiler(engine.dialect).compiled(select(fold(literal("?")).label("folded")))
        sql = compiled[0].replace("%s", "arrayJoin(%s)", 1)
        with engine.snapshot() as snapshot:
            found = snapshot.fetch(sql, (sample,)).rows
    assert found == expected


def test_phones_are_masked_as_in_python(settings: Settings) -> None:
    texts = (
        "+55 11 98765-4321",
        "tel: 1234 5678 (11) 3456-7890",
        "5511987654321@s.whatsapp.net",
        "nothing to hide 1234567",
        "Anna 12345678 e 87654321",
        "(11) 98765-4321(11) 98765-4321",
    )
    columns = [
        function(literal(text)).label(f"{function.__name__}_{number}")
        for function in (masked_text_in, masked_name_in)
        for number, text in enumerate(texts)
    ]
    with reader(settings) as engine:
        [found] = asked(engine, select(*columns)).rows
    expected = [mask(text) for mask in (PHONES_IN_TEXT, PHONES_IN_NAME) for text in texts]
    assert list(found) == expected
    assert set(found) - set(texts)


def test_downloads_come_in_parts_with_times_without_offset(settings: Settings) -> None:
    with reader(settings) as engine, engine.snapshot() as snapshot:
        sql = "SELECT number, toDateTime64(number, 6, 'UTC') AS at FROM numbers(25000)"
        parts = list(snapshot.stream(sql, ()))
    assert [len(part) for part in parts] == [10_000, 10_000, 5_000]
    assert [value for part in parts for value in part.column(0).to_pylist()] == list(range(25_000))
    assert parts[0].to_pylist()[1] == {"number": 1, "at": datetime(1970, 1, 1, 0, 0, 1)}  # noqa: DTZ001


# --- time limits ------------------------------------------------------------------------------


SLOW = "SELECT sum(cityHash64(number)) AS it FROM numbers(1000000000000)"


@pytest.mark.parametrize("way", ["fetch", "stream"])
def test_a_query_over_its_time_is_stopped(settings: Settings, way: str) -> None:
    """``stream`` has no limit of ClickHouse's own, so that there it is stopped from outside."""
    url = make_url(settings.store_url)
    engine = ClickHouseEngine(url, EngineLimits(query_seconds=0.2), settings.time_zone, 2)
    with closing(engine):
        with engine.snapshot() as snapshot, pytest.raises(QueryTimeout):
            list(getattr(snapshot, way)(SLOW, ()))
        with client_of(settings) as client:
            running = "SELECT query FROM system.processes WHERE positionUTF8(query, 'cityHash') > 0"
            until(
                lambda: len(client.query(running).result_rows) == 1,
                "nothing but the question itself runs",
            )
        assert ids(engine) == ["m1"]


# --- versions ---------------------------------------------------------------------------------


def test_a_snapshot_keeps_its_version_while_others_are_published(
    loads: Loads, settings: Settings
) -> None:
    count = select(func.count().label("messages")).select_from(messages)
    with reader(settings) as engine, engine.snapshot() as snapshot:
        compiled = Compiler(engine.dialect).compiled(count)
        assert snapshot.fetch(*compiled).rows == [(1,)]
        for number in (2, 3):
            loads.load([CASE], [message(f"m{number}", f"1{number}:00")])
            publish(settings)
            assert snapshot.fetch(*compiled).rows == [(1,)]
        assert snapshot.data_version == 1
        assert ids(engine) == ["m1", "m2", "m3"]


def test_a_version_that_is_gone_is_asked_again_of_the_newest(
    loads: Loads, settings: Settings
) -> None:
    loads.load([CASE], [message("m2", "13:00")])
    count = select(func.count().label("messages")).select_from(messages)
    with reader(settings) as engine:
        compiled = Compiler(engine.dialect).compiled(count)
        with engine.optimistic_snapshot() as quick, engine.snapshot() as careful:
            publish_at_once_without(settings)
            with pytest.raises(StoreChanged):
                quick.fetch(*compiled)
            with pytest.raises(StoreUnavailable, match="gone"):
                careful.fetch(*compiled)
        assert asked(engine, count).rows == [(2,)]


def publish_at_once_without(settings: Settings) -> None:
    """Publish twice, by a writer that keeps no version that was replaced."""
    assert settings.own_store
    with publishing(settings) as (writer, step):
        publisher = writer._publisher  # noqa: SLF001
        assert isinstance(publisher, ClickHousePublisher)
        publisher._keep_seconds = 0  # noqa: SLF001
        step()
        writer._known = None  # noqa: SLF001
        with publisher._asking() as client:  # noqa: SLF001
            publisher._clean(client)  # noqa: SLF001


def databases(settings: Settings) -> set[str]:
    with client_of(settings) as client:
        rows = client.query("SELECT name FROM system.databases").result_rows
    return {name for (name,) in rows if name.startswith(f"{target(settings).database}_v")}


def test_a_version_that_was_replaced_stays_for_a_while(loads: Loads, settings: Settings) -> None:
    first = databases(settings)
    loads.load([CASE], [message("m2", "13:00")])
    publish(settings)
    assert databases(settings) > first
    seconds = [0.0]
    publisher = ClickHousePublisher(
        make_url(settings.store_url), keep_seconds=60, clock=lambda: seconds[0]
    )
    with closing(publisher):
        assert publisher.lock()
        for passed, there in ((0.0, True), (59.0, True), (61.0, False)):
            seconds[0] = passed
            with publisher._asking() as client:  # noqa: SLF001
                publisher._clean(client)  # noqa: SLF001
            assert (first <= databases(settings)) is there
    with reader(settings) as engine:
        assert ids(engine) == ["m1", "m2"]


def test_old_pointers_are_removed(loads: Loads, settings: Settings) -> None:
    publications = f"{target(settings).database}.publications"
    with client_of(settings) as client:
        client.command(
            f"INSERT INTO {publications} "
            "SELECT * EXCEPT (number) REPLACE (0 AS epoch, number AS sequence) "
            f"FROM (SELECT * FROM {publications} LIMIT 1) AS one CROSS JOIN numbers(1001) AS many"
        )
        loads.load([CASE], [message("m2", "13:00")])
        publish(settings)
        assert client.command(f"SELECT count() FROM {publications}") < 100
    with reader(settings) as engine:
        assert ids(engine) == ["m1", "m2"]


# --- one writer -------------------------------------------------------------------------------


def test_a_second_writer_waits_until_the_first_has_ended(settings: Settings) -> None:
    first, second = publisher_of(settings), publisher_of(settings)
    with closing(second):
        with closing(first):
            assert first.lock()
            assert not second.lock()
            assert first.lock()
        until(second.lock, "the second writer is the only one")
        assert not publisher_of(settings).lock()


def test_an_epoch_is_given_away_once(settings: Settings) -> None:
    clients = Clients(target(settings), 2, 60)
    with closing(clients):
        leases = ClickHouseLeases(target(settings), clients)
        epoch = leases.newest_epoch()
        assert leases.claim(epoch + 1)
        assert not leases.claim(epoch + 1)
        assert leases.newest_epoch() == epoch + 1
        assert leases.read_beat(epoch + 1) is None
        leases.write_beat(epoch + 1, 7)
        assert leases.read_beat(epoch + 1) == 7
        assert leases.read_beat(epoch + 2) is None


def test_a_writer_of_an_older_epoch_cannot_change_what_readers_see(
    loads: Loads, settings: Settings
) -> None:
    """It was stopped while it published, and another has taken its place meanwhile."""
    loads.load([CASE], [message("m2", "13:00")])
    with publishing(settings) as (old, _), reader(settings) as engine:

        def another_takes_over(_step: str, _rows: int) -> None:
            if (new := publisher_of(settings)) and not taken:
                taken.append(new)
                clients = Clients(target(settings), 1, 60)
                with closing(clients):
                    leases = ClickHouseLeases(target(settings), clients)
                    # As if the beats of the old one had stopped.
                    assert leases.claim(leases.newest_epoch() + 1)
            lease = old._publisher._lease  # type: ignore[attr-defined]  # noqa: SLF001
            # No thread of a process that is stopped beats, and its last beat is long ago.
            lease._stop.set()  # noqa: SLF001
            lease._renewed_at = 0.0  # noqa: SLF001

        taken: list[Any] = []
        with pytest.raises(LockLost):
            old.publish(another_takes_over)
        assert taken
        assert ids(engine) == ["m1"]
        for publisher in taken:
            publisher.close()
        assert not old.may_write()


def test_a_pointer_that_an_older_writer_moved_late_is_not_followed(settings: Settings) -> None:
    with client_of(settings) as client:
        seen = newest_pointer(client, target(settings))
        assert seen is not None
        # The next writer publishes anew, under its own epoch, what it finds.
        with closing(publisher_of(settings)) as publisher:
            assert publisher.lock()
        fenced = newest_pointer(client, target(settings))
        assert fenced is not None
        assert (fenced.epoch, fenced.version) == (seen.epoch + 1, seen.version)
        move_pointer(client, target(settings), replace(seen, sequence=999, version="nowhere"))
        assert newest_pointer(client, target(settings)) == fenced
    with reader(settings) as engine:
        assert ids(engine) == ["m1"]


# --- killed -----------------------------------------------------------------------------------


def write_until(url: str, store: str, steps: int) -> None:
    """Be a writer that is killed after ``steps`` of its steps. For a process of its own."""
    settings = Settings(store_url=url, work_url=f"duckdb:///{store}")
    publisher = publisher_of(settings)
    until(publisher.lock, "the lease")
    with publishing_by(settings, publisher) as writer:
        done: list[str] = []

        def progress(step: str, _rows: int) -> None:
            if len(done) == steps:
                os._exit(9)
            done.append(step)

        writer.publish(progress)
    print(len(done))  # noqa: T201 - the answer of the process


@contextmanager
def publishing_by(settings: Settings, publisher: Any) -> Iterator[Publishing]:
    assert settings.own_store
    limits = EngineLimits("1GB", 2, 30)
    owner = Owner(settings.own_store, limits, settings.time_zone, lambda: datetime.now(UTC))
    writer = Publishing(owner, publisher, pause_seconds=0)
    try:
        assert writer.may_write()
        owner.open()
        yield writer
    finally:
        owner.close()
        writer.close()


def killed_after(settings: Settings, steps: int) -> subprocess.CompletedProcess[str]:
    call = f"write_until({settings.store_url!r}, {str(settings.own_store)!r}, {steps})"
    module = "from tests.integration.test_clickhouse_store import write_until"
    return subprocess.run(
        [sys.executable, "-c", f"{module}; {call}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_readers_see_whole_versions_however_writers_are_killed(
    loads: Loads, settings: Settings
) -> None:
    """The next writer finds what was left, drops it, and publishes."""
    loads.load([{**CASE, "case_id": "c2"}], [message("m2", "13:00"), message("m3", case="c2")])
    steps = 19  # Two for each table with rows, one for any other, at least.
    chosen = random.Random(15).sample(range(steps), 3)
    for step in chosen:
        assert killed_after(settings, step).returncode == 9
        with reader(settings) as engine:
            assert ids(engine) == ["m1"]
            assert asked(engine, select(cases.c.case_id)).rows == [("c1",)]
    # What the killed ones had made is there, and nobody's.
    assert len(databases(settings)) == 2
    ended = killed_after(settings, 10_000)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) >= steps
    with reader(settings) as engine:
        assert ids(engine) == ["m1", "m2", "m3"]
    with client_of(settings) as client:
        publications = f"{target(settings).database}.publications"
        seen = client.query(f"SELECT DISTINCT version FROM {publications}").result_rows
    assert databases(settings) <= {name for (name,) in seen}


# --- addresses --------------------------------------------------------------------------------


@pytest.fixture
def port() -> Iterator[int]:
    """Return a port of this machine at which nothing answers: connections are not even taken."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_a_server_that_does_not_answer_is_told_in_a_sentence(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    engine = ClickHouseEngine(
        make_url(UNREACHABLE.format(host="127.0.0.1", port=port)),
        EngineLimits(),
        "America/Sao_Paulo",
        2,
    )
    with closing(engine):
        assert engine.supply().silent_seconds == 0
        with pytest.raises(StoreUnavailable, match=r"^ClickHouse does not answer$"):
            engine.snapshot().__enter__()
        assert engine.supply().silent_seconds > 0
    publisher = ClickHousePublisher(make_url(UNREACHABLE.format(host="127.0.0.1", port=port)))
    with closing(publisher), pytest.raises(TargetLost, match=r"^ClickHouse does not answer$"):
        publisher.lock()
    told = [record for record in caplog.records if record.levelname != "DEBUG"]
    assert not any(re.search(f"{PASSWORD}|127.0.0.1", record.getMessage()) for record in told)
    assert PASSWORD not in caplog.text


def test_a_server_that_says_nothing_is_given_up(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection, and no answer ever comes."""
    monkeypatch.setattr(reader_module, "ANSWER_SECONDS", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = UNREACHABLE.format(host="127.0.0.1", port=silent.getsockname()[1])
        limits = EngineLimits(query_seconds=0.2)
        engine = ClickHouseEngine(make_url(url), limits, "America/Sao_Paulo", 1)
        with closing(engine), pytest.raises(StoreUnavailable, match="does not answer"):
            engine.snapshot().__enter__()


def test_an_address_with_a_mistake_is_told() -> None:
    url = make_url("clickhousedb://127.0.0.1/reports?tls=on")
    engine = ClickHouseEngine(url, EngineLimits(), "America/Sao_Paulo", 1)
    with closing(engine), pytest.raises(StoreUnavailable, match="unknown part: tls"):
        engine.snapshot().__enter__()


@in_this_process
def test_without_chdb_the_product_says_what_is_missing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if re.match(r".*_chdbclient$|.*chdb_backend$", name)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "chdb", None)
    with reader(settings) as engine, pytest.raises(StoreUnavailable, match="needs the package"):
        engine.snapshot().__enter__()


def test_a_folder_with_a_blank_is_found(loads: Loads, tmp_path: Path) -> None:
    loads.load([CASE], [message("m1")])
    folder = tmp_path / "a folder"
    settings = Settings(
        store_url=f"chdb://{tmp_path}/a%20folder", work_url=f"duckdb:///{loads.store}"
    )
    publish(settings)
    assert (folder / "store").is_dir()
    with reader(settings) as engine:
        assert ids(engine) == ["m1"]


@in_this_process
def test_a_process_has_one_folder_at_a_time(settings: Settings, tmp_path: Path) -> None:
    other = Clients(Target.of(make_url(f"chdb://{tmp_path}/other")), 1, 60)
    with closing(other), reader(settings) as engine:
        assert ids(engine) == ["m1"]
        with pytest.raises(StoreLost, match="open in another process"), other.one():
            pass
    with closing(Clients(other.target, 1, 60)) as later, later.one() as client:
        assert client.command("SELECT 1") == 1


def test_as_many_questions_at_a_time_as_there_are_connections(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from queries.engines.clickhouse import connections  # noqa: PLC0415

    monkeypatch.setattr(connections, "QUEUE_SECONDS", 0.05)
    clients = Clients(target(settings), 2, 60)
    with closing(clients):
        with clients.one(), clients.one(), pytest.raises(StoreLost, match="in use"), clients.one():
            pass
        with clients.one() as client:
            assert client.command("SELECT 1") == 1


def test_a_closed_engine_answers_no_more(settings: Settings) -> None:
    with reader(settings) as engine:
        assert ids(engine) == ["m1"]
    with pytest.raises(StoreUnavailable, match="closed"):
        engine.snapshot().__enter__()
