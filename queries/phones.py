"""Phones as readers see them: in full, or in part for one without the right to see them."""

import re
from typing import Final

_BRAZILIAN: Final = re.compile(r"\+55(\d{2})\d{4,5}(\d{4})")
#: With an area, which has no zero: 0800 and its like, and numbers for all of Brazil, have none.
_BRAZILIAN_PARTS: Final = re.compile(r"\+55([1-9]{2})([0-9]{4,5})([0-9]{4})")
#: E.164: at most fifteen digits, of which the country's code is one (zones 1 and 7), one of the
#: codes with two, or three (ITU-T E.164, list of assigned country codes).
_COUNTRY: Final = re.compile(
    r"\+(?=[1-9][0-9]{6,14}$)"
    r"([17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9][0-9]{2})([0-9]+)"
)
#: What may stand between the digits of a number as it is written.
_BETWEEN: Final = re.compile(r"[ ().\-\u00a0]+")
_WRITTEN: Final = re.compile(r"[0-9+ ().\-\u00a0]*[0-9][0-9+ ().\-\u00a0]*")


def spaced_phone(phone: str) -> str:
    """``+55 11 90000-0002`` of a Brazilian number, ``+351 912345678`` of others in E.164.

    What is no number in E.164, or a masked one, stays as it is. The spaces keep spreadsheets from
    taking the number for a sum of money: they would drop its plus, and its last digits.
    """
    if brazilian := _BRAZILIAN_PARTS.fullmatch(phone):
        return "+55 {} {}-{}".format(*brazilian.groups())
    if other := _COUNTRY.fullmatch(phone):
        return f"+{other[1]} {other[2]}"
    return phone


def joined_phone(text: str) -> str | None:
    """What of a phone as it is written stands in one in E.164; None for what is of no phone."""
    return _BETWEEN.sub("", text) if _WRITTEN.fullmatch(text) else None


def mask_phone(phone: str) -> str:
    """``+55 11 *****-4471`` of a Brazilian number; of others no more than the last four digits.

    A number under eight digits shows none of them: four would be half of it.
    """
    if brazilian := _BRAZILIAN.fullmatch(phone):
        return f"+55 {brazilian[1]} *****-{brazilian[2]}"
    digits = re.sub(r"\D", "", phone)
    return f"*****-{digits[-4:]}" if len(digits) >= 8 else "*****"
