"""Checks the file of a DuckDB store, and locks it: only one process may have a store open.

It also tells which file has a name now, so that the owner notices if its file was replaced.
"""

import fcntl
from pathlib import Path
from typing import IO, Final

from queries.errors import StoreUnavailable
from sources.path_checks import UnusablePath, check_folder, kind_of_special_file, nearest_folder
from sources.store_errors import StoreBusy

#: A DuckDB file has these bytes behind a checksum of eight bytes.
_MAGIC: Final = b"DUCK"
_MAGIC_END: Final = 12
#: Device and inode of a file: the same under whatever name.
Identity = tuple[int, int]


def check_path(path: Path) -> None:
    """Raise ``StoreUnavailable`` if there can be no store at ``path``.

    ``path`` may not contain ``?`` and may not be a folder or a special file. It must be possible to
    make files in its folder, or, if it does not exist, in the nearest folder above. The content of
    a file that is there is not checked.
    """
    if "?" in path.as_posix():
        raise StoreUnavailable(f"{path} cannot be a store: DuckDB takes no ? in a path")
    try:
        kind = kind_of_special_file(path.stat().st_mode)
    except FileNotFoundError:
        kind = None
    except OSError as error:
        raise _cannot_open(path, error) from error
    if kind:
        raise StoreUnavailable(f"{path} is {kind}, and a store is a file")
    try:
        check_folder(nearest_folder(path))
    except UnusablePath as error:
        raise StoreUnavailable(f"{path} cannot be a store: {error}") from error


def check_content(path: Path) -> None:
    """Raise ``StoreUnavailable`` if the file at ``path`` is not a DuckDB file or not writable.

    Do nothing if there is no file. Do not call this while this process has the file open: closing
    it here would end DuckDB's own lock on it.
    """
    try:
        with path.open("rb+") as opened:
            head = opened.read(_MAGIC_END)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _cannot_open(path, error) from error
    if not head.endswith(_MAGIC):
        raise StoreUnavailable(
            f"{path} is a file of something else, not a store: name another in CONSUMO_STORE_URL"
        )


def write_ahead_log(path: Path) -> Path:
    """Return the path of the log of changes that DuckDB keeps beside the store at ``path``."""
    return path.with_name(f"{path.name}.wal")


def why_unreadable(path: Path) -> str:
    """Return half a sentence on why DuckDB may be unable to open the store at ``path``."""
    log_of_changes = write_ahead_log(path)
    if log_of_changes.exists():
        return (
            "it is damaged, a later version wrote it, or it was put in the place of another "
            f"file, to which {log_of_changes.name} belongs: then remove that"
        )
    return "it is damaged, or a later version wrote it"


def take_lock(path: Path) -> IO[str]:
    """Lock the store at ``path``, and return the open lock file; closing it ends the lock.

    The store's folder is made if it does not exist. Raises ``StoreBusy`` if another process, or
    another owner in this process, has the lock; ``StoreUnavailable`` if the lock file cannot be
    opened.
    """
    lock_path = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = lock_path.open("a")
    except OSError as error:
        place = Path(error.filename or lock_path)
        raise StoreUnavailable(f"{place} cannot be opened: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise StoreBusy("another process holds the store") from None
    except BaseException:
        lock.close()
        raise
    return lock


def identity(path: Path) -> Identity | None:
    """Return device and inode of the file at ``path``; None if there is none. Links are followed.

    Two results are equal if they are of the same file.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _cannot_open(path: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(f"{path} cannot be opened: {error.strerror}")
