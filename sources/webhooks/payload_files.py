"""Copies payloads from the files that people have to files with one JSON text a line."""

import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from sources.contract import UnreadableFile
from sources.path_checks import check_input

#: The path that stands for standard input.
STANDARD_INPUT: Final = Path("-")
_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"


def copy_as_lines(path: Path, target: Path) -> None:
    """Write the JSON texts of the file at ``path`` to ``target``, a new file, one a line.

    The file holds one JSON text, over several lines or not, or JSON Lines; it may be packed with
    gzip. ``STANDARD_INPUT`` is read to its end. The lines of JSON Lines keep their numbers, and are
    not checked but the first. Raises ``UnreadableFile`` where the file holds no JSON, and
    ``OSError``.
    """
    name = "standard input" if path == STANDARD_INPUT else path.name
    try:
        with closing(_opened(path)) as source, target.open("xb") as written:
            for line in _json_lines(_unpacked(source), name):
                written.write(line.rstrip(b"\r\n") + b"\n")
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise UnreadableFile(f"{name} is damaged: gzip cannot unpack it") from None


def _opened(path: Path) -> io.BufferedReader:
    if path == STANDARD_INPUT:
        return io.BufferedReader(sys.stdin.buffer)  # type: ignore[arg-type]
    check_input(path)
    return path.open("rb")


def _unpacked(source: io.BufferedReader) -> Iterable[bytes]:
    """Return the lines of ``source``, unpacked where it is packed."""
    return gzip.open(source) if source.peek(2)[:2] == _GZIP else source


def _json_lines(lines: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield the lines of JSON Lines as they are; of one JSON text over several lines, one line."""
    before, first, source = 0, b"", iter(lines)
    for line in source:
        first = line.removeprefix(_BOM)
        if first.strip():
            break
        before += 1
    if not first.strip():
        raise UnreadableFile(f"{name} is empty")
    if _is_json(first):
        yield from [b""] * before
        yield first
        yield from source
        return
    try:
        whole = json.loads(first + b"".join(source))
    except (ValueError, RecursionError):
        raise UnreadableFile(
            f"{name} is not JSON: expected one payload, a list of them, or one on each line"
        ) from None
    yield json.dumps(whole).encode()


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
