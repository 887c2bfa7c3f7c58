"""What readers of a published store see, wherever it is published: all of the writer's rows.

The rows of all tables are compared after random loads, by a plain SELECT on both sides.
"""

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import select

from app.settings import Settings
from app.store_addresses import reading_engine
from queries.compiling import Compiler
from queries.engines.base import Engine
from queries.errors import StoreUnavailable
from queries.tables import PUBLISHED_KEYS, kept_payloads, store_facts
from sources.loading import outbox
from sources.publishing.publication import OtherStore
from tests.integration.conftest import until
from tests.integration.test_merging import CASE, Loads, message
from tests.integration.test_merging import loads as loads  # noqa: PLC0414 - a fixture
from tests.oracle.awkward import write_awkward
from tests.oracle.oracle import read_rows
from tests.published import KINDS, publish, reading

pytestmark = pytest.mark.integration

#: Facts that are about the writer's file, which readers do not have.
OF_THE_FILE = ("unsorted", "rewritten", "outbox_after")

Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(params=KINDS)
def settings(request: pytest.FixtureRequest, loads: Loads) -> Settings:
    """Return the settings of a reader and a writer of the store of ``loads``."""
    loads.store.parent.mkdir(parents=True, exist_ok=True)
    return reading(request.param, loads.store, lambda: request.getfixturevalue("postgresql"))


def stored(path: Path) -> Rows:
    """Return the rows of the tables that are published, from the writer's file."""
    found: Rows = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        for table in PUBLISHED_KEYS:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            rows = connection.execute(f"select {names} from {table.name}").fetchall()
            found[table.name] = sort(rows)
    found[kept_payloads.name] = [(*row[:-1], None) for row in found[kept_payloads.name]]
    return without_facts_of_the_file(found)


def seen(engine: Engine) -> Rows:
    """Return the rows of the same tables as a reader has them."""
    compiler = Compiler(engine.dialect)
    found: Rows = {}
    with engine.snapshot() as snapshot:
        for table in PUBLISHED_KEYS:
            found[table.name] = sort(snapshot.fetch(*compiler.compiled(select(table))).rows)
    if found[kept_payloads.name]:
        found[kept_payloads.name] = [(*row[:-1], None) for row in found[kept_payloads.name]]
    return without_facts_of_the_file(found)


