"""The thread that opens the store, loads what commands put into its inbox, and publishes it."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from queries.engines.publishing import LockLost, TargetLost
from queries.errors import StoreUnavailable
from sources.loading.load_order import LoadAbandoned
from sources.owner import Owner
from sources.publishing.publication import OtherStore, Publishing
from sources.store_errors import StoreBusy, StoreGone

log = logging.getLogger(__name__)

_POLL_SECONDS: Final = 0.25


class Keeper:
    """A thread that opens the store of ``owner`` when no other process has it, then loads hand-ins.

    It runs from ``start`` to ``stop`` and looks every 0.25 seconds. After a failure it tries again;
    a failure that repeats is logged once.

    With ``publishing`` it opens the store when this process is the target's only writer, publishes
    after loading, and closes the store when another process became the writer. While the target
    does not answer, it goes on loading.
    """

    def __init__(self, owner: Owner, publishing: Publishing | None = None) -> None:
        self._owner = owner
        self._publishing = publishing
        self._logged = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-keeper", daemon=True)

    def start(self) -> None:
        """Try once to open the store, then start the thread. A failure is only logged."""
        self._guard(self._open)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread, wait for its end, and close the store, so that others can open it.

        A load under way is undone; its hand-in stays in the inbox for the next process that opens
        the store.
        """
        self._stop.set()
        self._owner.abandon()
        if self._thread.is_alive():
            self._thread.join()
        self._owner.close()
        if self._publishing:
            self._publishing.close()

    def _run(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            self._guard(self._keep)

    def _keep(self) -> None:
        self._open()
        if not self._owner.is_open:
            return
        self._owner.take_in()
        if self._publishing:
            self._publishing.publish(self._note_publishing)
        self._logged = ""

    def _note_publishing(self, _step: str, _rows: int) -> None:
        if self._stop.is_set():
            raise LoadAbandoned

    def _open(self) -> None:
        if self._publishing and not self._may_write(self._publishing):
            if self._owner.is_open:
                log.warning("another process is the writer", extra={"event": "writer_lost"})
                self._owner.close()
            return
        if not self._owner.is_open:
            self._owner.open()
            log.info("store is open", extra={"event": "store_open"})

    def _may_write(self, publishing: Publishing) -> bool:
        """Return whether the store may be open; that it is open already, while nobody can tell."""
        try:
            return publishing.may_write()
        except LockLost:
            return False
        except TargetLost as error:
            self._log_once(error)
            return self._owner.is_open

    def _guard(self, step: Callable[[], None]) -> None:
        """Run ``step`` and log its failure, but only once while each poll fails in the same way."""
        try:
            step()
        except StoreBusy:
            log.debug("store is busy", extra={"event": "store_busy"})
        except LoadAbandoned:
            log.info("load is left for the next start", extra={"event": "load_abandoned"})
        except LockLost:
            log.warning("another process is the writer", extra={"event": "writer_lost"})
        except Exception as error:
            # The keeper must outlive any failure: without it nothing is loaded any more.
            self._log_once(error)

    def _log_once(self, error: Exception) -> None:
        if str(error) == self._logged:
            return
        self._logged = str(error)
        if isinstance(error, StoreGone):
            log.error(str(error), extra={"event": "store_gone"})
        elif isinstance(error, TargetLost):
            log.error(
                "nothing can be published now", extra={"event": "target_lost"}, exc_info=error
            )
        elif isinstance(error, OtherStore):
            log.error(str(error), extra={"event": "other_store"})
        elif isinstance(error, StoreUnavailable):
            log.error(
                "store cannot be opened", extra={"event": "store_unavailable"}, exc_info=error
            )
        else:
            log.error("store keeper failed", extra={"event": "keeper_failed"}, exc_info=error)
