"""Tasks that run at the same time: which results come, and which are late."""

import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from callbacks.side_by_side import SideBySide

WHO: ContextVar[str] = ContextVar("who", default="nobody")
LONG = 60.0


@pytest.fixture
def side_by_side() -> Iterator[SideBySide]:
    made = SideBySide()
    yield made
    made.close()


def test_tasks_run_at_the_same_time(side_by_side: SideBySide) -> None:
    """Each waits for the other: one after the other would never end."""
    meeting = threading.Barrier(2, timeout=LONG)

    def meet() -> bool:
        return meeting.wait() >= 0

    assert side_by_side.run({"one": meet, "other": meet}, None) == {"one": True, "other": True}


def test_a_late_task_holds_up_no_other(side_by_side: SideBySide) -> None:
    release = threading.Event()
    tasks = {"late": lambda: release.wait(LONG), "quick": lambda: True}
    assert side_by_side.run(tasks, 0.05) == {"quick": True}
    release.set()


def test_one_task_may_be_late_too(side_by_side: SideBySide) -> None:
    release = threading.Event()
    assert side_by_side.run({"late": lambda: release.wait(LONG)}, 0.05) == {}
    release.set()


def test_tasks_see_what_the_caller_sees(side_by_side: SideBySide) -> None:
    token = WHO.set("Ana")
    assert side_by_side.run({"a": WHO.get, "b": WHO.get}, None) == {"a": "Ana", "b": "Ana"}
    WHO.reset(token)
    assert side_by_side.run({"a": WHO.get, "b": WHO.get}, None) == {"a": "nobody", "b": "nobody"}


def test_an_error_is_raised(side_by_side: SideBySide) -> None:
    def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        side_by_side.run({"one": fail, "other": lambda: None}, None)


def test_nothing_begins_after_the_end(side_by_side: SideBySide) -> None:
    side_by_side.close()
    with pytest.raises(RuntimeError):
        side_by_side.run({"one": lambda: 1, "other": lambda: 2}, None)
