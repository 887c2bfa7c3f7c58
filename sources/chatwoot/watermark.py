"""Decides from when on an increment has to look for changes, so that none is missed.

A row's ``updated_at`` is written before its transaction commits, so a long transaction shows rows
that are older than what was read before. PostgreSQL numbers its transactions, and a session sees
which of them still run. So the watermark moves on only when all that ran at a moment have ended:
what they changed was then seen. The overlap is for what the numbers do not tell: that clocks
differ, and that a row's time is taken before the first statement of its transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from sources.chatwoot.portal import Moment

#: Changes of transactions that run for longer may be missed: one that somebody forgot to end would
#: else hold the watermark for ever. The reconcile finds new rows of such ones.
LONGEST_TRANSACTION: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Watermark:
    """Until when all is read, and the next moment until when all will be.

    ``settled_at``: all that changed before was read. ``marked_at``: the same will hold of it when
    all transactions with a number below ``marked_transaction`` have ended. Times are in UTC,
    without a zone, by the clock of the portal's database.
    """

    settled_at: datetime
    marked_at: datetime
    marked_transaction: int

    @classmethod
    def before(cls, moment: Moment) -> Self:
        """Return the watermark for a copy that begins at ``moment``."""
        return cls(moment.now - LONGEST_TRANSACTION, moment.now, moment.next_transaction)

    def after(self, moment: Moment) -> "Watermark":
        """Return the watermark when all that a session at ``moment`` saw has been stored."""
        if moment.oldest_running >= self.marked_transaction:
            return Watermark(self.marked_at, moment.now, moment.next_transaction)
        longest_ago = moment.now - LONGEST_TRANSACTION
        if self.marked_at < longest_ago:
            return Watermark(longest_ago, moment.now, moment.next_transaction)
        return self

    def to_json(self) -> dict[str, Any]:
        """Return this watermark as a dict for JSON, which ``from_json`` reads."""
        return {
            "settled_at": self.settled_at.isoformat(),
            "marked_at": self.marked_at.isoformat(),
            "marked_transaction": self.marked_transaction,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """Return the watermark that ``to_json`` returned as ``content``."""
        return cls(
            datetime.fromisoformat(content["settled_at"]),
            datetime.fromisoformat(content["marked_at"]),
            int(content["marked_transaction"]),
        )
