"""What a sync notes of itself in the store: how far it came, and how it went.

It is JSON, written in the transaction of each load. So the next sync goes on exactly behind what
was stored, whenever the one before was killed.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from sources.chatwoot.options import ChatwootOptions
from sources.chatwoot.watermark import Watermark


@dataclass(frozen=True, slots=True)
class Compared:
    """What the newest comparison of all ids found.

    ``late_rows`` rows were in the portal and not in the store; they were fetched.
    ``missing_rows`` were in the store and not in the portal: those that were missing for the second
    time, ``removed_rows``, went. ``kept_rows`` would have gone, but were more than the limit.
    """

    late_rows: int = 0
    missing_rows: int = 0
    removed_rows: int = 0
    kept_rows: int = 0


@dataclass(frozen=True, slots=True)
class SyncState:
    """How far a sync came and how it went. Times are in ISO 8601, in UTC with an offset.

    ``options`` are ``ChatwootOptions.to_json``: with others all is copied anew. ``copied_from`` is
    when the full copy began, ``copied_through`` the conversation up to which it came; None when it
    is complete. ``watermark`` is None
    before the first session. ``checked_at``: when the portal was last asked; ``synced_until``: all
    that it had then is in the store. ``rows``: how many rows were handed in, ``rows_rejected`` how
    many of them were rejected. ``fault``: the sentence of the newest failure; None while all is
    well. ``reconciled_until``: when all ids were last compared; ``compared`` what that found.
    """

    options: dict[str, Any] = field(default_factory=dict)
    copied_from: str | None = None
    copied_through: int | None = 0
    watermark: Watermark | None = None
    checked_at: str | None = None
    synced_until: str | None = None
    rows: int = 0
    rows_rejected: int = 0
    fault: str | None = None
    reconciled_until: str | None = None
    compared: Compared | None = None

    @classmethod
    def of(cls, noted: str | None, options: ChatwootOptions) -> Self:
        """Return the state to go on from: the ``noted`` JSON, or that of a new copy.

        A new copy is made where nothing was noted, or with other ``options``, or what was noted
        cannot be read.
        """
        new = cls(options=options.to_json())
        try:
            content = json.loads(noted or "{}")
            watermark, compared = content.get("watermark"), content.get("compared")
            state = cls(
                **content
                | {
                    "watermark": watermark and Watermark.from_json(watermark),
                    "compared": compared and Compared(**compared),
                }
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return new
        return state if state.options == new.options else new

    def to_json(self) -> str:
        """Return the JSON that ``of`` reads."""
        return json.dumps(asdict(self) | {"watermark": self.watermark and self.watermark.to_json()})

    @property
    def is_copied(self) -> bool:
        """Whether the full copy is complete."""
        return self.copied_through is None


def written(moment: datetime) -> str:
    """Return a time of the portal, in UTC without a zone, in ISO 8601 with its offset."""
    return f"{moment.isoformat(timespec='milliseconds')}Z"
