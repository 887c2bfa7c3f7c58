"""Leases: one writer at a time, by epochs and beats, with a clock that the tests move."""

import threading
import time
from dataclasses import dataclass, field

import pytest

from queries.engines.lease import PATIENCE_SECONDS, Lease
from queries.engines.publishing import LockLost, TargetLost


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Place:
    """A target in memory. ``is_away``: it does not answer. ``claims`` are its epochs in order."""

    is_away: bool = False
    claims: list[int] = field(default_factory=list)
    beats: dict[int, int] = field(default_factory=dict)
    calls: int = 0
    changed: threading.Event = field(default_factory=threading.Event)

    def _answer(self) -> None:
        self.calls += 1
        if self.is_away:
            raise TargetLost("away")

    def newest_epoch(self) -> int:
        self._answer()
        return max(self.claims, default=0)

    def claim(self, epoch: int) -> bool:
        self._answer()
        if epoch in self.claims:
            return False
        self.claims.append(epoch)
        return True

    def write_beat(self, epoch: int, number: int) -> None:
        self._answer()
        self.beats[epoch] = number
        self.changed.set()

    def read_beat(self, epoch: int) -> int | None:
        self._answer()
        return self.beats.get(epoch)


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def lease_of(place: Place, clock: Clock) -> Lease:
    return Lease(place, clock=clock, beats=False)


def seconds_until_held(lease: Lease, clock: Clock, most: int = 30) -> int:
    """Ask ``lease`` each second until this process holds it; return how many seconds passed."""
    for second in range(most):
        if lease.hold():
            return second
        clock.now += 1
    raise AssertionError("never held")


def test_the_first_holds_it_at_once_and_a_second_does_not(place: Place, clock: Clock) -> None:
    first, second = lease_of(place, clock), lease_of(place, clock)
    assert first.hold()
    assert first.epoch == 1
    for _ in range(60):
        clock.now += 1
        first.renew()
        assert not second.hold()
        assert first.hold()
    assert place.claims == [1]
    assert second.epoch == 0


def test_a_dead_holder_is_succeeded_when_its_patience_is_over(place: Place, clock: Clock) -> None:
    first, second = lease_of(place, clock), lease_of(place, clock)
    assert first.hold()
    assert seconds_until_held(second, clock) == PATIENCE_SECONDS
    assert second.epoch == 2


def test_patience_begins_anew_with_each_beat(place: Place, clock: Clock) -> None:
    first, second = lease_of(place, clock), lease_of(place, clock)
    assert first.hold()
    assert not second.hold()
    clock.now += PATIENCE_SECONDS - 1
    first.renew()
    assert seconds_until_held(second, clock) == PATIENCE_SECONDS


def test_patience_begins_when_a_waiting_writer_first_looks(place: Place, clock: Clock) -> None:
    """How long the beat stood before is unknown to it: the holder may just have begun."""
    assert lease_of(place, clock).hold()
    clock.now += 100
    assert seconds_until_held(lease_of(place, clock), clock) == PATIENCE_SECONDS


def test_a_holder_that_was_stopped_for_long_finds_that_it_lost(place: Place, clock: Clock) -> None:
    first, second = lease_of(place, clock), lease_of(place, clock)
    assert first.hold()
    seconds_until_held(second, clock)
    with pytest.raises(LockLost):
        first.check()
    assert first.epoch == 0
    assert not first.hold()
    with pytest.raises(LockLost):
        first.check()
    second.check()


def test_a_holder_that_was_stopped_and_not_succeeded_goes_on(place: Place, clock: Clock) -> None:
    lease = lease_of(place, clock)
    assert lease.hold()
    clock.now += 100
    lease.check()
    assert lease.hold()
    assert place.claims == [1]


def test_one_of_two_that_wait_succeeds(place: Place, clock: Clock) -> None:
    assert lease_of(place, clock).hold()
    waiting = [lease_of(place, clock) for _ in range(2)]
    for _ in range(20):
        clock.now += 1
        held = [lease.hold() for lease in waiting]
        if any(held):
            break
    assert held.count(True) == 1
    assert place.claims == [1, 2]


