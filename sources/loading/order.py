"""What a load is asked to do, and what it reports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

#: Called with how far a load is: the name of its step, and the rows done so far (0 where the step
#: does not count them).
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """What is to be loaded.

    ``ticket`` is the unique name of the hand-in; ``files`` are paths by ``ImportFile.name``;
    ``account`` is that of rows without one; ``time_zone`` is that of times without an offset.
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
    """What a load did.

    ``rows_in`` counts the rows that were read. Each is either taken (the store now says what it
    says), superseded (a later row of the same file has its key) or rejected. Of the rows taken
    only those that are new or differ are written. ``without_offset`` names the files in which no
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
        return self.rows_in - self.rows_superseded - self.rows_rejected


class LoadAbandoned(Exception):
    """The load was told to stop; the store is as it was, and the hand-in stays in the inbox."""


class RealDataKept(ValueError):
    """Demonstration data was offered to a store that holds real data."""
