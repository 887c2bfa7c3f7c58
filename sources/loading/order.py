"""What a load is asked to do, what it reports, and how it is stopped or refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

#: Called with how far a load is: the name of its step, and the rows done so far (0 where the step
#: does not count them).
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """What is to be loaded.

    ``ticket`` is the unique name of the hand-in; ``content_hash`` is the same for hand-ins of the
    same content; ``source`` is where the data comes from; ``account`` is that of rows without one;
    ``demo`` is true for demonstration data; ``files`` are paths by ``ImportFile.name``, one or
    both; ``time_zone`` is that of times without an offset.
    """

    ticket: str
    content_hash: str
    source: str
    account: str
    demo: bool
    files: Mapping[str, Path]
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did; ``load_id`` numbers the store's loads from 1.

    ``rows_in`` counts the rows that were read. Each is either taken (the store now has its values),
    superseded (a later row of the same file has the same id) or rejected. Of the rows taken only
    those that are new or differ are written. ``replaced_demo``: demonstration data made room for
    real data. ``done_before``: this is the report of an earlier load of the same content, and
    nothing was loaded now. ``without_offset`` names the files (``ImportFile.name``) in which no
    time has an offset.
    """

    load_id: int
    rows_in: int
    rows_superseded: int
    rows_rejected: int
    cases_written: int
    messages_written: int
    replaced_demo: bool
    done_before: bool = False
    without_offset: tuple[str, ...] = ()

    @property
    def rows_taken(self) -> int:
        """How many rows were neither superseded nor rejected."""
        return self.rows_in - self.rows_superseded - self.rows_rejected


class LoadAbandoned(Exception):
    """The load was told to stop; the store is as it was, and the hand-in stays in the inbox."""


class RealDataKept(ValueError):
    """Demonstration data was offered to a store that holds real data."""
