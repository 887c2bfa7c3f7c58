"""``python -m tests.published_kills FOLDER MARK``: a writer that publishes versions without end.

Each version is a file that holds its mark and number all over, so a reader sees whether it is
whole. ``kill_writers`` kills such writers at any moment. With a folder in place of the mark the
process is a reader, which pulls the newest version into this folder without end; ``kill_readers``
kills such readers.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Table

from queries.engines.publishing import LockLost, Publication, TargetLost
from queries.engines.replica.local_files import LocalFiles
from queries.engines.replica.manifest import places
from queries.engines.replica.publisher import FilesPublisher
from queries.engines.replica.versions import PublishedFolder

ROOT = Path(__file__).resolve().parents[1]
PIECES = 24
#: The mark and number of what ``publish_newest`` publishes last.
NEWEST = "v2"


@dataclass(frozen=True)
class OneFile:
    """The ``RowsToPublish`` of a file, of which rows are never asked."""

    publication: Publication
    path: Path
    after: int | None = None

    def all_rows(self, _table: Table) -> Iterator[pa.RecordBatch]:
        raise NotImplementedError

    changed_rows = changed_keys = all_rows

    @contextmanager
    def file(self) -> Iterator[Path]:
        yield self.path


def publication(version: int) -> Publication:
    return Publication("lineage", version, None, datetime.fromisoformat("2026-11-20T12:00:00"))


def write_version(path: Path, mark: str, version: int) -> Path:
    """Write a file of which a half is of this version, and the other half the same in all."""
    size = 3 * 4096 + PIECES * 256 * 1024
    with path.open("wb") as opened:
        for number, place in enumerate(places(size)):
            text = f"{mark}{version};" if number % 2 == 0 else f"the same {number};"
            content = text.encode() * (place.length // len(text) + 1)
            opened.write(content[: place.length])
    return path


def version_in(path: Path) -> str:
    """Return the mark and number of the version in a file. Fail if it holds more than one."""
    content = path.read_bytes()
    found = {
        content[place.start : place.start + place.length].partition(b";")[0].decode()
        for number, place in enumerate(places(len(content)))
        if number % 2 == 0
    }
    assert len(found) == 1, found
    return found.pop()


def pulled(folder: Path, local: Path) -> str:
    """Pull the newest version as a reader does; return its mark and number."""
    published = PublishedFolder(folder)
    newest = published.newest()
    assert newest
    files = LocalFiles(published, local, lambda: False)
    with files.locked():
        version = files.pull(published.manifest(newest[0]))
        files.remove_all_but(version)
    return version_in(version.path)


@contextmanager
def writer(folder: Path, mark: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a writer; it says ``MARK locked`` and then ``MARK NUMBER`` after each publication."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.published_kills", str(folder), mark],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def kill_writers(folder: Path, kills: int, draw: random.Random) -> set[str]:
    """Kill so many writers at any moment; return the versions that a reader saw between them."""
    seen = set()
    for number in range(kills):
        with writer(folder, f"{number}-") as process:
            assert process.stdout
            assert process.stdout.readline().endswith("locked\n")
            # The first publication may take any time: it is killed in it or in a later one.
            time.sleep(draw.uniform(0.0, 0.4))
            process.kill()
            process.wait()
        if PublishedFolder(folder).newest():
            seen.add(pulled(folder, folder.with_name("local")))
    return seen


def kill_readers(folder: Path, local: Path, kills: int, draw: random.Random) -> None:
    """Kill so many readers while they pull; after each kill the next one reads a whole version."""
    for number in range(1, kills + 1):
        command = [sys.executable, "-m", "tests.published_kills", str(folder), str(local)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "reader begins\n"
            time.sleep(draw.uniform(0.0, 0.2))
            process.kill()
        assert pulled(folder, local) == NEWEST, number


def pull_without_end(folder: Path, local: Path) -> None:
    say("reader", "begins")
    while os.getppid() != 1:
        pulled(folder, local)
        shutil.rmtree(local)


def publish_newest(folder: Path) -> None:
    """Publish two versions to a new folder; ``NEWEST`` is the second."""
    publisher = FilesPublisher(folder)
    with closing(publisher), tempfile.TemporaryDirectory() as own:
        assert publisher.lock()
        for number in (1, 2):
            path = write_version(Path(own) / "version", "v", number)
            publisher.publish_all(OneFile(publication(number), path), lambda *_: None)


def say(mark: str, what: object) -> None:
    sys.stdout.write(f"{mark} {what}\n")
    sys.stdout.flush()


def main(folder: Path, mark: str) -> None:
    publisher = FilesPublisher(folder)
    was_locked = False
    number = 0
    with tempfile.TemporaryDirectory() as own:
        while os.getppid() != 1:
            try:
                if not publisher.lock():
                    if was_locked:
                        say(mark, "lost")
                    was_locked = False
                    time.sleep(0.05)
                    continue
                if not was_locked:
                    publisher.published()
                    say(mark, "locked")
                    was_locked = True
                number += 1
                path = write_version(Path(own) / "version", mark, number)
                publisher.publish_all(OneFile(publication(number), path), lambda *_: None)
                say(mark, number)
            except LockLost:
                say(mark, "lost")
            except TargetLost as error:
                say(mark, error)


if __name__ == "__main__":
    shared, given = Path(sys.argv[1]), sys.argv[2]
    if Path(given).is_absolute():
        pull_without_end(shared, Path(given))
    else:
        main(shared, given)
