"""Makes plain files of what is packed: standard input, gzip and zip archives."""

import gzip
import shutil
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sources.contract import UnreadableFile
from sources.file_kinds import is_workbook

#: What people give in place of a path to mean standard input.
STANDARD_INPUT: Final = Path("-")
_GZIP: Final = b"\x1f\x8b"
#: An archive, and one without files.
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
#: Files that archives made on some systems have beside the real ones.
_NO_DATA: Final = ("__MACOSX/", ".DS_Store")
_FIRST_BYTES: Final = 4
#: Of an archive so many files are named in a sentence.
_SHOWN: Final = 10


def unpacked(path: Path, folder: Path, fits: Callable[[Path], bool]) -> Path:
    """Return a plain file with the content of ``path``, made in ``folder`` where it is packed.

    A plain file is returned as it is, and so is a workbook, which is a zip archive as well. Of an
    archive with several files the one is taken for which ``fits`` returns true. Raises
    ``UnreadableFile`` if the archive is damaged, has a password, or if none or several of its files
    fit, and ``OSError`` if a file cannot be read or written.
    """
    if path == STANDARD_INPUT:
        path = _from_standard_input(folder)
    with path.open("rb") as opened:
        first = opened.read(_FIRST_BYTES)
    if first.startswith(_GZIP):
        return unpacked(_from_gzip(path, folder), folder, fits)
    if first.startswith(_ZIP) and not is_workbook(path):
        return unpacked(_from_zip(path, folder, fits), folder, fits)
    return path


def _from_standard_input(folder: Path) -> Path:
    target = _new_name(folder, "standard-input")
    with target.open("xb") as written:
        shutil.copyfileobj(sys.stdin.buffer, written)
    return target


def _from_gzip(path: Path, folder: Path) -> Path:
    target = _new_name(folder, path.name.removesuffix(".gz"))
    try:
        with gzip.open(path) as opened, target.open("xb") as written:
            shutil.copyfileobj(opened, written)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnreadableFile(
            f"{path.name} is not a whole gzip file: it is damaged or cut short; copy it again"
        ) from error
    return target


def _from_zip(path: Path, folder: Path, fits: Callable[[Path], bool]) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                member
                for member in archive.infolist()
                if not member.is_dir() and not _is_no_data(member.filename)
            ]
            found = [_from_member(archive, member, folder) for member in members]
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
        raise UnreadableFile(
            f"{path.name} is not a whole zip archive: it is damaged or cut short; copy it again"
        ) from error
    except RuntimeError as error:
        raise UnreadableFile(f"{path.name} has a password: unpack it first") from error
    if len(found) > 1:
        found = [file for file in found if fits(file)] or found
    if len(found) != 1:
        listed = ", ".join(member.filename for member in members[:_SHOWN]) or "no files"
        raise UnreadableFile(
            f"{path.name} holds {listed}: unpack it, and give the file that is meant"
        )
    return found[0]


def _from_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> Path:
    target = _new_name(folder, Path(member.filename).name)
    with archive.open(member) as opened, target.open("xb") as written:
        shutil.copyfileobj(opened, written)
    return target


def _is_no_data(name: str) -> bool:
    return name.startswith(_NO_DATA[0]) or Path(name).name == _NO_DATA[1]


def _new_name(folder: Path, name: str) -> Path:
    """Return a path for a new file called ``name``, in a folder of its own below ``folder``."""
    own = folder / str(sum(1 for _ in folder.iterdir()))
    own.mkdir()
    return own / (name or "file")
