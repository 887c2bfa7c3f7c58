"""Whether a path can be read from or written to, found out before anything is done.

What is checked here may change a moment later: whoever opens the path still meets the error, and
``sources.disk.put_new`` still replaces nothing.
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
#: What belongs to a store, now or now and then, by what follows the store's name.
_OF_STORE: Final = ("", ".compact", ".compact.wal", ".inbox", ".lock", ".tmp", ".wal")


class UnusablePlace(ValueError):
    """A path that nothing can be written to; its text is a sentence for who gave it."""


def check_input(path: Path) -> None:
    """Raise ``UnreadableFile`` unless ``path`` is a file that ends; a pipe or a device may not."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror}") from error
    if stat.S_ISDIR(mode):
        raise UnreadableFile(f"{path.name} is a directory: give a file")
    if kind := other_kind(mode):
        raise UnreadableFile(f"{path.name} is {kind}: write what it holds to a file, and give that")


def check_new_file(path: Path, store: Path, *, makes_folder: bool = False) -> None:
    """Raise ``UnusablePlace`` unless a new file can be made at ``path`` beside all that is there.

    ``store`` is a store whose files, also those that it makes only now and then, are not for use.
    The folder of ``path`` must be there, unless it is to be made with the file.
    """
    if is_of_store(path, store):
        raise UnusablePlace(f"{path} is a name that the store uses: choose another")
    try:
        path.lstat()
    except FileNotFoundError:
        check_folder(nearest_folder(path) if makes_folder else path.parent)
    except OSError as error:
        raise UnusablePlace(f"{path} cannot be written: {error.strerror}") from error
    else:
        raise UnusablePlace(f"{path} is there already: choose a new name")


def check_folder(folder: Path) -> None:
    """Raise ``UnusablePlace`` unless files can be made in ``folder``."""
    try:
        # Only the attempt knows about rights, full disks and file systems that are read-only.
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0")
            probe.flush()
    except OSError as error:
        raise UnusablePlace(f"{folder} cannot be written to: {error.strerror}") from error


def nearest_folder(path: Path) -> Path:
    """The folder of ``path``, or where that is still to be made, the first above that is there."""
    return next(folder for folder in path.absolute().parents if os.path.lexists(folder))


def other_kind(mode: int) -> str | None:
    """What a thing of this mode is; None for a regular file."""
    if stat.S_ISREG(mode):
        return None
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "no regular file")


def is_of_store(path: Path, store: Path) -> bool:
    """Whether ``path`` is a name that ``store`` uses, now or now and then, or lies below one."""
    # Folders may be links; a file of this name would be made beside them, not where it leads.
    real = Path(os.path.realpath(path.parent)) / path.name
    base = Path(os.path.realpath(store))
    own = {base.with_name(f"{base.name}{end}") for end in _OF_STORE}
    return not own.isdisjoint((real, *real.parents))
