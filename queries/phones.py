"""Writes phones with spaces for people, and reads the parts of phones that people search for."""

import re
from typing import Final

#: A Brazilian number in E.164: area code (two digits, no zero), first digits, last four digits.
_BRAZILIAN_PARTS: Final = re.compile(r"\+55([1-9]{2})([0-9]{4,5})([0-9]{4})")
#: A number in E.164: a plus and at most fifteen digits, which begin with the country code. Country
#: codes have one digit (1 and 7), two or three (source: ITU-T E.164, list of country codes).
_COUNTRY: Final = re.compile(
    r"\+(?=[1-9][0-9]{6,14}$)"
    r"([17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9][0-9]{2})([0-9]+)"
)
#: What people write between the digits of a phone that they search for, and such a text as a whole.
_BETWEEN: Final = re.compile(r"[ ().\-\u00a0]+")
_WRITTEN: Final = re.compile(r"[0-9+ ().\-\u00a0]*[0-9][0-9+ ().\-\u00a0]*")


def spaced_phone(phone: str) -> str:
    """Return a phone in E.164 with spaces for people: ``+55 11 90000-0002``, ``+351 912345678``.

    All other texts, masked phones among them, are returned unchanged. The spaces keep spreadsheets
    from reading the phone as a number, which would lose the plus and the last digits.
    """
    if brazilian := _BRAZILIAN_PARTS.fullmatch(phone):
        return "+55 {} {}-{}".format(*brazilian.groups())
    if other := _COUNTRY.fullmatch(phone):
        return f"+{other[1]} {other[2]}"
    return phone


def joined_phone(text: str) -> str | None:
    """Return ``text`` without blanks, brackets, dots and dashes: ``119000`` for ``(11) 9000``.

    Use it to search for part of a phone in phones in E.164. Returns None where ``text`` cannot be
    part of a phone: it has no digit, or has other characters than digits, these signs and plus.
    """
    return _BETWEEN.sub("", text) if _WRITTEN.fullmatch(text) else None
