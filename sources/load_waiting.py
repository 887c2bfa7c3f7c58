"""Waits for the outcome of a hand-in: another process loads it, or this command does."""

import time
from collections.abc import Callable
from typing import Final

from sources.inbox import Outcome
from sources.loading.load_order import Progress
from sources.owner import Owner
from sources.store_errors import StoreBusy

_POLL_SECONDS: Final = 0.25


def wait_for_load(
    owner: Owner, ticket: str, progress: Progress, sleep: Callable[[float], None] = time.sleep
) -> Outcome:
    """Wait, however long, until the hand-in ``ticket`` is loaded or refused; return its outcome.

    ``owner`` must not be open. If another process has the store open, that process loads. Otherwise
    ``owner`` opens the store, loads everything in the inbox and closes the store. ``progress`` is
    called with how far the load is; ``sleep`` waits for a number of seconds. Raises ``HandInGone``
    if somebody removed the hand-in, ``StoreUnavailable`` if the store cannot be opened, and what
    ``Owner.take_in`` raises.
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
