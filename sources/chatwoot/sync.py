"""One round of a sync after another: a part of the full copy, an increment, a comparison of ids."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sources.chatwoot.batches import Batch, batch_of
from sources.chatwoot.full_copy import read_part
from sources.chatwoot.increments import Increments
from sources.chatwoot.options import DEFAULT_OVERLAP, ChatwootOptions
from sources.chatwoot.portal import Portal
from sources.chatwoot.reading import (
    changed_of,
    messages_with,
    missing_indexes,
    read_conversations,
    read_moment,
    read_scope,
)
from sources.chatwoot.reconcile import write_ids
from sources.chatwoot.state import Compared, SyncState, written
from sources.chatwoot.watermark import Watermark
from sources.comparison import ReconcileReport
from sources.source_link import SourceLink

#: The ``source`` of loads, and the name of the state unless another is given.
CHATWOOT: Final = "chatwoot"
#: State that is only about the time is noted no more often than so.
_NOTE_EVERY: Final = timedelta(seconds=30)
#: A row that is missed may have been written so long before the last comparison, and no longer.
_LATEST: Final = timedelta(days=1)
#: A portal is left alone for so many times as long as the last look for changes took.
_REST: Final = 9


@dataclass(frozen=True, slots=True)
class Pace:
    """How a sync reads: ``overlap`` before the settled moment; about ``batch_rows`` rows a load.

    All ids are compared every ``reconcile_every``; ``most_removed`` is the share (0 to 1) of rows
    that one comparison may remove.
    """

    overlap: timedelta = DEFAULT_OVERLAP
    batch_rows: int = 50_000
    reconcile_every: timedelta = timedelta(hours=1)
    most_removed: float = 0.01


def pause_after(look_seconds: float, every: timedelta) -> timedelta:
    """Return how long to wait after a look for changes that took ``look_seconds``.

    It is ``every``, or longer where the looks would take more than a tenth of the portal's time, as
    they may without indexes.
    """
    return max(every, timedelta(seconds=_REST * look_seconds))


class ChatwootSync:
    """Copies from ``portal`` what ``options`` say, into the store behind ``link``.

    ``clock`` returns the present time with a zone; ``tell`` is called with a sentence about what
    was done. Methods raise ``PortalError`` where the portal does not give what is asked, and what
    ``SourceLink`` raises. Whatever is raised, the next round goes on behind what is stored.
    """

    def __init__(
        self,
        portal: Portal,
        options: ChatwootOptions,
        link: SourceLink,
        pace: Pace,
        tell: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        self._portal = portal
        self._options = options
        self._link = link
        self._pace = pace
        self._tell = tell
        self._increments = Increments(options)
        self._state: SyncState | None = None
        self._noted_at: datetime | None = None
        #: How long the portal was asked for the last increment.
        self.look_seconds = 0.0

    @property
    def state(self) -> SyncState:
        """How far the sync came; it is read from the store at first."""
        if self._state is None:
            self._state = SyncState.of(self._link.noted(), self._options)
        return self._state

    def run(self) -> None:
        """Complete the full copy, read an increment, and compare all ids where that is due."""
        while not self.state.is_copied:
            self._copy_part()
        self._read_increment()
        if self._is_comparison_due():
            self._reconcile()

    def forget(self) -> None:
        """Begin the full copy anew."""
        self._state = SyncState(options=self._options.to_json())

    def note_fault(self, sentence: str) -> None:
        """Note that the portal could not be read, for those who look at the state."""
        if self.state.fault != sentence:
            self._note(replace(self.state, fault=sentence, checked_at=_now_text()))

    # --- the full copy ------------------------------------------------------------------------

    def _copy_part(self) -> None:
        state = self.state
        with self._portal.session() as connection:
            watermark = state.watermark or Watermark.before(read_moment(connection))
            scope = read_scope(connection, self._options)
            part = read_part(
                connection, scope, self._options, state.copied_through or 0, self._pace.batch_rows
            )
        state = replace(
            state,
            watermark=watermark,
            copied_from=state.copied_from or _now_text(),
            checked_at=_now_text(),
            fault=None,
        )
        if part is None:
            self._note(replace(state, copied_through=None))
            self._tell(f"The full copy is complete: {state.rows:,} rows.")
            self._tell_missing_indexes()
            return
        self._load(part.batch, replace(state, copied_through=part.through))
        self._tell(f"Copied through conversation {part.through:,}: {self.state.rows:,} rows.")

    def _tell_missing_indexes(self) -> None:
        with self._portal.session() as connection:
            tables = missing_indexes(connection)
        if tables:
            self._tell(
                f"Without an index on updated_at of {', '.join(tables)} each look for changes "
                "reads the whole table: docs/chatwoot.md has the statements."
            )

    # --- increments ---------------------------------------------------------------------------

    def _read_increment(self) -> None:
        """Load what changed. One increment is one load, unless it is very large."""
        state, rows, waiting = self.state, 0, Batch()
        begun = time.monotonic()
        with self._portal.session() as connection:
            moment = read_moment(connection)
            scope = read_scope(connection, self._options)
            watermark = state.watermark or Watermark.before(moment)
            since = watermark.settled_at - self._pace.overlap
            for batch in self._increments.read(connection, scope, since, self._pace.batch_rows):
                if waiting.rows:
                    self._load(waiting, self.state)
                waiting = batch
                rows += batch.rows
        self.look_seconds = time.monotonic() - begun
        done = replace(
            self.state,
            watermark=watermark.after(moment),
            checked_at=_now_text(),
            synced_until=written(moment.now),
            fault=None,
        )
        if waiting.rows:
            self._load(waiting, done)
            self._tell(f"Read {rows:,} new or changed rows.")
        elif self._is_note_due():
            self._note(done)
        self._state = replace(done, rows=self.state.rows, rows_rejected=self.state.rows_rejected)
        self._increments.settle()

    # --- comparison ---------------------------------------------------------------------------

    def _is_comparison_due(self) -> bool:
        last = self.state.reconciled_until
        if last is None:
            return True
        return datetime.now(UTC) - datetime.fromisoformat(last) >= self._pace.reconcile_every

    def _reconcile(self) -> None:
        """Compare all ids, and fetch what came late."""

        def write(folder: Path) -> Mapping[str, Path]:
            with self._portal.session() as connection:
                scope = read_scope(connection, self._options)
                return write_ids(connection, scope, folder, self._pace.most_removed)

        asked_at = _now_text()
        report = self._link.compare(write)
        batch = self._late_rows(report)
        found = Compared(batch.rows, report.missing, report.removed, report.kept)
        self._load(batch, replace(self.state, reconciled_until=asked_at, compared=found))
        self._tell_comparison(found)

    def _late_rows(self, report: ReconcileReport) -> Batch:
        """Return the rows that the portal committed late, so that no increment had them.

        Rows that were there long before the last comparison are not late. The store lacks them
        because it rejected them, or because somebody erased or purged them.
        """
        state, ids = self.state, set(report.late_cases)
        before = state.reconciled_until or state.copied_from
        if not before or not (ids or report.late_messages):
            return Batch()
        since = _without_zone(datetime.fromisoformat(before) - _LATEST)
        with self._portal.session() as connection:
            scope = read_scope(connection, self._options)
            messages = messages_with(connection, scope, report.late_messages, since)
            late = {*changed_of(connection, ids, since), *(m.conversation_id for m in messages)}
            conversations = read_conversations(connection, scope, late)
        return batch_of(scope, self._options, conversations, messages)

    def _tell_comparison(self, found: Compared) -> None:
        if found.kept_rows:
            self._tell(
                f"{found.kept_rows:,} rows are not in the portal any more, and stay here: they are "
                "more than --most-removed allows at once."
            )
        if found.removed_rows:
            self._tell(f"Removed {found.removed_rows:,} rows that the portal does not have.")
        if found.late_rows:
            self._tell(f"Fetched {found.late_rows:,} rows that the portal committed late.")

    # --- the store ----------------------------------------------------------------------------

    def _load(self, batch: Batch, state: SyncState) -> None:
        """Load ``batch`` together with ``state``, which counts its rows, and go on from there."""
        if not batch.rows:
            self._note(state)
            return
        state = replace(state, rows=state.rows + batch.rows)
        report = self._link.load(batch.write, state.to_json())
        self._state = replace(state, rows_rejected=state.rows_rejected + report.rows_rejected)
        self._noted_at = datetime.now(UTC)

    def _note(self, state: SyncState) -> None:
        self._link.note(state.to_json())
        self._state = state
        self._noted_at = datetime.now(UTC)

    def _is_note_due(self) -> bool:
        """Return whether a state that is only newer is to be noted: now and then."""
        if self._noted_at is None or self.state.fault is not None:
            return True
        return datetime.now(UTC) - self._noted_at >= _NOTE_EVERY


def _now_text() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _without_zone(moment: datetime) -> datetime:
    """Return a time as the portal writes it: in UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)
