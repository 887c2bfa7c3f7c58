"""Publishes the writer's store as files of a folder: ``FilesPublisher``."""

import time
from collections.abc import Callable
from pathlib import Path

from queries.engines.lease import Lease
from queries.engines.publishing import LockLost, Progress, Publication, RowsToPublish
from queries.engines.replica.folder_lease import FolderLease
from queries.engines.replica.shared_folder import reached
from queries.engines.replica.versions import Versions


class FilesPublisher:
    """The ``Publisher`` of the files in ``folder``. ``clock`` returns monotonic seconds.

    What is published is the writer's file itself. So it also holds tables that readers do not ask,
    and, until the store is compacted, values that were changed: whoever reads the folder must be
    allowed all of the store.
    """

    #: Each publication reads the whole file, and so does each reader.
    pause_seconds = 5.0

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._lease = Lease(FolderLease(folder))
        self._made_for = 0
        self._versions: Versions | None = None

    def lock(self) -> bool:
        """Become the folder's only writer, or check that this is still so."""
        return self._lease.hold()

    def published(self) -> Publication | None:
        """Return what readers see now; None where nothing was published yet."""
        with reached():
            newest = self._writing().newest()
        return newest.publication if newest else None

    def publish_all(self, rows: RowsToPublish, progress: Progress) -> None:
        """Let readers see the version of ``rows`` in place of whatever there was."""
        versions = self._writing()
        with rows.file() as path, reached():
            versions.publish(path, rows.publication, progress)

    def publish_changes(self, rows: RowsToPublish, progress: Progress) -> None:
        """As ``publish_all``: of the file, only the pieces that changed are written."""
        self.publish_all(rows, progress)

    def confirm(self, publication: Publication) -> None:
        """Note the new ``published_at`` of the version that readers see."""
        with reached():
            self._writing().confirm(publication)

    def close(self) -> None:
        """Give the lease up."""
        self._lease.release()

    def _writing(self) -> Versions:
        """Return the versions as the present epoch writes them. Raises ``LockLost``."""
        epoch = self._lease.epoch
        if not epoch:
            raise LockLost("another process is the writer")
        if self._versions is None or self._made_for != epoch:
            self._versions = Versions(self._folder, epoch, self._lease.check, self._clock)
            self._made_for = epoch
        return self._versions
