"""Reads times as people and programs write them, and writes them in ISO 8601.

A format is named by what a person can say of the file: ``dd/mm/yyyy``, ``mm/dd/yyyy`` and so on,
``rfc2822``, ``epoch`` and ``epoch-ms``. None is ever guessed: ``import`` proposes those that would
read a file, and the person chooses.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from sources.contract import WHITE_SPACE

#: Seconds since 1970 of the years 2000 and 2100: other numbers are proposed as no time.
_SECONDS_OF_USE: Final = range(946_684_800, 4_102_444_800)
#: Two digits of a year from this on are of the 20th century.
_OLD_YEAR: Final = 70
_CLOCK: Final = re.compile(
    r"(?:,? +|T)(?P<hour>\d{1,2})[:h](?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)?"
    r" ?(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_DAYS: Final = {
    "dd/mm/yyyy": r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})",
    "mm/dd/yyyy": r"(?P<month>\d{1,2})[/.-](?P<day>\d{1,2})[/.-](?P<year>\d{4})",
    "yyyy/mm/dd": r"(?P<year>\d{4})[/.-](?P<month>\d{1,2})[/.-](?P<day>\d{1,2})",
    "dd/mm/yy": r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{2})",
    "mm/dd/yy": r"(?P<month>\d{1,2})[/.-](?P<day>\d{1,2})[/.-](?P<year>\d{2})",
}
#: The library reads much more than this standard.
_RFC_2822: Final = re.compile(r"(?:[a-z]{3}, +)?\d{1,2} [a-z]{3} \d{4} \d{2}:\d{2}", re.IGNORECASE)
_ISO_START: Final = re.compile(r"\d{4}-?(\d{2}-?\d{2}|W\d{2}|\d{3})")


def _by_pattern(day: str) -> Callable[[str], str | None]:
    pattern = re.compile(f"{day}(?:{_CLOCK.pattern})?", re.IGNORECASE)

    def read(text: str) -> str | None:
        found = pattern.fullmatch(text)
        return _iso_of_parts(found.groupdict()) if found else None

    return read


def _iso_of_parts(parts: Mapping[str, str | None]) -> str | None:
    """Return the moment with these parts; None where the calendar has no such moment."""
    year, hour = int(parts["year"] or 0), int(parts["hour"] or 0)
    if len(parts["year"] or "") == 2:
        year += 1900 if year >= _OLD_YEAR else 2000
    if half := parts["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pP" else 0)
    try:
        moment = datetime(  # noqa: DTZ001 - the offset stays a text
            year,
            int(parts["month"] or 0),
            int(parts["day"] or 0),
            hour,
            int(parts["minute"] or 0),
            int(parts["second"] or 0),
        )
    except ValueError:
        return None
    fraction = f".{parts['fraction']}" if parts["fraction"] else ""
    return f"{moment.isoformat()}{fraction}{_iso_offset(parts['offset'])}"


def _iso_offset(offset: str | None) -> str:
    if offset is None:
        return ""
    return "Z" if offset.upper() in ("Z", "UTC", "GMT") else offset


def _rfc2822(text: str) -> str | None:
    if not _RFC_2822.match(text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # An offset of -0000 says that the offset is not known: the library then gives none.
    return moment.isoformat()


def _epoch(text: str) -> str | None:
    return _iso_of_microseconds(text, 1_000_000)


def _epoch_ms(text: str) -> str | None:
    return _iso_of_microseconds(text, 1_000)


def _iso_of_microseconds(text: str, unit: int) -> str | None:
    """Return the moment that is ``text`` units of so many microseconds after 1970."""
    if not re.fullmatch(r"\d{1,14}(\.\d{1,9})?", text):
        return None
    whole, _, fraction = text.partition(".")
    microseconds = int(whole) * unit + int(f"{fraction:0<9}") * unit // 10**9
    moment = datetime(1970, 1, 1, tzinfo=UTC)
    try:
        moment += timedelta(microseconds=microseconds)
    except OverflowError:
        return None
    return moment.isoformat()


#: By the name of a format: a function that returns a time in ISO 8601, None where the text is none.
_READERS: Final[Mapping[str, Callable[[str], str | None]]] = MappingProxyType(
    {
        **{name: _by_pattern(day) for name, day in _DAYS.items()},
        "rfc2822": _rfc2822,
        "epoch": _epoch,
        "epoch-ms": _epoch_ms,
    }
)
#: The names of all formats.
TIME_FORMATS: Final = tuple(_READERS)


def iso_time(text: str, formats: Sequence[str]) -> str:
    """Return ``text``, a time in the first of ``formats`` that reads it, in ISO 8601.

    The result has an offset if ``text`` has one; epochs are in UTC. A text that is no time in any
    of them is returned as it is: it may be ISO 8601 already, and if not, the load rejects its row.
    Raises ``KeyError`` for an unknown format.
    """
    stripped = text.strip(WHITE_SPACE)
    for time_format in formats:
        if iso := _READERS[time_format](stripped):
            return iso
    return text


def fitting_formats(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the formats that read all of ``texts``; () if some look like ISO 8601.

    Several fit where no day is after the 12th: then only the person knows which it is.
    """
    texts = [text.strip(WHITE_SPACE) for text in texts]
    if not texts or (any(map(_ISO_START.match, texts)) and not _are_numbers(texts)):
        return ()
    return tuple(
        name
        for name, read in _READERS.items()
        if all(read(text) is not None and _is_likely(text, name) for text in texts)
    )


def _are_numbers(texts: Iterable[str]) -> bool:
    """Return whether all texts are numbers of so many digits as epochs have today."""
    return all(re.fullmatch(r"\d{10}(\.\d+)?|\d{13}(\.\d+)?", text) for text in texts)


def _is_likely(text: str, time_format: str) -> bool:
    """Return whether a number is an epoch of a year in which WhatsApp was in use."""
    if time_format == "epoch":
        return int(float(text)) in _SECONDS_OF_USE
    if time_format == "epoch-ms":
        return int(float(text)) // 1_000 in _SECONDS_OF_USE
    return True


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment that ``text``, a time in ISO 8601, stands for; None where it is no time.

    A time without an offset is in ``zone``; one that the clocks show twice is the later of the two,
    as a load takes it.
    """
    try:
        moment = datetime.fromisoformat(text.strip(WHITE_SPACE))
    except ValueError:
        return None
    return moment.replace(tzinfo=zone, fold=1) if moment.tzinfo is None else moment
