"""Control-C while DuckDB works, as Python tells it elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: What DuckDB makes of Control-C.
_INTERRUPTED: Final = "Query interrupted"


@contextmanager
def heard() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` for what DuckDB raises when it is interrupted by Control-C."""
    try:
        yield
    except RuntimeError as error:
        if str(error) == _INTERRUPTED:
            raise KeyboardInterrupt from error
        raise
