"""How phones in E.164 are shown, and how phones that people type are read."""

import re
from typing import Final

#: A Brazilian number with its area code, which has no zero. Numbers such as 0800 have no area code.
_BRAZILIAN_PARTS: Final = re.compile(r"\+55([1-9]{2})([0-9]{4,5})([0-9]{4})")
#: A number in E.164: at most fifteen digits, which begin with the country code. That has one digit
#: (zones 1 and 7), two, or three (source: ITU-T E.164, list of assigned country codes).
_COUNTRY: Final = re.compile(
    r"\+(?=[1-9][0-9]{6,14}$)"
    r"([17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9][0-9]{2})([0-9]+)"
)
#: What people write between the digits of a phone that they search for.
_BETWEEN: Final = re.compile(r"[ ().\-\u00a0]+")
_WRITTEN: Final = re.compile(r"[0-9+ ().\-\u00a0]*[0-9][0-9+ ().\-\u00a0]*")


def spaced_phone(phone: str) -> str:
    """Return ``+55 11 90000-0002`` for a Brazilian number, ``+351 912345678`` for others in E.164.

    Masked phones and other texts are returned as they are. With spaces, spreadsheets do not take
    the phone for a number, of which they would drop the plus and the last digits.
    """
    if brazilian := _BRAZILIAN_PARTS.fullmatch(phone):
        return "+55 {} {}-{}".format(*brazilian.groups())
    if other := _COUNTRY.fullmatch(phone):
        return f"+{other[1]} {other[2]}"
    return phone


def joined_phone(text: str) -> str | None:
    """Return ``text`` without the signs between digits; None where it is not part of a phone.

    So a reader who types ``(11) 9000`` finds phones in E.164 that contain ``119000``.
    """
    return _BETWEEN.sub("", text) if _WRITTEN.fullmatch(text) else None
