"""Each missing answer is computed once, and a failing or damaged cache costs only time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest

from queries.cache import ASKED_AT, SingleFlightCache, cache_key
from queries.errors import QueryTimeout, StoreChanged
from queries.user_scope import EVERYTHING, Scope

THREADS = 8


class DictCache:
    """A cache in a dictionary; ``asked`` is released at each look-up, so that tests can wait."""

    def __init__(self) -> None:
        self.kept: dict[str, object] = {}
        self.asked = threading.Semaphore(0)

    def get(self, key: str) -> object:
        found = self.kept.get(key)
        self.asked.release()
        return found

    def set(self, key: str, value: bytes) -> object:
        self.kept[key] = value
        return True

    def clear(self) -> object:
        self.kept.clear()
        return True


class BrokenCache:
    """A cache of which every call fails."""

    def get(self, key: str) -> object:
        raise ConnectionError(key)

    def set(self, key: str, value: bytes) -> object:
        raise ConnectionError(key)

    def clear(self) -> object:
        raise ConnectionError


class Computation:
    """Counts how often it runs; ``wait`` can delay it until all threads have missed the cache."""

    def __init__(self, wait: Callable[[], None] = lambda: None) -> None:
        self.runs = 0
        self._guard = threading.Lock()
        self._wait = wait

    def __call__(self) -> bytes:
        with self._guard:
            self.runs += 1
        self._wait()
        return b"answer"


def sound(found: bytes) -> bool:
    return found == b"answer"


def all_missed(byte_cache: DictCache) -> Callable[[], None]:
    """Return a function that waits until all threads looked up, the computing one twice."""

    def wait() -> None:
        for _ in range(THREADS + 1):
            assert byte_cache.asked.acquire(timeout=20)

    return wait


# --- single flight ------------------------------------------------------------------------------


def test_simultaneous_requests_for_a_missing_key_compute_it_once() -> None:
    byte_cache = DictCache()
    cache = SingleFlightCache(byte_cache)
    compute = Computation(all_missed(byte_cache))
    with ThreadPoolExecutor(THREADS) as pool:
        asked = [pool.submit(cache.get, "key", compute, sound) for _ in range(THREADS)]
        answers = [answer.result(timeout=30) for answer in asked]
    assert answers == [b"answer"] * THREADS
    assert compute.runs == 1
    assert byte_cache.kept == {"key": b"answer"}


def test_different_questions_do_not_wait_for_each_other() -> None:
    cache = SingleFlightCache(DictCache())
    together = threading.Barrier(2, timeout=20)

    def compute() -> bytes:
        together.wait()  # passes only while both are computed
        return b"answer"

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(cache.get, key, compute, sound) for key in ("one", "two")]
        assert [answer.result(timeout=30) for answer in asked] == [b"answer"] * 2


def test_a_failure_is_shared_by_waiting_threads_and_not_by_later_ones() -> None:
    byte_cache = DictCache()
    cache = SingleFlightCache(byte_cache)
    runs = []

    def compute() -> bytes:
        runs.append(1)
        if len(runs) == 1:
            all_missed(byte_cache)()
            raise RuntimeError("the store went away")
        return b"answer"

    with ThreadPoolExecutor(THREADS) as pool:
        asked = [pool.submit(cache.get, "key", compute, sound) for _ in range(THREADS)]
        failures = [answer.exception(timeout=30) for answer in asked]
    assert [type(failure) for failure in failures] == [RuntimeError] * THREADS
    assert len(runs) == 1
    assert byte_cache.kept == {}
    assert cache.get("key", compute, sound) == b"answer"
    assert byte_cache.kept == {"key": b"answer"}


def test_a_failure_for_one_key_does_not_affect_another() -> None:
    cache = SingleFlightCache(DictCache())
    both = threading.Barrier(2, timeout=20)

    def fail() -> bytes:
        both.wait()
        raise RuntimeError

    def succeed() -> bytes:
        both.wait()
        return b"answer"

    with ThreadPoolExecutor(2) as pool:
        failed = pool.submit(cache.get, "one", fail, sound)
        answered = pool.submit(cache.get, "two", succeed, sound)
        assert answered.result(timeout=30) == b"answer"
        assert isinstance(failed.exception(timeout=30), RuntimeError)


@pytest.mark.parametrize("error", [StoreChanged(), SystemExit()])
def test_a_failure_of_the_computing_thread_alone_is_not_shared(error: BaseException) -> None:
    """The computing thread's store had changed, or this thread was told to end."""
    byte_cache = DictCache()
    cache = SingleFlightCache(byte_cache)
    runs = []

    def compute() -> bytes:
        runs.append(1)
        if len(runs) == 1:
            all_missed(byte_cache)()
            raise error
        return b"answer"

    with ThreadPoolExecutor(THREADS) as pool:
        asked = [pool.submit(cache.get, "key", compute, sound) for _ in range(THREADS)]
        failures = [answer.exception(timeout=30) for answer in asked]
    assert failures.count(None) == THREADS - 1
    assert len(runs) == 2


