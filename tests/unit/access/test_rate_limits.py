"""How often one subject may download, and see phones or texts."""

import threading
import time
from contextlib import suppress
from typing import Any

import pytest
from limits.storage import MemoryStorage

from app.access.rate_limits import RateLimits
from queries.errors import TooManyRequests


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let the machine's clock show the one number of this list."""
    shown = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: shown[0])
    return shown


def test_so_many_a_minute_and_no_more(now: list[float]) -> None:
    limits = RateLimits(3, 2)
    for _ in range(3):
        limits.count_export("ana")
    with pytest.raises(TooManyRequests):
        limits.count_export("ana")


def test_the_error_says_when_the_next_one_is_allowed(now: list[float]) -> None:
    limits = RateLimits(2, 2)
    limits.count_export("ana")
    now[0] += 20
    limits.count_export("ana")
    with pytest.raises(TooManyRequests) as refused:
        limits.count_export("ana")
    assert 39 <= refused.value.retry_after_seconds <= 41
    now[0] += refused.value.retry_after_seconds
    limits.count_export("ana")
    with pytest.raises(TooManyRequests):
        limits.count_export("ana")


def test_what_is_refused_is_not_counted(now: list[float]) -> None:
    """Who keeps on asking does not wait for ever."""
    limits = RateLimits(1, 1)
    limits.count_export("ana")
    for _ in range(5):
        now[0] += 10
        with pytest.raises(TooManyRequests) as refused:
            limits.count_export("ana")
    assert refused.value.retry_after_seconds <= 11
    now[0] += 11
    limits.count_export("ana")


def test_each_subject_and_each_kind_is_counted_by_itself(now: list[float]) -> None:
    limits = RateLimits(1, 1)
    for subject in ("ana", "Ana", "ana/exports", "exports", "ana ", "bruno"):
        limits.count_export(subject)
        limits.count_reveal(subject)
    for count in (limits.count_export, limits.count_reveal):
        with pytest.raises(TooManyRequests):
            count("ana")


def test_limits_of_two_apps_do_not_mix(now: list[float]) -> None:
    first, second = RateLimits(1, 1), RateLimits(1, 1)
    first.count_export("ana")
    second.count_export("ana")


def test_threads_at_once_are_all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """One after another: the package's storage fails at times where two threads are in it."""
    inside: list[int] = []
    overlaps: list[int] = []
    plain = MemoryStorage.acquire_entry

    def watched(self: MemoryStorage, *args: Any, **options: Any) -> bool:
        overlaps.extend(inside)
        inside.append(1)
        time.sleep(0.001)
        try:
            return plain(self, *args, **options)
        finally:
            inside.pop()

    monkeypatch.setattr(MemoryStorage, "acquire_entry", watched)
    limits = RateLimits(10_000, 30)
    allowed: list[int] = []
    together = threading.Barrier(8)

    def count(number: int) -> None:
        together.wait()
        for _ in range(10):
            with suppress(TooManyRequests):
                limits.count_reveal("ana")
                allowed.append(number)

    threads = [threading.Thread(target=count, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not overlaps
    assert len(allowed) == 30
