"""Lets a command wait for what it handed in: another process loads it, or the command itself."""

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
    """Return the outcome of the hand-in ``ticket``, once there is one; ``owner`` is not open.

    While another process owns the store, that process loads; else ``owner`` opens the store, loads
    everything in the inbox and closes it. ``progress`` is called with how far the load is;
    ``sleep`` waits some seconds. Raises ``HandInGone`` where somebody removed the hand-in, and
    ``StoreUnavailable`` where the store cannot be opened.
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
