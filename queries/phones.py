"""Phones as readers see them: in full, or in part for one without the right to see them.

A phone may stand on its own or inside another text: a name, a case number, the id of a message, the
title of an error. What counts as a phone inside a text is said here once, by patterns that Python
and the engines read alike: they look neither ahead nor behind, and groups are numbered.
"""

import re
from dataclasses import dataclass
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

#: A row of fewer digits is taken for no phone.
FEWEST_DIGITS: Final = 8
#: Stands in place of the digits that are hidden; ``is_masked`` knows texts by it.
HIDDEN: Final = "*****"
_DIGIT: Final = "[0-9]"
#: What people write between the digits of a phone; also signs that nobody sees.
_SIGN: Final = "[ \t_.\\-()\u00a0\u200b-\u200d\u2009\u2010-\u2015\u202f\u2060]"
_LAST_FOUR: Final = f"{_SIGN}{{0,5}}".join([f"({_DIGIT})"] * 4)
_EIGHT_OR_MORE: Final = f"(?:{_SIGN}{{0,5}}{_DIGIT}){{4,14}}{_SIGN}{{0,5}}{_LAST_FOUR}"
_TEN_OR_MORE: Final = f"{_DIGIT}(?:{_SIGN}{{0,3}}{_DIGIT}){{5,14}}{_SIGN}{{0,3}}{_LAST_FOUR}"
_BEFORE: Final = "(^|[^0-9])"
_AFTER: Final = "($|[^0-9])"
_AREA: Final = f"0?\\(?[1-9][1-9]\\)?{_SIGN}{{0,3}}"
_MOBILE: Final = f"9(?:{_SIGN}{{0,3}}{_DIGIT}){{4}}{_SIGN}{{0,3}}{_LAST_FOUR}"
_ANY_BRAZILIAN: Final = (
    f"(?:9{_SIGN}?)?[2-9](?:{_SIGN}{{0,3}}{_DIGIT}){{3}}{_SIGN}{{0,3}}{_LAST_FOUR}"
)
#: What a pattern with ``_BEFORE``, ``_LAST_FOUR`` and ``_AFTER`` leaves.
_LEFT: Final = f"\\1{HIDDEN}-\\2\\3\\4\\5\\6"
_ANNOUNCED: Final = (
    "((?:^|[^A-Za-z])(?i:whatsapp|wa\\.me|zap|tel|telefone|phone|fone|cel|celular|sms|contato)"
    "(?: ?[:=/] ?))"
)

#: Every phone that is hidden has eight digits or more, and signs between them; most texts have not.
_EIGHT_DIGITS: Final = re.compile(f"{_DIGIT}(?:{_SIGN}{{0,5}}{_DIGIT}){{7}}")
#: Two phones may share the sign between them, which the first one takes: each is looked for twice.
_ROUNDS: Final = 2


@dataclass(frozen=True, slots=True)
class Mask:
    """What hides phones in a kind of text: patterns, each with what replaces all that it finds."""

    replacements: tuple[tuple[str, str], ...]

    @property
    def any_pattern(self) -> str:
        """One pattern that is found in every text in which something is to be hidden."""
        return "|".join(pattern for pattern, _ in self.replacements)

    @property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """The replacements to make one after the other."""
        return self.replacements * _ROUNDS

    def __call__(self, text: str) -> str:
        """``text`` with at most the last four digits of each phone in it."""
        if not _EIGHT_DIGITS.search(text):
            return text
        for pattern, replacement in self.steps:
            text = re.sub(pattern, replacement, text)
        return text


#: A phone inside any text: behind a plus; behind a word that announces one; before the @ of a
#: WhatsApp address; a Brazilian or a North American one, of which the shape tells. Other rows of
#: digits may be numbers of orders or cases, and stay.
PHONES_IN_TEXT: Final = Mask(
    (
        (f"[+\uff0b]{_EIGHT_OR_MORE}", f"{HIDDEN}-\\1\\2\\3\\4"),
        (f"{_ANNOUNCED}{_EIGHT_OR_MORE}", f"\\1{HIDDEN}-\\2\\3\\4\\5"),
        # As many digits as there are in no number: a longer row would be read over and over.
        (f"{_DIGIT}{{6,20}}({_DIGIT}{{4}})((?:[:\\-]{_DIGIT}{{1,20}})?@)", f"{HIDDEN}-\\1\\2"),
        (f"{_BEFORE}(?:00|0)?55{_SIGN}{{0,3}}{_AREA}{_ANY_BRAZILIAN}{_AFTER}", _LEFT),
        (f"{_BEFORE}{_AREA}{_MOBILE}{_AFTER}", _LEFT),
        (
            (
                f"{_BEFORE}(?:0?\\([1-9][1-9]\\) ?|[1-9][1-9] )[2-5]{_DIGIT}{{3}}[ .\\-]?"
                f"{_LAST_FOUR}{_AFTER}"
            ),
            _LEFT,
        ),
        (
            (
                f"{_BEFORE}(?:1[ .\\-])?(?:\\([2-9]{_DIGIT}{{2}}\\) ?|[2-9]{_DIGIT}{{2}}[ .\\-])"
                f"[2-9]{_DIGIT}{{2}}[ .\\-]{_LAST_FOUR}{_AFTER}"
            ),
            _LEFT,
        ),
    )
)
#: A phone inside a name or a title, where a long row of digits is nothing else.
PHONES_IN_NAME: Final = Mask(
    (
        *PHONES_IN_TEXT.replacements,
        (f"{_DIGIT}{{4,}}({_DIGIT}{{4}})", f"{HIDDEN}-\\1"),
        (_TEN_OR_MORE, f"{HIDDEN}-\\1\\2\\3\\4"),
        (f"{_BEFORE}(?:9[ .\\-]?{_DIGIT}{{4}}|9{_DIGIT}{{4}})[ .\\-]{_LAST_FOUR}{_AFTER}", _LEFT),
    )
)


def is_masked(text: str) -> bool:
    """Whether a phone was hidden in ``text``."""
    return HIDDEN in text


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
