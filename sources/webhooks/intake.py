"""Hands the closed segments of the receiver's journal in, so that the store's owner loads them."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from queries.vocabulary import RECEIVER
from sources.inbox import HandIn, HandInGone, Inbox, Outcome
from sources.webhooks.journal import Journal, copy_whole_lines
from sources.webhooks.told_parts import JOURNAL, WEBHOOKS

log = logging.getLogger(__name__)

_POLL_SECONDS: Final = 0.1
#: How long it waits before it hands in again what was refused, as on a full disk.
_RETRY_SECONDS: Final = 30.0


class Intake:
    """A thread that hands in the segments of ``journal``, all that are closed at a time.

    Their messages belong to ``account``. Only when these are loaded it removes the segments and
    hands in the next. So a process that is killed at any moment has lost nothing; what is handed in
    a second time then changes nothing.
    """

    def __init__(
        self,
        journal: Journal,
        inbox: Inbox,
        account: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal = journal
        self._inbox = inbox
        self._account = account
        self._clock = clock
        self._ticket: str | None = None
        self._segments: list[Path] = []
        self._not_before = 0.0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhook-intake", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what is not handed in yet is at the next start."""
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join()

    def step(self) -> None:
        """Look once whether the segments that were handed in are loaded, or hand in the next.

        Raises ``OSError`` if the journal or the inbox cannot be read or written.
        """
        if self._ticket:
            self._look_for_outcome(self._ticket)
        elif self._clock() >= self._not_before and (segments := self._journal.closed()):
            self._segments = segments
            hand_in = HandIn(WEBHOOKS, self._account, demo=False, updates=True, name=RECEIVER)
            self._ticket = self._inbox.hand_in(hand_in, self._write)

    def _run(self) -> None:
        while not self._ends.wait(_POLL_SECONDS):
            try:
                self.step()
            except Exception:
                # The thread must outlive any failure: without it nothing is loaded any more.
                log.exception("webhooks cannot be handed in", extra={"event": "intake_failed"})
                self._ends.wait(_RETRY_SECONDS)

    def _write(self, folder: Path) -> Mapping[str, Path]:
        path = folder / f"{JOURNAL}.jsonl"
        copy_whole_lines(self._segments, path)
        return {JOURNAL: path}

    def _look_for_outcome(self, ticket: str) -> None:
        try:
            outcome = self._inbox.take_outcome(ticket)
        except HandInGone:
            outcome = Outcome(None, refusal="what was handed in is gone")
        if outcome is None:
            return
        self._ticket = None
        if outcome.load:
            for path in self._segments:
                with suppress(FileNotFoundError):
                    path.unlink()
            return
        self._not_before = self._clock() + _RETRY_SECONDS
        log.error(
            "webhooks were not loaded and are kept",
            extra={"event": "intake_refused", "fields": {"reason": outcome.refusal or ""}},
        )
