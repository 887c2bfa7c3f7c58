"""Reads a PDF that Chromium printed, as far as tests need it: how much text each page has."""

import re
import zlib
from typing import Final

_OBJECT: Final = re.compile(rb"(\d+) 0 obj\s*(.*?)\s*endobj", re.DOTALL)
_STREAM: Final = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_CONTENTS: Final = re.compile(rb"/Contents (\d+) 0 R")
#: Operators that write text.
_TEXT: Final = re.compile(rb"\b(?:Tj|TJ)\b")


def texts_of_pages(content: bytes) -> list[int]:
    """Return for each page of the PDF ``content``, in order, how many pieces of text it has.

    Raises ``KeyError`` or ``zlib.error`` for a PDF that is written in another way.
    """
    objects = {int(number): body for number, body in _OBJECT.findall(content)}
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\b", body)]
    return [len(_TEXT.findall(_drawing(objects, page))) for page in pages]


def _drawing(objects: dict[int, bytes], page: bytes) -> bytes:
    """Return the operators that draw a page."""
    return b" ".join(_unpacked(objects[int(one)]) for one in _CONTENTS.findall(page))


def _unpacked(body: bytes) -> bytes:
    [stream] = _STREAM.findall(body)
    # Its check sum at the end may look like the end of a line.
    return zlib.decompressobj().decompress(stream) if b"/FlateDecode" in body else stream
