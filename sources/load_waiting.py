"""How a command waits for what it handed in: another process loads it, or the command itself."""

import time
from collections.abc import Callable
from typing import Final

from sources.inbox import Outcome
from sources.loading.order import Progress
from sources.owner import Owner
from sources.store_errors import StoreBusy

_POLL_SECONDS: Final = 0.25


def wait_for_load(
    owner: Owner, ticket: str, progress: Progress, sleep: Callable[[float], None] = time.sleep
) -> Outcome:
    """Return the outcome of the hand-in ``ticket``, once there is one.

    While another process owns the store, that process loads; else ``owner`` opens the store and
    loads everything in the inbox. Raises ``HandInGone`` where somebody removed the hand-in.
    """
    while True:
        if outcome := owner.inbox.take_outcome(ticket):
            return outcome
        try:
            owner.open()
        except StoreBusy:
            if step := owner.inbox.progress(ticket):
                progress(*step)
            sleep(_POLL_SECONDS)
            continue
        try:
            owner.take_in(progress)
        finally:
            owner.close()
