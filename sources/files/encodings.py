"""Finds out how a text file is encoded, and writes it as UTF-8."""

import codecs
from pathlib import Path
from typing import Final

from sources.contract import UnreadableFile

UTF_8: Final = "utf-8"
#: What Windows programs of western Europe and the Americas write; of Latin-1 it has all letters.
WINDOWS: Final = "cp1252"
#: How an encoding is called in sentences.
ENCODING_NAMES: Final = {
    WINDOWS: "Windows-1252 (Latin-1)",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
}
_MARKS: Final = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK: Final = 2**20
_FIRST_BYTES: Final = 4_096
#: Lower characters stand in no text.
_FIRST_OF_TEXT: Final = 9
#: Fewer pairs of bytes say nothing about UTF-16.
_FEWEST_PAIRS: Final = 8


def encoding_of(path: Path) -> str:
    """Return the encoding of the text at ``path``, a name that Python knows.

    A byte order mark decides; else UTF-16 is known by its zero bytes. Anything else is UTF-8,
    unless no letter in the file beyond ASCII is one in UTF-8, and all are in Windows-1252. A file
    of UTF-8 with a few broken bytes stays UTF-8: a load rejects the rows that have them. Reads the
    file to its end. Raises ``OSError`` if it cannot be read.
    """
    with path.open("rb") as opened:
        first = opened.read(_FIRST_BYTES)
    for mark, encoding in _MARKS:
        if first.startswith(mark):
            return encoding
    if without_mark := _utf16_without_mark(first):
        return without_mark
    if any(byte < _FIRST_OF_TEXT for byte in first):
        return UTF_8  # it is no text: what it is, other checks say
    return WINDOWS if _has_no_letter_in_utf8(path) and _can_be(path, WINDOWS) else UTF_8


def write_as_utf8(path: Path, encoding: str, target: Path) -> None:
    """Write the text at ``path``, which is in ``encoding``, to the new file ``target`` as UTF-8.

    Ends of lines stay. Raises ``UnreadableFile`` if it is not in this encoding, and ``OSError`` if
    it cannot be read or written.
    """
    try:
        with (
            path.open(encoding=encoding, newline="") as text,
            target.open("x", encoding=UTF_8, newline="") as written,
        ):
            while chunk := text.read(_CHUNK):
                written.write(chunk)
    except (UnicodeError, LookupError) as error:
        name = ENCODING_NAMES.get(encoding, encoding)
        raise UnreadableFile(f"{path.name} is not text in {name}") from error


def _utf16_without_mark(first: bytes) -> str | None:
    """Return the UTF-16 that ``first`` is in, where nearly every second byte is zero, or None."""
    pairs = len(first) // 2
    for start, encoding in ((0, "utf-16-be"), (1, "utf-16-le")):
        others = first[1 - start :: 2].count(0)
        if pairs >= _FEWEST_PAIRS and first[start::2].count(0) > 0.8 * pairs and not others:
            return encoding
    return None


def _has_no_letter_in_utf8(path: Path) -> bool:
    """Return whether the file has bytes that are no UTF-8, and no letter beyond ASCII that is."""
    decoder = codecs.getincrementaldecoder(UTF_8)("surrogateescape")
    is_broken = False
    with path.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            text = decoder.decode(chunk)
            if text.isascii():
                continue
            beyond = [sign for sign in set(text) if not sign.isascii()]
            if any(not _is_stray_byte(sign) for sign in beyond):
                return False
            is_broken = True
    # Bytes of an unfinished letter at the very end.
    return is_broken or bool(decoder.getstate()[0])


def _is_stray_byte(sign: str) -> bool:
    return "\udc80" <= sign <= "\udcff"


def _can_be(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as text:
            while text.read(_CHUNK):
                pass
    except UnicodeError:
        return False
    return True
