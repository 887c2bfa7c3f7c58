"""Runs the reading of several panels at once, and tells which of them take long."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import Final, TypeVar

#: The most panels that are read at once in a process; further ones wait for their turn.
_THREADS: Final = 32

Result = TypeVar("Result")


class SideBySide:
    """Threads in which the panels of one question are read at the same time.

    Whoever makes it calls ``close`` at the end of the process's work.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="panel")

    def run(
        self, tasks: Mapping[str, Callable[[], Result]], patience: float | None
    ) -> dict[str, Result]:
        """Run ``tasks`` and return the results of those that end within ``patience`` seconds.

        Results are by the names of the tasks. With ``patience`` None it waits for all. A task sees
        the request of the caller. One that takes longer goes on, and its result is dropped; one
        that has not begun by then does not begin. Errors of a task that ended in time are raised.
        """
        if len(tasks) == 1 and patience is None:
            return {name: task() for name, task in tasks.items()}
        futures = {
            name: self._pool.submit(copy_context().run, task) for name, task in tasks.items()
        }
        done, late = wait(futures.values(), timeout=patience)
        for future in late:
            future.cancel()
        return {name: future.result() for name, future in futures.items() if future in done}

    def close(self) -> None:
        """Let no further task begin. Those under way end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)
