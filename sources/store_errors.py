"""The errors of a store's owner, and what DuckDB's errors mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import duckdb

from queries.errors import StoreUnavailable
from sources import durable_files

#: What DuckDB raises; a name for those who catch it without knowing the engine.
EngineError: Final = duckdb.Error
#: The text with which DuckDB reports that Control-C interrupted it.
_INTERRUPTED: Final = "Query interrupted"


class StoreBusy(StoreUnavailable):
    """Another process, or another ``Owner``, has the store open."""


class StoreGone(StoreUnavailable):
    """The store's file was removed, moved or replaced while it was open."""


def is_disk_full(error: BaseException) -> bool:
    """Return whether ``error``, of DuckDB or the system, says that there is no room to write.

    The reason may be the disk, a quota or a limit on the size of files.
    """
    if isinstance(error, EngineError):
        return any(text in str(error) for text in durable_files.DISK_FULL_TEXTS)
    return isinstance(error, OSError) and durable_files.is_disk_full(error)


@contextmanager
def control_c_interrupts() -> Iterator[None]:
    """Return a context manager in which Ctrl-C during a query raises ``KeyboardInterrupt``.

    DuckDB itself would raise a ``RuntimeError``.
    """
    try:
        yield
    except RuntimeError as error:
        if str(error) == _INTERRUPTED:
            raise KeyboardInterrupt from error
        raise
