"""One round of ``sync sql`` after another: all that is new is read and handed in, page by page."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sources.contract import CASES, ImportFile
from sources.prepared_rows import write_prepared
from sources.source_link import SourceLink
from sources.sql_sync.database import Database, Page
from sources.sql_sync.mapping import SyncMapping, TableMapping
from sources.sql_sync.state import SqlState, before, now_text, written_position
from sources.sql_sync.values import batch_of_rows

#: The ``source`` of loads.
SQL: Final = "sql"
#: State that is only about the time is noted no more often than so.
_NOTE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did: how many rows were handed in, and how many of these were rejected."""

    rows: int = 0
    rejected: int = 0


class SqlSync:
    """Copies what ``mapping`` selects from ``database`` into the store behind ``link``.

    Methods raise ``SourceError`` where the database does not give what is asked, and what
    ``SourceLink`` raises. Whatever is raised, the next round goes on behind what is stored.
    """

    def __init__(self, mapping: SyncMapping, database: Database, link: SourceLink) -> None:
        self._mapping = mapping
        self._database = database
        self._link = link
        self._state: SqlState | None = None
        self._noted_at: float | None = None
        #: By table a digest of the newest page, where all of its rows were taken.
        self._taken: dict[str, bytes] = {}

    @property
    def state(self) -> SqlState:
        """How far the sync came; it is read from the store at first."""
        if self._state is None:
            self._state = SqlState.of(self._link.noted())
        return self._state

    def forget(self) -> None:
        """Begin anew: the next round reads everything."""
        self._state = SqlState()
        self._taken.clear()

    def note_fault(self, sentence: str) -> None:
        """Note that a round failed."""
        self._state = replace(self.state, fault=sentence)
        self._link.note(self._state.to_json())

    def run(self) -> Round:
        """Read all that changed since the position, and hand it in page by page."""
        begun = now_text()
        done = Round()
        for table in self._mapping.tables:
            # A message is read before the cases, and loaded after them, so that its case is known.
            for page in self._pages(table, self._mapping.overlap_seconds):
                for each in self._with_cases(table, page):
                    done = Round(done.rows + each.rows, done.rejected + each.rejected)
        is_due = done.rows or self._is_note_due()
        self._state = replace(self.state, checked_at=begun, synced_until=begun, fault=None)
        if is_due:
            self._link.note(self._state.to_json())
            self._noted_at = time.monotonic()
        return done

    def _is_note_due(self) -> bool:
        """Return whether a state that is only newer is to be noted: now and then."""
        if self._noted_at is None or self.state.fault is not None:
            return True
        return time.monotonic() - self._noted_at >= _NOTE_SECONDS

    def _with_cases(self, table: TableMapping, page: Page) -> Iterator[Round]:
        """Hand in the cases that changed until ``page`` was read, then the page."""
        cases = next((each for each in self._mapping.tables if each.file is CASES), None)
        if cases is not None and table is not cases:
            for newer in self._pages(cases):  # the overlap was read when the round began
                yield self._hand_in(cases, newer)
        yield self._hand_in(table, page)

    def _pages(self, table: TableMapping, overlap_seconds: float = 0) -> Iterator[Page]:
        """Yield the pages of rows that changed since so long before the position."""
        after = self.state.position(table.file.name)
        if after and overlap_seconds:
            after = before(after, overlap_seconds)
        while True:
            page = self._database.page(table, after)
            if page.rows:
                yield page
            if page.is_last:
                return
            after = page.position

    def _hand_in(self, table: TableMapping, page: Page) -> Round:
        """Load a page and note its position in the same transaction.

        A page whose rows were all taken when it was last read is not loaded again.
        """
        name = table.file.name
        digest = sha256(repr(page.rows).encode(errors="replace")).digest()
        if page.position is None or self._taken.get(name) == digest:
            return Round()
        positions = {**self.state.positions, name: written_position(page.position)}
        state = replace(self.state, positions=positions, rows=self.state.rows + len(page.rows))
        report = self._link.load(_writer(table.file, page.rows, self._mapping), state.to_json())
        rejected = 0 if report.done_before else report.rows_rejected
        self._state = replace(state, rows_rejected=state.rows_rejected + rejected)
        if rejected:
            self._taken.pop(name, None)
        else:
            self._taken[name] = digest
        return Round(len(page.rows), rejected)


def _writer(file: ImportFile, rows: Sequence[dict[str, Any]], mapping: SyncMapping) -> Any:
    """Return a function that writes the rows into a hand-in's folder."""

    def write(folder: Path) -> Mapping[str, Path]:
        path = folder / f"{file.name}.parquet"
        write_prepared(path, file, [batch_of_rows(rows, file, mapping)])
        return {file.name: path}

    return write
