"""The versions that a machine has pulled: whole files in a folder of its own."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queries.engines.replica.manifest import (
    Damaged,
    Manifest,
    Place,
    digest,
    digest_of_block,
    places,
    unpacked,
)
from queries.engines.replica.shared_folder import PART, sync_folder, write_whole
from queries.engines.replica.versions import PublishedFolder

_FILE: Final = ".duckdb"
_MANIFEST: Final = ".manifest"
#: So many pieces are fetched at a time: each waits for the folder.
_THREADS: Final = 4


class Busy(Exception):
    """Another process of this machine pulls a version at this moment."""


@dataclass(frozen=True, slots=True)
class PulledVersion:
    """A version whose file is whole at ``path``."""

    manifest: Manifest
    path: Path


class LocalFiles:
    """The files that were pulled from one published folder into ``local``.

    Several processes may share ``local``: one of them pulls at a time, and the others take what it
    pulled. ``is_ended`` is asked while a version is pulled; where it returns True, pulling ends.
    """

    def __init__(
        self, published: PublishedFolder, local: Path, is_ended: Callable[[], bool]
    ) -> None:
        self._published = published
        self._is_ended = is_ended
        # Files of another published folder may lie in the same place.
        origin = hashlib.blake2b(str(published.folder).encode(), digest_size=8).hexdigest()
        self.folder = local / origin
        #: Where an engine may write what does not fit in memory.
        self.spill = self.folder / "spill"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only process that pulls, opens and removes files. Raises ``Busy``, ``OSError``."""
        self.spill.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy from None
            yield

    def whole(self) -> Iterator[PulledVersion]:
        """Yield the versions that are whole, that which was pulled last first."""
        by_age = sorted(
            self.folder.glob(f"*{_MANIFEST}"),
            key=lambda path: path.stat().st_mtime_ns,
            reverse=True,
        )
        for path in by_age:
            file = path.with_suffix(_FILE)
            with suppress(Damaged, OSError):
                manifest = Manifest.from_bytes(path.read_bytes())
                if file.stat().st_size == manifest.size:
                    yield PulledVersion(manifest, file)

    def pull(self, manifest: Manifest) -> PulledVersion:
        """Return the version of ``manifest``, from this machine or else from the folder.

        Pieces that the version pulled before has are copied. Call it in ``locked``. Raises
        ``Damaged`` where the folder's block is not what its name says, ``OSError``, and ``Ended``.
        """
        content = manifest.to_bytes()
        pulled = PulledVersion(manifest, self.folder / f"{manifest.name}-{digest(content)}{_FILE}")
        if not (pulled.path.exists() and pulled.path.with_suffix(_MANIFEST).exists()):
            part = pulled.path.with_suffix(PART)
            try:
                self._fill(part, manifest)
                part.replace(pulled.path)
                sync_folder(self.folder)
                # Last: who finds the manifest finds a whole file.
                write_whole(pulled.path.with_suffix(_MANIFEST), content)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        return pulled

    def remove_all_but(self, kept: PulledVersion | None) -> None:
        """Remove all versions but ``kept``, and what is not complete. Call it in ``locked``.

        A process that has one of them open goes on reading it.
        """
        for path in self.folder.iterdir():
            is_kept = kept is not None and path.stem == kept.path.stem
            if not is_kept and path.suffix in (_FILE, _MANIFEST, PART):
                path.unlink(missing_ok=True)

    def _fill(self, part: Path, manifest: Manifest) -> None:
        """Write the file of ``manifest`` to ``part``, and wait until it is on the disk."""
        before = next(self.whole(), None)
        with part.open("wb") as target, _opened(before) as source:
            known = _places_by_digest(before.manifest) if before else {}
            pieces = _Pieces(self._published, source, known, target.fileno(), self._is_ended)
            with ThreadPoolExecutor(_THREADS) as pool:
                tasks = [
                    pool.submit(pieces.put, name, place)
                    for name, place in zip(manifest.blocks, places(manifest.size), strict=True)
                ]
                try:
                    for task in tasks:
                        task.result()
                finally:
                    pool.shutdown(cancel_futures=True)
            os.fsync(target.fileno())


class Ended(Exception):
    """The engine was closed while a version was pulled."""


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Puts pieces of a version into the file ``target``: from ``source`` those of ``known``."""

    published: PublishedFolder
    source: int
    known: dict[str, Place]
    target: int
    is_ended: Callable[[], bool]

    def put(self, name: str, place: Place) -> None:
        if self.is_ended():
            raise Ended
        content = self._copied(name, place) or self._fetched(name, place)
        os.pwrite(self.target, content, place.start)

    def _copied(self, name: str, place: Place) -> bytes | None:
        """Return the piece from the version before, None where that has none or a damaged one."""
        known = self.known.get(digest_of_block(name))
        if known is None or known.length != place.length:
            return None
        content = os.pread(self.source, known.length, known.start)
        return content if digest(content) == digest_of_block(name) else None

    def _fetched(self, name: str, place: Place) -> bytes:
        try:
            return unpacked(self.published.block(name), place.length, name)
        except Damaged:
            # It may have been damaged on its way.
            return unpacked(self.published.block(name), place.length, name)


@contextmanager
def _opened(version: PulledVersion | None) -> Iterator[int]:
    """Give a descriptor of the file of ``version``; -1 without one."""
    if version is None:
        yield -1
        return
    with version.path.open("rb") as opened:
        yield opened.fileno()


def _places_by_digest(manifest: Manifest) -> dict[str, Place]:
    names = map(digest_of_block, manifest.blocks)
    return dict(zip(names, places(manifest.size), strict=True))
