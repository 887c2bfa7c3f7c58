"""A query that takes too long is interrupted, however long nothing ran before it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from queries.engines.query_timeout import QueryTimer

#: Far more than any of the tests takes.
PATIENCE_SECONDS = 30.0


@contextmanager
def timer_of(seconds: float) -> Iterator[QueryTimer]:
    timer = QueryTimer(seconds)
    try:
        yield timer
    finally:
        timer.close()


def is_interrupted(timer: QueryTimer) -> bool:
    interrupted = threading.Event()
    with timer.limit(interrupted.set):
        return interrupted.wait(PATIENCE_SECONDS)


def test_a_query_that_takes_too_long_is_interrupted() -> None:
    with timer_of(0.01) as timer:
        assert is_interrupted(timer)


def test_so_are_those_after_it_whether_the_thread_rests_or_sleeps() -> None:
    with timer_of(0.01) as timer:
        assert all(is_interrupted(timer) for _ in range(5))
        asleep = threading.Event()
        # Until it has slept: a rest lasts as long as the limit.
        while not timer._sleeps:  # noqa: SLF001 - nothing outside shows that it sleeps
            asleep.wait(0.005)
        assert is_interrupted(timer)


def test_the_oldest_of_several_is_interrupted_first() -> None:
    order: list[str] = []
    both = threading.Event()

    def second() -> None:
        order.append("second")
        both.set()

    with (
        timer_of(0.05) as timer,
        timer.limit(lambda: order.append("first")),
        timer.limit(second),
    ):
        assert both.wait(PATIENCE_SECONDS)
    assert order == ["first", "second"]


def test_a_query_that_has_ended_is_not_interrupted() -> None:
    ended = threading.Event()
    with timer_of(0.05) as timer:
        with timer.limit(ended.set):
            pass
        assert is_interrupted(timer)
    assert not ended.is_set()
