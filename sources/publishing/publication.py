"""Decides what of the writer's store is published, and when: ``Publishing``, part of the keeper.

Changes are published where the outboxes hold all of them since the version that readers see; all
rows are published otherwise. The outboxes are emptied only when the target has committed, so a
process that is killed in between publishes the same once more, or finds that it is done.
"""

import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

from queries.engines.publishing import Progress, Publication, Publisher, TargetLost
from sources.loading import outbox
from sources.owner import Owner
from sources.publishing.rows import StoreRows, present_version

log = logging.getLogger(__name__)

#: Seconds after which the version that readers see is confirmed, or notes of sources published,
#: where no load has come meanwhile.
CONFIRM_SECONDS: Final = 30.0
#: Seconds to wait after a failure.
_RETRY_SECONDS: Final = 2.0


class OtherStore(RuntimeError):
    """The target holds the data of another store, or newer data of this one.

    Publishing would replace it, which only a person may decide.
    """


@dataclass(frozen=True, slots=True)
class PublishingState:
    """How far publishing is, for metrics.

    ``is_writer``: whether this process may write to the target. ``published`` is what readers see,
    None where that is not known. ``seconds`` is how long the newest publication with rows took,
    None before the first. ``changes``, ``wholes`` and ``failures`` count publications of changes
    and of all rows, and attempts that failed. ``waiting_since`` is when a load came that is not
    published yet (``time.time``); None where readers see the newest.
    """

    is_writer: bool = False
    published: Publication | None = None
    seconds: float | None = None
    changes: int = 0
    wholes: int = 0
    failures: int = 0
    waiting_since: float | None = None


class Publishing:
    """Publishes the store of ``owner`` by ``publisher``. The keeper's thread uses it.

    ``replace_other`` allows to replace what another store published. ``pause_seconds`` is how long
    to wait between two publications; None for as long as ``publisher`` says.
    ``clock`` returns monotonic seconds. ``state`` may be read by other threads.
    """

    def __init__(
        self,
        owner: Owner,
        publisher: Publisher,
        *,
        replace_other: bool = False,
        pause_seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._owner = owner
        self._publisher = publisher
        self._replace_other = replace_other
        self.pause_seconds = publisher.pause_seconds if pause_seconds is None else pause_seconds
        self._clock = clock
        self._next_at = 0.0
        self._confirm_at = 0.0
        self._known: Publication | None = None
        self.state = PublishingState()

    def may_write(self) -> bool:
        """Return whether this process is the target's only writer.

        Raises ``TargetLost`` where the target does not answer.
        """
        is_writer = self._publisher.lock()
        if is_writer and not self.state.is_writer:
            log.info("this process is the writer", extra={"event": "writer"})
            self._known = None
        self.state = replace(self.state, is_writer=is_writer)
        return is_writer

    def publish(self, progress: Progress) -> None:
        """Publish what is due. Needs the lock, and the store must be open.

        Raises ``TargetLost``, ``OtherStore``, and what ``progress`` raises; what was due is then
        published by a later call.
        """
        now = self._clock()
        if now < self._next_at:
            return
        try:
            self._publish(progress)
        except TargetLost:
            self._known = None
            self.state = replace(self.state, failures=self.state.failures + 1, published=None)
            self._next_at = self._clock() + _RETRY_SECONDS
            raise
        except OtherStore:
            self._next_at = self._clock() + _RETRY_SECONDS
            raise

    def close(self) -> None:
        """Give up the lock."""
        self._publisher.close()
        self.state = replace(self.state, is_writer=False)

    def _publish(self, progress: Progress) -> None:
        with closing(self._owner.engine.cursor()) as cursor:
            present, after = present_version(cursor), outbox.changes_since(cursor)
        seen = self._known = self._known or self._publisher.published()
        self.state = replace(self.state, published=seen)
        if _is_seen(present, seen):
            self._after_seen(present, after)
            if self._clock() >= self._confirm_at:
                self._confirm(present, progress)
            return
        self.state = replace(self.state, waiting_since=self.state.waiting_since or time.time())
        self._check_lineage(present, seen)
        if seen is None or seen.lineage != present.lineage or after is None or seen.version < after:
            self._carry_over(present, None, progress)
        else:
            self._carry_over(present, seen.version, progress)

    def _check_lineage(self, present: Publication, seen: Publication | None) -> None:
        if seen is None or self._replace_other:
            return
        if seen.lineage != present.lineage:
            raise OtherStore(
                "readers see the data of another store: start the writer once with --replace if "
                "this store is to take its place"
            )
        if seen.version > present.version:
            raise OtherStore(
                f"readers see version {seen.version} of this store, which here is at version "
                f"{present.version}: bring the newer store back, or start the writer once with "
                "--replace"
            )

    def _carry_over(self, present: Publication, after: int | None, progress: Progress) -> None:
        """Publish all rows, or with ``after`` the changes since that version; note that it is done.

        What replaces newer data of the same store gets a new lineage: readers may have cached
        answers of the versions that come again.
        """
        begun = self._clock()
        known = self._known
        if known and known.lineage == present.lineage and known.version > present.version:
            present = replace(present, lineage=self._owner.renew_lineage())
        rows = StoreRows(present, after, self._owner.engine.cursor, self._owner.whole_file)
        if after is None:
            self._publisher.publish_all(rows, progress)
            self.state = replace(self.state, wholes=self.state.wholes + 1)
        else:
            self._publisher.publish_changes(rows, progress)
            self.state = replace(self.state, changes=self.state.changes + 1)
        self._known = present
        self._replace_other = False
        took = self._clock() - begun
        self.state = replace(self.state, published=present, seconds=took, waiting_since=None)
        self._next_at = self._clock() + self.pause_seconds
        self._confirm_at = self._clock() + CONFIRM_SECONDS
        with closing(self._owner.engine.cursor()) as cursor:
            outbox.keep_after(cursor, present.version)

    def _after_seen(self, present: Publication, after: int | None) -> None:
        """Empty the outboxes where a process was killed before it could."""
        if after is None or after < present.version:
            with closing(self._owner.engine.cursor()) as cursor:
                outbox.keep_after(cursor, present.version)

    def _confirm(self, present: Publication, progress: Progress) -> None:
        """Publish new notes of sources, or else that the version is still the newest."""
        self._confirm_at = self._clock() + CONFIRM_SECONDS
        if self._known and present.noted_at != self._known.noted_at:
            self._carry_over(present, present.version, progress)
            return
        self._publisher.confirm(present)
        self._known = present
        self.state = replace(self.state, published=present)


def _is_seen(present: Publication, seen: Publication | None) -> bool:
    return seen is not None and (seen.lineage, seen.version) == (present.lineage, present.version)
