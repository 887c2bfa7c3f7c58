"""Published files: what lies in the folder, and what a reader does when something is wrong there.

``test_publishing`` and ``test_oracle`` show that readers see the writer's rows.
"""

import logging
import os
import random
import resource
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from app.settings import Settings
from app.store_addresses import reading_engine
from queries.engines.base import Engine, EngineLimits
from queries.engines.publishing import LockLost, TargetLost
from queries.engines.replica.manifest import packed
from queries.engines.replica.publisher import FilesPublisher
from queries.engines.replica.versions import GRACE_SECONDS, PublishedFolder, Versions
from queries.errors import StoreUnavailable
from sources.owner import Owner
from tests.integration.conftest import until
from tests.integration.test_merging import CASE, Loads, message
from tests.integration.test_merging import loads as loads  # noqa: PLC0414 - a fixture
from tests.published import publish, reading
from tests.published_kills import (
    OneFile,
    kill_readers,
    kill_writers,
    publication,
    publish_newest,
    pulled,
    write_version,
    writer,
)

pytestmark = pytest.mark.integration

KILLS = 3


@pytest.fixture
def settings(loads: Loads) -> Settings:
    loads.store.parent.mkdir(parents=True, exist_ok=True)
    return reading("files", loads.store, lambda: pytest.fail("no server is needed"))


@pytest.fixture
def folder(settings: Settings) -> Path:
    """The published folder of ``settings``."""
    return Path(settings.store_url.removeprefix("file://"))


def load(loads: Loads, number: int) -> None:
    """Load a case with one message."""
    case = {**CASE, "case_id": f"c{number}"}
    loads.load([case], [message(f"m{number}", case=f"c{number}")])


def count(engine: Engine) -> int:
    """Return how many messages a reader sees."""
    with engine.snapshot() as snapshot:
        [(found,)] = snapshot.fetch("select count(*) from messages", ()).rows
    return int(found)


def count_or_none(engine: Engine) -> int | None:
    with suppress(StoreUnavailable):
        return count(engine)
    return None


@contextmanager
def reader(settings: Settings) -> Iterator[Engine]:
    with closing(reading_engine(settings)) as engine:
        yield engine


# --- versions -------------------------------------------------------------------------------------


def test_a_question_goes_on_with_its_version_while_a_newer_one_is_read(
    loads: Loads, settings: Settings
) -> None:
    load(loads, 1)
    publish(settings)
    with reader(settings) as engine:
        with engine.snapshot() as snapshot:
            rows = snapshot.stream("select message_id from messages, range(100000)", ())
            first = next(rows)
            load(loads, 2)
            publish(settings)
            until(lambda: count(engine) == 2, "the second version")
            # The first one's file has lost its name, and is still whole.
            assert first.num_rows + sum(batch.num_rows for batch in rows) == 100_000
            assert snapshot.data_version == 1
            assert snapshot.fetch("select count(*) from messages", ()).rows == [(1,)]
        names = [path.suffix for path in Path(settings.local_folder).rglob("*-*.*")]
        assert sorted(names) == [".duckdb", ".manifest"]


def test_optimistic_snapshots_never_see_a_change(loads: Loads, settings: Settings) -> None:
    load(loads, 1)
    publish(settings)
    with reader(settings) as engine, engine.optimistic_snapshot() as snapshot:
        load(loads, 2)
        publish(settings)
        until(lambda: count(engine) == 2, "the second version")
        assert snapshot.fetch("select count(*) from messages", ()).rows == [(1,)]


def test_sql_of_a_reader_reaches_no_other_file(
    loads: Loads, settings: Settings, tmp_path: Path
) -> None:
    load(loads, 1)
    publish(settings)
    other = tmp_path / "other.csv"
    other.write_text("secret\n")
    with reader(settings) as engine, engine.snapshot() as snapshot:
        for sql in (f"from read_csv('{other}')", f"attach '{settings.own_store}' as other"):
            with pytest.raises(duckdb.PermissionException):
                snapshot.fetch(sql, ())
        with pytest.raises(duckdb.Error, match=r"(?i)read-only"):
            snapshot.fetch("delete from messages", ())


