"""Reads published files: ``ReplicaEngine`` pulls each version and answers from its own copy."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from queries.engines.base import EngineLimits, Snapshot, Supply
from queries.engines.duckdb.dialect import make_dialect
from queries.engines.duckdb.read_only import ReadOnlyStore
from queries.engines.query_timeout import QueryTimer
from queries.engines.replica.local_files import Busy, Ended, LocalFiles, PulledVersion
from queries.engines.replica.manifest import Damaged, VersionName
from queries.engines.replica.versions import PublishedFolder
from queries.errors import StoreUnavailable

log = logging.getLogger(__name__)

#: How often the folder is looked at.
_POLL_SECONDS: Final = 1.0
#: How often it is looked at while another process pulls the first version.
_BUSY_SECONDS: Final = 0.05
#: For how long the first question waits for the first version.
_FIRST_SECONDS: Final = 10.0
#: When a version that could not be taken is tried again.
_RETRY_SECONDS: Final = 10.0
_NOTHING_YET: Final = "nothing was published there yet"
_NO_FOLDER: Final = "the folder of published files does not answer"


@dataclass(slots=True)
class _OpenVersion:
    """A version that is open; ``users`` are the snapshots of it that are open."""

    name: VersionName
    store: ReadOnlyStore
    users: int = 0


class ReplicaEngine:
    """The ``Engine`` of the files in ``folder``, which it copies into ``local``.

    A thread looks at the folder every second, pulls the newest version, opens it, and closes the
    one before after its last question. A version never changes, so an optimistic snapshot never
    raises ``StoreChanged``. While the folder does not answer, or what is new there cannot be used,
    the version that is open answers on; after a start, the one pulled last.

    ``limits`` are those of each version that is open: for some moments two may be. ``time_zone`` is
    the zone whose days the store must count. ``clock`` returns monotonic seconds.
    """

    def __init__(
        self,
        folder: Path,
        local: Path,
        limits: EngineLimits,
        time_zone: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.dialect = make_dialect()
        self._published = PublishedFolder(folder)
        self._limits = limits
        self._time_zone = time_zone
        self._clock = clock
        self._timer = QueryTimer(limits.query_seconds)
        self._stop = threading.Event()
        self._local = LocalFiles(self._published, local, self._stop.is_set)
        #: Guards what follows.
        self._changed = threading.Condition()
        self._current: _OpenVersion | None = None
        self._open: list[_OpenVersion] = []
        self._has_looked = False
        self._why_not = _NOTHING_YET
        self._silent_since: float | None = None
        self._published_at: datetime | None = None
        self._logged = ""
        #: The version that could not be taken, and when to try again.
        self._refused: VersionName | None = None
        self._retry_at = 0.0
        self._thread = threading.Thread(target=self._run, name="replica", daemon=True)
        self._thread.start()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give a snapshot of the newest version that was pulled.

        Raises ``StoreUnavailable`` while there is none. The first ones wait for it some seconds.
        """
        version = self._enter()
        try:
            with version.store.snapshot() as snapshot:
                yield snapshot
        finally:
            self._leave(version)

    def optimistic_snapshot(self) -> AbstractContextManager[Snapshot]:
        """Return a snapshot as ``snapshot`` does: none could cost less."""
        return self.snapshot()

    def supply(self) -> Supply:
        """Return for how long the folder has not answered, and how new the version is."""
        since = self._silent_since
        silent = 0.0 if since is None else max(0.0, self._clock() - since)
        return Supply(silent, self._published_at)

    def close(self) -> None:
        """End the thread and close the files. Snapshots that are open are cut."""
        self._stop.set()
        self._thread.join()
        with self._changed:
            still_open, self._open, self._current = self._open, [], None
            self._why_not = "the store is closed"
            self._has_looked = True
            self._changed.notify_all()
        for version in still_open:
            version.store.close()
        self._timer.close()

    def forget(self) -> None:
        """Remove the files that were pulled. Call it after ``close``; others may read on."""
        with suppress(Busy, OSError), self._local.locked():
            self._local.remove_all_but(None)

    def _enter(self) -> _OpenVersion:
        self._wait_for_first_look()
        with self._changed:
            if self._current is None:
                raise StoreUnavailable(self._why_not)
            self._current.users += 1
            return self._current

    def _wait_for_first_look(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._has_looked, _FIRST_SECONDS)

    def _leave(self, version: _OpenVersion) -> None:
        with self._changed:
            version.users -= 1
        self._close_unused()

    def _close_unused(self) -> None:
        """Close the versions that nobody asks any more."""
        with self._changed:
            unused = [v for v in self._open if not v.users and v is not self._current]
            self._open = [v for v in self._open if v not in unused]
        for version in unused:
            version.store.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._look()
            except Ended:
                return
            except Busy:
                # Another process pulls the same version: it is there in a moment.
                if self._current is None:
                    self._stop.wait(_BUSY_SECONDS)
                    continue
            except Exception as error:
                # The thread must outlive any failure: without it nothing new is read any more.
                self._refuse(_NO_FOLDER, error)
            with self._changed:
                self._has_looked = True
                self._changed.notify_all()
            self._stop.wait(_POLL_SECONDS)

    def _look(self) -> None:
        """Take the newest version of the folder, if it is not the one that is open."""
        try:
            newest = self._published.newest()
            if newest is None:
                self._check_empty()
        except OSError as error:
            self._be_silent(error)
            return
        self._silent_since = None
        if newest is None:
            self._why_not = _NOTHING_YET
            return
        name, publication = newest
        if self._is_new(name) and (name != self._refused or self._clock() >= self._retry_at):
            self._take(name)
        if publication and self._current and self._current.name == name:
            self._published_at = publication.published_at

    def _check_empty(self) -> None:
        """Raise ``OSError`` unless the folder is there, and nothing was ever published in it."""
        self._published.folder.stat()
        if self._current is not None or any(self._local.whole()):
            # An empty folder stands where another one is to be mounted.
            raise FileNotFoundError(_NO_FOLDER)

    def _is_new(self, name: VersionName) -> bool:
        current = self._current
        if current is None or name > current.name:
            return True
        # A folder that was made anew begins with small names again.
        return name != current.name and not self._published.holds(current.name)

    def _take(self, name: VersionName) -> None:
        """Pull and open the version ``name``; where that fails, what is open answers on."""
        self._refused, self._retry_at = name, self._clock() + _RETRY_SECONDS
        try:
            manifest = self._published.manifest(name)
            with self._local.locked():
                pulled = self._local.pull(manifest)
                self._use(pulled)
                self._local.remove_all_but(pulled)
        except Busy:
            self._retry_at = 0.0
            raise
        except FileNotFoundError as error:
            # Removed meanwhile, because a newer one has been there for long.
            self._refuse("the version went while it was read", error)
        except Damaged as error:
            self._refuse("the newest version is damaged", error)
        except StoreUnavailable as error:
            self._refuse(str(error), error)
        except OSError as error:
            self._refuse("the newest version cannot be copied", error)
        else:
            self._logged = ""

    def _use(self, pulled: PulledVersion) -> None:
        """Open the version, and let new questions ask it."""
        store = ReadOnlyStore(
            pulled.path, self._local.spill, self._limits, self._time_zone, self._timer
        )
        with self._changed:
            self._current = _OpenVersion(pulled.manifest.name, store)
            self._open.append(self._current)
            self._published_at = pulled.manifest.publication.published_at
        log.info(
            "a new version is read",
            extra={
                "event": "replica_version",
                "fields": {"load_id": pulled.manifest.publication.version},
            },
        )
        self._close_unused()

    def _be_silent(self, error: OSError) -> None:
        """Note that the folder does not answer; answer from what was pulled before."""
        if self._silent_since is None:
            self._silent_since = self._clock()
        self._refuse(_NO_FOLDER, error)
        if self._current is None:
            with suppress(OSError), self._local.locked():
                self._use_pulled_before()

    def _use_pulled_before(self) -> None:
        for pulled in self._local.whole():
            with suppress(StoreUnavailable):
                self._use(pulled)
                return

    def _refuse(self, why: str, error: Exception) -> None:
        """Log, once, why the newest version is not taken."""
        self._why_not = why
        if why != self._logged and not self._stop.is_set():
            self._logged = why
            log.error(
                "%s",
                why,
                extra={"event": "replica_refused", "fields": {"error": type(error).__name__}},
            )
