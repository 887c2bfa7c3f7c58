"""Files in a folder that several machines share, so that each file is seen whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from queries.engines.publishing import TargetLost

#: How names of files end that are not complete. Who lists files leaves them out.
PART: Final = ".part"
_ALL_RIGHTS: Final = 0o777
_READING: Final = 0o444
_OWNER_WRITES: Final = 0o200
#: The rights of a folder that has to be made first: its owner's only.
_PRIVATE: Final = 0o700


@contextmanager
def reached() -> Iterator[None]:
    """Raise ``TargetLost`` with one sentence where the body of the ``with`` raises ``OSError``."""
    try:
        yield
    except OSError as error:
        raise TargetLost(f"the folder of published files: {error.strerror or 'error'}") from error


def make_folder(path: Path, like: Path) -> None:
    """Make the folder ``path`` with the rights of the folder ``like``. Raises ``OSError``.

    Where ``like`` is missing it is made first, for its owner only.
    """
    like.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    if not path.is_dir():
        path.mkdir(exist_ok=True, parents=True)
        path.chmod(like.stat().st_mode & _ALL_RIGHTS)
        sync_folder(path.parent)


def write_whole(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file that has its name only when it is complete; one of that name is replaced.

    With ``durable`` its content is on the disk then; call ``sync_folder`` for its name. Its rights
    are those of its folder. Raises ``OSError``; then no part of it is left, if that is possible.
    """
    part = path.with_name(f"{path.name}.{os.urandom(6).hex()}{PART}")
    try:
        with part.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fchmod(opened.fileno(), _rights_of_files(path.parent))
            if durable:
                os.fsync(opened.fileno())
        part.replace(path)
    except BaseException:
        # Where the disk is full, what was written takes the room that others need.
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def create(path: Path) -> bool:
    """Make an empty file; return False if there is one. Raises ``OSError``."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _rights_of_files(path.parent)))
    except FileExistsError:
        return False
    return True


def sync_folder(path: Path) -> None:
    """Wait until the names in the folder are on the disk. Raises ``OSError``."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def names_in(path: Path) -> list[str]:
    """Return the names of the complete files in a folder; none if it is not there.

    Raises ``OSError``.
    """
    try:
        return [entry.name for entry in path.iterdir() if not entry.name.endswith(PART)]
    except FileNotFoundError:
        return []


def _rights_of_files(folder: Path) -> int:
    return folder.stat().st_mode & _READING | _OWNER_WRITES
