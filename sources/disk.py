"""What it takes for a file to be there after the power was not, and never in another's place."""

import errno
import os
import shutil
from pathlib import Path
from typing import Final

import duckdb

#: How a system says that nothing more can be written, as numbers and as DuckDB repeats it.
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_TEXTS: Final = tuple(os.strerror(number) for number in _FULL)


def sync(path: Path) -> None:
    """Wait until the file or folder at ``path`` is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_new(file: Path, path: Path) -> None:
    """Move ``file``, which is complete, to ``path``, where nothing must be.

    Raises ``FileExistsError`` where anything has that name, also what got it a moment ago, and
    ``OSError`` where it cannot be written; ``file`` is still there then.
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


def _rename_new(file: Path, path: Path) -> None:
    """Rename within a file system; unlike a plain renaming, this replaces nothing."""
    try:
        os.link(file, path)
    except FileExistsError:
        raise
    except OSError:
        # File systems without hard links: the name is taken with an empty file of our own, which
        # alone is replaced.
        path.open("xb").close()
        file.replace(path)
    else:
        file.unlink()


def is_full(error: BaseException) -> bool:
    """Whether ``error`` says that the disk, a quota or a limit has no room for more."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, duckdb.Error) and any(text in str(error) for text in _FULL_TEXTS)
