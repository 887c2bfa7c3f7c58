"""Publishes the rows of each account as files of their own: ``AccountFilesPublisher``."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from queries.engines.duckdb.account_file import StoreCopy
from queries.engines.lease import Lease
from queries.engines.publishing import LockLost, Progress, Publication, RowsToPublish
from queries.engines.replica.account_folders import AccountFolders, PublishedAccounts
from queries.engines.replica.folder_lease import FolderLease
from queries.engines.replica.manifest import Damaged
from queries.engines.replica.shared_folder import reached
from queries.engines.replica.versions import Versions


class AccountFilesPublisher:
    """The ``Publisher`` of a folder for each account. ``clock`` returns monotonic seconds.

    A file holds the rows of one account and nothing of others. Only accounts of which something
    changed are written. Each account's version is seen whole; two accounts may be seen at different
    versions for a moment. What was published is noted last, so what was not done is done again.

    A copy of the whole store lies in the temporary folder of this process meanwhile.
    """

    #: Each publication copies the store's file.
    pause_seconds = 5.0

    def __init__(self, pattern: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folders = AccountFolders(pattern)
        self._clock = clock
        self._lease = Lease(FolderLease(self._folders.root))
        self._made_for = 0
        self._versions: dict[str, Versions] = {}
        self._known: PublishedAccounts | None = None

    def lock(self) -> bool:
        """Become the folder's only writer, or check that this is still so."""
        return self._lease.hold()

    def published(self) -> Publication | None:
        """Return what readers see now; None where nothing was published yet.

        What an earlier writer published of each account is published anew in this epoch.
        """
        self._check_epoch()
        with reached():
            known = self._read()
            for account in known.accounts if known else ():
                self._of(account).newest()
        self._known = known
        return known.publication if known else None

    def publish_all(self, rows: RowsToPublish, progress: Progress) -> None:
        """Let readers see all accounts of the version of ``rows``."""
        self._publish(rows, None, progress)

    def publish_changes(self, rows: RowsToPublish, progress: Progress) -> None:
        """As ``publish_all``, for the accounts of which something changed since ``rows.after``."""
        self._publish(rows, rows.after, progress)

    def confirm(self, publication: Publication) -> None:
        """Note the new ``published_at`` of what readers see."""
        self._check_epoch()
        self._lease.check()
        with reached():
            known = self._known or self._read()
            if known:
                self._note(replace(known, publication=publication))
            for versions in self._versions.values():
                versions.remove_old()

    def close(self) -> None:
        """Give the lease up."""
        self._lease.release()

    def _publish(self, rows: RowsToPublish, after: int | None, progress: Progress) -> None:
        self._check_epoch()
        with _copied(rows) as copy, reached():
            known = self._known or self._read()
            before = known.accounts if known else {}
            accounts = copy.accounts()
            due = _due(copy, before, accounts, after)
            for number, account in enumerate(sorted(due)):
                self._publish_account(copy, account, rows.publication, progress)
                progress("accounts", number + 1)
            # An account without cases keeps its folder, which is empty of rows now.
            empty = dict.fromkeys({*before, *due} - accounts.keys(), "")
            self._lease.check()
            self._note(PublishedAccounts(self._made_for, rows.publication, empty | accounts))

    def _publish_account(
        self, copy: StoreCopy, account: str, publication: Publication, progress: Progress
    ) -> None:
        with tempfile.TemporaryDirectory(prefix="consumo-account-") as folder:
            path = Path(folder) / "account.duckdb"
            copy.write(account, path)
            self._of(account).publish(path, publication, progress)

    def _of(self, account: str) -> Versions:
        if account not in self._versions:
            folder = self._folders.of(account)
            self._versions[account] = Versions(
                folder, self._made_for, self._lease.check, self._clock
            )
        return self._versions[account]

    def _read(self) -> PublishedAccounts | None:
        try:
            return self._folders.read()
        except (FileNotFoundError, Damaged):
            return None

    def _note(self, published: PublishedAccounts) -> None:
        published = replace(published, epoch=self._made_for)
        self._folders.write(published)
        self._known = published

    def _check_epoch(self) -> None:
        """Forget what an earlier epoch knew. Raises ``LockLost``."""
        epoch = self._lease.epoch
        if not epoch:
            raise LockLost("another process is the writer")
        if epoch != self._made_for:
            self._made_for, self._versions, self._known = epoch, {}, None


def _due(
    copy: StoreCopy, before: Mapping[str, str], accounts: Mapping[str, str], after: int | None
) -> set[str]:
    """Return the accounts to write: all with ``after`` None, else those that changed since.

    ``before`` and ``accounts`` have hashes of the cases of each account, as published and as now.
    """
    everyone = {*before, *accounts}
    if after is None:
        return everyone
    other_cases = {name for name in everyone if accounts.get(name, "") != before.get(name, "")}
    return other_cases | copy.changed(after)


@contextmanager
def _copied(rows: RowsToPublish) -> Iterator[StoreCopy]:
    """Give a copy of the writer's file, which is the writer's alone to open."""
    with tempfile.TemporaryDirectory(prefix="consumo-publish-") as folder:
        path = Path(folder) / "store.duckdb"
        with rows.file() as own:
            shutil.copyfile(own, path)
        with closing(StoreCopy(path)) as copy:
            yield copy
