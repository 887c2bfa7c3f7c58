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
            if len(self._running) == 1:
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
                if not self._running:
                    self._changed.wait()
                    continue
                token, (due, interrupt) = next(iter(self._running.items()))
                left = due - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                else:
                    del self._running[token]
                    interrupt()
