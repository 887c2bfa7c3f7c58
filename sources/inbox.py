"""The inbox: a folder beside the store, through which everything is loaded.

A command hands in: it makes a folder in the inbox, with complete files and a manifest. This folder,
the hand-in, is written under another name, synced to the disk and then renamed, so that the owner
of the store never sees half of it. Its name is the ticket; tickets sort by time. The owner removes
the folder only after the load is committed, and leaves a report of the load for the command, which
waits. If a process is killed at any point, the hand-in has either been loaded or will be.
"""

import json
import os
import shutil
import stat
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Final, Self

from sources.checking.check import Checked
from sources.comparison import ReconcileReport
from sources.contract import READING_RULES, UnreadableFile
from sources.durable_files import lock_folder, sync
from sources.loading.load_order import LoadOrder, LoadReport
from sources.path_checks import check_input
from sources.rejects import Rejects
from sources.removal_orders import RemovalOrder, RemovalReport

#: The ``source`` of a hand-in that asks for a copy of the store, and brings no files.
BACKUP: Final = "backup"
#: The ``source`` of a hand-in, without files, that notes and asks for a source's state.
STATE: Final = "state"
#: The ``source`` of a hand-in that asks what is odd in the data, and brings no files.
CHECK: Final = "check"
_MANIFEST: Final = "manifest.json"
_DEATHS: Final = "deaths.json"
_REMOVED: Final = "removed.json"
_REPORT: Final = ".report.json"
#: How the names of other files end that are only of use while a command waits.
_LEFT_FILES: Final = (".copy", ".copy.wal", ".part")
_COPY_BYTES: Final = 2**20
_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class HandIn:
    """What a command says about the files that it hands in.

    ``source``: where the data comes from: ``files``, ``demo``, or ``BACKUP`` to ask for a copy of
    the store; one of ``REMOVALS`` asks to remove what ``removal`` says. ``account``: the account of
    rows that name none. ``demo``: whether it is demonstration data. ``rejects_path``: where to list
    rejected rows; with None beside the store. ``time_zone``: the zone of times without an offset.
    ``updates``, ``name`` and ``state``: as in ``LoadOrder``.
    """

    source: str
    account: str
    demo: bool
    rejects_path: Path | None = None
    time_zone: str = "UTC"
    removal: RemovalOrder | None = None
    updates: bool = False
    name: str = ""
    state: str | None = None

    @classmethod
    def to_remove(cls, order: RemovalOrder) -> Self:
        """Return a hand-in, without files, that asks to carry out ``order``."""
        return cls(order.source, "", demo=False, removal=order)

    @classmethod
    def to_check(cls, account: str | None) -> Self:
        """Return a hand-in, without files, that asks for what is odd in the data of ``account``.

        With None all accounts are looked at.
        """
        return cls(CHECK, account or "", demo=False)

    @classmethod
    def to_note(cls, name: str, state: str | None = None) -> Self:
        """Return a hand-in, without files, that asks for the state of the source ``name``.

        Before the answer ``state``, a JSON text, takes its place; with None it stays.
        """
        return cls(STATE, "", demo=False, name=name, state=state)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a hand-in.

    If it was loaded, ``load`` is the report, and ``rejects`` are the rejected rows (None if there
    are none). If it was not, ``refusal`` is a sentence that says why. If it asked for a back-up,
    ``copy_path`` is where the copy is. If it asked to remove something, ``removal`` says how much
    was removed; a ``refusal`` beside it says what could not be done. If it asked for the state of a
    source, that is ``state``; if to compare ids, ``reconciled`` says what was found; if it asked
    what is odd in the data, ``checked`` is the result; if to compare costs, ``compared`` is a
    ``CostComparison`` as JSON. All that does not apply is None.
    """

    load: LoadReport | None
    rejects: Rejects | None = None
    refusal: str | None = None
    copy_path: Path | None = None
    removal: RemovalReport | None = None
    state: str | None = None
    reconciled: ReconcileReport | None = None
    checked: Checked | None = None
    compared: str | None = None

    def to_json(self) -> str:
        """Return this outcome as a JSON text, which ``from_json`` reads."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> "Outcome":
        """Return the outcome that ``to_json`` wrote as ``text``."""
        content = json.loads(text)
        load, rejects, copy_path = (content[name] for name in ("load", "rejects", "copy_path"))
        removal, reconciled, checked = (
            content.get(name) for name in ("removal", "reconciled", "checked")
        )
        return cls(
            load=_report(load) if load else None,
            rejects=Rejects.from_json(rejects) if rejects else None,
            refusal=content["refusal"],
            copy_path=Path(copy_path) if copy_path else None,
            removal=RemovalReport(**removal) if removal else None,
            state=content.get("state"),
            reconciled=ReconcileReport.from_json(reconciled) if reconciled else None,
            checked=Checked.from_json(checked) if checked else None,
            compared=content.get("compared"),
        )


