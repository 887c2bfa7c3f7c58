"""What a check of the store's data is, and what it finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

_SHOWN_NAMES: Final = 5


class Weight(IntEnum):
    """How much a lead is misled by what a check finds; the greatest is told first."""

    #: Unusual: somebody should look whether it is right.
    ODD = 1
    #: Values are missing, so that a part of the page is empty.
    MISSING = 2
    #: Numbers on the page say something that is not so.
    WRONG = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: ``found`` things of ``among`` that were looked at.

    ``name`` and ``weight`` are those of the check. ``sentence`` says what was found, with the
    numbers; ``effect`` says what that does to which part of the page.
    """

    name: str
    weight: int
    found: int
    among: int
    sentence: str
    effect: str

    @property
    def share(self) -> float:
        """The part of the things looked at that was found, above 0 and up to 1."""
        return self.found / self.among


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of all checks: how many cases and messages were looked at, and what was found.

    ``rules`` is the number of checks. The weightiest finding is the first.
    """

    cases: int
    messages: int
    rules: int
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, cases: int, messages: int, rules: int, findings: Sequence[Finding]) -> "Checked":
        """Return the result with ``findings``, in any order, put into the order of their weight.

        Those of the same weight have the greatest share first.
        """
        ordered = sorted(findings, key=lambda finding: (-finding.weight, -finding.share))
        return cls(cases, messages, rules, tuple(ordered))

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Checked":
        """Return the result whose fields, as ``dataclasses.asdict`` gives them, are ``content``."""
        findings = tuple(Finding(**finding) for finding in content["findings"])
        return cls(**{**content, "findings": findings})


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The declaration of one check; ``checks.CHECKS`` lists all of them.

    ``sql`` is a SELECT of one row: how many things are odd, how many there are, and where the
    ``sentence`` has ``{names}`` a list of names, none of them a customer's. ``run.RELATIONS`` are
    the tables it reads. ``what`` is the plural of the things. ``sentence`` says what was found;
    ``{those}`` in it becomes "3 of 20 cases (15%)". ``effect`` says what that does to the page,
    whose names are in “…”.

    Fewer than ``least`` odd things, fewer than ``least_among`` things in all, and a share below
    ``least_share`` are not told: chance, or a small store, would give so many.
    """

    name: str
    weight: Weight
    what: str
    sql: str
    sentence: str
    effect: str
    least: int = 1
    least_among: int = 1
    least_share: float = 0.0

    def finding(self, found: int, among: int, names: Sequence[str] = ()) -> Finding | None:
        """Return what there is to tell of ``found`` odd things of ``among``; None if nothing."""
        if found < self.least or among < self.least_among or found < self.least_share * among:
            return None
        those = f"{found:,} of {among:,} {self.what} ({share_text(found, among)})"
        sentence = self.sentence.replace("{those}", those).replace("{names}", listed(names))
        return Finding(self.name, int(self.weight), found, among, sentence, self.effect)


def share_text(found: int, among: int) -> str:
    """Return ``found`` of ``among`` in percent; only none is 0%, and only all are 100%."""
    percent = 100 * found / among
    if 0 < percent < 0.1:
        return "under 0.1%"
    if 99.9 < percent < 100:
        return "over 99.9%"
    return f"{percent:.1f}%".replace(".0%", "%")


def listed(names: Sequence[str]) -> str:
    """Return the first of ``names`` in quotes, and how many more there are."""
    first = ", ".join(f'"{name}"' for name in names[:_SHOWN_NAMES])
    more = len(names) - _SHOWN_NAMES
    return f"{first} and {more:,} more" if more > 0 else first
