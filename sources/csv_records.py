"""Splits a CSV text into records, each with its line number; no line is lost or read twice.

Quotes in a CSV come in pairs, so every record ends at the first end of a line where its quotes are
paired, even a record that cannot be read. All lines of such a record are rejected, each with its
number. So the content of a quoted field is never taken for rows, however the record is damaged.
"""

import csv
import re
from collections.abc import Iterator
from typing import IO, Final

from sources.row_batches import Reject

#: More than any message with all its values; a longer record is taken for a damaged file.
MAX_RECORD_CHARACTERS: Final = 10_000_000
BYTE_ORDER_MARK: Final = "\ufeff"
REJECTS_AT_ONCE: Final = 20_000
_SEPARATOR_LINE: Final = re.compile(r"sep=.?", re.IGNORECASE)
#: The error of the csv module where the text ends inside a quoted field.
_END_INSIDE: Final = "unexpected end of data"


class _TooLong(Exception):
    """The current record is longer than any message."""


class _Lines:
    """Gives the csv module the lines of a text, and remembers those of the current record.

    Lines are read in pieces of at most ``MAX_RECORD_CHARACTERS``, so that a line as long as the
    file is never in memory.
    """

    def __init__(self, text: IO[str]) -> None:
        self._read = text.readline
        self._record: list[str] = []
        self._size = 0
        #: The first line of the current record, and the line that was read last.
        self.first = 1
        self.number = 0
        #: Characters read in all.
        self.characters = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        text = self._read(MAX_RECORD_CHARACTERS)
        if not text:
            raise StopIteration
        self.number += 1
        if not self._record and text[0] == BYTE_ORDER_MARK:
            text = text.lstrip(BYTE_ORDER_MARK)
        self._record.append(text)
        self._size += len(text)
        if self._size >= MAX_RECORD_CHARACTERS:
            raise _TooLong
        return text

    def begin(self) -> None:
        """Begin a new record with the next line."""
        self.characters += self._size
        self._record.clear()
        self._size = 0
        self.first = self.number + 1

    def is_blank(self) -> bool:
        """Return whether the current record is a single line of white space."""
        return len(self._record) == 1 and not self._record[0].strip()

    def rest(self, fault: Exception) -> Iterator[list[Reject]]:
        """Read to the end of the current record, which cannot be read because of ``fault``.

        Yields rejects for all its lines, in lists. Blank lines hold no data and are left out.
        """
        is_long, size = isinstance(fault, _TooLong), self._size
        is_open = self._is_open(fault)
        lines = [n for n, text in enumerate(self._record, self.first) if text.strip()]
        self._record.clear()
        while is_open and (text := self._read(MAX_RECORD_CHARACTERS)):
            self.number += 1
            if text.strip():
                lines.append(self.number)
            is_open ^= _has_odd_quotes(text) ^ self._finish_line(text)
            size += len(text)
            is_long = is_long or size >= MAX_RECORD_CHARACTERS
            if is_long and len(lines) >= REJECTS_AT_ONCE:
                yield _rejects_of(lines, _too_long(self.first))
                lines = []
        if is_long:
            reason = _too_long(self.first)
        elif is_open or str(fault) == _END_INSIDE:
            reason = f"a quoted field opened in line {self.first} never ends"
        else:
            reason = f"not a CSV row: {fault} (in the record of line {self.first})"
        yield _rejects_of(lines, reason)

    def _is_open(self, fault: Exception) -> bool:
        """Return whether a quoted field is open at the end of the line that was read last."""
        last = self._record[-1]
        if isinstance(fault, _TooLong) and len(self._record) > 1:
            # The csv module asks for a further line of a record only inside a quoted field.
            is_open = not _has_odd_quotes(last)
        else:
            is_open = _has_odd_quotes("".join(self._record))
        return is_open ^ self._finish_line(last)

    def _finish_line(self, text: str) -> bool:
        """Read the rest of the line that begins with ``text``; return whether it has odd quotes."""
        is_odd = False
        while not _ends_line(text) and (text := self._read(MAX_RECORD_CHARACTERS)):
            is_odd ^= _has_odd_quotes(text)
        return is_odd


class Records:
    """The records of the CSV ``text``, whose cells are separated by ``delimiter``.

    First call ``header``. Then iterating gives ``(line, cells)`` for each record after the header;
    ``line`` is the line on which it begins, from 1. Blank lines are skipped, and so is a first line
    such as ``sep=;``, which spreadsheets write.

    A record that cannot be read becomes rejects, and iterating gives it with ``[]`` as cells. Call
    ``take_rejects`` then, so that they do not fill the memory. Making this object sets the csv
    module's limit of a field for the whole process.
    """

    def __init__(self, text: IO[str], delimiter: str) -> None:
        csv.field_size_limit(MAX_RECORD_CHARACTERS)
        self._rejects: list[Reject] = []
        self._lines = _Lines(text)
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)

    @property
    def characters(self) -> int:
        """How many characters were read before the current record."""
        return self._lines.characters

    def take_rejects(self) -> list[Reject]:
        """Return the rejects found since the last call, and forget them."""
        rejects, self._rejects = self._rejects, []
        return rejects

    def header(self) -> list[str]:
        """Read up to the header and return its cells; [] if the text has no header.

        The header is the first record that is not blank and not a line such as ``sep=;``. Raises
        ``csv.Error`` if it cannot be read.
        """
        try:
            for _, cells in self._sound():
                if any(cells[1:]) or not _SEPARATOR_LINE.fullmatch(cells[0]):
                    return cells
        except _TooLong as error:
            raise csv.Error(f"longer than {MAX_RECORD_CHARACTERS:,} characters") from error
        return []

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the first line and the cells of each record not read yet; see ``Records``."""
        records = self._sound()
        while True:
            try:
                yield from records
            except (csv.Error, _TooLong) as fault:
                for rejects in self._lines.rest(fault):
                    self._rejects += rejects
                    yield self._lines.first, []
                records = self._sound()
            else:
                return

    def _sound(self) -> Iterator[tuple[int, list[str]]]:
        """Yield records up to the first that cannot be read, which raises its error."""
        lines, reader = self._lines, self._reader
        lines.begin()
        for cells in reader:
            # A record of one cell may be a blank line, because no import file has a single column.
            if len(cells) > 1 or not lines.is_blank():
                yield lines.first, cells
            lines.begin()


def _has_odd_quotes(text: str) -> bool:
    return text.count('"') % 2 == 1


def _ends_line(text: str) -> bool:
    """Return whether a piece ends its line; a full piece may end inside the line break."""
    return text.endswith(("\n", "\r")) and not (
        len(text) == MAX_RECORD_CHARACTERS and text.endswith("\r")
    )


def _rejects_of(lines: list[int], reason: str) -> list[Reject]:
    return [Reject(line, "", reason) for line in lines]


def _too_long(first: int) -> str:
    return (
        f"longer than {MAX_RECORD_CHARACTERS:,} characters: the record that begins in line {first}"
    )
