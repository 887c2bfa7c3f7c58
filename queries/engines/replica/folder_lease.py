"""Keeps the lease of a folder of published files in files of it."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from queries.engines.replica.shared_folder import (
    create,
    make_folder,
    names_in,
    reached,
    sync_folder,
    write_whole,
)

_EPOCH: Final = "epoch-"
_BEAT: Final = "beat-"


class FolderLease:
    """The ``LeaseTarget`` of a folder: an empty file for each epoch, and one with its beat.

    An epoch is claimed by creating its file, which of several processes only one can.
    """

    def __init__(self, folder: Path) -> None:
        self._published = folder
        self._folder = folder / "lease"

    def newest_epoch(self) -> int:
        """Return the greatest epoch that was ever claimed, 0 where none was."""
        with reached():
            return max(self._epochs(), default=0)

    def claim(self, epoch: int) -> bool:
        """Claim ``epoch``; return False where it has been claimed before."""
        with reached():
            make_folder(self._folder, self._published)
            if not create(self._folder / f"{_EPOCH}{epoch}"):
                return False
            sync_folder(self._folder)
            self._remove_before(epoch)
            return True

    def write_beat(self, epoch: int, number: int) -> None:
        """Note ``number`` as the beat of ``epoch``."""
        with reached():
            # A beat is of use only while both processes live: it need not outlast the machine.
            write_whole(self._folder / f"{_BEAT}{epoch}", str(number).encode(), durable=False)

    def read_beat(self, epoch: int) -> int | None:
        """Return the beat of ``epoch`` that was written last, None where none was."""
        with reached():
            try:
                text = (self._folder / f"{_BEAT}{epoch}").read_text()
            except FileNotFoundError:
                return None
        with suppress(ValueError):
            return int(text)
        return None

    def _epochs(self) -> list[int]:
        rest = [
            name.removeprefix(_EPOCH) for name in names_in(self._folder) if name.startswith(_EPOCH)
        ]
        return [int(text) for text in rest if text.isdecimal()]

    def _remove_before(self, epoch: int) -> None:
        """Remove what is left of epochs before the one before ``epoch``."""
        for old in self._epochs():
            if old < epoch - 1:
                for kind in (_EPOCH, _BEAT):
                    with suppress(OSError):
                        (self._folder / f"{kind}{old}").unlink(missing_ok=True)