def test_a_timeout_is_shared_by_requests_that_arrived_before_it() -> None:
    """With one thread and many equal requests only the first is computed, however late."""
    now = [100.0]
    cache = SingleFlightCache(DictCache(), clock=lambda: now[0])
    runs = []

    def compute() -> bytes:
        runs.append(1)
        now[0] += 30
        raise QueryTimeout("over 30 s")

    def ask(asked_at: float | None) -> None:
        token = ASKED_AT.set(asked_at)
        try:
            with pytest.raises(QueryTimeout):
                cache.get("key", compute, sound)
        finally:
            ASKED_AT.reset(token)

    for _ in range(50):
        ask(100.0)
    assert len(runs) == 1
    ask(130.5)  # after the time-out, which was at 130
    assert len(runs) == 2
    ask(None)  # nobody knows when: just now
    assert len(runs) == 3


def test_the_time_outs_that_are_remembered_are_bounded() -> None:
    """Of 1,200 the oldest 200 are forgotten: an equal request computes again, however late."""
    cache = SingleFlightCache(DictCache(), clock=lambda: 100.0)
    computed = []

    def ask(number: int) -> None:
        def compute() -> bytes:
            computed.append(number)
            raise QueryTimeout

        with pytest.raises(QueryTimeout):
            cache.get(f"key {number}", compute, sound)

    token = ASKED_AT.set(99.0)
    try:
        for number in [*range(1_200), 1_199, 200, 199]:
            ask(number)
    finally:
        ASKED_AT.reset(token)
    assert computed == [*range(1_200), 199]


def test_hits_and_misses_are_counted() -> None:
    cache = SingleFlightCache(DictCache())
    for _ in range(3):
        cache.get("key", Computation(), sound)
    cache.get("other", Computation(), sound)
    assert (cache.hits, cache.misses) == (2, 2)


def test_finished_computations_are_forgotten() -> None:
    """After an error, and after bytes that the cache has lost, the next request computes again."""
    byte_cache = DictCache()
    cache = SingleFlightCache(byte_cache)

    def fail() -> bytes:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cache.get("one", fail, sound)
    assert cache.get("one", Computation(), sound) == Computation()()
    byte_cache.kept.clear()
    again = Computation()
    cache.get("one", again, sound)
    assert again.runs == 1


# --- what is in the cache -----------------------------------------------------------------------


def test_a_cached_answer_is_not_computed_again() -> None:
    cache = SingleFlightCache(DictCache())
    compute = Computation()
    assert [cache.get("key", compute, sound) for _ in range(3)] == [b"answer"] * 3
    assert compute.runs == 1


@pytest.mark.parametrize("kept", [b"", b"answe", b"answer ", b"\x80\x04N.", "answer", 1, None, []])
def test_a_damaged_entry_is_computed_and_replaced(kept: object) -> None:
    byte_cache = DictCache()
    byte_cache.kept["key"] = kept
    compute = Computation()
    assert SingleFlightCache(byte_cache).get("key", compute, sound) == b"answer"
    assert compute.runs == 1
    assert byte_cache.kept == {"key": b"answer"}


def test_a_cache_that_fails_never_fails_the_answer() -> None:
    cache = SingleFlightCache(BrokenCache())
    compute = Computation()
    assert [cache.get("key", compute, sound) for _ in range(2)] == [b"answer"] * 2
    assert compute.runs == 2


def test_a_read_only_cache_still_gives_its_entries() -> None:
    class ReadOnly(DictCache):
        def set(self, key: str, value: bytes) -> object:
            raise PermissionError(key)

    byte_cache = ReadOnly()
    cache = SingleFlightCache(byte_cache)
    assert cache.get("new", Computation(), sound) == b"answer"
    byte_cache.kept["old"] = b"answer"
    compute = Computation()
    assert cache.get("old", compute, sound) == b"answer"
    assert compute.runs == 0


def test_a_failure_of_the_cache_is_logged_without_the_key(caplog: pytest.LogCaptureFixture) -> None:
    SingleFlightCache(BrokenCache()).get("secret-key", Computation(), sound)
    assert {record.event for record in caplog.records} == {  # type: ignore[attr-defined]
        "cache_read_failed",
        "cache_write_failed",
    }
    assert "secret-key" not in caplog.text