def test_who_is_overtaken_by_another_claim_waits_again(clock: Clock) -> None:
    class Overtaken(Place):
        """Another process claims the next epoch just before this one."""

        def claim(self, epoch: int) -> bool:
            self.claims.append(epoch)
            return False

    place = Overtaken()
    lease = lease_of(place, clock)
    assert not lease.hold()
    assert lease.epoch == 0
    clock.now += 1
    assert not lease.hold()
    assert place.claims == [1]


def test_a_lease_that_was_released_is_taken_at_once(place: Place, clock: Clock) -> None:
    first, second = lease_of(place, clock), lease_of(place, clock)
    assert first.hold()
    assert not second.hold()
    first.release()
    with pytest.raises(LockLost):
        first.check()
    assert seconds_until_held(second, clock) <= 1
    first.release()
    second.renew()
    assert not first.hold()


def test_fresh_beats_spare_the_target(place: Place, clock: Clock) -> None:
    lease = lease_of(place, clock)
    assert lease.hold()
    calls = place.calls
    for _ in range(10):
        clock.now += 0.1
        assert lease.hold()
        lease.check()
    assert place.calls == calls


def test_waiting_writers_look_once_a_second(place: Place, clock: Clock) -> None:
    assert lease_of(place, clock).hold()
    lease = lease_of(place, clock)
    calls = place.calls
    for _ in range(20):
        lease.hold()
        clock.now += 0.25
    assert place.calls <= calls + 5 * 2


def test_a_target_that_is_away_is_told_and_nothing_is_lost(place: Place, clock: Clock) -> None:
    lease = lease_of(place, clock)
    assert lease.hold()
    place.is_away = True
    clock.now += 5
    with pytest.raises(TargetLost) as told:
        lease.hold()
    assert not isinstance(told.value, LockLost)
    place.is_away = False
    assert lease.hold()
    assert lease.epoch == 1


def test_a_claim_without_an_answer_is_nobodys(clock: Clock) -> None:
    class Cut(Place):
        """The connection is cut after the claim took effect."""

        def claim(self, epoch: int) -> bool:
            super().claim(epoch)
            if epoch == 1:
                raise TargetLost("cut")
            return True

    place = Cut()
    lease = lease_of(place, clock)
    with pytest.raises(TargetLost):
        lease.hold()
    assert lease.epoch == 0
    assert seconds_until_held(lease, clock) == PATIENCE_SECONDS + 1
    assert lease.epoch == 2


def test_a_beat_that_fails_after_the_claim_leaves_the_lease_held(clock: Clock) -> None:
    class Cut(Place):
        """It goes away after the claim."""

        def claim(self, epoch: int) -> bool:
            self.is_away = super().claim(epoch)
            return self.is_away

    place = Cut()
    lease = lease_of(place, clock)
    with pytest.raises(TargetLost):
        lease.hold()
    place.is_away = False
    assert lease.hold()
    assert place.claims == [1]


def test_an_emptied_target_ends_the_lease(place: Place, clock: Clock) -> None:
    lease = lease_of(place, clock)
    assert lease.hold()
    place.claims.clear()
    with pytest.raises(LockLost):
        lease.renew()
    clock.now += 1
    assert lease.hold()


def test_a_thread_beats_until_the_release(place: Place) -> None:
    lease = Lease(place)
    try:
        assert lease.hold()
        first = place.beats[1]
        place.changed.clear()
        assert place.changed.wait(10)
        assert place.beats[1] > first
    finally:
        lease.release()
    threads = {thread.name for thread in threading.enumerate()}
    assert "lease" not in threads
    assert place.beats[1] == -1


def test_the_thread_goes_on_when_the_target_was_away(place: Place) -> None:
    lease = Lease(place)
    try:
        assert lease.hold()
        place.is_away = True
        calls, deadline = place.calls, time.monotonic() + 20
        while place.calls < calls + 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        place.is_away = False
        place.changed.clear()
        assert place.changed.wait(10)
        assert lease.hold()
    finally:
        lease.release()