def test_several_processes_may_share_their_local_folder(loads: Loads, settings: Settings) -> None:
    load(loads, 1)
    publish(settings)
    with reader(settings) as one, reader(settings) as other:
        for number in (2, 3, 4):
            until(lambda: count_or_none(one) == count_or_none(other), "the same version")
            load(loads, number)
            publish(settings)
            until(lambda number=number: count(one) == count(other) == number, "the next version")


def test_closing_cuts_what_is_asked(loads: Loads, settings: Settings) -> None:
    load(loads, 1)
    publish(settings)
    engine = reading_engine(settings)
    begun = threading.Event()
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            with engine.snapshot() as snapshot:
                begun.set()
                snapshot.fetch("select count(*) from range(100000) a, range(10000000) b", ())
        except StoreUnavailable as error:
            raised.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert begun.wait(30)
    engine.close()
    asking.join(30)
    assert not asking.is_alive()
    assert raised
    with pytest.raises(StoreUnavailable), engine.snapshot():
        pass


# --- what can go wrong ----------------------------------------------------------------------------


def test_before_anything_is_published_the_store_is_unavailable(settings: Settings) -> None:
    with (
        reader(settings) as engine,
        pytest.raises(StoreUnavailable, match="does not answer"),
        engine.snapshot(),
    ):
        pass