# --- keys ---------------------------------------------------------------------------------------

DAY = date(2026, 11, 22)
DIFFERENT: list[tuple[int, Scope, str, tuple[object, ...]]] = [
    (1, EVERYTHING, "select $1", (DAY,)),
    (2, EVERYTHING, "select $1", (DAY,)),
    (1, EVERYTHING, "select $1 ", (DAY,)),
    (1, EVERYTHING, "select $1", ("2026-11-22",)),
    (1, EVERYTHING, "select $1", (repr(DAY),)),
    (1, EVERYTHING, "select $1", (datetime(2026, 11, 22),)),  # noqa: DTZ001 - as times are stored
    (1, EVERYTHING, "select $1", ()),
    (1, EVERYTHING, "select $1", (DAY, DAY)),
    (1, EVERYTHING, "select $1", (1,)),
    (1, EVERYTHING, "select $1", ("1",)),
    (1, EVERYTHING, "select $1", (1.0,)),
    (1, EVERYTHING, "select $1", (True,)),
    (1, EVERYTHING, "select $1", (None,)),
    (1, EVERYTHING, "select $1", ("None",)),
    (1, EVERYTHING, "select $1", ("null",)),
    (1, EVERYTHING, "select $1", ("a", "b")),
    (1, EVERYTHING, "select $1", ("b", "a")),
    (1, EVERYTHING, "select $1", (["a", "b"],)),
    (1, EVERYTHING, "select $1", ("a, b",)),
    (1, EVERYTHING, "select $1", ("a', 'b",)),
    (1, EVERYTHING, "select $1", (("a", "b"),)),
    (1, EVERYTHING, "select $1", ("\u00e3",)),
    (1, EVERYTHING, "select $1", ("\\u00e3",)),
    (1, Scope(accounts=()), "select $1", (DAY,)),
    (1, Scope(accounts=("a",)), "select $1", (DAY,)),
    (1, Scope(accounts=("a", "b")), "select $1", (DAY,)),
    (1, Scope(teams=("a",)), "select $1", (DAY,)),
    (1, Scope(channels=("a",)), "select $1", (DAY,)),
    (1, Scope(see_phones=True), "select $1", (DAY,)),
    (1, Scope(see_texts=False), "select $1", (DAY,)),
]


def test_different_questions_have_different_keys() -> None:
    assert len({cache_key(*question) for question in DIFFERENT}) == len(DIFFERENT)


def test_equal_questions_have_equal_keys() -> None:
    for version, scope, sql, parameters in DIFFERENT:
        assert cache_key(version, scope, sql, parameters) == cache_key(
            version,
            Scope(scope.accounts, scope.teams, scope.channels, scope.see_phones, scope.see_texts),
            str(sql),
            tuple(parameters),
        )


def test_a_key_contains_no_filter_values() -> None:
    key = cache_key(1, EVERYTHING, "select $1", ("João da Silva",))
    assert len(key) == 64
    assert set(key) <= set("0123456789abcdef")


# --- forgetting -----------------------------------------------------------------------------------


def test_answers_that_are_forgotten_are_computed_again() -> None:
    cache, compute = SingleFlightCache(DictCache()), Computation()
    assert cache.get("key", compute, sound) == b"answer"
    cache.forget()
    assert cache.get("key", compute, sound) == b"answer"
    assert compute.runs == 2


def test_an_answer_that_is_computed_while_all_are_forgotten_is_not_kept() -> None:
    byte_cache = DictCache()
    cache = SingleFlightCache(byte_cache)
    assert cache.get("key", Computation(cache.forget), sound) == b"answer"
    assert byte_cache.kept == {}
    assert cache.get("key", Computation(), sound) == b"answer"
    assert byte_cache.kept == {"key": b"answer"}


def test_an_answer_that_is_kept_just_after_all_were_forgotten_is_dropped() -> None:
    class LateCache(DictCache):
        def set(self, key: str, value: bytes) -> object:
            cache.forget()  # of another thread, between the check and the store
            return super().set(key, value)

    byte_cache = LateCache()
    cache = SingleFlightCache(byte_cache)
    assert cache.get("key", Computation(), sound) == b"answer"
    assert byte_cache.kept == {}


def test_a_cache_that_cannot_be_cleared_is_an_error() -> None:
    with pytest.raises(ConnectionError):
        SingleFlightCache(BrokenCache()).forget()
