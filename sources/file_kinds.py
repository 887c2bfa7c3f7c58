"""Recognises a file's kind by its first bytes, and refuses what is no CSV, Parquet or workbook."""

import re
import zipfile
from pathlib import Path
from typing import Final

from sources.contract import ImportFile, UnreadableFile
from sources.path_checks import check_input

_PARQUET: Final = b"PAR1"
AS_CSV: Final = 'save it as "CSV UTF-8"'
_UNPACK: Final = "unpack it first"
#: Kind and remedy (see ``no_file_of``) of a file without content.
EMPTY: Final = ("empty", "export the data again")
_FIRST_BYTES: Final = 4_096
#: The first bytes of other kinds of files, what each is, and what to do.
_BEGINNINGS: Final = (
    (b"\xff\xfe\0\0", "UTF-32 text", AS_CSV),
    (b"\0\0\xfe\xff", "UTF-32 text", AS_CSV),
    (b"\xff\xfe", "UTF-16 text", AS_CSV),
    (b"\xfe\xff", "UTF-16 text", AS_CSV),
    (b"\x1f\x8b", "compressed (gzip)", _UNPACK),
    (b"BZh", "compressed (bzip2)", _UNPACK),
    (b"\xfd7zXZ\0", "compressed (xz)", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd)", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7z)", _UNPACK),
    (b"Rar!", "an archive (rar)", _UNPACK),
    (b"PARE", "an encrypted Parquet file", "write it without encryption"),
    (b"ARROW1", "an Arrow file", "write it as Parquet"),
    (b"SQLite format 3\0", "an SQLite database", "export its tables as CSV"),
    (b"%PDF", "a PDF", "import the table that it was made from"),
)
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
_ZIP: Final = b"PK\x03\x04"
#: What a zip archive has in it that is a workbook: of Excel, of Excel in binary, of OpenDocument.
_WORKBOOK_PARTS: Final = ("xl/workbook.xml", "xl/workbook.bin")
_OPEN_DOCUMENT: Final = b"application/vnd.oasis.opendocument.spreadsheet"
#: A line of a chat that a phone's WhatsApp has exported: "31/12/2026 10:00 - Ana: Oi", or with the
#: moment in brackets and seconds.
_CHAT_LINE: Final = re.compile(
    r"^[\u200e\u200f]?\[?\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? \d{1,2}:\d{2}(:\d{2})?"
    r"([ \u202f]?[ap]\.?[ \u202f]?m\.?)?(\]| -) \S",
    re.IGNORECASE,
)
_CHAT: Final = (
    "a chat exported from WhatsApp",
    (
        "it has neither cases nor statuses, templates and ids of messages: export from the "
        "support portal, or take the webhooks of WhatsApp"
    ),
)
#: In how many of its first lines a chat is looked for.
_CHAT_LINES: Final = 5
#: The beginnings of texts that are no CSV, what each is, and what to do.
_TEXT_BEGINNINGS: Final = (
    ("{", "JSON", "convert it to CSV"),
    ("[", "JSON", "convert it to CSV"),
    ("<", "HTML or XML", "export the table as CSV"),
)


def is_parquet(path: Path) -> bool:
    """Return whether the file at ``path`` begins as a Parquet file does; its name does not matter.

    Raises ``OSError`` if it cannot be read.
    """
    with path.open("rb") as opened:
        return opened.read(len(_PARQUET)) == _PARQUET


def is_workbook(path: Path) -> bool:
    """Return whether the file at ``path`` is a workbook: .xlsx, .xlsb, .xls or .ods.

    Raises ``OSError`` if it cannot be read.
    """
    with path.open("rb") as opened:
        first = opened.read(len(_ZIP))
    if first != _ZIP:
        return first == _OLD_WORKBOOK
    try:
        with zipfile.ZipFile(path) as archive:
            if any(part in archive.namelist() for part in _WORKBOOK_PARTS):
                return True
            return archive.read("mimetype").startswith(_OPEN_DOCUMENT)
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError):
        return False


def check_kind(path: Path, file: ImportFile) -> None:
    """Raise ``UnreadableFile`` if the first bytes at ``path`` show what cannot be read.

    CSV, Parquet and workbooks can.

    So it does for an empty file, and for what is no regular file or does not exist. The error's
    text names ``file``, says what is at ``path`` and what to do. A pipe or a device is never
    opened, because it may not end. Raises ``OSError`` if the file cannot be opened.
    """
    check_input(path)
    with path.open("rb") as opened:
        first = opened.read(_FIRST_BYTES)
    if (kind := _kind(first)) and not is_workbook(path):
        raise no_file_of(path, file, *kind)


def no_file_of(path: Path, file: ImportFile, what: str, remedy: str) -> UnreadableFile:
    """Return an ``UnreadableFile`` that says what the file at ``path`` is instead of ``file``.

    ``what`` is its kind (“a PDF”), and ``remedy`` is what the person should do (“unpack it first”).
    """
    return UnreadableFile(f"{path.name} is not a file of {file.name}: it is {what}; {remedy}")


def kind_of_text(path: Path) -> tuple[str, str] | None:
    """Return what the file at ``path`` is instead of a CSV, and what to do, or None.

    Call it for a file that was read as a CSV and lacks required columns. For example, the result is
    ``("JSON", "convert it to CSV")``; it is None if the first bytes look like a CSV. Raises
    ``OSError`` if the file cannot be read.
    """
    with path.open("rb") as opened:
        first = opened.read(_FIRST_BYTES)
    text = first.decode("utf-8-sig", errors="replace").lstrip()
    for beginning, what, remedy in _TEXT_BEGINNINGS:
        if text.startswith(beginning):
            return what, remedy
    if any(byte < 9 for byte in first):
        return "no text", "import CSV, Parquet or a workbook"
    if any(map(_CHAT_LINE.match, text.splitlines()[:_CHAT_LINES])):
        return _CHAT
    return None


def _kind(first: bytes) -> tuple[str, str] | None:
    if not first:
        return EMPTY
    for beginning, what, remedy in _BEGINNINGS:
        if first.startswith(beginning):
            return what, remedy
    if first.startswith(_ZIP):
        return "an archive (zip)", _UNPACK
    return ("UTF-16 text", AS_CSV) if _is_utf16(first) else None


def _is_utf16(first: bytes) -> bool:
    """Return whether nearly every second byte is zero, as in UTF-16 without a byte order mark."""
    pairs = len(first) // 2
    for start in (0, 1):
        others = first[1 - start :: 2].count(0)
        if pairs >= 8 and first[start::2].count(0) > 0.8 * pairs and not others:
            return True
    return False
