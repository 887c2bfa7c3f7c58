"""A lock that a target of publications keeps, where it has none of its own: a lease, with epochs.

A writer becomes the only one by claiming the next *epoch*, a whole number from 1, which the target
gives away once. While it lives, a thread of it writes a *beat* every second: a number that differs
from the one before. Who waits for the lease reads the beat, and when it has not changed for
``PATIENCE_SECONDS`` claims the next epoch. No times are compared between machines: each process
counts seconds by its own monotonic clock.

A process that was stopped for a while may believe that it still holds the lease. So the epoch must
be part of what makes a publication visible: readers follow the publication with the greatest epoch,
and who has claimed an epoch first publishes anew, under it, what readers see. From then on whatever
an older epoch publishes is never seen.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from queries.engines.publishing import LockLost, TargetLost

log = logging.getLogger(__name__)

#: How long the beat must not have changed before another writer claims the next epoch.
PATIENCE_SECONDS: Final = 6.0
#: How long the holder waits between two beats.
BEAT_SECONDS: Final = 1.0
#: For how long a beat shows its holder that it still is one. It is well below the patience of
#: others, so that a holder who asks in between has some time to do what it asked for.
_FRESH_SECONDS: Final = 3.0
#: How long a waiting writer waits before it looks at the beat again.
_LOOK_SECONDS: Final = 1.0
#: How long ``release`` waits for a beat under way.
_LAST_BEAT_SECONDS: Final = 3.0
#: The beat of a holder that gave the lease up: nobody needs to wait.
RELEASED: Final = -1


class LeaseTarget(Protocol):
    """Where a lease is kept. Several threads may use it, but only one at a time.

    All methods raise ``TargetLost`` where the target does not answer.
    """

    def newest_epoch(self) -> int:
        """Return the greatest epoch that was ever claimed, 0 where none was."""

    def claim(self, epoch: int) -> bool:
        """Claim ``epoch``; return False where it has been claimed before.

        Of several processes that claim one epoch at the same time one alone gets True. Where it is
        not known whether the claim took effect, raise ``TargetLost``: the epoch is then nobody's.
        """

    def write_beat(self, epoch: int, number: int) -> None:
        """Note ``number`` as the beat of ``epoch``, in place of the one before."""

    def read_beat(self, epoch: int) -> int | None:
        """Return the beat of ``epoch`` that was written last, None where none was."""


class Lease:
    """The lease of one target, held by this process or waited for. ``epoch`` is 0 while waiting.

    One thread uses it; the thread that beats is its own. ``clock`` returns monotonic seconds. With
    ``beats`` False no thread is started, and ``renew`` is called by whoever made it so.
    """

    def __init__(
        self,
        target: LeaseTarget,
        *,
        clock: Callable[[], float] = time.monotonic,
        beats: bool = True,
    ) -> None:
        self._target = target
        self._clock = clock
        self._beats = beats
        self._one_call = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.epoch = 0
        self._number = 0
        self._renewed_at = 0.0
        #: The epoch and the beat that were seen last while waiting, and since when they are so.
        self._seen: tuple[int, int | None] | None = None
        self._seen_since = 0.0
        self._look_at = 0.0

    def hold(self) -> bool:
        """Return whether this process holds the lease now; claim it when nobody else does.

        It returns at once; call it again and again. Raises ``TargetLost``.
        """
        if self.epoch:
            with suppress(LockLost):
                self.check()
                return True
            return False
        if self._clock() < self._look_at:
            return False
        self._look_at = self._clock() + _LOOK_SECONDS
        return self._claim_if_free()

    def check(self) -> None:
        """Do nothing while this process holds the lease.

        Call it before each step that others would see. It asks the target where the last beat is
        not fresh any more. Raises ``LockLost`` where another process has claimed a newer epoch,
        the target forgot this one's, or it never held the lease; and ``TargetLost``.
        """
        if self.epoch and self._clock() - self._renewed_at < _FRESH_SECONDS:
            return
        self.renew()

    def renew(self) -> None:
        """Write a beat. Raises ``LockLost`` as ``check`` does, and ``TargetLost``."""
        with self._one_call:
            if not self.epoch:
                raise LockLost("another process is the writer")
            asked_at = self._clock()
            if self._target.newest_epoch() != self.epoch:
                self._forget()
                raise LockLost("another process has become the writer")
            self._number += 1
            self._target.write_beat(self.epoch, self._number)
            self._renewed_at = asked_at

    def release(self) -> None:
        """Give the lease up, so that another process need not wait. It raises nothing."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_LAST_BEAT_SECONDS)
        if not self._one_call.acquire(timeout=_LAST_BEAT_SECONDS):
            return  # A target that hangs hears nothing; others wait until the beat is old.
        try:
            if self.epoch:
                with suppress(TargetLost):
                    self._target.write_beat(self.epoch, RELEASED)
            self._forget()
        finally:
            self._one_call.release()

    def _claim_if_free(self) -> bool:
        with self._one_call:
            epoch = self._target.newest_epoch()
            beat = self._target.read_beat(epoch) if epoch else RELEASED
            if self._seen != (epoch, beat):
                self._seen, self._seen_since = (epoch, beat), self._clock()
            is_free = beat == RELEASED or self._clock() - self._seen_since >= PATIENCE_SECONDS
            if not is_free or not self._target.claim(epoch + 1):
                return False
            self.epoch, self._number = epoch + 1, 0
        if self._beats:
            self._start_thread()
        self.renew()
        return True

    def _start_thread(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._beat, args=(self._stop,), name="lease", daemon=True
        )
        self._thread.start()

    def _beat(self, stop: threading.Event) -> None:
        """Write beats until ``stop`` is set or the lease is another's."""
        while not stop.wait(BEAT_SECONDS):
            try:
                self.renew()
            except LockLost:
                return
            except TargetLost as error:
                # The thread that publishes meets the same error, and logs it.
                log.debug("no beat: %s", type(error).__name__, extra={"event": "no_beat"})

    def _forget(self) -> None:
        self.epoch = 0
        self._seen = None
        self._stop.set()