class HandInGone(RuntimeError):
    """A hand-in disappeared before it was loaded, and the owner of the store did not remove it."""

    def __init__(self) -> None:
        super().__init__("what was handed in was removed before it was loaded: hand it in again")


class Inbox:
    """The inbox of the store at ``store_path``: hand-ins, their progress and their outcomes.

    Commands call ``hand_in``, ``progress``, ``take_outcome`` and ``withdraw``; the owner of the
    store calls the other methods. ``folder`` is made by the first hand-in.
    """

    def __init__(self, store_path: Path) -> None:
        self.folder = store_path.with_name(f"{store_path.name}.inbox")

    def hand_in(self, what: HandIn, write_files: Callable[[Path], Mapping[str, Path]]) -> str:
        """Hand in files for loading, and return the ticket of this hand-in.

        ``write_files`` gets an empty folder, writes complete files directly into it and returns
        their paths by ``ImportFile.name``; a hand-in for a back-up has none. ``what`` describes
        the files. When this returns, the hand-in is on the disk; if anything raises an error,
        nothing is handed in.
        """
        ticket = f"{time.time_ns():020d}-{uuid.uuid4().hex[:12]}"
        aside = self.folder / f".{ticket}"
        aside.mkdir(parents=True)
        lock = lock_folder(aside)
        try:
            files = write_files(aside)
            manifest = asdict(what) | {
                "rejects_path": str(what.rejects_path) if what.rejects_path else None,
                "removal": what.removal.to_json() if what.removal else None,
                "files": {name: path.name for name, path in files.items()},
                "content_hash": _content_hash(what, files),
            }
            (aside / _MANIFEST).write_text(json.dumps(manifest))
            for path in aside.iterdir():
                sync(path)
            aside.rename(self.folder / ticket)
            sync(self.folder)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            self.withdraw(ticket)
            raise
        finally:
            if lock is not None:
                os.close(lock)
        return ticket

    def waiting(self) -> list[str]:
        """Return the tickets of the hand-ins that are still to be loaded, oldest first."""
        if not self.folder.is_dir():
            return []
        return sorted(
            entry.name
            for entry in self.folder.iterdir()
            if not entry.name.startswith(".") and (entry / _MANIFEST).is_file()
        )

    def order(self, ticket: str) -> tuple[LoadOrder, Path | None]:
        """Return what to load for the hand-in ``ticket``, and where to list its rejects.

        The place of the list is None if the command named none. Raises ``UnreadableFile`` if a file
        of the hand-in is not a regular file, ``OSError`` if one is missing, and ``KeyError`` or
        ``ValueError`` if its manifest is damaged.
        """
        folder = self.folder / ticket
        manifest = json.loads((folder / _MANIFEST).read_text())
        files = {name: folder / Path(file).name for name, file in manifest["files"].items()}
        for path in files.values():
            if not stat.S_ISREG(path.lstat().st_mode):
                raise UnreadableFile(f"{path.name} is not a file")
        order = LoadOrder(
            ticket=ticket,
            content_hash=manifest["content_hash"],
            source=manifest["source"],
            account=manifest["account"],
            demo=manifest["demo"],
            files=files,
            # Manifests of older versions lack what came later.
            time_zone=manifest.get("time_zone", "UTC"),
            updates=manifest.get("updates", False),
            name=manifest.get("name", ""),
            state=manifest.get("state"),
        )
        rejects_path = manifest["rejects_path"]
        return order, Path(rejects_path) if rejects_path else None

    def removal_order(self, ticket: str) -> RemovalOrder:
        """Return what the hand-in ``ticket`` asks to remove.

        Raises ``OSError`` if its manifest is missing, and ``KeyError``, ``TypeError`` or
        ``ValueError`` if it is damaged.
        """
        manifest = json.loads((self.folder / ticket / _MANIFEST).read_text())
        return RemovalOrder.from_json(manifest["removal"])

    def note_removal(self, ticket: str, report: RemovalReport) -> None:
        """Keep ``report`` in the hand-in ``ticket``, for a process that has to go on with it.

        Raises ``OSError`` if it cannot be written.
        """
        path = self.folder / ticket / _REMOVED
        self._write_aside(path, json.dumps(asdict(report)))
        # It must be there whenever the removal is, also after a power failure.
        sync(path)
        sync(path.parent)

    def noted_removal(self, ticket: str) -> RemovalReport:
        """Return what ``note_removal`` kept. Raises ``OSError`` if there is nothing."""
        return RemovalReport(**json.loads((self.folder / ticket / _REMOVED).read_text()))

    def cancel_removal(self, ticket: str) -> bool:
        """Withdraw the removal ``ticket`` if no rows were removed yet; return whether that is so.

        Otherwise the hand-in stays, so that the owner of the store completes it.
        """
        if (self.folder / ticket / _REMOVED).exists():
            return False
        self.withdraw(ticket)
        return True

    def settle(self, ticket: str, outcome: Outcome) -> None:
        """Store ``outcome`` for the command that waits, and remove the hand-in ``ticket``.

        Raises ``OSError`` if the outcome cannot be written.
        """
        try:
            self.tell(ticket, outcome)
        except OSError:
            # On a full disk there is room for the report only after the files are removed.
            self.withdraw(ticket)
            self.tell(ticket, outcome)
        self.withdraw(ticket)

    def tell(self, ticket: str, outcome: Outcome) -> None:
        """Store ``outcome`` for the command that waits, but keep the hand-in ``ticket``.

        Raises ``OSError`` if it cannot be written.
        """
        # Somebody may have removed the folder; the command still waits for the outcome.
        self.folder.mkdir(exist_ok=True)
        self._write_aside(self._report_path(ticket), outcome.to_json())

    def withdraw(self, ticket: str) -> None:
        """Remove the hand-in ``ticket`` and its progress, whether it was loaded or not.

        Do nothing if it is gone already.
        """
        # The manifest is removed first: a folder without one is no hand-in any more.
        (self.folder / ticket / _MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(self.folder / ticket, ignore_errors=True)
        self._progress_path(ticket).unlink(missing_ok=True)

    def take_outcome(self, ticket: str) -> Outcome | None:
        """Return the outcome of the hand-in ``ticket`` and remove it; None if there is none yet.

        Raises ``HandInGone`` if there is neither an outcome nor the hand-in.
        """
        # Must be looked up first: the hand-in is removed only after its outcome is written.
        is_waiting = (self.folder / ticket).is_dir()
        try:
            text = self._report_path(ticket).read_text()
        except FileNotFoundError:
            if is_waiting:
                return None
            raise HandInGone from None
        self._report_path(ticket).unlink(missing_ok=True)
        return Outcome.from_json(text)

    def copy_path(self, ticket: str) -> Path:
        """Return the path to which the back-up that ``ticket`` asks for is to be written.

        ``sweep`` removes a file there when it is a day old.
        """
        return self.folder / f".{ticket}.copy"

    def deaths(self, ticket: str) -> dict[str, int]:
        """Return how often a process died while it loaded the hand-in ``ticket``.

        The counts are by the name of the step that ran; {} if no process died or they cannot be
        read.
        """
        try:
            deaths = json.loads((self.folder / ticket / _DEATHS).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return deaths if isinstance(deaths, dict) else {}

    def tell_deaths(self, ticket: str, deaths: Mapping[str, int]) -> None:
        """Store ``deaths``, which ``deaths`` returns later: counts by the name of a step.

        Call it when a step begins, with that step counted already, and again when it is over. Then
        the count is right if the process dies in between. If it cannot be written, nothing is
        stored.
        """
        # A load must not fail because this cannot be written.
        with suppress(OSError):
            self._write_aside(self.folder / ticket / _DEATHS, json.dumps(deaths))

    def tell_progress(self, ticket: str, step: str, rows: int) -> None:
        """Store how far the load of ``ticket`` is, for the command that waits.

        ``step`` is the name of the step and ``rows`` how many rows it has done. Raises ``OSError``
        if it cannot be written.
        """
        self._write_aside(self._progress_path(ticket), json.dumps([step, rows]))

    def progress(self, ticket: str) -> tuple[str, int] | None:
        """Return the step of the load of ``ticket`` and the rows it has done; None if unknown."""
        try:
            step, rows = json.loads(self._progress_path(ticket).read_text())
        except (FileNotFoundError, ValueError):
            return None
        return step, rows

    def sweep(self) -> None:
        """Remove what killed processes left in the inbox.

        Hand-ins that were loaded are removed at once. Unfinished hand-ins, outcomes and back-ups
        are removed when they are a day old, because a command may still use them.
        """
        if not self.folder.is_dir():
            return
        for entry in self.folder.iterdir():
            try:
                is_old = time.time() - entry.lstat().st_mtime > _DAY_SECONDS
            except FileNotFoundError:
                continue  # the command that waited for this report has just removed it
            # Not renamed yet, so it was not handed in, even if it is complete.
            is_aside = entry.name.startswith(".")
            # Every hand-in has a manifest, which is removed first.
            is_done = not is_aside and not (entry / _MANIFEST).is_file()
            if entry.is_dir() and (is_done or (is_aside and is_old)):
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.is_file() and is_old:
                entry.unlink(missing_ok=True)

    def unfinished(self) -> list[Path]:
        """Return what ended commands left: hand-ins that were never whole, and unwanted copies.

        Hand-ins that a command is writing now are left out. Copies are those of back-ups, also one
        whose command has just been told of it.
        """
        if not self.folder.is_dir():
            return []
        return [path for path in sorted(self.folder.iterdir()) if _is_unfinished(path)]

    def reports(self) -> list[Path]:
        """Return the reports that no command has taken yet."""
        return sorted(self.folder.glob(f".*{_REPORT}"))

    def _report_path(self, ticket: str) -> Path:
        return self.folder / f".{ticket}{_REPORT}"

    def _progress_path(self, ticket: str) -> Path:
        return self.folder / f".{ticket}.progress.json"

    def _write_aside(self, path: Path, content: str) -> None:
        aside = path.with_suffix(".part")
        aside.write_text(content)
        aside.replace(path)


def copy_files(files: Mapping[str, Path]) -> Callable[[Path], Mapping[str, Path]]:
    """Return a function for ``Inbox.hand_in`` that copies ``files``, paths by ``ImportFile.name``.

    The function raises ``UnreadableFile`` if one is not a regular file, cannot be copied, or
    changes while it is copied.
    """

    def write(folder: Path) -> Mapping[str, Path]:
        copies = {name: folder / f"{name}{path.suffix}" for name, path in files.items()}
        for name, path in files.items():
            try:
                _copy(path, copies[name])
            except OSError as error:
                raise UnreadableFile(f"{path.name} cannot be copied: {error.strerror}") from error
        return copies

    return write


def _is_unfinished(path: Path) -> bool:
    if not path.is_dir():
        return path.name.endswith(_LEFT_FILES)
    if not path.name.startswith("."):
        # The manifest is removed first of all.
        return not (path / _MANIFEST).is_file()
    lock = lock_folder(path)
    if lock is None:
        return False
    os.close(lock)
    return True


def _copy(path: Path, target: Path) -> None:
    check_input(path)
    with path.open("rb") as opened, target.open("xb") as written:
        before = os.fstat(opened.fileno())
        left = before.st_size
        # Only the length at the beginning: a file that grows while it is read might never end.
        while left and (content := opened.read(min(left, _COPY_BYTES))):
            left -= len(content)
            written.write(content)
        after = os.fstat(opened.fileno())
    if left or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnreadableFile(f"{path.name} changed while it was read: give it when it is complete")


def _report(content: dict[str, Any]) -> LoadReport:
    """Return the report of its JSON, in which tuples are lists."""
    return LoadReport(**content | {"without_offset": tuple(content["without_offset"])})


def _content_hash(what: HandIn, files: Mapping[str, Path]) -> str:
    """Return a SHA-256 of the files and of everything else that decides what loading them does."""
    # The same file counts as other content when it is read in another way.
    read_as = [what.source, what.account, what.demo, what.time_zone, READING_RULES]
    read_as += [what.updates, what.name, what.state]
    digest = sha256(json.dumps(read_as).encode())
    for name in sorted(files):
        with files[name].open("rb") as opened:
            digest.update(name.encode() + file_digest(opened, "sha256").digest())
    return digest.hexdigest()
