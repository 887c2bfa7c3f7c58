"""Reads the published files of accounts, each on demand: ``AccountReplicas``."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.engine import Dialect

from queries.engines.base import EngineLimits, Snapshot, Supply
from queries.engines.duckdb.dialect import make_dialect
from queries.engines.duckdb.empty_store import EmptyStore
from queries.engines.query_timeout import QueryTimer
from queries.engines.replica.account_folders import AccountFolders, PublishedAccounts
from queries.engines.replica.manifest import Damaged
from queries.engines.replica.reader import ReplicaEngine
from queries.errors import OneAccountOnly, StoreUnavailable
from queries.user_scope import Scope

#: After so long without a question an account's file is closed.
IDLE_SECONDS: Final = 300.0
#: So many accounts' files are open at most; more only while all of them are asked.
MOST_OPEN: Final = 64
_POLL_SECONDS: Final = 1.0
#: For how long the first question waits until the folder has been looked at.
_FIRST_SECONDS: Final = 5.0
_NOTHING_YET: Final = "nothing was published there yet"
_NO_ANSWER: Final = "the folder of published files does not answer"


@dataclass(slots=True)
class _Opened:
    """The engine of one account, how many snapshots of it are open, and when it was last asked."""

    engine: ReplicaEngine
    users: int = 0
    asked_at: float = 0.0


class AccountReplicas:
    """The engines of all accounts by ``pattern``; itself the ``Engine`` of questions about none.

    Such questions, as of monitoring, find an empty store while the folder answers. ``of`` gives the
    engine for the questions of one user. Each account is a database of its own: no SQL can reach
    the rows of another. ``limits`` are those of each account's file. A thread looks at the folder,
    and closes what is idle. ``clock`` returns monotonic seconds.
    """

    def __init__(
        self,
        pattern: Path,
        local: Path,
        limits: EngineLimits,
        time_zone: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.dialect = make_dialect()
        self._folders = AccountFolders(pattern)
        self._local = local
        self._limits = limits
        self._time_zone = time_zone
        self._clock = clock
        self._timer = QueryTimer(limits.query_seconds)
        self._empty = EmptyStore(self._timer)
        #: Guards ``_open``, which has the account that was asked last at its end.
        self._changed = threading.Lock()
        self._open: OrderedDict[str, _Opened] = OrderedDict()
        self._is_closed = False
        self._has_looked = threading.Event()
        self._silent_since: float | None = None
        self._published: PublishedAccounts | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="accounts", daemon=True)
        self._thread.start()

    def of(self, scope: Scope) -> "AccountReplicas | _OneAccount":
        """Return the engine that holds what ``scope`` may see.

        A scope without a list of accounts, or with none in it, gets this object, in which there is
        nothing to see. Raises ``OneAccountOnly`` for several accounts.
        """
        if not scope.accounts:
            return self
        if len(scope.accounts) > 1:
            raise OneAccountOnly
        return _OneAccount(self, scope.accounts[0])

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give a snapshot of an empty store. Raises ``StoreUnavailable`` without the folder."""
        self._has_looked.wait(_FIRST_SECONDS)
        if self._silent_since is not None:
            raise StoreUnavailable(_NO_ANSWER)
        if self._published is None:
            raise StoreUnavailable(_NOTHING_YET)
        with self._empty.snapshot() as snapshot:
            yield snapshot

    def optimistic_snapshot(self) -> AbstractContextManager[Snapshot]:
        """Return a snapshot as ``snapshot`` does."""
        return self.snapshot()

    @contextmanager
    def snapshot_of(self, account: str) -> Iterator[Snapshot]:
        """Give a snapshot of the newest version of ``account``, empty if it has no file.

        Raises ``StoreUnavailable`` where neither the folder nor an earlier copy can be read.
        """
        if self._has_no_file(account):
            with self.snapshot() as snapshot:
                yield snapshot
            return
        opened = self._enter(account)
        try:
            with opened.engine.snapshot() as snapshot:
                yield snapshot
        finally:
            with self._changed:
                opened.users -= 1
                opened.asked_at = self._clock()

    def supply(self) -> Supply:
        """Return for how long the folder has not answered, and when it was last confirmed."""
        since = self._silent_since
        silent = 0.0 if since is None else max(0.0, self._clock() - since)
        known = self._published
        return Supply(silent, known.publication.published_at if known else None)

    @property
    def open_accounts(self) -> int:
        """How many accounts' files are open."""
        with self._changed:
            return len(self._open)

    def close(self) -> None:
        """End the threads and close all files. Snapshots that are open are cut."""
        self._stop.set()
        self._thread.join()
        with self._changed:
            self._is_closed = True
            still_open = list(self._open.values())
            self._open.clear()
        for opened in still_open:
            opened.engine.close()
        self._empty.close()
        self._timer.close()

    def _has_no_file(self, account: str) -> bool:
        """Return whether it is known that nothing was published for ``account``."""
        self._has_looked.wait(_FIRST_SECONDS)
        known = self._published
        return self._silent_since is None and known is not None and account not in known.accounts

    def _enter(self, account: str) -> _Opened:
        with self._changed:
            if self._is_closed:
                raise StoreUnavailable("the store is closed")
            opened = self._open.get(account)
            if opened is None:
                engine = ReplicaEngine(
                    self._folders.of(account), self._local, self._limits, self._time_zone
                )
                opened = self._open[account] = _Opened(engine)
            self._open.move_to_end(account)
            opened.users += 1
            opened.asked_at = self._clock()
        self._close_those_over(MOST_OPEN)
        return opened

    def _close_those_over(self, most: int) -> None:
        """Close accounts that nobody asks now, those asked longest ago first."""
        with self._changed:
            unused = [name for name, opened in self._open.items() if not opened.users]
            over = unused[: max(0, len(self._open) - most)]
            closed = [self._open.pop(name) for name in over]
        for opened in closed:
            _let_go(opened)

    def _close_idle(self) -> None:
        before = self._clock() - IDLE_SECONDS
        with self._changed:
            idle = [
                name
                for name, opened in self._open.items()
                if not opened.users and opened.asked_at <= before
            ]
            closed = [self._open.pop(name) for name in idle]
        for opened in closed:
            _let_go(opened)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._look()
            self._has_looked.set()
            self._close_idle()
            self._stop.wait(_POLL_SECONDS)

    def _look(self) -> None:
        try:
            published = self._folders.read()
        except (OSError, Damaged):
            if self._silent_since is None:
                self._silent_since = self._clock()
            return
        self._silent_since = None
        self._published = published


def _let_go(opened: _Opened) -> None:
    """Close the account's file, and remove it: what is erased later would stay in it."""
    opened.engine.close()
    opened.engine.forget()


@dataclass(frozen=True, slots=True)
class _OneAccount:
    """The ``Engine`` of one account, which is opened for each question that needs it."""

    all_accounts: AccountReplicas
    account: str

    @property
    def dialect(self) -> Dialect:
        """The dialect of all accounts."""
        return self.all_accounts.dialect

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Return a snapshot of the account's newest version."""
        return self.all_accounts.snapshot_of(self.account)

    def optimistic_snapshot(self) -> AbstractContextManager[Snapshot]:
        """Return a snapshot as ``snapshot`` does."""
        return self.snapshot()

    def supply(self) -> Supply:
        """Return how the data of all accounts comes."""
        return self.all_accounts.supply()

    def close(self) -> None:
        """Do nothing: ``AccountReplicas`` closes what is idle."""
