"""A time limit for queries of engines that have none: one thread watches all of them."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class QueryTimer:
    """Interrupts queries that run longer than ``seconds``. Run each in ``with timer.limit(…)``."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._changed = threading.Condition()
        self._running: OrderedDict[object, tuple[float, Callable[[], None]]] = OrderedDict()
        self._closed = False
        #: Whether the thread waits without an end, because nothing ran for a while.
        self._sleeps = False
        self._thread: threading.Thread | None = None

    @contextmanager
    def limit(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Call ``interrupt`` when the body of the ``with`` takes longer than ``seconds``.

        It is called once, from another thread. ``interrupt`` must make the query in the body raise
        an error. It is never called after the body has ended, and not after ``close``.
        """
        token = object()
        with self._changed:
            self._running[token] = (time.monotonic() + self.seconds, interrupt)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="query-timer", daemon=True)
                self._thread.start()
            if self._sleeps:
                self._changed.notify()
        try:
            yield
        finally:
            # Under the lock: once this has returned, ``interrupt`` is not called any more.
            with self._changed:
                self._running.pop(token, None)

    def close(self) -> None:
        """End the thread that interrupts queries. From now on no query has a time limit."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                left = self._seconds_left()
                if left is None:
                    self._rest()
                elif left > 0:
                    self._changed.wait(left)
                else:
                    _, (_, interrupt) = self._running.popitem(last=False)
                    interrupt()

    def _seconds_left(self) -> float | None:
        """Return how long the oldest query may still run; None where none runs."""
        if not self._running:
            return None
        due, _ = next(iter(self._running.values()))
        return due - time.monotonic()

    def _rest(self) -> None:
        """Wait until there may be a query to interrupt.

        A query that begins within the limit from now is not due before that: so short queries, one
        after another, do not wake this thread each time.
        """
        self._changed.wait(self.seconds)
        if not self._running and not self._closed:
            self._sleeps = True
            self._changed.wait()
            self._sleeps = False
