"""The errors of a store's owner, and what errors of DuckDB mean."""

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
    """Another process owns the store."""


class StoreGone(StoreUnavailable):
    """The store's file was removed, moved or replaced while its owner held it."""


def is_disk_full(error: BaseException) -> bool:
    """Return whether ``error``, of DuckDB or the system, says that there is no room to write.

    The disk, a quota or a limit on the size of files may be the cause.
    """
    if isinstance(error, EngineError):
        return any(text in str(error) for text in durable_files.DISK_FULL_TEXTS)
    return isinstance(error, OSError) and durable_files.is_disk_full(error)


@contextmanager
def control_c_interrupts() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` where Control-C interrupts DuckDB in the block.

    DuckDB itself raises a ``RuntimeError``.
    """
    try:
        yield
    except RuntimeError as error:
        if str(error) == _INTERRUPTED:
            raise KeyboardInterrupt from error
        raise
