"""Checks whether a path can be read from or written to, before a command begins its work.

A path may change right after its check. So the code that opens it still handles errors, and
``sources.durable_files.put_new`` still replaces no file.
"""

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sources.contract import UnreadableFile

_KINDS: Final[tuple[tuple[Callable[[int], bool], str], ...]] = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
#: How the names of the files and folders of a store end, behind the name of the store itself.
_STORE_ENDINGS: Final = (
    *("", ".audit.jsonl", ".audit.jsonl.part", ".audit.lock"),
    *(".compact", ".compact.rows", ".compact.wal", ".inbox", ".lock", ".tmp", ".wal", ".webhooks"),
)


class UnusablePath(ValueError):
    """A path cannot be written to; the text is a sentence for the person who gave it."""


def check_input(path: Path) -> None:
    """Raise ``UnreadableFile`` if ``path`` is not a regular file or a link to one.

    Pipes and devices are refused because they may never end. Whether this user may read the file is
    not checked.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror}") from error
    if stat.S_ISDIR(mode):
        raise UnreadableFile(f"{path.name} is a directory: give a file")
    if kind := kind_of_special_file(mode):
        raise UnreadableFile(f"{path.name} is {kind}: write what it holds to a file, and give that")


def check_new_file(path: Path, store: Path, *, makes_folder: bool = False) -> None:
    """Raise ``UnusablePath`` if no new file can be made at ``path``.

    Nothing may be there yet, and the name may not be one that the store at ``store`` uses. The
    folder must exist and be writable; with ``makes_folder`` the nearest folder above that exists
    must be.
    """
    if is_of_store(path, store):
        raise UnusablePath(f"{path} is a name that the store uses: choose another")
    try:
        path.lstat()
    except FileNotFoundError:
        check_folder(nearest_folder(path) if makes_folder else path.parent)
    except OSError as error:
        raise UnusablePath(f"{path} cannot be written: {error.strerror}") from error
    else:
        raise UnusablePath(f"{path} is there already: choose a new name")


def check_folder(folder: Path) -> None:
    """Raise ``UnusablePath`` if no file can be made in ``folder``; this tries it."""
    try:
        # Only an attempt finds out about rights, full disks and read-only file systems.
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0")
            probe.flush()
    except OSError as error:
        raise UnusablePath(f"{folder} cannot be written to: {error.strerror}") from error


def nearest_folder(path: Path) -> Path:
    """Return the folder that contains ``path``, or, if it does not exist, the nearest above it."""
    return next(folder for folder in path.absolute().parents if os.path.lexists(folder))


def kind_of_special_file(mode: int) -> str | None:
    """Return what a file is, as “a pipe” or “a directory”; None if it is a regular file.

    ``mode`` is its ``st_mode``, which ``Path.stat`` gives.
    """
    if stat.S_ISREG(mode):
        return None
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "no regular file")


def is_of_store(path: Path, store: Path) -> bool:
    """Return whether ``path`` belongs to the store at ``store``.

    That means that it is one of the files or folders that a store has or makes beside its own file,
    or lies in such a folder.
    """
    # A link to the folder is followed. A link at ``path`` itself is not: no new file follows it.
    real = Path(os.path.realpath(path.parent)) / path.name
    base = Path(os.path.realpath(store))
    own = {base.with_name(f"{base.name}{end}") for end in _STORE_ENDINGS}
    return not own.isdisjoint((real, *real.parents))
