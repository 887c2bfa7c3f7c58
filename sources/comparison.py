"""What a source asks to compare with the store, and what is reported of it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

#: The ``source`` of a hand-in that asks to compare.
RECONCILE: Final = "reconcile"
#: The files of such a hand-in: ids of cases and of messages, Parquet with ``account`` and ``id``,
#: and the ``Comparison`` as JSON.
CASE_IDS: Final = "case_ids"
MESSAGE_IDS: Final = "message_ids"
COMPARISON: Final = "comparison"
#: How many late rows of each kind a comparison names; the next one names others.
MOST_LATE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is to be compared: all ids that the source has of some accounts.

    ``asked_at``: when the source was asked, in ISO 8601 with an offset. ``accounts``: those that
    the source answers for. ``most_removed``: the greatest share of the compared cases, or messages,
    that may be removed, from 0 to 1; a part of one row counts as one.
    """

    asked_at: str
    accounts: tuple[str, ...]
    most_removed: float

    def to_json(self) -> str:
        """Return this comparison as a JSON text, which ``from_json`` reads."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the comparison that ``to_json`` wrote as ``text``."""
        content = json.loads(text)
        return cls(**{**content, "accounts": tuple(content["accounts"])})


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """What a comparison found.

    ``late_cases``, ``late_messages``: ids that the source has and the store lacks, ``MOST_LATE`` of
    each at most. ``missing``: how many rows the store has and the source lacks. ``removed``: how
    many of them went, with the messages of removed cases; ``kept``: how many would have gone, but
    were more than the share that may go.
    """

    late_cases: tuple[int, ...] = ()
    late_messages: tuple[int, ...] = ()
    missing: int = 0
    removed: int = 0
    kept: int = 0

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the report of its dict, in which tuples are lists."""
        late = {name: tuple(content[name]) for name in ("late_cases", "late_messages")}
        return cls(**{**content, **late})


def comparison_files(
    comparison: Comparison, ids: Mapping[str, Path], folder: Path
) -> dict[str, Path]:
    """Write ``comparison`` into ``folder``; return all files of the hand-in that asks for it."""
    path = folder / f"{COMPARISON}.json"
    path.write_text(comparison.to_json())
    return {**ids, COMPARISON: path}
