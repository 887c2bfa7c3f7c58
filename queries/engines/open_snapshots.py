"""Knows the open snapshots of an engine, so that its file can be exchanged while none is open."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar


class Cuttable(Protocol):
    """What a snapshot reads with."""

    def cut(self) -> None:
        """End what is being read, and let nothing more be read; return once that is so."""


_C = TypeVar("_C", bound=Cuttable)


class OpenSnapshots:
    """The open snapshots of one engine. Several threads may use it at the same time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open: set[Cuttable] = set()
        self._is_exchanging = False

    @contextmanager
    def one(self, make: Callable[[], _C]) -> Iterator[_C]:
        """Give what ``make`` returns, as an open snapshot until the end of the ``with``.

        While the file is being exchanged (``none``), this waits before it calls ``make``.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._is_exchanging)
            made = make()
            self._open.add(made)
        try:
            yield made
        finally:
            self._leave(made)

    @contextmanager
    def none(self, patience: float) -> Iterator[None]:
        """Enclose, in a ``with``, what may only be done while no snapshot is open.

        New snapshots wait until its end. Those that are open have ``patience`` seconds to end; then
        they are cut. One thread at a time may use it.
        """
        deadline = time.monotonic() + patience
        with self._changed:
            self._is_exchanging = True
        try:
            with self._changed:
                self._changed.wait_for(lambda: not self._open, deadline - time.monotonic())
                left = list(self._open)
            # Not under the lock: a snapshot that is cut may end by itself meanwhile.
            for snapshot in left:
                snapshot.cut()
                self._leave(snapshot)
            yield
        finally:
            with self._changed:
                self._is_exchanging = False
                self._changed.notify_all()

    def _leave(self, snapshot: Cuttable) -> None:
        with self._changed:
            self._open.discard(snapshot)
            if not self._open:
                self._changed.notify_all()
