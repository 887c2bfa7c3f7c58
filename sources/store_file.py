"""The file of a DuckDB store: whether it can be one, who holds it, whether it is still there."""

import fcntl
from pathlib import Path
from typing import IO, Final

from queries.errors import StoreUnavailable
from sources.path_checks import UnusablePath, check_folder, kind_of_special_file, nearest_folder
from sources.store_errors import StoreBusy

#: These bytes of a DuckDB file follow a checksum.
_MAGIC: Final = b"DUCK"
_MAGIC_END: Final = 12
#: Device and inode of a file: the same under whatever name.
Identity = tuple[int, int]


def check_path(path: Path) -> None:
    """Raise ``StoreUnavailable`` with a sentence unless a store is, or can be made, at ``path``."""
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
    """Raise ``StoreUnavailable`` where there is a file at ``path`` that is not one of DuckDB.

    Not to be called while another owner in this process has the file: to close it here would end
    that owner's lock.
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
    """Return the path of the log that DuckDB keeps beside an open store."""
    return path.with_name(f"{path.name}.wal")


def why_unreadable(path: Path) -> str:
    """Return what may be wrong with a file that DuckDB cannot open."""
    log_of_changes = write_ahead_log(path)
    if log_of_changes.exists():
        return (
            "it is damaged, a later version wrote it, or it was put in the place of another "
            f"file, to which {log_of_changes.name} belongs: then remove that"
        )
    return "it is damaged, or a later version wrote it"


def take_lock(path: Path) -> IO[str]:
    """Return the open lock file of the store; closing it gives the lock back.

    Raises ``StoreBusy`` while another process has the lock.
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
    """Return which file has this name now; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _cannot_open(path: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(f"{path} cannot be opened: {error.strerror}")