def sort(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def without_facts_of_the_file(found: Rows) -> Rows:
    found[store_facts.name] = [row for row in found[store_facts.name] if row[0] not in OF_THE_FILE]
    return found


@contextmanager
def reader(settings: Settings) -> Iterator[Engine]:
    engine = reading_engine(settings)
    with closing(engine):
        yield engine


def at_version(engine: Engine, version: int) -> Engine:
    """Return ``engine`` once it reads ``version``: readers of files look every second."""

    def reads_it() -> bool:
        try:
            with engine.snapshot() as snapshot:
                return snapshot.data_version == version
        except StoreUnavailable:
            return False

    until(reads_it, f"version {version}")
    return engine


def newest(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        [(version,)] = connection.execute("select coalesce(max(load_id), 0) from loads").fetchall()
    return int(version)


def outboxes(path: Path) -> tuple[int | None, int]:
    """Return after which load the outboxes hold all changes, and how many rows they hold."""
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = sum(
            connection.execute(f"select count(*) from outbox_{name}").fetchall()[0][0]
            for name in ("cases", "days", "events", "people")
        )
        return outbox.changes_since(connection), rows


def parts_of(case_rows: list[Any], message_rows: list[Any], seed: int) -> Iterator[tuple[Any, Any]]:
    """Yield random parts of a data set: cases come with their messages, some come again later."""
    rng = random.Random(seed)
    ids = [row["case_id"] for row in case_rows]
    rng.shuffle(ids)
    for first in range(0, len(ids), max(1, len(ids) // 4)):
        chosen = set(ids[first : first + len(ids) // 4]) | set(rng.sample(ids, 3))
        yield (
            [row for row in case_rows if row["case_id"] in chosen],
            [row for row in message_rows if row["case_id"] in chosen],
        )


def test_after_random_loads_readers_have_the_writers_rows(
    loads: Loads, settings: Settings, tmp_path: Path
) -> None:
    case_rows, message_rows = (read_rows(path)[0] for path in write_awkward(tmp_path, 6, cases=80))
    done: list[tuple[int, int]] = []
    with reader(settings) as engine:
        for cases, messages in parts_of(case_rows, message_rows, 15):
            loads.load(cases, messages)
            done.append(published_with(settings))
            assert seen(at_version(engine, newest(loads.store))) == stored(loads.store)
            assert outboxes(loads.store) == (newest(loads.store), 0)
    # Only the first publication is a whole one.
    assert done[0] == (0, 1)
    assert set(done[1:]) == {(1, 0)}


def published_with(settings: Settings) -> tuple[int, int]:
    """Publish, and return how many publications were of changes, and how many of all rows."""
    state = publish(settings)
    return state.changes, state.wholes


def test_loads_in_between_are_published_together(loads: Loads, settings: Settings) -> None:
    loads.load([CASE], [message("m1")])
    publish(settings)
    loads.load([CASE], [message("m2", "13:00")])
    loads.load([{**CASE, "case_id": "c2", "person_name": "Outra"}], [message("m3", case="c2")])
    assert published_with(settings) == (1, 0)
    with reader(settings) as engine:
        assert seen(at_version(engine, 3)) == stored(loads.store)


def test_after_a_gap_all_rows_are_published(loads: Loads, settings: Settings) -> None:
    loads.load([CASE], [message("m1")])
    publish(settings)
    with duckdb.connect(str(loads.store)) as connection:
        outbox.drop(connection)
    loads.load([CASE], [message("m2", "13:00")])
    assert outboxes(loads.store) == (None, 0)
    assert published_with(settings) == (0, 1)
    with reader(settings) as engine:
        assert seen(at_version(engine, 2)) == stored(loads.store)


def test_a_writer_that_died_before_it_emptied_the_outboxes_publishes_nothing_twice(
    loads: Loads, settings: Settings
) -> None:
    loads.load([CASE], [message("m1")])
    publish(settings)
    loads.load([CASE], [message("m2", "13:00")])
    before = outboxes(loads.store)
    copy = loads.store.read_bytes()
    publish(settings)
    # As it was when the target had committed: the file of before.
    loads.store.write_bytes(copy)
    assert outboxes(loads.store) == before
    assert published_with(settings) == (0, 0)
    assert outboxes(loads.store) == (2, 0)


def test_the_data_of_another_store_is_not_replaced_unasked(
    loads: Loads, settings: Settings, tmp_path: Path
) -> None:
    loads.load([CASE], [message("m1")])
    publish(settings)
    other = Loads(loads._here, tmp_path / "other" / "consumo.duckdb")  # noqa: SLF001
    other.load([{**CASE, "person_name": "Outra"}], [message("m9")])
    theirs = replace(settings, work_url=f"duckdb:///{other.store}")
    with pytest.raises(OtherStore, match="another store"):
        publish(theirs)
    with reader(settings) as engine:
        assert seen(at_version(engine, 1)) == stored(loads.store)


def test_an_older_store_does_not_take_the_place_of_a_newer_one_unasked(
    loads: Loads, settings: Settings
) -> None:
    loads.load([CASE], [message("m1")])
    older = loads.store.read_bytes()
    loads.load([CASE], [message("m2", "13:00")])
    publish(settings)
    loads.store.write_bytes(older)
    with pytest.raises(OtherStore, match="version 2"):
        publish(settings)
    owner_lineage = lineage(loads.store)
    publish(settings, replace_other=True)
    # Answers of the version that comes again may be cached: the store has another name now.
    assert lineage(loads.store) != owner_lineage
    with reader(settings) as engine:
        assert seen(at_version(engine, 1)) == stored(loads.store)


def lineage(path: Path) -> str:
    with duckdb.connect(str(path), read_only=True) as connection:
        sql = "select value from store_facts where name = 'lineage'"
        return str(connection.execute(sql).fetchall()[0][0])


def test_notes_of_sources_are_published_without_a_load(loads: Loads, settings: Settings) -> None:
    loads.load([CASE], [message("m1")])
    publish(settings)
    with duckdb.connect(str(loads.store)) as connection:
        connection.execute("insert into source_states values ('zammad', '{}', '2026-11-26 12:00')")
    publish(settings)
    with reader(settings) as engine:
        until(
            lambda: seen(engine)["source_states"] == stored(loads.store)["source_states"],
            "the note",
        )
        assert seen(engine) == stored(loads.store)


def test_a_version_is_confirmed_while_nothing_is_loaded(loads: Loads, settings: Settings) -> None:
    loads.load([CASE], [message("m1")])
    publish(settings)
    with reader(settings) as engine:
        at_version(engine, 1)
        first = engine.supply().published_at
        assert first is not None
        assert engine.supply().silent_seconds == 0
        publish(settings)

        def is_confirmed() -> bool:
            with engine.snapshot():
                later = engine.supply().published_at
            return later is not None and later > first

        until(is_confirmed, "a later time of publication")


def test_readers_of_a_place_without_a_store_say_so(loads: Loads, settings: Settings) -> None:
    with reader(settings) as engine, pytest.raises(StoreUnavailable), engine.snapshot():
        pass


def test_a_reader_of_another_time_zone_refuses(loads: Loads, settings: Settings) -> None:
    """Its days would be others."""
    loads.load([CASE], [message("m1")])
    publish(settings)
    elsewhere = replace(settings, time_zone="America/Manaus")
    with reader(elsewhere) as engine:
        until(lambda: "America/Sao_Paulo" in refusal(engine), "a refusal that names the zone")


def refusal(engine: Engine) -> str:
    """Return why ``engine`` cannot answer."""
    with pytest.raises(StoreUnavailable) as refused, engine.snapshot():
        pass
    return str(refused.value)
