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

    ``ticket``: the unique name of the hand-in. ``content_hash``: equal for hand-ins with the same
    content. ``source``: where the data comes from, as ``files`` or ``demo``. ``account``: the
    account of rows that name none. ``demo``: whether it is demonstration data. ``files``: paths by
    ``ImportFile.name``. ``time_zone``: the zone of times without an offset. ``updates``: what a
    message lacks is kept from the stored one, and a message may move to another case
    (``sources.loading.updates``). ``state``: what the source called ``name`` notes of itself, a
    JSON text; None to note nothing.
    """

    ticket: str
    content_hash: str
    source: str
    account: str
    demo: bool
    files: Mapping[str, Path]
    time_zone: str = "UTC"
    updates: bool = False
    name: str = ""
    state: str | None = None

    @property
    def source_name(self) -> str:
        """The name of the source among several of one kind; else what kind it is."""
        return self.name or self.source


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did. ``load_id`` is its number in the store, from 1.

    ``rows_in`` rows were read. Each was taken (the store now has its values), superseded by a later
    row with the same id in the same file, kept aside (``rows_kept``), or rejected.
    ``cases_written`` and ``messages_written`` count the cases and messages that were new, different
    or removed. ``replaced_demo``: real data replaced
    demonstration data. ``done_before``: nothing was loaded now, because this ticket or content was
    loaded before; the report is that of the earlier load. ``without_offset``: the files
    (``ImportFile.name``) in which no time has an offset; () in a report of an earlier load.
    ``seconds``: how long it took until it was written; None where that is not known.
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
    rows_kept: int = 0
    seconds: float | None = None

    @property
    def rows_taken(self) -> int:
        """How many rows were neither superseded nor kept aside nor rejected."""
        return self.rows_in - self.rows_superseded - self.rows_rejected - self.rows_kept


class LoadAbandoned(Exception):
    """The load was stopped on request; the store is as before, and the hand-in is kept."""


class RealDataKept(ValueError):
    """Demonstration data was not loaded, because the store holds real data."""
