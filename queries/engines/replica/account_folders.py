"""Where the published files of each account lie, and what is known of all accounts together.

An address such as ``/folder/{account}`` names a folder for each account. Beside these folders lie
``accounts``, which says what was published last and for whom, and the lease of the writer.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from queries.engines.publishing import Publication
from queries.engines.replica.manifest import (
    publication_of,
    sealed,
    unsealed,
    written_publication,
)
from queries.engines.replica.shared_folder import sync_folder, write_whole

#: In the path of a folder it stands for the name of an account.
ACCOUNT: Final = "{account}"
_MOST_SHOWN: Final = 40
_OTHER_SIGNS: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class PublishedAccounts:
    """What was published last: ``publication`` of the whole store, by the writer of ``epoch``.

    ``accounts`` has a hash of the cases of each account that has a folder.
    """

    epoch: int
    publication: Publication
    accounts: Mapping[str, str]


class AccountFolders:
    """The folders of the accounts by the path ``pattern``, which holds ``ACCOUNT`` once."""

    def __init__(self, pattern: Path) -> None:
        self._pattern = str(pattern)
        #: The folder in which all of them lie.
        self.root = Path(self._pattern.partition(ACCOUNT)[0] + "x").parent
        self._known = self.root / "accounts"

    def of(self, account: str) -> Path:
        """Return the folder of ``account``.

        Different accounts have different ones, also where the file system does not tell capitals
        from small letters: the name ends with a hash of the account. What stands before it is only
        for people.
        """
        shown = _OTHER_SIGNS.sub("-", account.lower())[:_MOST_SHOWN].strip("-")
        encoded = account.encode("utf-8", "surrogatepass")
        unique = hashlib.blake2b(encoded, digest_size=16).hexdigest()
        return Path(self._pattern.replace(ACCOUNT, f"{shown}-{unique}"))

    def read(self) -> PublishedAccounts | None:
        """Return what was published last, None where nothing was.

        Raises ``OSError`` where the folder is not there, and ``Damaged``.
        """
        self.root.stat()
        try:
            read: dict[str, Any] = unsealed(self._known.read_bytes())
        except FileNotFoundError:
            return None
        publication = publication_of(read["publication"])
        return PublishedAccounts(read["epoch"], publication, read["accounts"])

    def write(self, published: PublishedAccounts) -> None:
        """Note what was published last. Raises ``OSError``."""
        content = {
            "epoch": published.epoch,
            "publication": written_publication(published.publication),
            "accounts": dict(published.accounts),
        }
        write_whole(self._known, sealed(content))
        sync_folder(self.root)
