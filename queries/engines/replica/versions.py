"""The versions in a folder of published files: what they are, and how the writer adds one."""

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from queries.engines.publishing import Progress, Publication
from queries.engines.replica.manifest import (
    Damaged,
    Manifest,
    Place,
    VersionName,
    block_name,
    digest,
    digest_of_block,
    epoch_of_block,
    packed,
    places,
    publication_of,
    sealed,
    unsealed,
    written_publication,
)
from queries.engines.replica.shared_folder import (
    PART,
    make_folder,
    names_in,
    sync_folder,
    write_whole,
)

#: How long a version that is no longer the newest can still be pulled. After an erasure it is also
#: how long the erased values stay in the folder.
GRACE_SECONDS: Final = 300.0
#: So many pieces are written at a time: each waits for the disk.
_THREADS: Final = 4
#: After so many pieces ``progress`` is called.
_STEP: Final = 64


class PublishedFolder:
    """The names of files in a folder of versions, and what readers ask of them.

    All methods raise ``OSError`` where the folder cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifests = folder / "manifests"
        self.blocks = folder / "blocks"
        self._confirmed = folder / "confirmed"

    def names(self) -> list[VersionName]:
        """Return the names of all versions, the newest first."""
        parsed = map(VersionName.parse, names_in(self.manifests))
        return sorted((name for name in parsed if name), reverse=True)

    def newest(self) -> tuple[VersionName, Publication | None] | None:
        """Return the name of the newest version, with its publication if that was confirmed.

        None where nothing was published. This is cheap: two small reads.
        """
        confirmed = self._read_confirmed()
        names = self.names()
        # A network file system may list a folder as it was some seconds ago, but opens a file anew.
        if confirmed and (not names or confirmed[0] > names[0]) and self.holds(confirmed[0]):
            return confirmed
        if not names:
            return None
        is_newest = confirmed is not None and confirmed[0] == names[0]
        return confirmed if confirmed and is_newest else (names[0], None)

    def holds(self, name: VersionName) -> bool:
        """Return whether the version ``name`` is in the folder."""
        return (self.manifests / str(name)).exists()

    def manifest(self, name: VersionName) -> Manifest:
        """Return the manifest of ``name``. Raises ``Damaged`` too."""
        return Manifest.from_bytes((self.manifests / str(name)).read_bytes())

    def block(self, name: str) -> bytes:
        """Return a block as it lies there."""
        return (self.blocks / name).read_bytes()

    def write_confirmed(self, name: VersionName, publication: Publication) -> None:
        """Note that the version ``name`` is the newest, and when that was published."""
        content = {"name": str(name), "publication": written_publication(publication)}
        write_whole(self._confirmed, sealed(content), durable=False)

    def _read_confirmed(self) -> tuple[VersionName, Publication] | None:
        # Only a note: without it readers know less exactly how new the version is.
        with suppress(FileNotFoundError, Damaged, json.JSONDecodeError):
            read: dict[str, Any] = unsealed(self._confirmed.read_bytes())
            if name := VersionName.parse(read["name"]):
                return name, publication_of(read["publication"])
        return None


class Versions:
    """Adds versions to a folder, and removes old ones, for the writer of ``epoch``.

    ``check`` is called before each step that others would see, and raises where this process is
    the writer no more. All methods raise ``OSError`` where the folder cannot be used, and what
    ``check`` raises. Nothing that is undone then is seen by readers.
    """

    def __init__(
        self,
        folder: Path,
        epoch: int,
        check: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._published = PublishedFolder(folder)
        self._epoch = epoch
        self._check = check
        self._clock = clock
        self._newest: Manifest | None = None
        #: Since when each version that is not the newest has not been it, as this process knows.
        self._replaced: dict[VersionName, float] = {}
        self._begun_at = clock()
        self._must_sweep = True

    def newest(self) -> Manifest | None:
        """Return the newest version as readers see it, None where nothing was published.

        Where an earlier writer published it, it is published anew in this epoch: whatever that
        writer may still do is never seen. The folder is read again where it was made anew.
        """
        if self._newest is None or not self._published.holds(self._newest.name):
            found = self._read_newest()
            if found and found.name.epoch != self._epoch:
                found = replace(found, name=VersionName(self._epoch, 0))
                self._put_manifest(found)
            self._newest = found and self._with_blocks_of_folder(found)
        return self._newest

    def publish(
        self, path: Path, publication: Publication, progress: Progress, note: str = ""
    ) -> None:
        """Add the file at ``path``, which nobody changes meanwhile, as the newest version.

        Raises what ``progress`` raises.
        """
        before = self.newest()
        name = self._next_name()
        blocks = self._put_blocks(path, name, before, progress)
        manifest = Manifest(name, publication, path.stat().st_size, blocks, note)
        self._put_manifest(manifest)
        self._newest = manifest
        self._published.write_confirmed(manifest.name, publication)
        self.remove_old()

    def confirm(self, publication: Publication) -> None:
        """Note when the newest version was last confirmed."""
        self._check()
        if newest := self.newest():
            self._newest = replace(newest, publication=publication)
            self._published.write_confirmed(newest.name, publication)
        self.remove_old()

    def remove_old(self) -> None:
        """Remove the versions that have been replaced for ``GRACE_SECONDS``, and their blocks."""
        names = self._published.names()[::-1]
        now = self._clock()
        for name in names[:-1]:
            self._replaced.setdefault(name, now)
        for name, next_name in pairwise(names):
            if now - self._replaced[name] < GRACE_SECONDS:
                break
            self._check()
            self._remove(name, next_name)
        if self._must_sweep and now - self._begun_at >= GRACE_SECONDS:
            self._sweep()
            self._must_sweep = False

    def _next_name(self) -> VersionName:
        numbers = [name.number for name in self._published.names() if name.epoch == self._epoch]
        return VersionName(self._epoch, max(numbers, default=0) + 1)

    def _read_newest(self) -> Manifest | None:
        for name in self._published.names():
            with suppress(Damaged):
                return self._published.manifest(name)
        return None

    def _with_blocks_of_folder(self, manifest: Manifest) -> Manifest:
        """Return ``manifest`` without the blocks that are not there, which are written again."""
        there = {*names_in(self._published.blocks)}
        blocks = tuple(name if name in there else "" for name in manifest.blocks)
        return replace(manifest, blocks=blocks)

    def _put_blocks(
        self, path: Path, version: VersionName, before: Manifest | None, progress: Progress
    ) -> tuple[str, ...]:
        """Write the pieces of the file that the version before has not; return all names."""
        make_folder(self._published.blocks, self._published.folder)
        known = {digest_of_block(name): name for name in before.blocks} if before else {}
        descriptor = os.open(path, os.O_RDONLY)
        pool = ThreadPoolExecutor(_THREADS)
        try:
            put = partial(self._put_block, descriptor, known, version)
            names = []
            for name in pool.map(put, places(os.fstat(descriptor).st_size)):
                names.append(name)
                if len(names) % _STEP == 0:
                    progress("blocks", len(names))
        except BaseException:
            # Some blocks belong to no version now.
            self._must_sweep = True
            raise
        finally:
            pool.shutdown(cancel_futures=True)
            os.close(descriptor)
        sync_folder(self._published.blocks)
        return tuple(names)

    def _put_block(
        self, descriptor: int, known: dict[str, str], version: VersionName, place: Place
    ) -> str:
        content = os.pread(descriptor, place.length, place.start)
        content_digest = digest(content)
        if content_digest in known:
            return known[content_digest]
        name = block_name(content_digest, version)
        write_whole(self._published.blocks / name, packed(content))
        return name

    def _put_manifest(self, manifest: Manifest) -> None:
        folder = self._published.manifests
        make_folder(folder, self._published.folder)
        self._check()
        self._newest = None
        write_whole(folder / str(manifest.name), manifest.to_bytes())
        sync_folder(folder)

    def _remove(self, name: VersionName, next_name: VersionName) -> None:
        """Remove the oldest version, and its blocks that the next version does not name."""
        try:
            blocks = {*self._published.manifest(name).blocks}
            kept = {*self._published.manifest(next_name).blocks}
        except Damaged:
            blocks, kept = set(), set()
            self._must_sweep = True
        (self._published.manifests / str(name)).unlink(missing_ok=True)
        self._replaced.pop(name, None)
        for block in blocks - kept:
            (self._published.blocks / block).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove the blocks that no version names, and what is not complete.

        Processes that were killed left them. Blocks of later writers are left alone.
        """
        self._check()
        try:
            manifests = [self._published.manifest(name) for name in self._published.names()]
        except Damaged:
            return  # Whoever replaces the damaged version sweeps again.
        kept = {name for manifest in manifests for name in manifest.blocks}
        for folder in (self._published.blocks, self._published.manifests):
            for path in folder.glob(f"*{PART}"):
                path.unlink(missing_ok=True)
        for name in names_in(self._published.blocks):
            if name not in kept and epoch_of_block(name) <= self._epoch:
                (self._published.blocks / name).unlink(missing_ok=True)
