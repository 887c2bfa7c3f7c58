"""Counts the panels that are answered for the page, and lets few of them be answered in advance.

One panel of one question is one answer: the page's first question counts as many as it has panels,
another page of the table one.
"""

import threading
from dataclasses import dataclass, replace
from typing import Any, Final

#: At most one answer of so many is given in advance.
ONE_OF: Final = 4
#: The most answers whose fate one question may tell; a page keeps fewer.
_MOST_TOLD: Final = 1_000


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of answers in advance: ``used`` ones were shown, ``wasted`` ones never were."""

    used: int = 0
    wasted: int = 0


@dataclass(frozen=True, slots=True)
class AheadTotals:
    """How many panels were answered since the start.

    ``asked`` were chosen by a reader; ``ahead`` were answered in advance. ``fates`` are those of
    the latter, as far as pages have told them.
    """

    asked: int = 0
    ahead: int = 0
    fates: Fates = Fates()


class AheadCounts:
    """The counts of one app. Its methods may be called by several threads at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._totals = AheadTotals()
        self._reserved = 0

    @property
    def totals(self) -> AheadTotals:
        """The present counts."""
        return self._totals

    def answered(self, panels: int) -> None:
        """Count ``panels`` that were answered because a reader chose what they show."""
        with self._lock:
            self._totals = replace(self._totals, asked=self._totals.asked + panels)

    def reserve(self, panels: int) -> bool:
        """Return whether ``panels`` may be answered in advance; if so, ``settle`` must follow.

        They may if no more than one answer of ``ONE_OF`` is in advance with them, those that others
        have reserved included.
        """
        with self._lock:
            ahead = self._totals.ahead + self._reserved + panels
            if ONE_OF * ahead > self._totals.asked + ahead:
                return False
            self._reserved += panels
            return True

    def settle(self, panels: int, given: int) -> None:
        """End the reservation of ``panels``, and count the ``given`` ones of them."""
        with self._lock:
            self._reserved -= panels
            self._totals = replace(self._totals, ahead=self._totals.ahead + given)

    def told(self, fates: Fates) -> None:
        """Count what a page tells of the answers that it got in advance."""
        with self._lock:
            before = self._totals.fates
            after = Fates(before.used + fates.used, before.wasted + fates.wasted)
            self._totals = replace(self._totals, fates=after)


def fates_in(question: object) -> Fates:
    """Return the fates in ``question``, the value of the page's store ``ids.QUESTION``.

    They are under ``ahead`` as ``{"used": …, "wasted": …}``. The browser may send anything: a count
    that cannot be is 0.
    """
    told = question.get("ahead") if isinstance(question, dict) else None
    return Fates(_count(told, "used"), _count(told, "wasted"))


def _count(told: Any, name: str) -> int:
    value = told.get(name) if isinstance(told, dict) else None
    return value if type(value) is int and 0 <= value <= _MOST_TOLD else 0