def test_a_store_of_another_time_zone_is_refused(
    loads: Loads, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    load(loads, 1)
    publish(settings)
    with (
        reader(replace(settings, time_zone="Europe/Lisbon")) as engine,
        pytest.raises(StoreUnavailable, match="not of Europe/Lisbon"),
        engine.snapshot(),
    ):
        pass
    assert [record.levelname for record in caplog.records].count("ERROR") == 1


def test_while_the_folder_is_away_the_reader_answers_from_what_it_has(
    loads: Loads, settings: Settings, folder: Path
) -> None:
    load(loads, 1)
    publish(settings)
    away = folder.with_name("away")
    with reader(settings) as engine:
        assert count(engine) == 1
        published_at = engine.supply().published_at
        assert published_at
        assert engine.supply().silent_seconds == 0
        folder.rename(away)
        until(lambda: engine.supply().silent_seconds > 0, "that it is silent")
        assert count(engine) == 1
        # A server that starts now answers from what the one before it pulled.
        with reader(settings) as another:
            assert count(another) == 1
            assert another.supply().silent_seconds > 0
            assert another.supply().published_at == published_at
        # An empty folder may be the place where another one is to be mounted.
        folder.mkdir()
        with reader(settings) as another:
            assert count(another) == 1
        folder.rmdir()
        away.rename(folder)
        load(loads, 2)
        publish(settings)
        until(lambda: count(engine) == 2, "the second version")
        assert engine.supply().silent_seconds == 0


def test_a_damaged_block_is_not_taken(
    loads: Loads, settings: Settings, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load(loads, 1)
    publish(settings)
    with reader(settings) as engine:
        assert count(engine) == 1
        blocks = {path.name for path in (folder / "blocks").iterdir()}
        # Published where the reader does not look yet.
        aside = folder.with_name("aside")
        folder.rename(aside)
        load(loads, 2)
        publish(replace(settings, store_url=f"file://{aside}"))
        there = PublishedFolder(aside)
        added = {*there.manifest(there.names()[0]).blocks[1:]} - blocks
        whole = {there.blocks / name: there.block(name) for name in added}
        assert whole
        for path in whole:
            # A sound block, but not the one that its name says.
            path.write_bytes(packed(bytes(256 * 1024)))
        aside.rename(folder)
        until(lambda: "the newest version is damaged" in caplog.text, "the refusal")
        assert count(engine) == 1
        for path, content in whole.items():
            (folder / "blocks" / path.name).write_bytes(content)
        until(lambda: count(engine) == 2, "the repaired version")
        errors = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
        assert errors.count("the newest version is damaged") == 1


# --- the writer -----------------------------------------------------------------------------------


def go_on() -> None:
    """Do nothing: the writer still is one."""


def quiet(_step: str, _rows: int) -> None:
    """Take no notice of progress."""


def test_only_new_pieces_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    versions = Versions(folder, 1, go_on)
    versions.publish(write_version(tmp_path / "file", "v", 1), publication(1), quiet)
    # All pieces of one version but the headers are the same, and every second one of all.
    blocks = {path.name for path in (folder / "blocks").iterdir()}
    versions.publish(write_version(tmp_path / "file", "v", 2), publication(2), quiet)
    added = {path.name for path in (folder / "blocks").iterdir()} - blocks
    assert len(added) == 2
    assert pulled(folder, tmp_path / "local") == "v2"


def test_old_versions_go_when_nobody_can_be_pulling_them_any_more(tmp_path: Path) -> None:
    """So what was erased leaves the folder, too."""
    folder, now = tmp_path / "published", [0.0]
    versions = Versions(folder, 1, go_on, lambda: now[0])
    versions.publish(write_version(tmp_path / "file", "erased", 1), publication(1), quiet)
    versions.publish(write_version(tmp_path / "file", "kept", 2), publication(2), quiet)
    now[0] = GRACE_SECONDS - 1
    versions.confirm(publication(2))
    assert len(PublishedFolder(folder).names()) == 2
    now[0] = GRACE_SECONDS
    versions.confirm(publication(2))
    [left] = PublishedFolder(folder).names()
    manifest = PublishedFolder(folder).manifest(left)
    assert {path.name for path in (folder / "blocks").iterdir()} == {*manifest.blocks}
    assert pulled(folder, tmp_path / "local") == "kept2"


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    folder, now = tmp_path / "published", [0.0]
    versions = Versions(folder, 1, go_on, lambda: now[0])
    path = write_version(tmp_path / "file", "v", 1)
    versions.publish(path, publication(1), quiet)
    whole = {path.name for path in (folder / "blocks").iterdir()}
    (folder / "blocks" / f"{'ab' * 20}-1-9").write_bytes(b"left")
    (folder / "blocks" / f"{'cd' * 20}-1-9.1234.part").write_bytes(b"left")
    (folder / "blocks" / f"{'ef' * 20}-2-1").write_bytes(b"a later writer's")
    now[0] = GRACE_SECONDS
    versions.confirm(publication(1))
    left = {path.name for path in (folder / "blocks").iterdir()}
    assert left == whole | {f"{'ef' * 20}-2-1"}


def test_a_block_that_is_missing_is_written_again_by_the_next_writer(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    path = write_version(tmp_path / "file", "v", 1)
    Versions(folder, 1, go_on).publish(path, publication(1), quiet)
    for block in list((folder / "blocks").iterdir())[:2]:
        block.unlink()
    Versions(folder, 2, go_on).publish(path, publication(1), quiet)
    assert pulled(folder, tmp_path / "local") == "v1"


def test_what_an_earlier_epoch_publishes_late_is_not_seen(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    first = Versions(folder, 1, go_on)
    first.publish(write_version(tmp_path / "file", "first", 1), publication(1), quiet)
    second = Versions(folder, 2, go_on)
    # Taking over, before it has anything to publish.
    assert second.newest()
    first.publish(write_version(tmp_path / "file", "late", 2), publication(2), quiet)
    assert pulled(folder, tmp_path / "local") == "first1"


def test_a_full_disk_is_one_sentence_and_the_next_attempt_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    publisher = FilesPublisher(folder)
    with closing(publisher):
        until(publisher.lock, "the lease")
        first = OneFile(publication(1), write_version(tmp_path / "1", "v", 1))
        publisher.publish_all(first, quiet)
        second = OneFile(publication(2), tmp_path / "2")
        second.path.write_bytes(os.urandom(2_000_000))
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
        try:
            with pytest.raises(TargetLost, match=r"files: File too large$"):
                publisher.publish_all(second, quiet)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert not list((folder / "blocks").glob("*.part"))
        assert pulled(folder, tmp_path / "local") == "v1"
        publisher.publish_all(OneFile(publication(2), write_version(tmp_path / "2", "v", 2)), quiet)
        assert pulled(folder, tmp_path / "local") == "v2"


def test_a_folder_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    publisher = FilesPublisher(folder)
    with closing(publisher):
        until(publisher.lock, "the lease")
        version = OneFile(publication(1), write_version(tmp_path / "1", "v", 1))
        publisher.publish_all(version, quiet)
        shutil.rmtree(folder)
        folder.write_text("no folder")
        with pytest.raises(TargetLost, match=r"^the folder of published files: Not a directory$"):
            publisher.publish_all(version, quiet)
        folder.unlink()

        def publishes() -> bool:
            with suppress(LockLost):
                if publisher.lock():
                    publisher.publish_all(version, quiet)
                    return True
            return False

        until(publishes, "a publication to the new folder")
        assert pulled(folder, tmp_path / "local") == "v1"


def test_files_get_the_rights_of_their_folder(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    folder.mkdir()
    folder.chmod(0o750)
    before = os.umask(0o077)
    try:
        Versions(folder, 1, go_on).publish(
            write_version(tmp_path / "file", "v", 1), publication(1), quiet
        )
    finally:
        os.umask(before)
    rights = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_dir()}
    assert (rights, folders) == ({0o640}, {0o750})


def test_the_writers_file_is_whole_beside_questions(loads: Loads, tmp_path: Path) -> None:
    """A checkpoint finds its moment while other threads ask the writer's store, as metrics do."""
    load(loads, 1)
    limits = EngineLimits("500MB", 2, 30)
    owner = Owner(loads.store, limits, "America/Sao_Paulo", lambda: datetime.now(UTC))
    owner.open()
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            with owner.snapshot() as snapshot:
                snapshot.fetch("select sum(hash(message_id)) from messages, range(20000)", ())

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    try:
        for number in range(2, 8):
            with closing(owner.engine.cursor()) as cursor:
                cursor.execute("update messages set body = ?", [f"text {number}"])
                cursor.execute("delete from loads where load_id < ?", [number - 1])
                cursor.execute("insert into loads (load_id) values (?)", [number])
            with owner.whole_file() as path:
                shutil.copyfile(path, tmp_path / "copy.duckdb")
            with duckdb.connect(str(tmp_path / "copy.duckdb"), read_only=True) as copy:
                found = copy.execute(
                    "select (select max(load_id) from loads), (select body from messages)"
                ).fetchall()
            assert found == [(number, f"text {number}")]
    finally:
        stop.set()
        for thread in asking:
            thread.join()
        owner.close()


# --- processes ------------------------------------------------------------------------------------


def test_killed_writers_never_show_a_half_version(tmp_path: Path) -> None:
    seen = kill_writers(tmp_path / "published", KILLS, random.Random(os.urandom(4)))
    with writer(tmp_path / "published", "last") as process:
        assert any(line == "last 1" for line in iter(lambda: said(process), ""))
    assert pulled(tmp_path / "published", tmp_path / "local").startswith("last")
    assert all(version.partition("-")[0].isdecimal() for version in seen)


def test_a_reader_that_was_killed_while_it_pulls_does_no_harm(tmp_path: Path) -> None:
    publish_newest(tmp_path / "published")
    kill_readers(tmp_path / "published", tmp_path / "local", KILLS, random.Random(os.urandom(4)))


def test_a_writer_that_was_stopped_publishes_nothing_after_another_took_over(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "published"
    with ExitStack() as stack:
        first = stack.enter_context(writer(folder, "first"))
        assert said(first) == "first locked"
        assert said(first) == "first 1"
        second = stack.enter_context(writer(folder, "second"))
        first.send_signal(signal.SIGSTOP)
        assert said(second) == "second locked"
        assert pulled(folder, tmp_path / "local").startswith("first")
        assert said(second) == "second 1"
        first.send_signal(signal.SIGCONT)
        lines = iter(lambda: said(first), "")
        assert any(line == "first lost" for line in lines)
        # Stopped, so that its old versions stay while the newest one is read.
        second.send_signal(signal.SIGSTOP)
        assert pulled(folder, tmp_path / "local").startswith("second")


def said(process: "subprocess.Popen[str]") -> str:
    """Return the next line that a writer said."""
    assert process.stdout
    return process.stdout.readline().rstrip("\n")
