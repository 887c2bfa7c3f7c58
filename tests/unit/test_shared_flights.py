"""One process at a time computes what several need: the logic, with a clock that tests set.

``tests/integration/test_shared_cache.py`` has the same with Redis and processes.
"""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.cache import SingleFlightCache
from queries.errors import QueryTimeout
from queries.shared_flights import Ending, SharedFlights

LEASE_SECONDS = 3.0
WAIT_SECONDS = 33.0
LONGEST_PAUSE = 0.05
NEVER = float("inf")


class World:
    """The time, the cache that all processes see, and the leases in it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.kept: dict[str, bytes] = {}
        self.leases: dict[str, tuple[str, float]] = {}
        self.endings: dict[str, str] = {}
        self.fails_from = NEVER
        #: What another process does, by the time at which it does it.
        self.events: list[tuple[float, Callable[[], None]]] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= LONGEST_PAUSE
        self.now += seconds
        while self.events and self.events[0][0] <= self.now:
            _, event = self.events.pop(0)
            event()

    def take(self, key: str, token: str) -> str:
        self._answer()
        holder, until = self.leases.get(key, ("", 0.0))
        if until > self.now:
            return holder
        self.leases[key] = token, self.now + LEASE_SECONDS
        return token

    def end(self, key: str, token: str, ending: Ending | None) -> None:
        self._answer()
        if self.leases.get(key, ("", 0.0))[0] == token:
            del self.leases[key]
            if ending:
                self.endings[token] = ending

    def ending(self, token: str) -> str | None:
        self._answer()
        return self.endings.get(token)

    def get(self, key: str) -> object:
        self._answer()
        return self.kept.get(key)

    def set(self, key: str, value: bytes) -> object:
        self._answer()
        self.kept[key] = value
        return True

    def clear(self) -> object:
        self.kept.clear()
        return True

    def _answer(self) -> None:
        if self.now >= self.fails_from:
            raise ConnectionError

    def cache(self) -> SingleFlightCache:
        """Return the cache of one further process."""
        return SingleFlightCache(
            self, self.clock, SharedFlights(self, WAIT_SECONDS, self.clock, self.sleep)
        )


class Computation:
    def __init__(self, error: Exception | None = None) -> None:
        self.runs = 0
        self.error = error

    def __call__(self) -> bytes:
        self.runs += 1
        if self.error:
            raise self.error
        return b"ours"


def sound(found: bytes) -> bool:
    return found in (b"ours", b"theirs")


OTHER = "the token of another process"
#: How the computation of the other process ends, and what this process then answers: None for
#: ``QueryTimeout``.
ENDINGS = {
    "kept": b"theirs",
    "timeout": None,
    "failed": b"ours",
    "nothing": b"ours",
    "killed": b"ours",
    "damaged": b"ours",
    "never": b"ours",
}


def let_other_compute(world: World, ending: str, seconds: float) -> float:
    """Let another process compute for ``seconds``; return when its lease ends."""

    def ends() -> None:
        del world.leases["key"]
        if ending in ("timeout", "failed"):
            world.endings[OTHER] = ending
        if ending in ("kept", "damaged"):
            world.kept["key"] = b"theirs" if ending == "kept" else b"rubbish"

    if ending == "killed":
        world.leases["key"] = OTHER, seconds + LEASE_SECONDS
        return seconds + LEASE_SECONDS
    world.leases["key"] = OTHER, NEVER
    if ending == "never":
        return NEVER
    world.events = [(seconds, ends)]
    return seconds


@given(
    st.sampled_from(sorted(ENDINGS)), st.floats(0.0, 60.0), st.floats(0.0, 60.0) | st.just(NEVER)
)
def test_every_end_of_the_other_process_leads_to_an_answer(
    ending: str, seconds: float, fails_from: float
) -> None:
    world, compute = World(), Computation()
    world.fails_from = fails_from
    until = let_other_compute(world, ending, seconds)
    try:
        found: bytes | None = world.cache().get("key", compute, sound)
    except QueryTimeout:
        found = None
    # It looks at the ends of pauses: what comes between two looks is seen at the second one.
    gives_up_at = min(fails_from, WAIT_SECONDS)
    if until + LONGEST_PAUSE < gives_up_at:
        assert found == ENDINGS[ending]
    elif until > gives_up_at + LONGEST_PAUSE:
        assert found == b"ours"
    assert compute.runs == (found == b"ours")
    assert world.now <= min(until, gives_up_at) + 2 * LONGEST_PAUSE
    if found == b"ours" and world.now < fails_from:
        assert world.kept["key"] == b"ours"


def test_a_process_that_finds_no_lease_computes_at_once_and_ends_its_lease() -> None:
    world, compute = World(), Computation()
    assert world.cache().get("key", compute, sound) == b"ours"
    assert (world.now, compute.runs, world.leases, world.endings) == (0.0, 1, {}, {})
    assert world.cache().get("key", Computation(ValueError()), sound) == b"ours"


def test_bytes_that_came_just_before_the_lease_are_used() -> None:
    world, compute = World(), Computation()
    take = world.take

    def late(key: str, token: str) -> str:
        world.kept["key"] = b"theirs"  # between the look into the cache and the lease
        return take(key, token)

    world.take = late  # type: ignore[method-assign]
    assert world.cache().get("key", compute, sound) == b"theirs"
    assert (compute.runs, world.leases) == (0, {})


@pytest.mark.parametrize(
    ("error", "told"),
    [(QueryTimeout("30 s"), "timeout"), (ValueError(), "failed"), (KeyboardInterrupt(), "failed")],
)
def test_an_error_ends_the_lease_and_says_what_others_do(error: Exception, told: str) -> None:
    world = World()
    with pytest.raises(type(error)):
        world.cache().get("key", Computation(error), sound)
    assert world.leases == {}
    assert list(world.endings.values()) == [told]


def test_a_request_after_a_time_out_computes_again() -> None:
    """Only who waited for that computation is told of it, as within one process."""
    world, compute = World(), Computation()
    with pytest.raises(QueryTimeout):
        world.cache().get("key", Computation(QueryTimeout()), sound)
    assert world.cache().get("key", compute, sound) == b"ours"


def test_leases_that_fail_at_the_end_do_not_fail_the_answer() -> None:
    world = World()

    def end(key: str, token: str, ending: Ending | None) -> None:
        raise ConnectionError

    world.end = end  # type: ignore[method-assign]
    assert world.cache().get("key", Computation(), sound) == b"ours"


def test_a_failure_of_the_leases_is_logged_without_the_key(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()

    def take(key: str, token: str) -> str:
        raise ConnectionError(key, token)

    world.take = take  # type: ignore[method-assign]
    assert world.cache().get("secret-key", Computation(), sound) == b"ours"
    assert [record.event for record in caplog.records] == ["lease_failed"]  # type: ignore[attr-defined]
    assert "secret-key" not in caplog.text
