"""Hands in what a source read, and waits until the store has it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from sources.comparison import RECONCILE, ReconcileReport
from sources.contract import DEFAULT_ACCOUNT
from sources.inbox import HandIn, Outcome
from sources.load_waiting import wait_for_load
from sources.loading.load_order import LoadReport, Progress
from sources.owner import Owner

#: Writes files into an empty folder; returns their paths by the name that the hand-in gives them.
WriteFiles = Callable[[Path], Mapping[str, Path]]


class LoadRefused(Exception):
    """The store did not take what was handed in; the text is a sentence for people."""


class SourceLink:
    """The way into the store of ``owner`` for the source called ``name``, which is of ``kind``.

    Every method waits for the process that owns the store, or is the owner itself where there is
    none. They raise ``LoadRefused``, and what ``wait_for_load`` raises. ``progress`` is called with
    how far a load is.
    """

    def __init__(
        self, owner: Owner, kind: str, name: str, progress: Progress = lambda *_: None
    ) -> None:
        self._owner = owner
        self._kind = kind
        self._name = name
        self._progress = progress

    def load(self, write_files: WriteFiles, state: str) -> LoadReport:
        """Load the files of the contract that ``write_files`` writes, and note ``state`` with them.

        What is known is updated. The report is that of the newest load where nothing was new.
        """
        what = HandIn(
            self._kind, DEFAULT_ACCOUNT, demo=False, updates=True, name=self._name, state=state
        )
        outcome = self._hand_in(what, write_files, self._progress)
        if outcome.load is None:
            raise LoadRefused(outcome.refusal or "nothing was loaded")
        return outcome.load

    def compare(self, write_files: WriteFiles) -> ReconcileReport:
        """Compare the source's ids with the store (``sources.reconciliation``)."""
        what = HandIn(RECONCILE, DEFAULT_ACCOUNT, demo=False, name=self._name)
        outcome = self._hand_in(what, write_files, self._progress)
        if outcome.reconciled is None:
            raise LoadRefused(outcome.refusal or "nothing was compared")
        return outcome.reconciled

    def note(self, state: str) -> None:
        """Note ``state``, a JSON text, of the source."""
        self._hand_in(HandIn.to_note(self._name, state))

    def noted(self) -> str | None:
        """Return what was noted last; None where nothing was."""
        return self._hand_in(HandIn.to_note(self._name)).state

    def _hand_in(
        self,
        what: HandIn,
        write_files: WriteFiles = lambda _folder: {},
        progress: Progress = lambda *_: None,
    ) -> Outcome:
        ticket = self._owner.inbox.hand_in(what, write_files)
        return wait_for_load(self._owner, ticket, progress)
