"""Erases and purges in back-ups: a copy is changed, written anew, and put in their place."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import duckdb

from queries.engines.base import EngineLimits
from queries.engines.duckdb.reader import DuckDBEngine
from queries.errors import StoreUnavailable
from sources.durable_files import lock_folder, sync
from sources.loading.load_order import Progress
from sources.migrations import can_upgrade, upgrade
from sources.path_checks import check_folder, check_input, is_of_store
from sources.removal import Removal
from sources.removal_orders import RemovalOrder, RemovalReport
from sources.store_copies import holds_removed_values, write_copy
from sources.store_errors import is_disk_full
from sources.store_file import write_ahead_log


class UnusableBackup(ValueError):
    """A file is no back-up that can be changed; the text is half a sentence that says why."""


def check_backup(path: Path, store: Path) -> None:
    """Raise an error if ``path`` cannot be a back-up of the store at ``store``.

    Raises ``UnreadableFile`` if it is no regular file, ``UnusablePath`` if its folder cannot be
    written to, and ``UnusableBackup`` if it belongs to the store itself.
    """
    check_input(path)
    real = Path(os.path.realpath(path))
    if is_of_store(real, store):
        raise UnusableBackup(f"{path} belongs to the store itself, and is no back-up")
    check_folder(real.parent)


def remove_from_backup(
    path: Path, order: RemovalOrder, limits: EngineLimits, now: datetime, progress: Progress
) -> RemovalReport:
    """Carry out ``order`` in the back-up at ``path``, and return what was removed there.

    The back-up is replaced at one moment, by a file that was written anew and has this version's
    layout; where nothing is to be removed and no free block can hold a value, it stays. ``limits``
    are those of DuckDB; ``now``, a time with a zone, is stored as the time of the removal.

    Raises ``UnusableBackup``, or ``OSError``; the back-up is then as before.
    """
    real = Path(os.path.realpath(path))
    try:
        with _work_folder(real) as folder:
            copy, new = folder / "copy.duckdb", folder / "new.duckdb"
            _copy(real, copy)
            report = _remove(copy, new, order, limits, now, progress)
            if new.exists():
                _put(new, real)
    except (duckdb.Error, StoreUnavailable) as error:
        why = "the disk is full" if is_disk_full(error) else _why(error)
        raise UnusableBackup(why) from error
    return report


@contextmanager
def _work_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder beside ``path``, and remove it; what a killed process left goes first.

    Raises ``UnusableBackup`` if another process works there.
    """
    folder = path.with_name(f".{path.name}.removing")
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = lock_folder(folder)
    if lock is None:
        raise UnusableBackup("another command is changing it")
    try:
        for left in folder.iterdir():
            left.unlink() if left.is_file() else shutil.rmtree(left)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _copy(path: Path, target: Path) -> None:
    """Copy the back-up, which no process may have open, with all that was committed to it."""
    has_log = write_ahead_log(path).exists()
    with duckdb.connect(str(path), read_only=not has_log) as connection:
        if has_log:
            connection.execute("checkpoint")
    shutil.copyfile(path, target)


def _remove(
    copy: Path,
    new: Path,
    order: RemovalOrder,
    limits: EngineLimits,
    now: datetime,
    progress: Progress,
) -> RemovalReport:
    """Carry out the order in ``copy``, and write it to ``new`` where the back-up has to change."""
    zone = _prepare(copy)
    with (
        closing(DuckDBEngine(copy, limits, zone)) as engine,
        closing(engine.cursor()) as cursor,
    ):
        report = Removal(cursor, order, uuid.uuid4().hex, zone, now).run(progress)
        if not order.is_trial and holds_removed_values(cursor):
            progress("writing the file anew", 0)
            write_copy(cursor, new, is_backup=True)
    return report


def _prepare(copy: Path) -> str:
    """Give ``copy`` this version's layout where it has an earlier one; return its time zone."""
    with duckdb.connect(str(copy)) as connection:
        try:
            rows = connection.execute("select name, value from store_facts").fetchall()
        except duckdb.CatalogException as error:
            raise UnusableBackup("it is a DuckDB database of something else") from error
    facts = dict(rows)
    if can_upgrade(facts.get("schema_version")):
        upgrade(copy)
    return str(facts.get("time_zone"))


def _put(new: Path, path: Path) -> None:
    """Replace the back-up by ``new``, with the rights and the owner that it has."""
    shutil.copymode(path, new)
    with suppress(PermissionError):
        owner = path.stat()
        os.chown(new, owner.st_uid, owner.st_gid)
    sync(new)
    new.replace(path)
    sync(path.parent)


def _why(error: Exception) -> str:
    if isinstance(error, StoreUnavailable):
        return str(error)
    if "Could not set lock on file" in str(error):
        return "another process has it open"
    return "it is damaged, no store, or a later version wrote it"
