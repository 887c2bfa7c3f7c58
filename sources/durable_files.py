"""Puts files in their place so that they survive a power failure and never replace another file."""

import errno
import fcntl
import os
import shutil
from pathlib import Path
from typing import Final

#: The errors by which a system says that nothing more can be written.
_DISK_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: The same as texts, which other programs repeat in their own errors.
DISK_FULL_TEXTS: Final = tuple(os.strerror(number) for number in _DISK_FULL)


def sync(path: Path) -> None:
    """Write the file or folder at ``path`` to the disk, and wait until that is done."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock_folder(folder: Path) -> int | None:
    """Lock the folder for this process; return the descriptor to close, or None if that fails.

    It fails where another process has locked it. The lock ends with the process at the latest, so
    a folder that is not locked has been left by its maker.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def put_new(file: Path, path: Path) -> None:
    """Move ``file``, which is complete, to ``path``, and wait until the move is on the disk.

    The two may be on different file systems. No other file is ever replaced: ``FileExistsError`` is
    raised if there is something at ``path``, even if it appeared just now. Raises ``OSError`` if
    ``path`` cannot be written. Unless only the last write to the disk failed, ``file`` is then
    still in its place.
    """
    if file.stat().st_dev == path.parent.stat().st_dev:
        _rename_new(file, path)
    else:
        aside = path.parent / f".{file.name}.part"
        try:
            with file.open("rb") as source, aside.open("xb") as target:
                shutil.copyfileobj(source, target)
            sync(aside)
            _rename_new(aside, path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        file.unlink()
    sync(path.parent)


def is_disk_full(error: OSError) -> bool:
    """Return whether ``error`` says that the disk, a quota or a limit on file sizes is full."""
    return error.errno in _DISK_FULL


def _rename_new(file: Path, path: Path) -> None:
    """Rename within a file system; unlike a plain renaming, this replaces nothing."""
    try:
        os.link(file, path)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: an empty file of our own takes the name, and only this
        # file is replaced.
        path.open("xb").close()
        file.replace(path)
    else:
        file.unlink()
