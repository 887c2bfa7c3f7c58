"""What the commands ``erase`` and ``purge`` ask for, and what they report."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Self

from queries.vocabulary import ERASE, PURGE


@dataclass(frozen=True, slots=True)
class RemovalOrder:
    """What is to be removed. Exactly one of ``person``, ``phone`` and ``before`` is given.

    ``person``: the name of a person as it is stored. ``phone``: a phone in E.164. ``account``: only
    what belongs to this account; None for all. ``before``: everything before this local day.
    ``texts_only``: of what is before it only the texts of messages. ``is_trial``: count what would
    be removed, and change nothing.
    """

    person: str | None = None
    phone: str | None = None
    account: str | None = None
    before: date | None = None
    texts_only: bool = False
    is_trial: bool = False

    @property
    def source(self) -> str:
        """``erase``, or ``purge`` where ``before`` is given: the ``source`` of the hand-in."""
        return ERASE if self.before is None else PURGE

    def to_json(self) -> dict[str, Any]:
        """Return this order as a dict for JSON, which ``from_json`` reads."""
        return asdict(self) | {"before": self.before and self.before.isoformat()}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """Return the order that ``to_json`` returned as ``content``."""
        before = content["before"]
        return cls(**content | {"before": before and date.fromisoformat(before)})


@dataclass(frozen=True, slots=True)
class RemovalReport:
    """What was removed, or would be.

    ``cases`` and ``messages`` count removed rows; ``texts`` values that were reworded or emptied.
    ``similar`` counts what stays and may be the same person: other spellings of the name, or cases
    with the phone without its country code. ``reject_rows`` are rows of lists of rejects that were
    reworded, ``audit_records`` records of the audit file, ``reports`` reports in the inbox.
    ``hand_ins`` are unfinished hand-ins and copies in the inbox that were removed. ``payloads`` are
    removed payloads of webhooks that were kept aside.

    ``is_cache_empty``: whether the cached answers could be dropped.
    """

    cases: int = 0
    messages: int = 0
    texts: int = 0
    similar: int = 0
    reject_rows: int = 0
    audit_records: int = 0
    reports: int = 0
    hand_ins: int = 0
    payloads: int = 0
    is_cache_empty: bool = True

    @property
    def found_nothing(self) -> bool:
        """Whether there was nothing to remove."""
        return replace(self, similar=0, is_cache_empty=True) == RemovalReport()
